import type { Analysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { buildCfg } from './cfgbuilder.ts';
import type { FuncNode } from './scope.ts';

/**
 * A branch is taken when `expr` (no `&&`, `||`, `!` at its top) is `value`; null: nothing is known. A range clause is
 * false when it is over.
 */
export interface Edge {
  readonly to: Block;
  readonly condition: { readonly expr: Node; readonly value: boolean } | null;
}

export interface Block {
  readonly id: number;
  /** Simple statements, conditions, case values, range clauses and communications, in order of evaluation. */
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** How the function is left at the end of this block, if it is. */
  readonly exit: 'return' | 'end' | 'never' | null;
}

/**
 * Control flow of one function body. Nested literals are single nodes: they have graphs of their own. Panics other
 * than calls that never return are not modelled; deferred calls are nodes where the `defer` statement stands.
 */
export interface Cfg {
  readonly func: FuncNode;
  readonly entry: Block;
  readonly blocks: readonly Block[];
  /** Rules stay silent on functions with goto (the catalogue's rule), although the edges are there. */
  readonly hasGoto: boolean;
  /** Where a statement or condition is evaluated, null when it is no node of this graph. */
  find(node: Node): { readonly block: Block; readonly index: number } | null;
}

export interface Flow {
  /** null for a function without a body. Whoever asks for one with goto leaves it undecided: the ledger names it. */
  of(func: FuncNode): Cfg | null;
}

export const flow: Analysis<Flow> = {
  name: 'flow',
  run(file) {
    const known = new Map<number, Cfg | null>();
    return {
      of(func) {
        let cfg = known.get(func.id);
        if (cfg === undefined) {
          const body = func.field('body');
          cfg = body === null ? null : buildCfg(file, func, body);
          known.set(func.id, cfg);
          if (cfg?.hasGoto === true) file.leaveUndecided(func, 'goto');
        }
        return cfg;
      },
    };
  },
};

/** How control leaves the function at the end of a block, with the node that says so: the return, or the body. */
export function exitOf(
  cfg: Cfg,
  block: Block,
): { readonly exit: 'return' | 'end'; readonly last: Node } | null {
  if (block.exit !== 'return' && block.exit !== 'end') return null;
  const last = block.exit === 'return' ? block.nodes.at(-1) : undefined;
  return { exit: block.exit, last: last ?? cfg.func.field('body') ?? cfg.func };
}
