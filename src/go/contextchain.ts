import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, unparen } from './calls.ts';
import { receiversOf } from './escape.ts';
import { variable } from './paths.ts';
import type { Definition } from './scope.ts';
import { valuesOf, writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** How many contexts are gone back through, from one to the one it derives from. */
export const MAX_DERIVED = 4;

const DERIVES =
  /^(?:context\.With(?!outCancel)\w+|os\/signal\.NotifyContext|golang\.org\/x\/sync\/errgroup\.WithContext)$/;

/** The context that another one is derived from; it ends no later than that. */
export function parentOf(file: SourceFile, value: Node): Node | null {
  const call = unparen(value);
  if (!call.is('call_expression')) return null;
  const [first] = call.field('arguments').children;
  return first !== undefined && (DERIVES.test(calleeName(file, call)) || startsSpan(call)) ? first : null;
}

/** `ctx, span := tracer.Start(ctx, "name")`, whichever tracer it is. */
function startsSpan(call: Call): boolean {
  const span = receiversOf(call)?.[1]?.text ?? '';
  return /span/i.test(span) && /\.Start\w*$/.test(call.field('function').text);
}

/** `ctx = context.WithValue(ctx, …)` */
export function isDerived(file: SourceFile, value: Node, d: Definition): boolean {
  const parent = parentOf(file, value);
  return parent !== null && variable(file, unparen(parent)) === d;
}

/**
 * The parameter that a context is or derives from, whatever way control took: a context, or a request for its
 * `r.Context()`. null when that is not certain.
 */
export function sourceOfContext(
  file: SourceFile,
  expression: Node,
  depth = 0,
  within: Definition | null = null,
): Definition | null {
  if (depth > MAX_DERIVED) return null;
  const e = unparen(expression);
  const parent = parentOf(file, e) ?? requestOf(file, e);
  if (parent !== null) return sourceOfContext(file, parent, depth + 1, within);
  const d = variable(file, e);
  if (d === null || d.func === null) return null;
  // A variable may be made of itself; the other values it gets decide.
  if (d === within) return d;
  const values = [d.node, ...d.uses].flatMap((name) => writtenValue(name) ?? []);
  const others = values.filter((value) => !isDerived(file, value, d) && !isRebound(file, value, d, depth));
  if (d.kind === 'param') return others.length === 0 ? d : null;
  const [first, ...more] = others.map((value) => sourceOfContext(file, value, depth + 1, within));
  return first !== undefined && more.every((other) => other === first) ? first : null;
}

/** `r` of `r.Context()` */
function requestOf(file: SourceFile, e: Node): Node | null {
  if (!e.is('call_expression') || calleeName(file, e) !== '(*net/http.Request).Context') return null;
  const target = unparen(e.field('function'));
  return target.is('selector_expression') ? target.field('operand') : null;
}

/** `r = r.WithContext(ctx)`, with a context that r itself has given. */
function isRebound(file: SourceFile, value: Node, r: Definition, depth: number): boolean {
  const call = unparen(value);
  if (!call.is('call_expression')) return false;
  if (!/^\(\*net\/http\.Request\)\.(?:WithContext|Clone)$/.test(calleeName(file, call))) return false;
  const [context] = call.field('arguments').children;
  const target = unparen(call.field('function'));
  const isOwn = target.is('selector_expression') && variable(file, unparen(target.field('operand'))) === r;
  return isOwn && context !== undefined && sourceOfContext(file, context, depth + 1, r) === r;
}

/** The `context.WithoutCancel(…)` that a context derives from, whatever way control took. */
export function detachmentOf(file: SourceFile, expression: Node, depth = 0): Node | null {
  if (depth > MAX_DERIVED) return null;
  const e = unparen(expression);
  if (e.is('call_expression')) {
    if (calleeName(file, e) === 'context.WithoutCancel') return e;
    const parent = parentOf(file, e);
    return parent === null ? null : detachmentOf(file, parent, depth + 1);
  }
  const d = variable(file, e);
  const values = d === null ? [] : (valuesOf(d) ?? []).filter((value) => !isDerived(file, value, d));
  const [first, ...others] = values.map((value) => detachmentOf(file, value, depth + 1));
  return first !== undefined && !others.includes(null) ? first : null;
}
