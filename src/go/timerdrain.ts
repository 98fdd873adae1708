import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { flow } from './cfg.ts';
import { dominance } from './dominators.ts';
import { flowNodeOf } from './escape.ts';
import { variable } from './paths.ts';
import { reachable } from './reach.ts';
import { enclosingFunction, FUNCTION_KINDS, type FuncNode } from './scope.ts';
import { bareStatement, deferOf, isPutOff, wayBetween } from './timerflow.ts';
import { isSameTimer, type Timer, type TimerUse, timerOf } from './timers.ts';
import { valuesOf } from './values.ts';
import { within } from './within.ts';

/** `if !t.Stop() { <-t.C }`: a receive that only happens when `Stop` has said that there was nothing to stop. */
export interface Drain {
  readonly timer: Timer;
  readonly receive: Node<'unary_expression'>;
  /** The `if`, or the loop, that asks. */
  readonly test: Node<'if_statement' | 'for_statement'>;
  /** Nothing but `!t.Stop()` is asked, and nothing but the receive is done. */
  readonly isPlain: boolean;
  /** The other clauses of the select whose case the receive is; null where it stands alone. */
  readonly rivals: readonly Node[] | null;
}

export function drainAt(file: SourceFile, receive: Node<'unary_expression'>): Drain | null {
  const channel = unparen(receive.field('operand'));
  if (receive.field('operator').text !== '<-' || !channel.is('selector_expression')) return null;
  if (channel.field('field').text !== 'C') return null;
  const timer = timerOf(file, channel.field('operand'));
  if (timer === null) return null;
  const isStop = (e: Node) => isStopOf(file, e, timer);
  for (let inner: Node = receive, at = receive.parent; at !== null; inner = at, at = at.parent) {
    if (at.is(...FUNCTION_KINDS)) return null;
    const test = at.is('if_statement', 'for_statement') ? at : null;
    const asked = test === null ? null : conditionOf(test);
    const isElse = inner.fieldName === 'alternative';
    if (test === null || asked === null || !(isElse || inner.is('block'))) continue;
    if (!needsStop(file, asked, !isElse, isStop)) continue;
    const e = unparen(asked);
    const statements = inner.children.flatMap((c) => (c.is('statement_list') ? c.children : [c]));
    const isPlain =
      test.is('if_statement') &&
      test.field('initializer') === null &&
      test.field('alternative') === null &&
      e.is('unary_expression') &&
      isStop(unparen(e.field('operand'))) &&
      statements.length === 1 &&
      statements[0]?.is('expression_statement') === true &&
      unparen(statements[0].children[0] ?? receive) === receive;
    return { timer, receive, test, isPlain, rivals: rivalsOf(receive) };
  }
  return null;
}

function conditionOf(test: Node<'if_statement' | 'for_statement'>): Node | null {
  if (test.is('if_statement')) return test.field('condition');
  const header = test.children.find((c) => !c.is('block')) ?? null;
  if (header?.is('for_clause')) return header.field('condition');
  return header?.is('range_clause') === true ? null : header;
}

/** The condition is `value` only when a call of Stop has said false. */
function needsStop(file: SourceFile, condition: Node, value: boolean, isStop: (e: Node) => boolean): boolean {
  const e = unparen(condition);
  if (e.is('unary_expression') && e.field('operator').text === '!')
    return needsStop(file, e.field('operand'), !value, isStop);
  if (e.is('binary_expression') && e.field('operator').text === (value ? '&&' : '||'))
    return (
      needsStop(file, e.field('left'), value, isStop) || needsStop(file, e.field('right'), value, isStop)
    );
  if (value) return false;
  // `active := t.Stop()`
  const answer = variable(file, e);
  const values = answer === null ? null : valuesOf(answer);
  return isStop(e) || (values?.length === 1 && values[0] !== undefined && isStop(unparen(values[0])));
}

function isStopOf(file: SourceFile, e: Node, timer: Timer): boolean {
  if (!e.is('call_expression')) return false;
  const target = unparen(e.field('function'));
  if (!target.is('selector_expression') || target.field('field').text !== 'Stop') return false;
  const stopped = timerOf(file, target.field('operand'));
  return stopped !== null && isSameTimer(stopped, timer);
}

function rivalsOf(receive: Node): readonly Node[] | null {
  const communication = receive.parent?.is('receive_statement') ? receive.parent : receive;
  const clause = communication.parent;
  if (!clause?.is('communication_case') || clause.field('communication') !== communication) return null;
  const rivals = clause.parent?.children.filter((c) => c !== clause) ?? [];
  return rivals.length === 0 ? null : rivals;
}

export type DrainFate =
  /** Something has been received, or stopped, at `by`; nothing comes any more when control arrives at the drain. */
  | { readonly kind: 'blocks'; readonly by: TimerUse }
  /** `by` has armed it. */
  | { readonly kind: 'safe'; readonly by: Node }
  | { readonly kind: 'unknown' };

const UNKNOWN: DrainFate = { kind: 'unknown' };

/** Whether the value that the drain waits for may have gone already. */
export function fateOf(file: SourceFile, drain: Drain): DrainFate {
  const { timer, receive, test } = drain;
  const own = enclosingFunction(receive);
  const deferred = own === null ? null : deferOf(own);
  const func = deferred === null ? own : enclosingFunction(deferred);
  const cfg = func === null ? null : file.get(flow).of(func);
  if (func === null || cfg === null) return UNKNOWN;
  const uses = timer.uses.filter((u) => u.func === func);
  const others = [...timer.uses.filter((u) => u.func !== func && u.func !== own), ...timer.elsewhere];
  const target = flowNodeOf(cfg, receive);
  /** What comes only after the drain has no part in it. */
  const concerns = (u: TimerUse) => {
    if (deferred === null && u.func !== null && func.contains(u.func) && deferOf(u.func) !== null)
      return false;
    const node = flowNodeOf(cfg, u.at);
    return node === null || target === null || reachable(cfg, node, () => false).nodes.has(target);
  };
  const strangers = others.filter(concerns);
  const isHanded = uses.some((u) => u.kind === 'hand' && concerns(u));
  const isTouched =
    timer.isOpen || isHanded || strangers.some((u) => MAY_ARM.has(u.kind) && !isCreation(u, func));
  const dominates = file.get(dominance).of(func)?.dominates;
  let maybe = false;
  for (const use of uses) {
    const { kind, at } = use;
    const isGone = kind === 'receive' || (kind === 'stop' && !isPutOff(at) && !test.contains(at));
    const from = isGone ? flowNodeOf(cfg, at) : null;
    if (from === null || (deferred !== null && dominates?.(deferred, from) !== true)) continue;
    const way = wayBetween({
      file,
      cfg,
      from,
      to: deferred === null ? receive : null,
      ends: rearms(timer, func),
      aboutTimer: (node) => uses.some((u) => node.contains(u.at)),
    });
    // Where the answer of Stop is asked for, it may decide what comes next.
    const isPlain = kind === 'receive' || bareStatement(at) !== null;
    const isSure = way === 'way' && isPlain && (deferred === null || isAlwaysRun(drain, own));
    if (isSure && !isTouched) return { kind: 'blocks', by: use };
    maybe ||= way !== 'none';
  }
  const isSeen = timer.maker === 'NewTimer' && timer.root.func === func && !timer.isField && !isHanded;
  if (maybe || !isSeen || strangers.some((u) => u.kind !== 'write' && u.kind !== 'reset')) return UNKNOWN;
  const made = uses.find((u) => u.kind === 'write');
  return made === undefined ? UNKNOWN : { kind: 'safe', by: made.at };
}

/** Stands alone at the top of the deferred literal, so that nothing but Stop decides about it. */
function isAlwaysRun({ test, isPlain }: Drain, literal: FuncNode | null): boolean {
  const around = test.ancestor('if_statement', 'for_statement', 'select_statement', ...FUNCTION_KINDS);
  return isPlain && around === literal;
}

const MAY_ARM: ReadonlySet<TimerUse['kind']> = new Set(['reset', 'write', 'hand']);

/** The timer is made around the function, or before it runs: where it is started, or in what is called like a start. */
function isCreation({ kind, func: by }: TimerUse, func: FuncNode): boolean {
  if (kind !== 'write') return false;
  if (by === null || by.contains(func)) return true;
  if (!by.is('function_declaration', 'method_declaration')) return false;
  if (/^(?:new|make|create|init|setup|open|start|run|serve|provision)/i.test(by.field('name').text))
    return true;
  const own = func.is('func_literal') ? func.ancestor('function_declaration', 'method_declaration') : func;
  const name = own?.field('name')?.text;
  return within(by, 'call_expression').some((c) => /\w*$/.exec(c.field('function').text)?.[0] === name);
}

/** Nodes that arm the timer, give the variable another one, or hand it to somebody who may. */
function rearms(timer: Timer, func: FuncNode): (node: Node) => boolean {
  const armed = timer.uses.filter((u) => u.func === func && MAY_ARM.has(u.kind));
  const makers = new Set<string>();
  for (const { kind, func: by } of timer.elsewhere)
    if (kind === 'write' && by?.is('function_declaration', 'method_declaration') && !by.contains(func))
      makers.add(by.field('name').text);
  const makes = (call: Node<'call_expression'>) =>
    makers.has(/\w*$/.exec(call.field('function').text)?.[0] ?? '');
  return (node) =>
    armed.some((u) => node.contains(u.at)) ||
    (makers.size > 0 && within(node, 'call_expression').some(makes));
}
