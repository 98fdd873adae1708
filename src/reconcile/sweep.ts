import type { Outcome as Next, Turn } from '../queue/port.ts';
import type { Hint } from './hint.ts';
import type { Ports } from './ports.ts';
import { recover } from './recover.ts';

/** Webhooks get lost, and so does a queue in memory: this finds what nobody has hinted at. */
export async function sweepAll(ports: Ports, turn: Turn): Promise<Next> {
  return safely({}, ports, turn, async () => {
    for (const installationId of await ports.github.installations()) {
      await ports.enqueue({ kind: 'installation', installationId });
    }
  });
}

/** Hints at every open pull request whose head lacks a finished check of ours. */
export async function sweepInstallation(
  { installationId }: Extract<Hint, { kind: 'installation' }>,
  ports: Ports,
  turn: Turn,
): Promise<Next> {
  return safely({ installationId }, ports, turn, async () => {
    for await (const pull of ports.github.openPulls(installationId)) {
      if (await ports.github.isConcluded(pull)) continue;
      const { owner, name, number } = pull;
      await ports.enqueue({ kind: 'pull', installationId, owner, name, number, fresh: false });
    }
  });
}

/** A required check that does not show yet looks like one that will never come. */
export async function announce(
  { installationId, owner, name, number, sha }: Extract<Hint, { kind: 'announce' }>,
  ports: Ports,
  turn: Turn,
): Promise<Next> {
  return safely({ repository: `${owner}/${name}`, number }, ports, turn, () =>
    ports.github.announce({ installationId, owner, name }, number, sha),
  );
}

/** Hints at the open pull requests with this head: an event about a check of a fork does not name them. */
export async function hintPullsOf(
  hint: Extract<Hint, { kind: 'commit' }>,
  ports: Ports,
  turn: Turn,
): Promise<Next> {
  const { installationId, owner, name, sha, fresh } = hint;
  return safely({ repository: `${owner}/${name}`, sha }, ports, turn, async () => {
    for (const number of await ports.github.pullsOf(hint, sha)) {
      await ports.enqueue({ kind: 'pull', installationId, owner, name, number, fresh });
    }
  });
}

async function safely(where: object, ports: Ports, turn: Turn, work: () => Promise<void>): Promise<Next> {
  try {
    await work();
    return { kind: 'done' };
  } catch (error) {
    const correlation = ports.correlation();
    return recover({ error, correlation, check: null, language: 'en', where }, ports, turn);
  }
}
