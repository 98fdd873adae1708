import { Worker } from 'node:worker_threads';
import type { Snapshot } from './engine/snapshot.ts';
import type { Verdict } from './engine/verdict.ts';
import type { WorkerMessage } from './worker.ts';

/** An analysis that gave no verdict. The next one gets a fresh worker. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
  readonly kind: 'timeout' | 'memory' | 'crash' | 'closed';

  constructor(kind: AnalysisError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface AnalystOptions {
  /** Longest time for one snapshot. */
  readonly timeoutMs?: number;
  /** Heap of the worker. */
  readonly maxOldGenerationSizeMb?: number;
  /** The bundled worker; tests pass their own. */
  readonly worker?: URL;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_HEAP_MB = 512;
/** Loading the parser and the rules; generous because a starting server is busy. */
const START_TIMEOUT_MS = 30_000;

/**
 * Analyses snapshots in a worker thread, one after the other, so that no pull request can stall or exhaust the process
 * that serves webhooks. The worker is started on first use and loads the parser once.
 */
export class Analyst {
  readonly #options: Required<AnalystOptions>;
  #worker: Promise<Worker> | null = null;
  #running: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: AnalystOptions = {}) {
    this.#options = {
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxOldGenerationSizeMb: options.maxOldGenerationSizeMb ?? DEFAULT_HEAP_MB,
      worker: options.worker ?? bundledWorker(),
    };
  }

  /** @throws AnalysisError */
  analyse(snapshot: Snapshot): Promise<Verdict> {
    const result = this.#last.then(() => this.#analyse(snapshot));
    // A failed analysis is its caller's to handle; the next one only waits for its end.
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard();
  }

  async #analyse(snapshot: Snapshot): Promise<Verdict> {
    if (this.#closed) throw new AnalysisError('closed', 'the analyst has been closed');
    this.#worker ??= this.#start();
    try {
      const worker = await this.#worker;
      const { timeoutMs } = this.#options;
      const answer = nextMessage(worker, timeoutMs, `no verdict within ${timeoutMs / 1000} s`);
      worker.postMessage(snapshot);
      const message = await answer;
      if (message.kind === 'verdict') return message.verdict;
      throw new AnalysisError(
        'crash',
        message.kind === 'error' ? message.message : 'the worker answered out of turn',
      );
    } catch (error) {
      await this.#discard();
      throw error;
    }
  }

  async #start(): Promise<Worker> {
    const { worker: url, maxOldGenerationSizeMb } = this.#options;
    const worker = new Worker(url, { resourceLimits: { maxOldGenerationSizeMb }, env: {} });
    // Whoever waits for an answer is told of both; a worker that dies while idle is replaced on the next use.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#running === worker) this.#worker = this.#running = null;
    });
    try {
      await nextMessage(worker, START_TIMEOUT_MS, 'the worker did not start');
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    this.#running = worker;
    return worker;
  }

  async #discard(): Promise<void> {
    const started = this.#worker;
    this.#worker = null;
    this.#running = null;
    // A worker that failed to start has been terminated already, and whoever waited for it was told.
    const worker = await started?.catch(() => null);
    await worker?.terminate();
  }
}

/** The next message of a worker. It keeps the process alive only while somebody waits for it. */
function nextMessage(worker: Worker, timeoutMs: number, tooLate: string): Promise<WorkerMessage> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      act();
    };
    const onMessage = (message: WorkerMessage) => settle(() => resolve(message));
    const onError = (error: Error) => settle(() => reject(failure(error)));
    const onExit = (code: number) =>
      settle(() => reject(new AnalysisError('crash', `the worker ended with exit code ${code}`)));
    const timer = setTimeout(() => settle(() => reject(new AnalysisError('timeout', tooLate))), timeoutMs);
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

function failure(error: Error): AnalysisError {
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return outOfMemory
    ? new AnalysisError('memory', 'the analysis needed more memory than it is allowed', { cause: error })
    : new AnalysisError('crash', error.message, { cause: error });
}

/** Beside this module when bundled; when run from source, in the build. */
function bundledWorker(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../dist/worker.js' : './worker.js', import.meta.url);
}
