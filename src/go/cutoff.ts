import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { endsOfContext } from './endedcontexts.ts';
import { lazyResult } from './lazyresults.ts';
import { variable } from './paths.ts';
import { valuesOf } from './values.ts';

/**
 * Whether something ends the connection behind a response before long, closed or not: the function cancels the context of
 * the request on all of its paths, or the client was made with a `Timeout`, which goes on while the body is read.
 */
export function isCutOff(file: SourceFile, call: Node<'call_expression'>): boolean {
  const contexts = lazyResult(file, call)?.contexts ?? [];
  return (
    hasTimeout(file, call.field('function')) ||
    contexts.some(({ expression, at }) => endsOfContext(file, expression, at).some((end) => end.always))
  );
}

function hasTimeout(file: SourceFile, target: Node): boolean {
  if (!target.is('selector_expression')) return false;
  const client = unparen(target.field('operand'));
  const d = variable(file, client);
  const made = d === null ? [client] : (valuesOf(d) ?? []);
  return (
    made.length > 0 && made.every((value) => /^&?\w+\.Client\{[\s\S]*\bTimeout:\s*(?!0\b)/.test(value.text))
  );
}
