import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, unparen } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { flowNodeOf } from './escape.ts';
import { memberOf } from './members.ts';
import { variable } from './paths.ts';
import { reachable } from './reach.ts';
import { type Definition, enclosingFunction } from './scope.ts';
import type { GoType } from './type.ts';
import { types, underlying } from './types.ts';

type Call = Node<'call_expression'>;
type Defer = Node<'defer_statement'>;

/** The call that a `defer` puts off. */
export function deferredCall(statement: Defer): Call | null {
  const call = unparen(statement.children[0] ?? statement);
  return call.is('call_expression') ? call : null;
}

/** Nodes below the deferred call that are evaluated where the `defer` stands: all but the bodies of function literals. */
export function* evaluatedNow(call: Call): Generator<Node> {
  for (const child of call.children)
    if (!child.is('func_literal')) {
      yield child;
      yield* below(child);
    }
}

function* below(node: Node): Generator<Node> {
  for (const child of node.children)
    if (!child.is('func_literal')) {
      yield child;
      yield* below(child);
    }
}

/** Why the value that a deferred call gets of a variable cannot be the one that is meant. */
export interface Stale {
  readonly value: Definition;
  readonly use: Node;
  /** What says that nothing is in it yet: its declaration, or the check behind which an error is nil. */
  readonly since: Node;
  readonly kind: 'zero' | 'no error';
  /** The first assignment that comes too late. */
  readonly later: Node;
}

/** Variables of the function that the deferred call gets by value while nothing is in them yet. */
export function staleArguments(file: SourceFile, statement: Defer, call: Call): readonly Stale[] {
  const func = enclosingFunction(statement);
  const cfg = func === null ? null : file.get(flow).of(func);
  if (func === null || cfg === null) return [];
  const seen = new Set<Definition>();
  const out: Stale[] = [];
  for (const use of evaluatedNow(call)) {
    const value = variable(file, use);
    if (value === null || seen.has(value) || value.func !== func) continue;
    if ((value.kind !== 'var' && value.kind !== 'result') || !takesValue(file, use, value)) continue;
    seen.add(value);
    const since = emptySince(file, cfg, statement, value);
    const later = since === null ? null : laterWrite(file, cfg, statement, value);
    if (since !== null && later !== null) out.push({ value, use, later, ...since });
  }
  return out;
}

/** The value itself is taken, not its address: `&x` and `x.method` with a pointer receiver see what comes later. */
function takesValue(file: SourceFile, use: Node, value: Definition): boolean {
  const { parent } = use;
  if (parent?.is('unary_expression') && parent.field('operator').text === '&') return false;
  if (!parent?.is('selector_expression')) return parent?.is('keyed_element') !== true;
  const type = file.get(types).ofDefinition(value);
  return isReference(file, type) || memberOf(file, type, parent.field('field').text)?.kind === 'field';
}

function isReference(file: SourceFile, type: GoType): boolean {
  return /^(?:pointer|interface|func|map|chan)$/.test(underlying(file, type).kind) || isError(type);
}

const isError = (type: GoType) => type.kind === 'basic' && type.name === 'error';

/** From where on the variable holds its zero value, an error nil, up to the statement. */
function emptySince(
  file: SourceFile,
  cfg: Cfg,
  statement: Defer,
  value: Definition,
): { readonly since: Node; readonly kind: Stale['kind'] } | null {
  const before = value.uses.filter((use) => {
    const write = writeOf(file, use, value);
    const at = write === null ? null : flowNodeOf(cfg, use);
    return at !== null && reachable(cfg, at, () => false).nodes.has(statement);
  });
  const declared =
    value.kind === 'result' || (value.site.is('var_spec') && value.site.field('value') === null);
  if (declared && before.length === 0) return { since: value.node, kind: 'zero' };
  if (!isError(file.get(types).ofDefinition(value))) return null;
  const check = checkAbove(file, statement, value);
  return check === null ? null : { since: check, kind: 'no error' };
}

/** `if err != nil { return … }` above, with nothing between that speaks of the error. */
function checkAbove(file: SourceFile, statement: Defer, error: Definition): Node | null {
  const list = statement.parent;
  if (!list?.is('statement_list')) return null;
  const above = list.children.slice(0, list.children.indexOf(statement));
  const check = above.findLast((s) => error.uses.some((use) => s.contains(use)) || s.contains(error.node));
  if (!check?.is('if_statement') || check.field('alternative') !== null) return null;
  const condition = unparen(check.field('condition'));
  if (!condition.is('binary_expression') || condition.field('operator').text !== '!=') return null;
  if (variable(file, condition.field('left')) !== error || !condition.field('right').is('nil')) return null;
  const body = check.field('consequence');
  const isWritten = error.uses.some((use) => check.contains(use) && writeOf(file, use, error) !== null);
  const leaves = body.children[0]?.children
    .at(-1)
    ?.is('return_statement', 'continue_statement', 'break_statement');
  return leaves === true && !isWritten ? check : null;
}

/** The first write behind the statement. A result is written by a `return` with values, too. */
function laterWrite(file: SourceFile, cfg: Cfg, statement: Defer, value: Definition): Node | null {
  const after = reachable(cfg, statement, () => false).nodes;
  const writes = value.uses.filter((use) => {
    const at = writeOf(file, use, value) === 'sure' ? flowNodeOf(cfg, use) : null;
    return at !== null && after.has(at);
  });
  if (value.kind === 'result')
    for (const node of after)
      if (node.is('return_statement') && returnsOther(node, cfg, value)) writes.push(node);
  return writes.reduce<Node | null>((first, w) => (first === null || w.id < first.id ? w : first), null);
}

/** `return x, err` gives the result at its place something else than the zero value. */
function returnsOther(statement: Node<'return_statement'>, cfg: Cfg, value: Definition): boolean {
  const values = statement.children[0]?.children ?? [];
  const names = (cfg.func.field('result')?.children ?? []).flatMap((p) =>
    p.is('parameter_declaration') ? p.fields('name') : [],
  );
  const given = values.length === 1 ? values[0] : values[names.indexOf(value.node)];
  return given !== undefined && !/^(?:nil|0|""|false|\w+\{\})$/.test(given.text) && given.text !== value.name;
}

/** What a mention does to the variable: gives it a value for sure, may change it, or null for a mere reading. */
function writeOf(file: SourceFile, use: Node, value: Definition): 'sure' | 'may' | null {
  let at = use;
  let parent = at.parent;
  while (parent?.is('selector_expression', 'index_expression', 'parenthesized_expression')) {
    if (parent.parent?.is('call_expression') && parent.parent.field('function') === parent)
      return isReference(file, file.get(types).ofDefinition(value)) ? null : 'may';
    at = parent;
    parent = at.parent;
  }
  if (parent?.is('unary_expression') && parent.field('operator').text === '&') return 'may';
  if (parent?.is('inc_statement', 'dec_statement')) return 'sure';
  const owner = parent?.is('expression_list') ? parent.parent : null;
  if (!owner?.is('assignment_statement', 'short_var_declaration', 'range_clause', 'receive_statement'))
    return null;
  return owner.field('left') === parent ? 'sure' : null;
}

/** Whether everything that is evaluated where the `defer` stands can as well be evaluated when the function leaves. */
export function canWait(file: SourceFile, statement: Defer, call: Call): boolean {
  const func = enclosingFunction(statement);
  const cfg = func === null ? null : file.get(flow).of(func);
  if (cfg === null || call.field('function').is('func_literal') || call.line !== call.endLine) return false;
  const stale = staleArguments(file, statement, call).map((s) => s.value);
  const elapsed = [...evaluatedNow(call)].filter((node) => isElapsed(file, node));
  for (const node of evaluatedNow(call)) {
    // `begin("x")(err)` begins something where the `defer` stands.
    if (node.is('call_expression') && !elapsed.some((e) => node.contains(e) || e.contains(node)))
      return false;
    const value = variable(file, node);
    if (value === null || value.func === null || stale.includes(value)) continue;
    if (value.func !== func || laterWrite(file, cfg, statement, value) !== null) return false;
  }
  return true;
}

/** `time.Since(start)`, and `time.Now().Sub(start)`, which is the same. */
export function isElapsed(file: SourceFile, node: Node): node is Call {
  if (!node.is('call_expression')) return false;
  const name = calleeName(file, node);
  if (name === 'time.Since') return true;
  const target = node.field('function');
  if (name !== '(*time.Time).Sub' || !target.is('selector_expression')) return false;
  const now = unparen(target.field('operand'));
  return now.is('call_expression') && calleeName(file, now) === 'time.Now';
}
