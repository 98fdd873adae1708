/** What one file may cost. Every limit counts something of the text, never time: the same file ends at the same node everywhere. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

/** UTF-16 units of one file; `engine/blobs.ts` refuses files above as many bytes before they are read. */
export const MAX_TEXT = 2 * 1024 * 1024;

/**
 * Budgets of one parse. Measured on the files of Go 1.26's own tree that are analysed: at most 947 levels (a generated
 * table of string sums; hand-written code stays below 100), 360,428 nodes and 1,084,500 steps of the parser (the embedded
 * time zones). Nonsense like `a[b[a[b[` makes the parser follow several readings at once and costs it 20 KB a hundred steps.
 */
export const MAX_DEPTH = 2_000;
export const MAX_NODES = 750_000;
export const MAX_PARSE_STEPS = 1_500_000;

const UNLIMITED = 0x3fff_ffff;

/**
 * Work done on trees, counted in nodes reached. The trees of a package share one, because a rule may look into other
 * files than its own. Whoever starts work that has to end sets a limit, and lifts it afterwards.
 */
export class Meter {
  #limit = UNLIMITED;
  #left = UNLIMITED;

  /** Steps since the limit was set or lifted, at most the limit. */
  get spent(): number {
    return this.#limit - Math.max(0, this.#left);
  }

  limit(steps: number): void {
    this.#limit = this.#left = Math.max(0, steps);
  }

  lift(): void {
    this.limit(UNLIMITED);
  }

  /** @throws OverBudget, also on every later call until another limit is set. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new OverBudget('too many steps');
  }
}
