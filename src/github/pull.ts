import { inputDigest } from '../engine/input.ts';
import type { Settings, Snapshot } from '../engine/snapshot.ts';
import type { CheckOutcome, Observation, OwnComment, PendingCommand, Plan } from '../review/model.ts';
import { act, postComment } from './act.ts';
import { type Boot, boot } from './boot.ts';
import {
  type CheckSubject,
  concludeRun,
  ensureRun,
  listRuns,
  type Outcome,
  pullSubject,
  type Run,
} from './checks.ts';
import { type Access, type Ack, accessOf, isAnswered, react } from './commands.ts';
import { parseExternalId } from './external-id.ts';
import { observe } from './observe.ts';
import { at, type Repo } from './repo.ts';
import { choose, readConfig, snapshot } from './snapshot.ts';
import { explain } from './trouble.ts';

/** One pull request as it was when it was opened here, and everything that may be done to it. */
export class Pull {
  readonly #repo: Repo;
  readonly #boot: Boot;
  readonly #runs: readonly Run[];
  readonly #subject: CheckSubject;
  #run: Run | null = null;
  #input: string | null = null;

  private constructor(repo: Repo, seen: Boot, runs: readonly Run[]) {
    this.#repo = repo;
    this.#boot = seen;
    this.#runs = runs;
    this.#subject = pullSubject(repo, seen.number, seen.headSha);
  }

  static open(repo: Repo, number: number): Promise<Pull> {
    return guard(async () => {
      const seen = await boot(repo, number);
      return new Pull(repo, seen, seen.runs ?? (await listRuns(repo, seen.headSha)));
    });
  }

  get state(): 'open' | 'closed' {
    return this.#boot.state;
  }
  get author(): string {
    return this.#boot.author;
  }
  get headSha(): string {
    return this.#boot.headSha;
  }
  get mentions(): readonly PendingCommand[] {
    return this.#boot.mentions;
  }
  get ownComments(): readonly OwnComment[] {
    return this.#boot.comments;
  }
  /** A run of ours for this pull request is still open. */
  get isPending(): boolean {
    return this.#runs.some((r) => r.externalId === this.#subject.externalId && r.status !== 'completed');
  }

  /** Makes sure that the head shows our check; see `ensureRun`. Asking again for a fresh one keeps an unfinished one. */
  begin(fresh: boolean): Promise<void> {
    return guard(async () => {
      if (this.#run !== null && this.#run.status !== 'completed') return;
      this.#run = await ensureRun(this.#repo, this.#subject, this.#runs, fresh);
    });
  }

  /** The configuration at the base branch, as text; null when there is none. */
  config(): Promise<string | null> {
    return guard(() => readConfig(this.#repo, this.#boot));
  }

  observe(commands: readonly PendingCommand[]): Promise<Observation> {
    const checks = this.#runs.map(({ id, status, conclusion, externalId }) => ({
      id,
      status,
      conclusion,
      externalId,
    }));
    return guard(() => observe(this.#repo, this.#boot, checks, commands));
  }

  snapshot(observation: Observation, settings: Settings, today: string): Promise<Snapshot> {
    const { mergeBaseSha: base, headSha: head } = observation.pr;
    const range = { repositoryId: this.#boot.repositoryId, base, head };
    return guard(async () => {
      const selection = await choose(this.#repo, range, settings);
      this.#input = inputDigest(selection, settings, today, this.#repo.ruleset);
      return snapshot(this.#repo, range, selection, settings, today);
    });
  }

  /** Everything of the plan but the check; see `act`. */
  act(observation: Observation, plan: Plan): Promise<readonly string[]> {
    return guard(() => act(this.#repo, this.#boot.id, observation, plan));
  }

  /** Finishes the check. Saying the same again does nothing. */
  conclude(outcome: Outcome | CheckOutcome): Promise<void> {
    return guard(async () => {
      const run = this.#run ?? (await ensureRun(this.#repo, this.#subject, this.#runs, false));
      await concludeRun(this.#repo, this.#subject, run, outcome, this.#input);
    });
  }

  /**
   * Other open pull requests with this very head whose own run failed. A check belongs to a commit, and the newest run
   * of a name counts: without this, a green pull request would turn a red one green that has another base.
   */
  failingTwins(): Promise<readonly number[]> {
    return guard(async () => {
      const latest = new Map<number, Run>();
      for (const run of this.#runs) {
        const target = parseExternalId(run.externalId ?? '');
        if (target?.kind !== 'pull' || target.number === this.#boot.number) continue;
        if (!latest.has(target.number)) latest.set(target.number, run);
      }
      const failing: number[] = [];
      for (const [number, run] of latest) {
        if (run.conclusion !== 'failure') continue;
        const { data } = await this.#repo.client.rest.pulls.get({ ...at(this.#repo), pull_number: number });
        if (data.state === 'open' && data.head.sha === this.#boot.headSha) failing.push(number);
      }
      return failing;
    });
  }

  isAnswered(command: PendingCommand): Promise<boolean> {
    return guard(() => isAnswered(this.#repo, command));
  }
  react(command: PendingCommand, ack: Ack): Promise<void> {
    return guard(() => react(this.#repo, command, ack));
  }
  access(login: string): Promise<Access> {
    return guard(() => accessOf(this.#repo, login));
  }
  reply(body: string): Promise<void> {
    return guard(() => postComment(this.#repo, this.#boot.number, body));
  }
}

/** Everything that leaves this folder is Trouble or a bug. */
export async function guard<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explain(error) ?? error;
  }
}
