import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, isHttpRequest } from './calls.ts';
import { enclosingFunction, scopes } from './scope.ts';
import { isNamed } from './type.ts';
import { types, underlying } from './types.ts';
import { receivesIn, within } from './within.ts';

/** The function right around the node gets a *http.Request and what answers it: it runs once per request. */
export function servesRequest(file: SourceFile, node: Node): boolean {
  const func = enclosingFunction(node);
  const own = func === null ? [] : file.get(scopes).inFunction(func);
  const given = own.filter((d) => d.kind === 'param').map((d) => file.get(types).ofDefinition(d));
  return given.some(isHttpRequest) && given.some((type) => isNamed(type, 'net/http', 'ResponseWriter'));
}

/** The innermost loop of the node's own function; null outside loops. */
export function loopAround(node: Node): Node<'for_statement'> | null {
  const loop = node.ancestor('for_statement');
  return loop !== null && enclosingFunction(loop) === enclosingFunction(node) ? loop : null;
}

/** Each turn may have to wait: for a channel, a sleep, a group of goroutines. Then something else sets the pace. */
export function isPaced(file: SourceFile, loop: Node<'for_statement'>): boolean {
  if (receivesIn(loop).length > 0) return true;
  const over = loop.children.find((c) => c.is('range_clause'));
  // What a range goes over is a channel, or is not known and may be one.
  if (over?.is('range_clause')) {
    const { kind } = underlying(file, file.get(types).of(over.field('right')));
    if (kind === 'chan' || kind === 'unknown' || kind === 'func') return true;
  }
  return within(loop, 'call_expression').some(
    (call) => calleeName(file, call) === 'time.Sleep' || WAITS.test(call.field('function').text),
  );
}

/** Methods that usually wait for somebody: a group, the next row or line, a connection. */
const WAITS = /\.(?:Wait|Next|Scan|Accept|Recv|Read|ReadString|ReadLine|ReadMessage)$/;
