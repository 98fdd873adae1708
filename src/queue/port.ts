/** What a job asks for afterwards. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Do it again: at once after zero, and unless something newer for its key has come in anyway. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** As `again`, with a growing delay, and not more often than the queue's limit. */
  | { readonly kind: 'retry' }
  /** As `again`, and nothing else of this lane is started before. */
  | { readonly kind: 'pause'; readonly forMs: number };

export interface Job<P> {
  /** Jobs with one key never run at the same time, and at most one of them waits. */
  readonly key: string;
  /** What a pause stops and fairness is measured by: an installation. */
  readonly lane: string;
  /** Takes no place of the others and waits for none; a pause holds for it, too. */
  readonly urgent?: boolean;
  /** Names, numbers and hashes. Never a webhook's body, never a token. */
  readonly payload: P;
}

export interface Turn {
  /** 1 for the first try. */
  readonly attempt: number;
  /** Asking for `retry` will not bring another try. */
  readonly isLast: boolean;
}

/** Must not throw: what cannot be done is to be said, not lost. A throw counts as `retry`. */
export type Work<P> = (payload: P, turn: Turn) => Promise<Outcome>;

export interface QueueStats {
  readonly running: number;
  readonly waiting: number;
}

export interface JobQueue<P> {
  /** Takes a job; resolves once it is as safe as this queue makes it. */
  enqueue(job: Job<P>): Promise<void>;
  /** No job of this key runs, and one waits: for its time, or for a place. */
  waits(key: string): boolean;
  /** Starts working. To be called once. */
  work(work: Work<P>): void;
  stats(): QueueStats;
  /** Resolves when nothing runs and nothing waits, not even for its time. */
  idle(): Promise<void>;
  /** Starts nothing more and waits for what runs, at most `graceMs`. False when something was still running. */
  close(graceMs: number): Promise<boolean>;
}
