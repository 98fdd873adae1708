import type { Settings, Snapshot } from '../engine/snapshot.ts';
import type { Group, Verdict } from '../engine/verdict.ts';
import type { CheckOutcome, Decide, Observation, OwnComment, PendingCommand, Plan } from '../review/model.ts';
import type { Hint, Where } from './hint.ts';

/** The loop's view of the world. Everything in here may fail with Trouble, or with an error that is a bug. */
export interface Ports {
  readonly github: GitHubPort;
  readonly analyse: (snapshot: Snapshot) => Promise<Verdict>;
  readonly decide: Decide;
  readonly readConfig: (text: string | null) => RepositoryConfig;
  readonly docsUrl: string;
  /** A keyed digest that only this app can make. */
  readonly seal: (text: string) => string;
  readonly enqueue: (hint: Hint) => Promise<void>;
  readonly now: () => Date;
  /** A word that is in the log and in what a person sees. */
  readonly correlation: () => string;
  readonly log: Log;
  /** An analysis that takes longer is given up. */
  readonly analysisTimeoutMs: number;
}

/** What a repository has configured, as far as it could be understood. */
export interface RepositoryConfig {
  readonly settings: Settings;
  readonly suggestions: boolean;
  /** Groups in which a person has to vouch for what could not be decided. */
  readonly attest: readonly Group[];
  /** Problems of the configuration itself, for the check's text. */
  readonly notices: readonly string[];
}

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type Outcome = Omit<CheckOutcome, 'conclusion'> & {
  readonly conclusion: CheckOutcome['conclusion'] | 'cancelled';
};

/** A commit that must show our check. */
export interface CheckPort {
  /** Makes the check exist, before any work is done. `fresh` asks for a new run where the last one is finished. */
  begin(fresh: boolean): Promise<void>;
  /** Finishes the check. Doing it twice is doing it once. */
  conclude(outcome: Outcome): Promise<void>;
  config(): Promise<string | null>;
}

export interface PullPort extends CheckPort {
  readonly state: 'open' | 'closed';
  readonly author: string;
  readonly headSha: string;
  /** Comments of people that may hold commands, oldest first. */
  readonly mentions: readonly PendingCommand[];
  readonly ownComments: readonly OwnComment[];
  readonly isPending: boolean;
  observe(commands: readonly PendingCommand[]): Promise<Observation>;
  snapshot(observation: Observation, settings: Settings, today: string): Promise<Snapshot>;
  /** Writes everything but the check; gives back what found no place. */
  act(observation: Observation, plan: Plan): Promise<readonly string[]>;
  failingTwins(): Promise<readonly number[]>;
  isAnswered(command: PendingCommand): Promise<boolean>;
  react(command: PendingCommand, ack: 'eyes' | 'rocket' | 'confused'): Promise<void>;
  access(login: string): Promise<{ readonly permission: string; readonly role: string }>;
  reply(body: string): Promise<void>;
}

export interface GroupPort extends CheckPort {
  /** A merge group as if it were a pull request without any talk but our own. */
  observation(number: number): Promise<Observation>;
  /** The pull request has passed with the very same content, settings and rules. */
  isProven(number: number, settings: Settings, today: string): Promise<boolean>;
  snapshot(settings: Settings, today: string): Promise<Snapshot>;
}

export interface OpenPull extends Where {
  readonly number: number;
  readonly headSha: string;
}

export interface GitHubPort {
  pull(where: Where, number: number): Promise<PullPort>;
  group(
    where: Where,
    event: {
      readonly headSha: string;
      readonly headRef: string;
      readonly baseSha: string;
      readonly baseRef: string;
    },
  ): Promise<GroupPort>;
  /** Shows a queued check on the head of a pull request, unless it has one or is at another commit. */
  announce(where: Where, number: number, sha: string): Promise<void>;
  pullsOf(where: Where, sha: string): Promise<readonly number[]>;
  installations(): Promise<readonly number[]>;
  openPulls(installationId: number): AsyncIterable<OpenPull>;
  isConcluded(pull: OpenPull): Promise<boolean>;
}

/** Trouble as far as the loop has to know it; see `src/github/trouble.ts` for what each kind means. */
export interface TroubleShape {
  readonly kind: 'rate-limited' | 'retry' | 'moved' | 'vanished' | 'gone' | 'forbidden';
  readonly retryAfterMs: number | null;
}

/** Null for everything that is not known to be GitHub's doing. */
export function troubleOf(error: unknown): TroubleShape | null {
  return error instanceof Error && error.name === 'Trouble' ? (error as Error & TroubleShape) : null;
}
