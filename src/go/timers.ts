import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isOpen } from './callers.ts';
import { calleeName, unparen } from './calls.ts';
import { variable } from './paths.ts';
import { type Definition, enclosingFunction, type FuncNode } from './scope.ts';
import { deref, isNamed, typeString } from './type.ts';
import { types } from './types.ts';
import { valuesOf, writtenValue } from './values.ts';

/** One thing that happens to a timer. */
export interface TimerUse {
  /** `hand`: somebody else gets the timer or its channel, or a part of it is used in a way that is not followed. */
  readonly kind: 'receive' | 'stop' | 'reset' | 'write' | 'hand';
  /** The receive expression or range clause, the call, or the expression that means the timer. */
  readonly at: Node;
  /** Function whose code this is; null at file level. */
  readonly func: FuncNode | null;
}

/** A *time.Timer that is kept in a variable, or in a field reached from one: `t`, `s.timer`. */
export interface Timer {
  /** As the code spells it. */
  readonly name: string;
  readonly root: Definition;
  readonly isField: boolean;
  /** Who makes every value it gets; null when that is not seen. */
  readonly maker: 'NewTimer' | 'AfterFunc' | null;
  /** What is done with it through this very variable, in source order. */
  readonly uses: readonly TimerUse[];
  /** What the package does with the same field through other variables. */
  readonly elsewhere: readonly TimerUse[];
  /** Code that is not here can reach it. */
  readonly isOpen: boolean;
}

/** The timer that an expression means; null where it is none, or kept in a way that is not followed. */
export function timerOf(file: SourceFile, expression: Node): Timer | null {
  const fields: string[] = [];
  let at = unparen(expression);
  if (!isNamed(file.get(types).of(at), 'time', 'Timer', true)) return null;
  const owner = at.is('selector_expression') ? deref(file.get(types).of(at.field('operand'))) : null;
  for (; at.is('selector_expression'); at = unparen(at.field('operand')))
    fields.unshift(at.field('field').text);
  const root = variable(file, at);
  const field = fields.at(-1);
  if (root === null) return null;
  const uses = [root.node, ...root.uses].flatMap((name) => usesThrough(name, fields));
  const common = { name: [root.name, ...fields].join('.'), root, uses };
  if (field === undefined) {
    const maker = makerOf(file, valuesOf(root));
    return { ...common, isField: false, maker, elsewhere: [], isOpen: root.func === null };
  }
  if (owner?.kind !== 'named' || owner.pkg !== '') return null;
  const found = fieldUses(file, typeString(owner), field);
  const here = new Set(uses.map((u) => u.at));
  return {
    ...common,
    isField: true,
    maker: makerOf(file, found.values),
    elsewhere: found.uses.filter((u) => !here.has(u.at)),
    isOpen: root.func === null || !file.pkg.complete || isOpen(file.pkg, field),
  };
}

/** Whether both are the same variable, or the same field of it. */
export function isSameTimer(a: Timer, b: Timer): boolean {
  return a.root === b.root && a.name === b.name;
}

/** From one mention of the variable along the fields to what happens at their end. */
function usesThrough(name: Node, fields: readonly string[]): readonly TimerUse[] {
  let at = name;
  for (const field of fields) {
    // Another value of the variable has another timer.
    if (isWritten(at)) return [useAt('write', at)];
    const { parent } = around(at);
    if (!parent?.is('selector_expression') || parent.field('field').text !== field) return [];
    at = parent;
  }
  return useOf(at);
}

function useOf(at: Node): readonly TimerUse[] {
  if (isWritten(at)) return [useAt('write', at)];
  const { inner, parent } = around(at);
  // The declaring name of a variable without a value, and a question whether there is a timer.
  if (parent === null || parent.is('var_spec', 'parameter_declaration', 'binary_expression')) return [];
  if (!parent.is('selector_expression') || unparen(parent.field('operand')) !== unparen(inner))
    return [useAt('hand', at)];
  const member = parent.field('field').text;
  const outer = around(parent);
  if (member !== 'C') {
    const call = outer.parent;
    const isCall = call?.is('call_expression') === true && call.field('function') === outer.inner;
    const kind = member === 'Stop' ? 'stop' : member === 'Reset' ? 'reset' : null;
    return [isCall && kind !== null ? useAt(kind, call) : useAt('hand', at)];
  }
  const { parent: user } = outer;
  if (user?.is('unary_expression') && user.field('operator').text === '<-') return [useAt('receive', user)];
  if (user?.is('range_clause')) return [useAt('receive', user)];
  // `len(t.C)` and `t.C != nil` only look.
  if (user?.is('binary_expression')) return [];
  const call = user?.is('argument_list') ? user.parent : null;
  const looks = call?.is('call_expression') && call.field('function').text === 'len';
  return looks ? [] : [useAt('hand', at)];
}

const useAt = (kind: TimerUse['kind'], at: Node): TimerUse => ({ kind, at, func: enclosingFunction(at) });

/** The node with its parentheses, and what stands around them. */
export function around(node: Node): { readonly inner: Node; readonly parent: Node | null } {
  let inner = node;
  while (inner.parent?.is('parenthesized_expression')) inner = inner.parent;
  return { inner, parent: inner.parent };
}

function isWritten(target: Node): boolean {
  if (writtenValue(target) !== null) return true;
  const list = target.parent;
  const owner = list?.is('expression_list') ? list.parent : null;
  return owner?.is('range_clause', 'receive_statement') === true && owner.field('left') === list;
}

interface FieldUses {
  readonly uses: readonly TimerUse[];
  readonly values: readonly Node[];
}

const knownFields: PackageAnalysis<Map<string, FieldUses>> = { name: 'timerFields', run: () => new Map() };

/** Every use and value of one field of one of the package's structs. Tests set up their own. */
function fieldUses(file: SourceFile, owner: string, field: string): FieldUses {
  const known = file.pkg.get(knownFields);
  const key = `${file.isTest}|${owner}.${field}`;
  const found = known.get(key) ?? findFieldUses(file, owner, field);
  known.set(key, found);
  return found;
}

function findFieldUses(file: SourceFile, owner: string, field: string): FieldUses {
  const uses: TimerUse[] = [];
  const values: Node[] = [];
  for (const other of file.pkg.files) {
    if (other.isTest && !file.isTest) continue;
    const isOwner = (node: Node) => {
      const type = deref(other.get(types).of(node));
      return type.kind === 'unknown' || typeString(type) === owner;
    };
    for (const node of other.tree.root.descendants('selector_expression', 'keyed_element')) {
      if (node.is('selector_expression')) {
        if (node.field('field').text !== field || !isOwner(node.field('operand'))) continue;
        uses.push(...useOf(node));
        values.push(...[writtenValue(node) ?? []].flat());
      } else if (node.field('key')?.text === field) {
        const literal = node.ancestor('composite_literal');
        const value = node.field('value')?.children[0];
        if (literal !== null && isOwner(literal) && value !== undefined) values.push(value);
      }
    }
  }
  return { uses, values };
}

function makerOf(file: SourceFile, values: readonly Node[] | null, depth = 0): Timer['maker'] {
  const makers = new Set<Timer['maker']>();
  for (const value of values ?? []) {
    const made = unparen(value);
    const from = file.tree === made.tree ? file : file.pkg.fileOf(made);
    if (made.is('nil')) continue;
    if (made.is('call_expression')) makers.add(MAKERS[calleeName(from, made)] ?? null);
    else {
      const local = depth === 0 ? variable(from, made) : null;
      makers.add(local === null ? null : makerOf(from, valuesOf(local), depth + 1));
    }
  }
  return makers.size === 1 ? ([...makers][0] ?? null) : null;
}

const MAKERS: Readonly<Record<string, Timer['maker']>> = {
  'time.NewTimer': 'NewTimer',
  'time.AfterFunc': 'AfterFunc',
};
