import type { Job, JobQueue, Outcome, QueueStats, Turn, Work } from './port.ts';

export interface MemoryQueueOptions<P> {
  /** One payload for two jobs with the same key; `newer` came in later. Nothing either asked for may be lost. */
  readonly merge: (older: P, newer: P) => P;
  readonly onError: (error: unknown, job: Job<P>) => void;
  /** Jobs at a time, in all and of one lane. */
  readonly concurrency?: number;
  readonly laneConcurrency?: number;
  /** Tries of a job that asks for `retry`. */
  readonly maxAttempts?: number;
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
}

interface Waiting<P> {
  readonly job: Job<P>;
  readonly attempt: number;
  /** Not before this, by the monotonic clock. */
  readonly notBefore: number;
}

const LONGEST_TIMER_MS = 60_000;

/**
 * The queue of a single process. What is in it when the process dies is lost, and may be: every job is a hint that
 * something should be looked at, and the sweep at the next start looks at everything.
 */
export class MemoryQueue<P> implements JobQueue<P> {
  readonly #options: Required<MemoryQueueOptions<P>>;
  readonly #waiting = new Map<string, Waiting<P>>();
  readonly #running = new Map<string, Job<P>>();
  readonly #pausedUntil = new Map<string, number>();
  /** Lanes in the order in which they were last served. */
  readonly #served: string[] = [];
  #work: Work<P> | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: MemoryQueueOptions<P>) {
    this.#options = {
      concurrency: 4,
      laneConcurrency: 2,
      maxAttempts: 5,
      backoffMs: 5_000,
      maxBackoffMs: 300_000,
      ...options,
    };
  }

  async enqueue(job: Job<P>): Promise<void> {
    if (this.#closed) return;
    // Something new has happened: it is looked at now, and with all tries ahead.
    this.#put(job, 1, 0);
    this.#start();
  }

  waits(key: string): boolean {
    return this.#waiting.has(key) && !this.#running.has(key);
  }

  work(work: Work<P>): void {
    this.#work = work;
    this.#start();
  }

  stats(): QueueStats {
    return { running: this.#running.size, waiting: this.#waiting.size };
  }

  async idle(): Promise<void> {
    if (this.#running.size + this.#waiting.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async close(graceMs: number): Promise<boolean> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#tellIdle();
    if (this.#running.size === 0) return true;
    let deadline: NodeJS.Timeout | undefined;
    const drained = new Promise<boolean>((resolve) => {
      this.#idle.push(() => resolve(true));
      deadline = setTimeout(() => resolve(false), graceMs);
    });
    try {
      return await drained;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** The one place where jobs of a key meet: the earlier moment, and both payloads. */
  #put(job: Job<P>, attempt: number, delayMs: number): void {
    const there = this.#waiting.get(job.key);
    const notBefore = performance.now() + delayMs;
    if (there === undefined) {
      this.#waiting.set(job.key, { job, attempt, notBefore });
      return;
    }
    this.#waiting.set(job.key, {
      job: { ...job, payload: this.#options.merge(there.job.payload, job.payload) },
      attempt: Math.min(there.attempt, attempt),
      notBefore: Math.min(there.notBefore, notBefore),
    });
  }

  #tellIdle(): void {
    if (this.#running.size + this.#waiting.size > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }

  /** What a finished job leaves behind is older than what came in meanwhile. */
  #putBack(job: Job<P>, attempt: number, delayMs: number): void {
    if (this.#closed) return;
    const newer = this.#waiting.get(job.key);
    if (newer === undefined) this.#put(job, attempt, delayMs);
    else {
      const payload = this.#options.merge(job.payload, newer.job.payload);
      this.#waiting.set(job.key, { ...newer, job: { ...newer.job, payload } });
    }
  }

  #start(): void {
    if (this.#work === null || this.#closed) return;
    // One look at the clock for both: a job that came due between two would be neither started nor waited for.
    const now = performance.now();
    for (let next = this.#next(now); next !== null; next = this.#next(now)) {
      this.#waiting.delete(next.job.key);
      this.#serve(next.job.lane);
      void this.#run(this.#work, next);
    }
    this.#wakeUp(now);
  }

  /** The longest waiting job of the lane that was served longest ago, among those that may run now. */
  #next(now: number): Waiting<P> | null {
    const isFull = this.#runningIn(null) >= this.#options.concurrency;
    let best: Waiting<P> | null = null;
    for (const candidate of this.#waiting.values()) {
      if (this.#running.has(candidate.job.key) || this.#readyAt(candidate) > now) continue;
      const { lane, urgent } = candidate.job;
      if (urgent === true) return candidate;
      if (isFull || this.#runningIn(lane) >= this.#options.laneConcurrency) continue;
      if (best === null || this.#servedAt(lane) < this.#servedAt(best.job.lane)) best = candidate;
    }
    return best;
  }

  async #run(work: Work<P>, { job, attempt }: Waiting<P>): Promise<void> {
    this.#running.set(job.key, job);
    const isLast = attempt >= this.#options.maxAttempts;
    const outcome = await this.#attempt(work, job, { attempt, isLast });
    this.#running.delete(job.key);
    if (outcome.kind === 'again') this.#putBack(job, attempt, outcome.afterMs);
    if (outcome.kind === 'pause') {
      const until = performance.now() + outcome.forMs;
      this.#pausedUntil.set(job.lane, Math.max(until, this.#pausedUntil.get(job.lane) ?? 0));
      this.#putBack(job, attempt, outcome.forMs);
    }
    if (outcome.kind === 'retry' && !isLast) this.#putBack(job, attempt + 1, this.#backoff(attempt));
    this.#start();
    this.#tellIdle();
  }

  async #attempt(work: Work<P>, job: Job<P>, turn: Turn): Promise<Outcome> {
    try {
      return await work(job.payload, turn);
    } catch (error) {
      this.#options.onError(error, job);
      return { kind: 'retry' };
    }
  }

  /** Doubling, with a quarter of chance so that jobs that failed together do not come back together. */
  #backoff(attempt: number): number {
    const { backoffMs, maxBackoffMs } = this.#options;
    return Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 4);
  }

  #wakeUp(now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    let soonest = Number.POSITIVE_INFINITY;
    for (const waiting of this.#waiting.values()) {
      const at = this.#readyAt(waiting);
      // What is ready and does not run waits for a place, and is started by whoever leaves it.
      if (at > now) soonest = Math.min(soonest, at);
    }
    if (soonest === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#start(), Math.min(LONGEST_TIMER_MS, Math.ceil(soonest - now)));
  }

  #readyAt({ job, notBefore }: Waiting<P>): number {
    return Math.max(notBefore, this.#pausedUntil.get(job.lane) ?? 0);
  }

  /** Places that are taken, in a lane or (null) in all. */
  #runningIn(lane: string | null): number {
    let count = 0;
    for (const job of this.#running.values())
      if (job.urgent !== true && (lane === null || job.lane === lane)) count++;
    return count;
  }

  #servedAt(lane: string): number {
    return this.#served.indexOf(lane);
  }

  #serve(lane: string): void {
    const at = this.#served.indexOf(lane);
    if (at >= 0) this.#served.splice(at, 1);
    this.#served.push(lane);
  }
}
