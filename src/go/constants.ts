import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { visible } from './declarations.ts';
import { packageOf } from './readtype.ts';
import { type Definition, scopes } from './scope.ts';
import { std } from './std.ts';
import { types, underlying } from './types.ts';

const INTEGER = /^(?:u?int(?:8|16|32|64|ptr)?|byte|rune)$/;

/**
 * Value of a constant integer expression, a duration in nanoseconds: literals, named constants of the package and of
 * the standard library without `iota`, conversions to integer types, `- + * / % << >>`. null when it is none, or does
 * not fit into 53 bits.
 */
export function constantInt(file: SourceFile, expression: Node, depth = 0): number | null {
  const e = unparen(expression);
  // A constant that is declared by itself does not compile, but must not hang the review.
  if (depth > 8) return null;
  if (e.is('int_literal')) {
    const text = e.text.replace(/_/g, '').replace(/^0(?=\d)/, '0o');
    return safe(Number(text));
  }
  if (e.is('identifier')) {
    const local = file.get(scopes).definitionOf(e);
    if (local !== null && local.func !== null) return specValue(file, local, depth);
    const spec = file.get(visible).value(e.text);
    if (spec === null || !spec.node.is('const_spec')) return null;
    return valueIn(spec.file, spec.node, e.text, depth);
  }
  if (e.is('selector_expression')) return standardValue(file, e);
  if (e.is('unary_expression') && e.field('operator').text === '-') {
    const operand = constantInt(file, e.field('operand'), depth + 1);
    return operand === null ? null : -operand;
  }
  if (e.is('call_expression', 'type_conversion_expression')) return converted(file, e, depth);
  if (!e.is('binary_expression')) return null;
  const left = constantInt(file, e.field('left'), depth + 1);
  const right = constantInt(file, e.field('right'), depth + 1);
  return left === null || right === null ? null : fold(e.field('operator').text, left, right);
}

function fold(operator: string, a: number, b: number): number | null {
  switch (operator) {
    case '+':
      return safe(a + b);
    case '-':
      return safe(a - b);
    case '*':
      return safe(a * b);
    case '/':
      return b === 0 ? null : safe(Math.trunc(a / b));
    case '%':
      return b === 0 ? null : safe(a % b);
    case '<<':
      return b < 0 ? null : safe(a * 2 ** b);
    case '>>':
      return b < 0 ? null : safe(Math.floor(a / 2 ** b));
    default:
      return null;
  }
}

function safe(value: number): number | null {
  return Number.isSafeInteger(value) ? value + 0 : null;
}

/** `time.Second`, `math.MaxInt32` */
function standardValue(file: SourceFile, e: Node<'selector_expression'>): number | null {
  const path = packageOf(file, e.field('operand'));
  const constant = path === null ? null : (std.value(path, e.field('field').text)?.constant ?? null);
  return constant === null ? null : safe(Number(constant));
}

/** `time.Duration(5)`; a conversion to a small type may not fit, which does not compile. */
function converted(
  file: SourceFile,
  e: Node<'call_expression' | 'type_conversion_expression'>,
  depth: number,
): number | null {
  const operand = e.is('call_expression') ? e.field('arguments').children[0] : e.field('operand');
  if (operand == null) return null;
  const value = constantInt(file, operand, depth + 1);
  if (value === null) return null;
  const type = underlying(file, file.get(types).of(e));
  return type.kind === 'basic' && INTEGER.test(type.name) && isConversion(file, e) ? value : null;
}

function isConversion(file: SourceFile, e: Node<'call_expression' | 'type_conversion_expression'>): boolean {
  if (!e.is('call_expression')) return true;
  const target = unparen(e.field('function'));
  if (target.is('selector_expression')) {
    const path = packageOf(file, target.field('operand'));
    return path !== null && std.underlying(path, target.field('field').text) !== null;
  }
  if (!target.is('identifier') || file.get(scopes).definitionOf(target)?.func != null) return false;
  return file.get(visible).type(target.text) !== null || INTEGER.test(target.text);
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
