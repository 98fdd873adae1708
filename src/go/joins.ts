import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, isContext, isHttpRequest } from './calls.ts';
import { type Definition, enclosingFunction, type FuncNode, scopes } from './scope.ts';
import { type GoType, typeString } from './type.ts';
import { types, underlying } from './types.ts';
import { writtenValue } from './values.ts';

/**
 * Where a function itself waits for others, in source order: `wg.Wait()`, `g.Wait()`, `cmd.Wait()`, a receive, a range
 * over a channel, a select without default. What its goroutines wait for is left out.
 */
function joinsIn(file: SourceFile, func: FuncNode): readonly Node[] {
  const body = func.field('body');
  if (body === null) return [];
  const kinds = ['call_expression', 'unary_expression', 'range_clause', 'select_statement'] as const;
  return [...body.descendants(...kinds)].filter((node) => isJoin(file, node) && runsIn(node, func));
}

function isJoin(file: SourceFile, node: Node): boolean {
  if (node.is('unary_expression')) return node.field('operator').text === '<-';
  if (node.is('select_statement')) return !node.children.some((c) => c.is('default_case'));
  if (node.is('range_clause'))
    return underlying(file, file.get(types).of(node.field('right'))).kind === 'chan';
  if (!node.is('call_expression') || node.field('arguments').children.length > 0) return false;
  const target = node.field('function');
  return target.is('selector_expression') && target.field('field').text === 'Wait';
}

/** The function runs the node itself, or calls or defers the literal around it where it stands. */
function runsIn(node: Node, func: FuncNode): boolean {
  const start = node.ancestor('go_statement');
  if (start !== null && func.contains(start)) return false;
  for (let at = enclosingFunction(node); at !== null && at !== func; at = enclosingFunction(at)) {
    const call = at.parent;
    if (!call?.is('call_expression') || call.field('function') !== at) return false;
  }
  return true;
}

const GROUPS = /^\(\*(?:sync\.WaitGroup|golang\.org\/x\/sync\/errgroup\.Group)\)\.(?:Go|TryGo)$/;

/** What a goroutine runs: a call, or a function that a group starts (`g.Go(func() error { … })`). */
export interface Started {
  /** `f(ctx)` of `go f(ctx)`, `g.Go(…)`. */
  readonly call: Node<'call_expression'>;
  readonly literal: Node<'func_literal'> | null;
}

export function startedAt(file: SourceFile, call: Node<'call_expression'>): Started | null {
  const target = call.field('function');
  if (call.parent?.is('go_statement')) return { call, literal: target.is('func_literal') ? target : null };
  if (!GROUPS.test(calleeName(file, call))) return null;
  const [only] = call.field('arguments').children;
  return only?.is('func_literal') ? { call, literal: only } : null;
}

/** Where the function waits behind the start of a goroutine, or may do so in the next turn of their loop. */
export function joinBehind(file: SourceFile, func: FuncNode, start: Node): Node | null {
  const loop = start.ancestor('for_statement');
  const isShared = (node: Node) => loop !== null && func.contains(loop) && loop.contains(node);
  const joins = joinsIn(file, func).filter((node) => !start.contains(node));
  return (
    joins.find((node) => node.id > start.id) ??
    joins.find((node) => isShared(node) || node.ancestor('defer_statement') !== null) ??
    null
  );
}

/** Both speak of one variable: the group or the channel by which the one learns of the other's end. */
export function sharesName(file: SourceFile, join: Node, start: Node): boolean {
  const meant = new Set(carriersIn(file, start).map(({ d }) => d));
  return carriersIn(file, join).some(({ d }) => meant.has(d));
}

/**
 * Whether a goroutine has got something by which the function around its start, or whoever the function hands it to, could
 * learn of its end: a channel, a group, a lock, a callback, the writer of the answer, a variable that it writes.
 */
export function mayTell(file: SourceFile, start: Node, func: FuncNode): boolean {
  return carriersIn(file, start).some(
    ({ d, type, name }) =>
      d.func === func &&
      (SIGNAL.test(typeString(type)) ||
        (type.kind === 'unknown' && SIGNAL_NAME.test(d.name)) ||
        writtenValue(name) !== null ||
        d.uses.some((use) => !start.contains(use) && isAwaited(use))),
  );
}

const SIGNAL =
  /\b(?:chan|func)\b|\bsync\.(?:WaitGroup|Cond|Mutex|RWMutex|Once)\b|\bgolang\.org\/x\/sync\/|\bResponseWriter\b|\bio\.Pipe/;
const SIGNAL_NAME = /ch$|chan|^e?w?g$|group|done|quit|stop|sem|writer|pool|queue|future|results?$|errs$/i;

/** `job.Wait()`, `stream.Recv()` */
function isAwaited(use: Node): boolean {
  const selector = use.parent;
  return (
    selector?.is('selector_expression') === true &&
    selector.parent?.is('call_expression') === true &&
    /^(?:Wait|Join|Recv|Receive|Next|Read|Collect|Results?|Done|Close|Stop|Finish|Drain)/.test(
      selector.field('field').text,
    )
  );
}

interface Carrier {
  readonly d: Definition;
  readonly type: GoType;
  readonly name: Node;
}

/** Variables and parameters in which something could be told: no receiver, no context, no request. */
function carriersIn(file: SourceFile, node: Node): readonly Carrier[] {
  return [...node.descendants('identifier')].flatMap((name): readonly Carrier[] => {
    const d = file.get(scopes).definitionOf(name);
    if (d === null || (d.kind !== 'var' && d.kind !== 'param')) return [];
    const type = file.get(types).ofDefinition(d);
    return isContext(type) || isHttpRequest(type) ? [] : [{ d, type, name }];
  });
}
