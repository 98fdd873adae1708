import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { type Declared, visible } from './declarations.ts';
import { memberOf } from './members.ts';
import { packageOf } from './readtype.ts';
import { scopes } from './scope.ts';
import { std } from './std.ts';
import { deref, type GoType, isNamed } from './type.ts';
import { types } from './types.ts';

/**
 * What a call calls. `name` is written as Go tools do: `net/http.Get`, `(*net/http.Client).Do`, `(context.Context).Done`.
 * Local functions and methods carry their declaration.
 */
export type Callee =
  | { readonly kind: 'func'; readonly name: string }
  | { readonly kind: 'method'; readonly name: string; readonly receiver: GoType; readonly method: string }
  | {
      readonly kind: 'local';
      readonly name: string;
      readonly declared: Declared<Node<'function_declaration' | 'method_declaration'>>;
    }
  | { readonly kind: 'builtin'; readonly name: string }
  /** A function literal called where it stands. */
  | { readonly kind: 'literal'; readonly literal: Node<'func_literal'> }
  | { readonly kind: 'unknown' };

const BUILTINS = new Set(
  'append cap clear close complex copy delete imag len make max min new panic print println real recover'.split(
    ' ',
  ),
);

/** Every rule asks about every call: by call node of the file. */
const callees: Analysis<Map<number, Callee>> = { name: 'callees', run: () => new Map() };

export function calleeOf(file: SourceFile, call: Node<'call_expression'>): Callee {
  const known = file.get(callees);
  let callee = known.get(call.id);
  if (callee === undefined) {
    callee = findCallee(file, call);
    known.set(call.id, callee);
  }
  return callee;
}

function findCallee(file: SourceFile, call: Node<'call_expression'>): Callee {
  const target = unparen(call.field('function'));
  if (target.is('func_literal')) return { kind: 'literal', literal: target };
  if (target.is('identifier')) return identifierCallee(file, target);
  if (target.is('selector_expression')) return selectorCallee(file, target);
  return target.is('index_expression') ? instantiated(file, target) : { kind: 'unknown' };
}

/** `parse[T]()`: a generic function with its type arguments, or a call of an element, which nobody knows. */
function instantiated(file: SourceFile, target: Node<'index_expression'>): Callee {
  const type = file.get(types).of(target.field('operand'));
  const isGeneric = type.kind === 'func' && type.typeParams !== undefined;
  const operand = target.field('operand');
  if (isGeneric && operand.is('identifier')) return identifierCallee(file, operand);
  if (isGeneric && operand.is('selector_expression')) return selectorCallee(file, operand);
  return { kind: 'unknown' };
}

function identifierCallee(file: SourceFile, target: Node<'identifier'>): Callee {
  const local = file.get(scopes).definitionOf(target);
  if (local !== null && local.func !== null) return { kind: 'unknown' };
  const declared = file.get(visible).func(target.text);
  if (declared !== null) return { kind: 'local', name: target.text, declared };
  const taken = local !== null || file.get(visible).declares(target.text);
  return !taken && BUILTINS.has(target.text) ? { kind: 'builtin', name: target.text } : { kind: 'unknown' };
}

function selectorCallee(file: SourceFile, target: Node<'selector_expression'>): Callee {
  const operand = target.field('operand');
  const method = target.field('field').text;
  const path = packageOf(file, operand);
  if (path !== null)
    return isNoFunction(path, method) ? { kind: 'unknown' } : { kind: 'func', name: `${path}.${method}` };
  const receiver = file.get(types).of(operand);
  const type = deref(receiver);
  if (type.kind === 'named' && type.pkg !== '') return foreign(file, type, receiver, method);
  const member = memberOf(file, receiver, method);
  if (member?.kind !== 'method' || member.owner.kind !== 'named') return { kind: 'unknown' };
  const { declared, owner } = member;
  if (declared !== null) return { kind: 'local', name: `${owner.name}.${method}`, declared };
  // A method that an embedded type lends; one of an interface of this package can be anybody's.
  return owner.pkg === '' ? { kind: 'unknown' } : named(owner.pkg, owner.name, owner, method);
}

/** A conversion, or a variable of function type. */
function isNoFunction(path: string, name: string): boolean {
  if (std.has(path)) return std.func(path, name) === null;
  return std.underlying(path, name) !== null || std.value(path, name) !== null;
}

/** `(*database/sql.DB).Query` for the one that `*sqlx.DB` embeds: a method has the name that its package gives it. */
function foreign(
  file: SourceFile,
  type: Extract<GoType, { kind: 'named' }>,
  receiver: GoType,
  method: string,
): Callee {
  const member = std.has(type.pkg) ? null : memberOf(file, receiver, method);
  if (member?.kind === 'field') return { kind: 'unknown' };
  const owner = member?.owner;
  return owner?.kind === 'named' && owner.pkg !== type.pkg
    ? named(owner.pkg, owner.name, owner, method)
    : named(type.pkg, type.name, receiver, method);
}

function named(pkg: string, type: string, receiver: GoType, method: string): Callee {
  // A field of function type is no method.
  if (std.field(pkg, type, method) !== null) return { kind: 'unknown' };
  const isInterface = std.underlying(pkg, type)?.type.kind === 'interface';
  const name = isInterface ? `(${pkg}.${type}).${method}` : `(*${pkg}.${type}).${method}`;
  return { kind: 'method', name, receiver, method };
}

/** Full name of the callee, '' when it is not a function or method of another package. */
export function calleeName(file: SourceFile, call: Node<'call_expression'>): string {
  const callee = calleeOf(file, call);
  return callee.kind === 'func' || callee.kind === 'method' ? callee.name : '';
}

export function unparen(node: Node): Node {
  let at = node;
  while (at.is('parenthesized_expression') && at.children[0] !== undefined) at = at.children[0];
  return at;
}

/** True for a value of interface type context.Context. */
export function isContext(type: GoType): boolean {
  return isNamed(type, 'context', 'Context');
}

export function isHttpRequest(type: GoType): boolean {
  return type.kind === 'pointer' && isNamed(type.elem, 'net/http', 'Request');
}
