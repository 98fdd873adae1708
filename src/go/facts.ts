import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf, unparen } from './calls.ts';
import { wrappedError } from './errorwraps.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';

/** A condition without side effects, in a form that two spellings of one question share; `value` is its polarity. */
export interface Atom {
  readonly key: string;
  readonly value: boolean;
  /** Local variables whose assignment makes the answer stale. */
  readonly about: ReadonlySet<Definition>;
}

const NEGATED: Readonly<Record<string, string>> = { '!=': '==', '>=': '<', '>': '<=' };

/** `x != nil` and `x == nil` are one atom with opposite values. null: nothing can be remembered about the expression. */
export function atomOf(file: SourceFile, expr: Node): Atom | null {
  const e = unparen(expr);
  if (e.is('unary_expression') && e.field('operator').text === '!') {
    const inner = atomOf(file, e.field('operand'));
    return inner === null ? null : { ...inner, value: !inner.value };
  }
  const about = new Set<Definition>();
  if (e.is('binary_expression')) {
    const operator = e.field('operator').text;
    if (!/^(?:[=!]=|[<>]=?)$/.test(operator)) return null;
    const asked = [e.field('left'), e.field('right')];
    // `errors.Wrap(err, "…") != nil` asks about err.
    const bare = asked.some((side) => side.is('nil')) ? asked.map((side) => wrappedError(file, side)) : asked;
    const [left = null, right = null] = bare.map((side) => spell(file, side, about));
    if (left === null || right === null) return null;
    const positive = NEGATED[operator];
    // nil on the left is the same question.
    const [a, b] = left === 'nil' && /[=!]=/.test(operator) ? [right, left] : [left, right];
    return { key: `${a}${positive ?? operator}${b}`, value: positive === undefined, about };
  }
  const tested = isNilTest(file, e);
  const key = spell(file, tested ?? e, about);
  return key === null ? null : { key: tested === null ? key : `${key}==nil`, value: true, about };
}

/** The error of `errors.Is(err, nil)`, which is `err == nil`. */
function isNilTest(file: SourceFile, e: Node): Node | null {
  if (!e.is('call_expression')) return null;
  const [error, target] = e.field('arguments').children;
  if (error === undefined || target?.kind !== 'nil') return null;
  const callee = calleeOf(file, e);
  return callee.kind === 'func' && callee.name === 'errors.Is' ? error : null;
}

/** Source with local names made unique, or null where evaluating twice may differ. */
function spell(file: SourceFile, expr: Node, about: Set<Definition>): string | null {
  const e = unparen(expr);
  if (e.is('identifier')) {
    const d = file.get(scopes).definitionOf(e);
    if (d === null || d.func === null) return e.text;
    about.add(d);
    return `${e.text}#${d.node.id}`;
  }
  if (e.is('nil', 'true', 'false', 'int_literal', 'interpreted_string_literal', 'rune_literal'))
    return e.text;
  if (e.is('selector_expression')) {
    const operand = spell(file, e.field('operand'), about);
    return operand === null ? null : `${operand}.${e.field('field').text}`;
  }
  if (e.is('unary_expression') && e.field('operator').text === '-') {
    const operand = spell(file, e.field('operand'), about);
    return operand === null ? null : `-${operand}`;
  }
  if (e.is('call_expression')) {
    const callee = calleeOf(file, e);
    const arg = e.field('arguments').children[0];
    if (callee.kind !== 'builtin' || callee.name !== 'len' || arg === undefined) return null;
    const operand = spell(file, arg, about);
    return operand === null ? null : `len(${operand})`;
  }
  return null;
}

/** What is remembered on the way along a path. */
export type Facts = ReadonlyMap<string, Atom>;

/** Whether the condition can be true (false) under the facts: `undefined` when they do not say. */
export function evaluate(file: SourceFile, facts: Facts, condition: Node): boolean | undefined {
  const atom = atomOf(file, condition);
  if (atom !== null) {
    const known = facts.get(atom.key);
    return known === undefined ? undefined : known.value === atom.value;
  }
  return nilErrorTest(file, facts, condition);
}

const FALSE_FOR_NIL = /^(?:(?:github\.com\/(?:pkg|cockroachdb)\/)?errors\.(?:Is|As)|os\.Is\w+)$/;

/** `errors.Is(err, …)`, `errors.As(err, …)` and `os.IsNotExist(err)` are false for a nil error. */
function nilErrorTest(file: SourceFile, facts: Facts, condition: Node): false | undefined {
  const call = unparen(condition);
  if (!call.is('call_expression')) return undefined;
  const callee = calleeOf(file, call);
  if (callee.kind !== 'func' || !FALSE_FOR_NIL.test(callee.name)) return undefined;
  const error = call.field('arguments').children[0];
  const name = error === undefined ? null : spell(file, wrappedError(file, error), new Set());
  return facts.get(`${name}==nil`)?.value === true ? false : undefined;
}

/** Local variables that a statement or clause writes to, fields of theirs included. */
export function assignedIn(file: SourceFile, node: Node): ReadonlySet<Definition> {
  const out = new Set<Definition>();
  const add = (target: Node) => {
    let at = unparen(target);
    while (at.is('selector_expression', 'index_expression')) at = unparen(at.field('operand'));
    const d = at.is('identifier') ? file.get(scopes).definitionOf(at) : null;
    if (d !== null) out.add(d);
  };
  if (node.is('assignment_statement', 'short_var_declaration', 'range_clause', 'receive_statement'))
    for (const target of node.field('left')?.children ?? []) add(target);
  else if (node.is('inc_statement', 'dec_statement') && node.children[0] !== undefined) add(node.children[0]);
  return out;
}

/** What is left of the facts behind a statement or clause. */
export function behind(file: SourceFile, facts: Facts, node: Node): Facts {
  const written = facts.size === 0 ? null : assignedIn(file, node);
  if (written === null || written.size === 0) return facts;
  const wrapped = rewrapped(file, node);
  const isStale = ({ key, about }: Atom) =>
    [...about].some((d) => written.has(d) && !(d === wrapped && key === nilKey(d)));
  return new Map([...facts].filter(([, atom]) => !isStale(atom)));
}

/** The variable of `err = errors.Wrap(err, "…")`: whether it is nil stays as it was. */
export function rewrapped(file: SourceFile, node: Node): Definition | null {
  if (!node.is('assignment_statement')) return null;
  const [target, ...others] = node.field('left').children;
  const [value] = node.field('right').children;
  if (target === undefined || value === undefined || others.length > 0 || !target.is('identifier'))
    return null;
  const inner = wrappedError(file, value);
  const { definitionOf } = file.get(scopes);
  const d = definitionOf(target);
  return inner !== value && inner.is('identifier') && definitionOf(inner) === d ? d : null;
}

const nilKey = (d: Definition) => `${d.name}#${d.node.id}==nil`;

/** What the conditions around a node say: inside `if limit { … }` the atom `limit` holds until it is written. */
export function factsAround(file: SourceFile, node: Node): readonly Atom[] {
  const out: Atom[] = [];
  for (let inner: Node = node, at = node.parent; at !== null; inner = at, at = at.parent) {
    if (at.is('function_declaration', 'method_declaration', 'func_literal')) break;
    if (!at.is('if_statement')) continue;
    const value = at.field('consequence') === inner ? true : at.field('alternative') === inner ? false : null;
    if (value === null) continue;
    const branch = inner;
    const said: Atom[] = [];
    collect(file, at.field('condition'), value, said);
    out.push(...said.filter((atom) => ![...atom.about].some((d) => writtenSince(file, d, node, branch))));
  }
  return out;
}

/** All of `a && b` holds where it is true; none of `a || b` where it is false. */
function collect(file: SourceFile, condition: Node, value: boolean, out: Atom[]): void {
  const e = unparen(condition);
  if (e.is('binary_expression') && e.field('operator').text === (value ? '&&' : '||')) {
    collect(file, e.field('left'), value, out);
    collect(file, e.field('right'), value, out);
    return;
  }
  const atom = atomOf(file, e);
  if (atom !== null) out.push({ ...atom, value: atom.value === value });
}

/**
 * Whoever comes to the node came through the test at the head of its branch, so only writes inside the branch can make
 * the answer stale: those above the node, those of a loop around it, and those of other functions, at any time; deferred ones run later.
 */
function writtenSince(file: SourceFile, d: Definition, node: Node, branch: Node): boolean {
  const func = enclosingFunction(node);
  const loop = node.ancestor('for_statement');
  const again = loop !== null && branch.contains(loop);
  return d.uses.some((use) => {
    const writer = enclosingFunction(use);
    const passed = writer === func && branch.contains(use) && (use.id < node.id || again);
    if (!passed && (writer === func || writer?.parent?.parent?.is('defer_statement') === true)) return false;
    const statement = use.ancestor(
      'assignment_statement',
      'short_var_declaration',
      'inc_statement',
      'dec_statement',
    );
    return statement !== null && statement !== node && assignedIn(file, statement).has(d);
  });
}
