import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, unparen } from './calls.ts';

/** Functions that give nil for nil and another error for an error: whether there is one is not changed by them. */
const WRAPPERS =
  /^github\.com\/(?:pkg|cockroachdb)\/errors\.(?:Wrapf?|WithMessagef?|WithStack|Mark|With(?:Detail|Hint)f?)$/;

/** The error inside `errors.Wrap(errors.WithStack(err), "…")`; the expression itself when it wraps nothing. */
export function wrappedError(file: SourceFile, expression: Node): Node {
  const e = unparen(expression);
  if (!e.is('call_expression')) return e;
  const inner = e.field('arguments').children[0];
  return inner !== undefined && WRAPPERS.test(calleeName(file, e)) ? wrappedError(file, inner) : e;
}

/** The call that wraps what `error` gives, the outermost one; null when nothing does. */
export function wrapperAround(file: SourceFile, error: Node): Node<'call_expression'> | null {
  let outermost: Node<'call_expression'> | null = null;
  for (let at = error; ; ) {
    const call = at.parent?.is('argument_list') ? at.parent.parent : null;
    if (!call?.is('call_expression') || call.field('arguments').children[0] !== at) return outermost;
    if (!WRAPPERS.test(calleeName(file, call))) return outermost;
    outermost = call;
    at = call;
  }
}
