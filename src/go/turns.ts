import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, unparen } from './calls.ts';
import { constantInt } from './constants.ts';
import { visible } from './declarations.ts';
import { type Definition, scopes } from './scope.ts';
import { valuesOf } from './values.ts';

/** How often a loop turns at most, and the variable that counts; null when that is not a constant. */
export interface Turns {
  readonly most: number;
  readonly counter: Definition | null;
  /** No value of the counter is above it. */
  readonly greatest: number;
}

/** Of `for i := 0; i < 5; i++`, `for i := 5; i > 0; i--` and `for range 5`. */
export function turnsOf(file: SourceFile, loop: Node<'for_statement'>): Turns | null {
  const [header] = loop.children;
  if (header?.is('range_clause')) {
    const most = constantInt(file, header.field('right'));
    const [name] = header.field('left')?.children ?? [];
    return most === null ? null : { most, counter: variable(file, name), greatest: most };
  }
  const update = header?.is('for_clause') ? header.field('update') : null;
  const condition = header?.is('for_clause') ? header.field('condition') : null;
  if (!update?.is('inc_statement', 'dec_statement') || !condition?.is('binary_expression')) return null;
  const isUp = update.is('inc_statement');
  const operator = condition.field('operator').text;
  const counter = variable(file, condition.field('left'));
  const limit = atMost(file, condition.field('right'), null);
  const first = counter === null ? null : startOf(file, counter);
  if (limit === null || first === null || !(isUp ? /^<=?$/ : /^>=?$/).test(operator)) return null;
  const steps = (isUp ? limit - first : first - limit) + (operator.length > 1 ? 1 : 0);
  return { most: Math.max(0, steps), counter, greatest: isUp ? limit : first };
}

/** How many turns a loop takes at most, where constants and literals say so. */
export function turnsAtMost(file: SourceFile, loop: Node<'for_statement'>): number | null {
  const header = loop.children.find((c) => c.is('range_clause'));
  const elements = header?.is('range_clause') ? lengthAtMost(file, unparen(header.field('right'))) : null;
  return elements ?? turnsOf(file, loop)?.most ?? null;
}

/** Elements of a literal, or of a variable that only gets literals, parts of itself, and single elements more. */
function lengthAtMost(file: SourceFile, over: Node): number | null {
  if (over.is('composite_literal')) return elementsOf(over);
  const d = over.is('identifier') ? variable(file, over) : null;
  if (d === null || d.func === null) {
    const spec = over.is('identifier') ? file.get(visible).value(over.text)?.node : undefined;
    const value = spec?.field('value')?.children[spec.fields('name').findIndex((n) => n.text === over.text)];
    return value?.is('composite_literal') ? elementsOf(value) : null;
  }
  let sum = 0;
  for (const value of valuesOf(d) ?? [over]) {
    const more = value.is('composite_literal') ? elementsOf(value) : addedTo(d, value);
    if (more === null) return null;
    sum += more;
  }
  return sum;
}

function elementsOf(literal: Node<'composite_literal'>): number {
  return literal.field('body').children.filter((c) => c.is('literal_element', 'keyed_element')).length;
}

/** `append(d, x, y)` outside loops, `d[:n]`; null for any other value. */
function addedTo(d: Definition, value: Node): number | null {
  if (value.is('slice_expression')) return value.field('operand').text === d.name ? 0 : null;
  if (!value.is('call_expression') || value.field('function').text !== 'append') return null;
  const [first, ...more] = value.field('arguments').children;
  const isOwn = first?.text === d.name && !more.some((m) => m.is('variadic_argument'));
  return isOwn && value.ancestor('for_statement') === null ? more.length : null;
}

function startOf(file: SourceFile, counter: Definition): number | null {
  const [value, ...more] = valuesOf(counter) ?? [];
  return value === undefined || more.length > 0 ? null : constantInt(file, value);
}

function variable(file: SourceFile, node: Node | undefined): Definition | null {
  return node?.is('identifier') ? file.get(scopes).definitionOf(node) : null;
}

/**
 * The greatest value that an expression of positive numbers can have in the loop, as far as constants tell: sums and
 * products, variables with one constant value, the loop's counter, random numbers below a constant.
 */
export function atMost(file: SourceFile, expression: Node, turns: Turns | null, depth = 0): number | null {
  const e = unparen(expression);
  const value = constantInt(file, e);
  if (value !== null || depth > 8) return value;
  const of = (inner: Node | null | undefined) =>
    inner == null ? null : atMost(file, inner, turns, depth + 1);
  if (e.is('identifier')) {
    const d = file.get(scopes).definitionOf(e);
    if (d === null) return null;
    if (d === turns?.counter) return turns.greatest;
    const [only, ...more] = valuesOf(d) ?? [];
    return only === undefined || more.length > 0 || d.uses.some(isChanged) ? null : of(only);
  }
  if (e.is('call_expression')) {
    const isBound =
      RANDOM.test(calleeName(file, e)) ||
      /^(?:time\.Duration|u?int(?:32|64)?)$/.test(e.field('function').text);
    return isBound ? of(e.field('arguments').children[0]) : null;
  }
  if (!e.is('binary_expression')) return null;
  const operator = e.field('operator').text;
  const left = of(e.field('left'));
  const right = of(e.field('right'));
  if (left === null || right === null || left < 0 || right < 0) return null;
  return operator === '+'
    ? left + right
    : operator === '*'
      ? left * right
      : operator === '<<'
        ? left * 2 ** right
        : null;
}

const RANDOM = /^(?:\(\*)?math\/rand(?:\/v2)?(?:\.Rand\))?\.(?:U?Int(?:31|63|32|64)?[nN]|N)$/;

/** `d++`, `&d`: other writes are among its values. */
function isChanged({ parent }: Node): boolean {
  if (parent?.is('unary_expression')) return parent.field('operator').text === '&';
  return parent?.is('inc_statement', 'dec_statement') === true;
}

/** Sleeps below are pauses between attempts that nobody notices, and so are several that add up to less than a second. */
const SHORT = 100e6;
const SECOND = 1e9;

export function isBrief(file: SourceFile, duration: Node, loop: Node<'for_statement'>): boolean {
  const turns = turnsOf(file, loop);
  const most = atMost(file, duration, turns);
  return most !== null && (most < SHORT || most * (turns?.most ?? Infinity) < SECOND);
}
