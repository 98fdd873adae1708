import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { flowNodeOf } from './escape.ts';
import { reachable } from './reach.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';
import { bareStatement, deferOf, isPutOff, wayBetween } from './timerflow.ts';
import { type Timer, type TimerUse, timerOf } from './timers.ts';
import { types, underlying } from './types.ts';
import { receivesIn, within } from './within.ts';

export type ResetFate =
  /** On every way the timer is new, or what it sent has been received or drained; `by` says so last. */
  | { readonly kind: 'settled'; readonly by: Node }
  /** Armed at `armed`; time passes at `wait`; what it sent meanwhile is taken at `receive` for the new period. */
  | { readonly kind: 'stale'; readonly armed: Node; readonly wait: Node; readonly receive: Node }
  | { readonly kind: 'unknown' };

/**
 * Whether an old value may still be in the channel when the timer is armed again, where channels of timers have a buffer.
 * null: nobody of this function would receive it, or somebody else may.
 */
export function resetFate(file: SourceFile, reset: Node<'call_expression'>, timer: Timer): ResetFate | null {
  const func = enclosingFunction(reset);
  const cfg = func === null ? null : file.get(flow).of(func);
  const at = cfg === null ? null : flowNodeOf(cfg, reset);
  if (func === null || cfg === null || at === null || isPutOff(reset)) return null;
  const uses = timer.uses.filter((u) => u.func === func);
  if (!isFollowed(timer, func, uses)) return null;
  const behind = reachable(cfg, at, () => false).nodes;
  const receive = uses.find((u) => u.kind === 'receive' && isIn(behind, cfg, u.at));
  if (receive === undefined) return null;
  const settles = (node: Node) => uses.some((u) => node.contains(u.at) && isSettling(u, uses));
  const arms = uses.filter((u) => u.kind === 'reset' || u.kind === 'write');
  const ends = (node: Node) => settles(node) || arms.some((u) => u.at !== reset && node.contains(u.at));
  // What is stopped in time does not fire; what has fired before stays.
  const endsInTime = (node: Node) =>
    ends(node) || uses.some((u) => u.kind === 'stop' && node.contains(u.at) && !isPutOff(u.at));
  const aboutTimer = (node: Node) => uses.some((u) => node.contains(u.at));
  const way = (from: Node, to: Node, stops: (node: Node) => boolean) =>
    wayBetween({ file, cfg, from, to, ends: stops, aboutTimer });
  let isSure = true;
  for (const arm of arms) {
    const from = flowNodeOf(cfg, arm.at);
    if (from === null) continue;
    if (!isIn(reachable(cfg, from, ends).nodes, cfg, reset)) continue;
    const armed = reachable(cfg, from, endsInTime).nodes;
    for (const wait of armed) {
      if (endsInTime(wait) || wait.contains(reset) || !waits(file, wait)) continue;
      const ways = [way(from, wait, endsInTime), way(wait, reset, ends)];
      if (ways.every((w) => w === 'way'))
        return isDrainedBefore(reset, uses)
          ? null
          : { kind: 'stale', armed: arm.at, wait, receive: receive.at };
      if (!ways.includes('none')) isSure = false;
    }
    // Twice without a wait between: how long the work takes is not known.
    if (arm.kind === 'reset' && isIn(armed, cfg, reset)) isSure = false;
  }
  const settled = uses
    .filter((u) => u.at.id < reset.id && (isSettling(u, uses) || u.kind === 'write'))
    .at(-1);
  return isSure && settled !== undefined ? { kind: 'settled', by: settled.at } : { kind: 'unknown' };
}

/** All that is done with the timer is seen in this function; elsewhere it is at most made, or stopped for good. */
function isFollowed(timer: Timer, func: FuncNode, uses: readonly TimerUse[]): boolean {
  if (timer.maker !== 'NewTimer' || timer.isOpen || uses.some((u) => u.kind === 'hand')) return false;
  const strangers = [...timer.uses.filter((u) => u.func !== func), ...timer.elsewhere];
  return strangers.every(
    (u) =>
      (u.kind === 'write' && !(u.func !== null && func.contains(u.func))) ||
      (u.kind === 'stop' &&
        (isPutOff(u.at) || timer.isField || (u.func !== null && deferOf(u.func) !== null))),
  );
}

/** Behind it nothing old is left: received, drained, or stopped where the answer of Stop is asked for. */
function isSettling({ kind, at }: TimerUse, uses: readonly TimerUse[]): boolean {
  if (kind === 'receive') return true;
  if (kind !== 'stop' || isPutOff(at)) return false;
  const statement = bareStatement(at);
  if (statement === null) return true;
  const list = statement.parent?.children ?? [];
  return list.slice(list.indexOf(statement) + 1).some((next) => isDrain(next, uses));
}

/** `select { case <-t.C: default: }`, or a receive that only happens when there is something. */
function isDrain(statement: Node, uses: readonly TimerUse[]): boolean {
  if (!uses.some((u) => u.kind === 'receive' && statement.contains(u.at))) return false;
  if (statement.is('select_statement')) return statement.children.some((c) => c.is('default_case'));
  return statement.is('if_statement') || /^for\s+len\(/.test(statement.text);
}

/** Drained without Stop: what fires between the two is not worth a word. */
function isDrainedBefore(reset: Node, uses: readonly TimerUse[]): boolean {
  const statement = reset.ancestor('expression_statement', 'if_statement', 'assignment_statement');
  const list = statement?.parent?.children ?? [];
  return statement !== null && list.slice(0, list.indexOf(statement)).some((s) => isDrain(s, uses));
}

function isIn(nodes: ReadonlySet<Node>, cfg: Cfg, expression: Node): boolean {
  const node = flowNodeOf(cfg, expression);
  return node !== null && nodes.has(node);
}

/** Control stays here until somebody else does something, or a time has passed. */
function waits(file: SourceFile, node: Node): boolean {
  if (node.is('receive_statement', 'send_statement')) return true;
  if (node.is('range_clause'))
    return underlying(file, file.get(types).of(node.field('right'))).kind === 'chan';
  const func = enclosingFunction(node);
  return (
    receivesIn(node).some((r) => enclosingFunction(r) === func) ||
    within(node, 'call_expression').some(
      (c) => enclosingFunction(c) === func && !isPutOff(c) && WAITS.test(calleeName(file, c)),
    )
  );
}

const WAITS = /^time\.Sleep$|^\(\*sync\.\w+\)\.Wait$/;

/** The timer that a call of Reset arms; null when it is another Reset. */
export function resetTimer(file: SourceFile, call: Node<'call_expression'>): Timer | null {
  const target = call.field('function');
  if (!target.is('selector_expression') || target.field('field').text !== 'Reset') return null;
  return calleeName(file, call) === '(*time.Timer).Reset' ? timerOf(file, target.field('operand')) : null;
}
