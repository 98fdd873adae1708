import type { NodeKind } from '../syntax/kinds.gen.ts';
import type { Node } from '../syntax/tree.ts';

/** The node itself and its descendants, as far as they are of one of the kinds, in source order. */
export function within<K extends NodeKind>(node: Node, ...kinds: readonly K[]): readonly Node<K>[] {
  return [...(node.is(...kinds) ? [node] : []), ...node.descendants(...kinds)];
}

/** Receive expressions in a node, itself included. */
export function receivesIn(node: Node): readonly Node<'unary_expression'>[] {
  return within(node, 'unary_expression').filter((e) => e.field('operator').text === '<-');
}
