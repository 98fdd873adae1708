import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { visible } from './declarations.ts';
import { type Definition, scopes } from './scope.ts';

/** Value of a constant integer expression: literals, named constants without `iota`, `+ - *`. null when it is none. */
export function constantInt(file: SourceFile, expression: Node, depth = 0): number | null {
  const e = unparen(expression);
  // A constant that is declared by itself does not compile, but must not hang the review.
  if (depth > 8) return null;
  if (e.is('int_literal')) {
    const text = e.text.replace(/_/g, '').replace(/^0(?=\d)/, '0o');
    return Number.isSafeInteger(Number(text)) ? Number(text) : null;
  }
  if (e.is('identifier')) {
    const local = file.get(scopes).definitionOf(e);
    if (local !== null && local.func !== null) return specValue(file, local, depth);
    const spec = file.get(visible).value(e.text);
    if (spec === null || !spec.node.is('const_spec')) return null;
    return valueIn(spec.file, spec.node, e.text, depth);
  }
  if (!e.is('binary_expression')) return null;
  const left = constantInt(file, e.field('left'), depth + 1);
  const right = constantInt(file, e.field('right'), depth + 1);
  if (left === null || right === null) return null;
  const operator = e.field('operator').text;
  return operator === '+'
    ? left + right
    : operator === '-'
      ? left - right
      : operator === '*'
        ? left * right
        : null;
}

function specValue(file: SourceFile, d: Definition, depth: number): number | null {
  return d.site.is('const_spec') ? valueIn(file, d.site, d.name, depth) : null;
}

/** A spec without a value repeats the one above, with another `iota`: its value is not told. */
function valueIn(file: SourceFile, spec: Node<'const_spec'>, name: string, depth: number): number | null {
  const index = spec.fields('name').findIndex((n) => n.text === name);
  const value = spec.field('value')?.children[index];
  return value === undefined ? null : constantInt(file, value, depth + 1);
}
