import type { Language } from '../engine/verdict.ts';
import type { Outcome as Next, Turn } from '../queue/port.ts';
import { analyseInTime } from './analyse.ts';
import type { Hint } from './hint.ts';
import type { GroupPort, Ports } from './ports.ts';
import { recover } from './recover.ts';
import { ending } from './words.ts';

type GroupHint = Extract<Hint, { kind: 'group' }>;

/** A merge group's event has no number: only the branch that GitHub made for it tells. */
const QUEUE_REF = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d+)-[0-9a-f]{40,64}$/;

export function pullOfGroup(headRef: string): number | null {
  const number = QUEUE_REF.exec(headRef)?.[1];
  return number === undefined ? null : Number(number);
}

/**
 * Publishes the check on a merge group's commit: without it the queue stalls. `base...head` is exactly one pull request,
 * since the base is the head of the group before. Never comments. Never throws.
 */
export async function reconcileGroup(hint: GroupHint, ports: Ports, turn: Turn): Promise<Next> {
  const pass = { group: null as GroupPort | null, language: 'en' as Language };
  const correlation = ports.correlation();
  try {
    const group = await ports.github.group(hint, hint);
    pass.group = group;
    await group.begin(hint.fresh);
    const config = ports.readConfig(await group.config());
    const { language, failOn } = config.settings;
    pass.language = language;
    const number = pullOfGroup(hint.headRef);
    if (number === null) {
      await group.conclude(ending('unknown-group', language, { ref: inert(hint.headRef) }));
      return { kind: 'done' };
    }
    const today = ports.now().toISOString().slice(0, 10);
    if (await group.isProven(number, config.settings, today)) {
      await group.conclude(ending('proven-group', language, { number: String(number) }));
      return { kind: 'done' };
    }
    const snapshot = await group.snapshot(config.settings, today);
    const verdict = await analyseInTime(snapshot, ports);
    const { check } = ports.decide(await group.observation(number), verdict, {
      language,
      docsUrl: ports.docsUrl,
      suggestions: false,
      failOn,
      attest: { groups: config.attest, seal: ports.seal },
      notices: config.notices,
    });
    await group.conclude(check);
    return { kind: 'done' };
  } catch (error) {
    const where = { repository: `${hint.owner}/${hint.name}`, group: hint.headSha };
    const failure = { error, correlation, check: pass.group, language: pass.language, where };
    return recover(failure, ports, turn);
  }
}

/** A branch name inside a code span. */
function inert(ref: string): string {
  return ref.replace(/[^\w./@#-]/g, '?');
}
