import { setTimeout as sleep } from 'node:timers/promises';
import { WRITE_SPACING_MS } from './limits.ts';

/**
 * One writer per installation: writes run one after the other, a second apart. GitHub's secondary limits count per
 * installation, so two pull requests of one installation share a pacer, and two installations do not.
 */
export class Pacer {
  readonly #spacingMs: number;
  #tail: Promise<unknown> = Promise.resolve();
  #lastEnd = Number.NEGATIVE_INFINITY;

  constructor(spacingMs: number = WRITE_SPACING_MS) {
    this.#spacingMs = spacingMs;
  }

  /** Runs `write` when its turn comes. A failed write does not stop the ones behind it. */
  run<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      const pause = this.#lastEnd + this.#spacingMs - performance.now();
      if (pause > 0) await sleep(pause);
      try {
        return await write();
      } finally {
        this.#lastEnd = performance.now();
      }
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
