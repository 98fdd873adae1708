import type { Analysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { type Block, type Cfg, flow } from './cfg.ts';
import { postorder } from './postorder.ts';
import type { FuncNode } from './scope.ts';

/**
 * What control has passed before a node, and what it passes after it. Both take nodes of the graph, say false for any
 * other, count a node as before and after itself, and know no conditions: `findOpenPath` does.
 */
export interface Dominance {
  /** Every way from the start of the function to `b` passes `a`. Dead code is dominated by everything. */
  dominates(a: Node, b: Node): boolean;
  /** Every way from `b` to a return or the end passes `a`: true, too, when there is none (an endless loop, a panic). */
  postDominates(a: Node, b: Node): boolean;
}

export interface DominanceOf {
  /** null for a function without a body. */
  of(func: FuncNode): Dominance | null;
}

export const dominance: Analysis<DominanceOf> = {
  name: 'dominance',
  run(file) {
    const known = new Map<number, Dominance | null>();
    return {
      of(func) {
        let found = known.get(func.id);
        if (found === undefined) {
          const cfg = file.get(flow).of(func);
          found = cfg === null ? null : dominanceOf(cfg);
          known.set(func.id, found);
        }
        return found;
      },
    };
  },
};

function dominanceOf(cfg: Cfg): Dominance {
  // `null` stands for the world behind the returns and the end.
  const after = (block: Block | null) => block?.edges.map((e) => e.to) ?? [];
  const before = new Map<Block | null, Block[]>([[null, []]]);
  for (const block of cfg.blocks) {
    const leaves = block.exit === 'return' || block.exit === 'end' ? [null] : [];
    for (const to of [...after(block), ...leaves]) {
      const known = before.get(to);
      if (known === undefined) before.set(to, [block]);
      else known.push(block);
    }
  }
  const forward = new DominatorTree<Block | null>(cfg.entry, after);
  const backward = new DominatorTree<Block | null>(null, (block) => before.get(block) ?? []);
  const ask = (
    tree: DominatorTree<Block | null>,
    a: Node,
    b: Node,
    ordered: (x: number, y: number) => boolean,
  ) => {
    const [at, to] = [cfg.find(a), cfg.find(b)];
    if (at === null || to === null) return false;
    if (at.block !== to.block) return tree.dominates(at.block, to.block);
    return ordered(at.index, to.index) || !tree.reaches(to.block);
  };
  return {
    dominates: (a, b) => ask(forward, a, b, (x, y) => x <= y),
    postDominates: (a, b) => ask(backward, a, b, (x, y) => x >= y),
  };
}

/** Immediate dominators after Cooper, Harvey and Kennedy: "A Simple, Fast Dominance Algorithm". */
class DominatorTree<T> {
  /** The later the number, the nearer to the root. */
  readonly #number = new Map<T, number>();
  readonly #parent: number[] = [];

  constructor(root: T, next: (at: T) => readonly T[]) {
    const order = postorder(root, next);
    order.forEach((at, i) => {
      this.#number.set(at, i);
    });
    const sources: number[][] = order.map(() => []);
    order.forEach((at, i) => {
      for (const to of next(at)) sources[this.#number.get(to) as number]?.push(i);
    });
    const top = order.length - 1;
    this.#parent[top] = top;
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = top - 1; i >= 0; i--) {
        const known = (sources[i] as number[]).filter((s) => this.#parent[s] !== undefined);
        const parent = known.reduce((a, b) => this.#meet(a, b));
        if (this.#parent[i] === parent) continue;
        this.#parent[i] = parent;
        changed = true;
      }
    }
  }

  reaches(at: T): boolean {
    return this.#number.has(at);
  }

  dominates(a: T, b: T): boolean {
    const [from, to] = [this.#number.get(a), this.#number.get(b)];
    if (to === undefined) return true;
    return from !== undefined && this.#meet(from, to) === from;
  }

  /** The nearest that both have above them. */
  #meet(a: number, b: number): number {
    let [x, y] = [a, b];
    while (x !== y) {
      if (x < y) x = this.#parent[x] as number;
      else y = this.#parent[y] as number;
    }
    return x;
  }
}
