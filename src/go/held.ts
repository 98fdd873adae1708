import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import type { Cfg } from './cfg.ts';
import { type Solution, solve } from './solver.ts';

/** What is taken and given back, told by the nodes of the graph: locks, transactions. */
export interface Holding {
  takes(node: Node): boolean;
  /** `by` gives back what was taken at `taken`. A `defer` gives back where it stands or never, as the caller likes. */
  gives(by: Node, taken: Node): boolean;
}

/**
 * What may still be held before each node and at each exit: the nodes where it was taken, in source order. A node in its
 * own set takes again what an earlier turn of the loop has not given back. Conditions that repeat are not remembered:
 * a rule that reports a path asks `findOpenPath` for it. null when the function is too large to say.
 */
export function mayHold(file: SourceFile, cfg: Cfg, holding: Holding): Solution<readonly Node[]> | null {
  return solve<readonly Node[]>(file, cfg, {
    start: [],
    after(node, before) {
      const kept = before.filter((taken) => !holding.gives(node, taken));
      return holding.takes(node) ? union(kept, [node]) : kept;
    },
    join: union,
    same: (a, b) => a.length === b.length && a.every((node, i) => node === b[i]),
  });
}

function union(a: readonly Node[], b: readonly Node[]): readonly Node[] {
  return [...new Set([...a, ...b])].sort((x, y) => x.id - y.id);
}
