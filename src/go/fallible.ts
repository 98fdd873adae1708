import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { calleeOf } from './calls.ts';
import { assignedIn } from './facts.ts';
import { memberOf } from './members.ts';
import { neverReturns } from './noreturn.ts';
import { variable } from './paths.ts';
import { type Definition, enclosingFunction } from './scope.ts';
import { type GoType, typeString } from './type.ts';
import { types, underlying } from './types.ts';

type Call = Node<'call_expression'>;

/** A call that gave a variable its value, nil in case it failed, and the error beside it. */
export interface Failing {
  readonly call: Call;
  /** The statement that assigns both. */
  readonly at: Node;
  readonly type: GoType;
  readonly error: Definition;
  /** The statements from there to the one that was asked about. */
  readonly between: readonly Node[];
}

/** The call above `statement`, in the same list, whose result `value` holds there if only statements between are left out. */
export function failingBefore(file: SourceFile, statement: Node, value: Definition): Failing | null {
  const list = statement.parent;
  if (!list?.is('statement_list')) return null;
  const { children } = list;
  const end = children.indexOf(statement);
  for (let i = end - 1; i >= 0; i--) {
    const at = children[i] as Node;
    const [targets, call] = assigned(at);
    const index = targets.findIndex((t) => variable(file, t) === value);
    if (index < 0) {
      if (assignedIn(file, at).has(value)) return null;
      continue;
    }
    const answer = targets.at(-1);
    if (call === null || answer === undefined || isBlank(answer)) return null;
    const error = variable(file, answer);
    const type = nilOnError(file, call, index);
    // A variable of an interface type holds a nil pointer, and is not nil itself.
    const isSame = type !== null && typeString(file.get(types).ofDefinition(value)) === typeString(type);
    return isSame && error !== null ? { call, at, type, error, between: children.slice(i + 1, end) } : null;
  }
  return null;
}

/** What a statement assigns, when it is the results of one call. */
function assigned(statement: Node): readonly [targets: readonly Node[], call: Call | null] {
  const spec = statement.is('var_declaration') ? statement.children[0] : undefined;
  const [targets, values] = spec?.is('var_spec')
    ? [spec.fields('name'), spec.field('value')?.children]
    : statement.is('short_var_declaration', 'assignment_statement')
      ? [statement.field('left').children, statement.field('right').children]
      : [[], undefined];
  const [only] = values ?? [];
  return [targets, values?.length === 1 && only?.is('call_expression') ? only : null];
}

/**
 * Type of the result `index` of a call that is nil when the last result, an error, is not: of a function of the standard
 * library, whose convention that is, or of one of the package that returns it so. null for any other.
 */
function nilOnError(file: SourceFile, call: Call, index: number): GoType | null {
  const results = file.get(types).of(call);
  if (results.kind !== 'tuple' || index >= results.of.length - 1) return null;
  const error = results.of.at(-1);
  const result = results.of[index];
  if (error?.kind !== 'basic' || error.name !== 'error' || result === undefined) return null;
  if (result.kind !== 'pointer' && underlying(file, result).kind !== 'interface') return null;
  const callee = calleeOf(file, call);
  if (callee.kind === 'local') return returnsNil(callee.declared.node, index) ? result : null;
  if (callee.kind !== 'func' && callee.kind !== 'method') return null;
  // A server connection gives the last request together with an error.
  return callee.name.includes('net/http/httputil.') ? null : result;
}

/** Some return gives nil beside an error that is not. */
function returnsNil(func: Node<'function_declaration' | 'method_declaration'>, index: number): boolean {
  for (const statement of func.descendants('return_statement')) {
    if (enclosingFunction(statement) !== func) continue;
    const values = statement.children[0]?.children ?? [];
    if (values.length > 1 && values[index]?.is('nil') && values.at(-1)?.is('nil') === false) return true;
  }
  return false;
}

/** Their Close looks at the receiver first: of nil it returns an error. */
const NIL_SAFE = /^(?:os\.File|net\.(?:TCP|Unix)Listener)$/;
/** Their methods are those of a struct inside them, and inside nil there is none. */
const EMBEDS = /^net\.(?:IP|TCP|UDP|Unix)Conn$/;
const RELEASES = /^(?:Close|Quit|Release|RemoveAll|Rollback)$/;

/**
 * What becomes of `defer x.selected()` for a nil x: a panic where the `defer` stands, because x is looked into to find
 * what will be called; a panic when it is called; an error from it. null: not known.
 */
export function deferredOnNil(
  file: SourceFile,
  type: GoType,
  selected: string,
): 'panics now' | 'panics later' | 'fails' | null {
  if (type.kind !== 'pointer') return underlying(file, type).kind === 'interface' ? 'panics now' : null;
  if (memberOf(file, type, selected)?.kind === 'field') return 'panics now';
  const { elem } = type;
  if (elem.kind !== 'named' || elem.pkg === '' || !RELEASES.test(selected)) return null;
  const name = `${elem.pkg}.${elem.name}`;
  if (NIL_SAFE.test(name)) return 'fails';
  return EMBEDS.test(name) ? 'panics now' : 'panics later';
}

/** Whether a deferred function literal asks about the value before it uses it. */
export type Guard =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly by: Node }
  /** It runs under some other condition, recovers, or the variable has another value by then. */
  | { readonly kind: 'unclear' };

export function guardIn(file: SourceFile, literal: Node, use: Node, from: Failing, value: Definition): Guard {
  const asks = [...literal.descendants('binary_expression')].find(
    (e) =>
      /^[=!]=$/.test(e.field('operator').text) &&
      [e.field('left'), e.field('right')].some((side) => isOneOf(variable(file, side), value, from.error)),
  );
  if (asks !== undefined) return { kind: 'asked', by: asks };
  const isWritten = value.uses.some((u) => !from.at.contains(u) && isTarget(u));
  return isWritten || /\brecover\(/.test(literal.text) || isConditional(use, literal)
    ? { kind: 'unclear' }
    : { kind: 'none' };
}

const isOneOf = (d: Definition | null, ...all: readonly Definition[]) => d !== null && all.includes(d);

/** An `if`'s own statement and condition run whatever it decides; what stands behind another one may not be reached. */
export function isConditional(use: Node, literal: Node): boolean {
  for (let inner = use, at = use.parent; at !== null && at !== literal; inner = at, at = at.parent) {
    if (at.is('if_statement') && /^(?:initializer|condition)$/.test(inner.fieldName ?? '')) continue;
    if (at.is('statement_list')) {
      if (at.children.some((s) => s.id < inner.id && !s.is('expression_statement', 'short_var_declaration')))
        return true;
    } else if (
      /_(?:statement|case|literal)$/.test(at.kind) &&
      !at.is('expression_statement', 'assignment_statement')
    )
      return true;
  }
  return false;
}

function isTarget(use: Node): boolean {
  const list = use.parent;
  const owner = list?.parent;
  if (list?.is('unary_expression') && list.field('operator').text === '&') return true;
  return owner?.is('assignment_statement', 'short_var_declaration') === true && owner.field('left') === list;
}

/** `if err != nil { … return }` right below a statement, with nothing but blanks between. */
export function checkBelow(
  file: SourceFile,
  statement: Node,
  error: Definition,
): Node<'if_statement'> | null {
  const list = statement.parent?.children ?? [];
  const check = list[list.indexOf(statement) + 1];
  if (
    !check?.is('if_statement') ||
    check.field('alternative') !== null ||
    check.field('initializer') !== null
  )
    return null;
  const last = check.field('consequence').children[0]?.children.at(-1);
  const call = last?.is('expression_statement') ? last.children[0] : undefined;
  const leaves = last?.is('return_statement') || (call?.is('call_expression') && neverReturns(file, call));
  const gap = file.tree.text.slice(statement.end, check.start);
  return leaves && check.field('condition').text === `${error.name} != nil` && gap.trim() === ''
    ? check
    : null;
}
