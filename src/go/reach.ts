import type { Node } from '../syntax/tree.ts';
import type { Block, Cfg } from './cfg.ts';

export interface Reach {
  /** Nodes of the graph that control can come to, the ones that stop it included. */
  readonly nodes: ReadonlySet<Node>;
  /** Whether it can leave the function by a return or its end. */
  readonly exits: boolean;
}

/**
 * Where control can get from right behind `from` (null: from the start of the function) without passing a node that
 * stops it. No condition is remembered: this is what may happen at most.
 */
export function reachable(cfg: Cfg, from: Node | null, stops: (node: Node) => boolean): Reach {
  const nodes = new Set<Node>();
  let exits = false;
  const start = from === null ? { block: cfg.entry, index: -1 } : cfg.find(from);
  if (start === null) return { nodes, exits };
  const seen = new Set<Block>();
  const open: { block: Block; index: number }[] = [{ block: start.block, index: start.index + 1 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    let stopped = false;
    for (const node of at.block.nodes.slice(at.index)) {
      nodes.add(node);
      stopped = stops(node);
      if (stopped) break;
    }
    if (stopped) continue;
    exits ||= at.block.exit === 'return' || at.block.exit === 'end';
    for (const { to } of at.block.edges) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push({ block: to, index: 0 });
    }
  }
  return { nodes, exits };
}
