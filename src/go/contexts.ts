import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, isContext, isHttpRequest, unparen } from './calls.ts';
import { type Definition, enclosingFunction, type FuncNode, scopes } from './scope.ts';
import { types } from './types.ts';
import { valuesOf, writtenTarget } from './values.ts';

/** A context that code at some place could pass on. */
export interface ContextSource {
  readonly kind: 'context' | 'request';
  readonly definition: Definition;
  /** How Go writes it there: `ctx`, or `r.Context()` for a request. */
  readonly expression: string;
  /** The only one of its kind in its function: an edit that names it needs no thought. */
  readonly only: boolean;
}

/**
 * The context that is at hand at a node: a variable or parameter of type context.Context, else a *http.Request
 * parameter, of the function around it or of one around that whose literal runs in place. Contexts that nobody can cancel
 * (`context.Background()` in a variable) are none, and neither is one that is already done there.
 */
export function contextAt(file: SourceFile, node: Node): ContextSource | null {
  for (let func = enclosingFunction(node); func !== null; func = outside(file, func)) {
    const here = visible(file, func, node);
    const contexts = here.filter((d) => isContext(file.get(types).ofDefinition(d)));
    const requests = here.filter((d) => d.kind === 'param' && isHttpRequest(file.get(types).ofDefinition(d)));
    const live = contexts.filter((d) => !isRoot(file, d));
    const context = live.find((d) => d.name === 'ctx') ?? live.at(-1);
    if (context !== undefined) {
      if (isDone(node, context.name, func) || isNil(node, context.name, func)) return null;
      const only = live.length === 1;
      return { kind: 'context', definition: context, expression: context.name, only };
    }
    const request = requests.at(-1);
    if (request !== undefined) {
      const expression = `${request.name}.Context()`;
      if (isDone(node, expression, func)) return null;
      const only = requests.length === 1;
      return { kind: 'request', definition: request, expression, only };
    }
  }
  return null;
}

/** The context at hand where it is the caller's, not one that the function has made for its own use. */
export function givenAt(file: SourceFile, node: Node): ContextSource | null {
  const context = contextAt(file, node);
  return context?.definition.kind === 'param' ? context : null;
}

/** Names of one function's frame that mean what they are declared as at the node. */
function visible(file: SourceFile, func: FuncNode, node: Node): readonly Definition[] {
  const s = file.get(scopes);
  return s.inFunction(func).filter((d) => s.lookup(d.name, node) === d);
}

/**
 * The function around a literal that runs while that function does. `go` and `defer` outlive or follow it, and a literal
 * that is stored or returned runs whenever somebody likes: the context of its maker may be over by then.
 */
function outside(file: SourceFile, func: FuncNode): FuncNode | null {
  if (!func.is('func_literal')) return null;
  const { parent } = func;
  const call = parent?.is('argument_list') ? parent.parent : parent;
  const inPlace = call?.is('call_expression')
    ? runsHere(call) && !(parent?.is('argument_list') && KEEPS.test(call.field('function').text))
    : isOnlyCalled(file, func);
  return inPlace ? enclosingFunction(func) : null;
}

const runsHere = (call: Node) => !call.parent?.is('go_statement', 'defer_statement');

/** `fetch := func() { … }` that the function itself calls and gives to nobody. */
function isOnlyCalled(file: SourceFile, literal: Node): boolean {
  const target = writtenTarget(literal);
  const d = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  if (d === null || d.func === null || d.uses.length === 0) return false;
  return d.uses.every(
    (use) =>
      use === target ||
      (use.parent?.is('call_expression') && use.fieldName === 'function' && runsHere(use.parent)),
  );
}

/** Callees that keep the function they are given for later. */
const KEEPS =
  /(?:^|\.)(?:AfterFunc|HandlerFunc|OnceFunc|OnceValues?|Handle|HandleFunc|\w*Cleanup|\w*Register\w*|\w*Subscribe\w*|\w*Shutdown|Defer|On[A-Z]\w*|Set[A-Z]\w*|With[A-Z]\w*|Use|Wrap\w*|New[A-Z]\w*)$/;

/** A variable that only ever holds `context.Background()`, `context.TODO()` or values added to one of them. */
function isRoot(file: SourceFile, d: Definition): boolean {
  const values = valuesOf(d);
  return values !== null && values.length > 0 && values.every((v) => isRootContext(file, v, d));
}

/** Callees that, by their name, give a context an end; `errgroup.WithContext` under any name of the package, too. */
const ENDS = /cancel|timeout|deadline|notify|signal|interrupt|errgroup|stop/i;

/** True for an expression whose context has neither deadline nor cancellation. */
export function isRootContext(file: SourceFile, expression: Node, within: Definition | null = null): boolean {
  const e = unparen(expression);
  if (e.is('identifier')) {
    const d = file.get(scopes).definitionOf(e);
    if (d === null || d.func === null) return false;
    // A variable may add to itself; the other values it gets decide.
    return d === within || (within === null && isRoot(file, d));
  }
  if (!e.is('call_expression')) return false;
  const name = calleeName(file, e);
  if (/^context\.(?:Background|TODO|WithoutCancel)$/.test(name)) return true;
  const roots = e.field('arguments').children.some((a) => isRootContext(file, a, within));
  return roots && !ENDS.test(e.field('function').text) && !ENDS.test(name);
}

/** The node comes behind `<-ctx.Done()`, as statement or as case: work of a shutdown, which that context would cut off. */
function isDone(node: Node, expression: string, func: FuncNode): boolean {
  const receives = (n: Node | undefined) => n?.text.replace(/\s/g, '') === `<-${expression}.Done()`;
  for (let inner = node, at = node.parent; at !== null && at !== func; inner = at, at = at.parent) {
    if (at.is('communication_case') && receives(at.field('communication'))) return true;
    if (!at.is('statement_list')) continue;
    const before = at.children.slice(0, at.children.indexOf(inner));
    if (before.some(receives)) return true;
  }
  return false;
}

/** The branch that runs when there is no context: `if ctx == nil { … }`, or the `else` of `if ctx != nil`. */
function isNil(node: Node, name: string, func: FuncNode): boolean {
  for (let inner = node, at = node.parent; at !== null && at !== func; inner = at, at = at.parent) {
    if (!at.is('if_statement')) continue;
    const condition = at.field('condition').text;
    if (inner.fieldName === 'consequence' && condition === `${name} == nil`) return true;
    if (inner.fieldName === 'alternative' && condition === `${name} != nil`) return true;
  }
  return false;
}

/** Inside a `go` statement that the other node is not inside of: it may run when the other's function is over. */
export function runsApart(node: Node, other: Node): boolean {
  const start = node.ancestor('go_statement');
  return start !== null && !start.contains(other);
}
