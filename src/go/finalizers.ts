import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { memberOf } from './members.ts';
import { variable } from './paths.ts';
import type { Definition } from './scope.ts';
import type { GoType } from './type.ts';
import { types, underlying } from './types.ts';
import { valuesOf } from './values.ts';

/**
 * The variable that leads to the object of a finalizer: `f`, `&f`, `s` of `s.file`. null when there is none, or when it
 * gets another value behind the call: then what holds the variable need not hold the object.
 */
export function holderOf(file: SourceFile, call: Node, object: Node): Definition | null {
  let at = unparen(object);
  if (at.is('unary_expression') && at.field('operator').text === '&') at = unparen(at.field('operand'));
  while (at.is('selector_expression')) at = unparen(at.field('operand'));
  const d = variable(file, at);
  if (d === null || d.func === null || d.kind === 'type' || d.kind === 'func') return null;
  return d.uses.some((use) => use.id > call.id && isWritten(use)) ? null : d;
}

/** `f = nil`, `s.file = nil` */
function isWritten(use: Node): boolean {
  let at = use;
  while (at.parent?.is('selector_expression', 'parenthesized_expression')) at = at.parent;
  const list = at.parent;
  const owner = list?.parent;
  return (
    owner?.is('assignment_statement', 'short_var_declaration', 'range_clause') === true &&
    owner.field('left') === list
  );
}

/** Where the function of a finalizer or cleanup, or the argument of a cleanup, holds the variable; null when neither does. */
export function heldBy(
  file: SourceFile,
  holder: Definition,
  action: Node,
  argument: Node | undefined,
): Node | null {
  const func = functionBehind(file, unparen(action));
  // Its own variables are made anew by every run.
  if (func.is('func_literal') && !func.contains(holder.node)) {
    const use = holder.uses.find((u) => func.contains(u));
    if (use !== undefined) return use;
  }
  // `f.close`, bound to f; `(*F).close` is bound to nothing.
  if (func.is('selector_expression') && variable(file, unparen(func.field('operand'))) === holder) {
    const type = file.get(types).of(func.field('operand'));
    if (memberOf(file, type, func.field('field').text)?.kind === 'method') return func;
  }
  return argument === undefined ? null : insideArgument(file, holder, unparen(argument));
}

/** A variable that holds the object itself, not a pointer to it, is copied wherever its value goes. */
const isPointer = (file: SourceFile, d: Definition) => file.get(types).ofDefinition(d).kind === 'pointer';

function functionBehind(file: SourceFile, action: Node): Node {
  const d = variable(file, action);
  const values = d === null || d.func === null ? null : valuesOf(d);
  return values?.length === 1 ? unparen(values[0] ?? action) : action;
}

/** `&f.buf`, which points into the object; `state{f: f}`, which has it inside. Fields are taken to lead elsewhere. */
function insideArgument(file: SourceFile, holder: Definition, argument: Node): Node | null {
  if (argument.is('unary_expression') && argument.field('operator').text === '&') {
    const operand = unparen(argument.field('operand'));
    if (operand.is('composite_literal')) return insideArgument(file, holder, operand);
    return operand.is('selector_expression') && variable(file, unparen(operand.field('operand'))) === holder
      ? argument
      : null;
  }
  if (!isPointer(file, holder)) return null;
  if (variable(file, argument) === holder) return argument;
  if (!argument.is('composite_literal')) return null;
  return (
    holder.uses.find((use) => use.parent?.is('literal_element') === true && argument.contains(use)) ?? null
  );
}

const RELEASES = [
  ...[
    'close',
    'stop',
    'release',
    'free',
    'destroy',
    'shutdown',
    'cleanup',
    'dispose',
    'cancel',
    'finish',
    'done',
  ],
  ...['delete', 'remove', 'unmap', 'unref', 'reset', 'terminate', 'drop', 'quit', 'end', 'unload'],
];

/** A struct of the package that no method closes, in whatever word, and that embeds nothing which could. */
export function lacksRelease(file: SourceFile, type: GoType & { readonly kind: 'named' }): boolean {
  const shape = underlying(file, type);
  if (shape.kind !== 'struct' || shape.node === null) return false;
  for (const field of shape.node.descendants('field_declaration'))
    if (field.fields('name').length === 0) return false;
  return !RELEASES.some((name) =>
    [name, name[0]?.toUpperCase() + name.slice(1)].some((n) => memberOf(file, type, n)?.kind === 'method'),
  );
}

const RELEASING = /close|free|release|destroy|unmap|cleanup|dispose|shutdown|unref/i;

/** The function is seen to release something: by what its literal calls, or by its own name. */
export function releases(file: SourceFile, action: Node): boolean {
  const func = functionBehind(file, unparen(action));
  if (!func.is('func_literal')) return RELEASING.test(func.text);
  return [...func.descendants('call_expression')].some((c) => RELEASING.test(c.field('function').text));
}
