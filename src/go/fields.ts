import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf, unparen } from './calls.ts';
import type { Definition } from './scope.ts';

/**
 * The places where a field of a struct variable is read, when that is all that ever happens to the variable; null when
 * it is written, handed on, copied, or its address is taken.
 */
export function fieldReads(d: Definition): readonly Node<'selector_expression'>[] | null {
  const reads: Node<'selector_expression'>[] = [];
  for (const use of d.uses) {
    const read = use.parent;
    if (!read?.is('selector_expression') || read.field('operand') !== use) return null;
    let top: Node = read;
    for (let p = top.parent; p !== null && readsOn(p, top); p = p.parent) top = p;
    const around = top.parent;
    if (around?.is('unary_expression') && around.field('operator').text === '&') return null;
    if (around?.is('slice_expression', 'inc_statement', 'dec_statement')) return null;
    if (around?.is('expression_list') && around.fieldName === 'left') return null;
    reads.push(read);
  }
  return reads;
}

/** `m.BySize[0].Size` reads on from `m.BySize`. */
function readsOn(outer: Node, inner: Node): boolean {
  if (outer.is('parenthesized_expression')) return true;
  return (
    outer.is('selector_expression', 'index_expression') && unparen(outer.field('operand')) === unparen(inner)
  );
}

/** `(&T{}).Field`: the selector right around a value that is made. */
export function readOf(made: Node): Node<'selector_expression'> | null {
  let value = made;
  for (let p = value.parent; p?.is('parenthesized_expression', 'unary_expression'); p = p.parent) value = p;
  const read = value.parent;
  return read?.is('selector_expression') ? read : null;
}

/** `T{}`, `&T{}` and `new(T)`: all fields are zero. */
export function isZeroValue(file: SourceFile, value: Node): boolean {
  if (value.is('unary_expression'))
    return value.field('operator').text === '&' && isZeroValue(file, unparen(value.field('operand')));
  if (value.is('composite_literal')) return value.field('body').children.length === 0;
  if (!value.is('call_expression') || value.field('function').text !== 'new') return false;
  const callee = calleeOf(file, value);
  const operand = value.field('arguments').children[0];
  // Since Go 1.26 the operand of new may be a value.
  return (
    callee.kind === 'builtin' && callee.name === 'new' && /_(?:type|identifier)$/.test(operand?.kind ?? '')
  );
}
