import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { type Block, type Cfg, type Edge, exitOf } from './cfg.ts';
import { postorder } from './postorder.ts';

/**
 * What is followed along the graph. States are values: no function changes one. Joining again and again has to come to
 * an end, or the budget does.
 */
export interface Problem<S> {
  /** At the start of the function. */
  readonly start: S;
  /** Behind a node of the graph. */
  after(node: Node, before: S): S;
  /** Where two ways meet. */
  join(a: S, b: S): S;
  same(a: S, b: S): boolean;
  /** Behind an edge whose condition is known; null when it cannot be taken in this state. */
  branch?(condition: NonNullable<Edge['condition']>, state: S): S | null;
}

export interface Solution<S> {
  /** What holds right before a node of the graph; null for any other, and where control never comes. */
  before(node: Node): S | null;
  /** What holds where the function is left, returns in source order before the end; `last` is the return or the body. */
  readonly exits: readonly { readonly exit: 'return' | 'end'; readonly last: Node; readonly state: S }[];
}

/** Turns over the whole graph. Loops in loops take one more for each level: only a problem without an end needs as many. */
const MAX_ROUNDS = 40;

/**
 * The states that hold on every way at once: loops are taken until nothing new comes round, so what the second turn
 * finds from the first is seen. null when that takes too long: nothing is known then.
 */
export function solve<S>(file: SourceFile, cfg: Cfg, problem: Problem<S>): Solution<S> | null {
  const order = [...postorder(cfg.entry, (b) => b.edges.map((e) => e.to))].reverse();
  const entering = new Map<Block, S>([[cfg.entry, problem.start]]);
  const dirty = new Set<Block>([cfg.entry]);
  for (let round = 0; dirty.size > 0; round++) {
    if (round === MAX_ROUNDS) {
      file.leaveUndecided(cfg.func, 'budget');
      return null;
    }
    for (const block of order) {
      if (!dirty.delete(block)) continue;
      const state = through(problem, block, entering.get(block) as S);
      for (const { to, condition } of block.edges) {
        const next =
          condition === null || problem.branch === undefined ? state : problem.branch(condition, state);
        if (next === null) continue;
        const known = entering.get(to);
        const joined = known === undefined ? next : problem.join(known, next);
        if (known !== undefined && problem.same(known, joined)) continue;
        entering.set(to, joined);
        dirty.add(to);
      }
    }
  }
  return {
    before(node) {
      const place = cfg.find(node);
      const state = place === null ? undefined : entering.get(place.block);
      return place === null || state === undefined ? null : through(problem, place.block, state, place.index);
    },
    exits: [...entering]
      .flatMap(([block, state]) => {
        const left = exitOf(cfg, block);
        return left === null ? [] : [{ ...left, state: through(problem, block, state) }];
      })
      .sort((a, b) => Number(a.exit === 'end') - Number(b.exit === 'end') || a.last.id - b.last.id),
  };
}

/** The state behind the first `count` nodes of a block. */
function through<S>(problem: Problem<S>, block: Block, state: S, count = block.nodes.length): S {
  let at = state;
  for (let i = 0; i < count; i++) at = problem.after(block.nodes[i] as Node, at);
  return at;
}
