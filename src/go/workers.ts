import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { isClock } from './cancellation.ts';
import { flow } from './cfg.ts';
import { neverReturns } from './noreturn.ts';
import { reachable } from './reach.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';
import { atMost, turnsOf } from './turns.ts';
import { deref } from './type.ts';
import { types, underlying } from './types.ts';
import { receivesIn, within } from './within.ts';

/** A goroutine whose code is here: a literal, or a function or method of the package. */
export interface Worker {
  readonly start: Node<'go_statement'>;
  readonly call: Node<'call_expression'>;
  readonly func: FuncNode;
  /** Where the function stands. */
  readonly file: SourceFile;
}

export function workerAt(file: SourceFile, start: Node<'go_statement'>): Worker | null {
  const call = start.children[0];
  if (!call?.is('call_expression')) return null;
  const callee = calleeOf(file, call);
  if (callee.kind === 'literal') return { start, call, func: callee.literal, file };
  if (callee.kind !== 'local') return null;
  return { start, call, func: callee.declared.node, file: callee.declared.file };
}

/**
 * A loop that a goroutine runs for as long as it likes: `endless` has no condition, or the ticks of a clock, and no
 * statement that leaves it; `waiting` ends by itself, but sleeps or waits for ticks between its turns.
 */
export interface Course {
  readonly kind: 'endless' | 'waiting';
  readonly loop: Node<'for_statement'>;
}

/** The loop of the goroutine that goes on longest; null when none does. */
export function courseOf({ func, file }: Worker): Course | null {
  const loops = within(func, 'for_statement').filter((loop) => enclosingFunction(loop) === func);
  const endless = loops.find((loop) => isEndless(file, func, loop));
  if (endless !== undefined) return { kind: 'endless', loop: endless };
  const waiting = loops.find((loop) => waits(file, func, loop));
  return waiting === undefined ? null : { kind: 'waiting', loop: waiting };
}

function isEndless(file: SourceFile, func: FuncNode, loop: Node<'for_statement'>): boolean {
  const header = loop.children.find((c) => !c.is('block'));
  const ticks = header?.is('range_clause') === true && isClock(file, header.field('right'));
  const isFree = header?.is('for_clause') === true && header.field('condition') === null;
  if (header !== undefined && !header.is('true') && !ticks && !isFree) return false;
  const cfg = file.get(flow).of(func);
  const body = loop.field('body');
  const first = cfg?.blocks.flatMap((b) => b.nodes).find((n) => body.contains(n));
  if (cfg === null || cfg.hasGoto || first === undefined) return false;
  // A panic may be recovered by a deferred call, and then it is a way out.
  const calls = within(body, 'call_expression').filter((call) => enclosingFunction(call) === func);
  if (calls.some((call) => neverReturns(file, call))) return false;
  return !reachable(cfg, first, (node) => node === header).exits;
}

const SECOND = 1e9;

function waits(file: SourceFile, func: FuncNode, loop: Node<'for_statement'>): boolean {
  const ticks = receivesIn(loop).some(
    (e) => enclosingFunction(e) === func && isClock(file, e.field('operand')),
  );
  const turns = turnsOf(file, loop);
  return (
    ticks ||
    within(loop, 'call_expression').some((call) => {
      const [duration] = call.field('arguments').children;
      if (enclosingFunction(call) !== func || duration === undefined) return false;
      if (calleeName(file, call) !== 'time.Sleep') return false;
      const most = atMost(file, duration, turns);
      return most === null || most * (turns?.most ?? Infinity) >= SECOND;
    })
  );
}

/** The function that starts it waits for it: for its group, or for a channel that it closes or sends to behind its loop. */
export function isJoined(worker: Worker, loop: Node): boolean {
  const { start, func, call } = worker;
  const starter = enclosingFunction(start);
  if (starter === null) return false;
  const code = func.text;
  const outside = <N extends Node>(nodes: readonly N[]) => nodes.filter((n) => !start.contains(n));
  const isNamed = (operand: Node) =>
    new RegExp(`\\b${operand.text.replace(/^.*\W/s, '')}\\b`).test(code + call.text);
  const waits = outside(within(starter, 'call_expression')).some((c) => {
    const target = unparen(c.field('function'));
    return (
      target.is('selector_expression') &&
      target.field('field').text === 'Wait' &&
      isNamed(target.field('operand'))
    );
  });
  if (waits) return true;
  const told = [
    ...within(func, 'send_statement').map((s) => ({ at: s, channel: s.field('channel') })),
    ...within(func, 'call_expression').flatMap((c) => {
      const [channel] = c.field('arguments').children;
      return c.field('function').text === 'close' && channel !== undefined ? [{ at: c, channel }] : [];
    }),
  ].filter(({ at }) => !loop.contains(at));
  const received = [
    ...outside(receivesIn(starter)).map((e) => e.field('operand').text),
    ...outside(within(starter, 'range_clause')).map((r) => r.field('right').text),
  ];
  return told.some(({ channel }) => received.includes(channel.text));
}

/** A value of a struct of the package that the goroutine uses and that has a context or a channel to stop by. */
export function stoppableIn({ func, file }: Worker): Node | null {
  const operands = within(func, 'selector_expression').map((s) => unparen(s.field('operand')));
  return operands.find((operand) => operand.is('identifier') && hasStop(file, operand)) ?? null;
}

const STOP_FIELD =
  /\bcontext\.(?:Context|CancelFunc)\b|\bchan struct\{\}|\w*(?:stop|quit|done|clos|exit|shut|cancel)\w*\s+(?:<-)?chan\b/i;

function hasStop(file: SourceFile, operand: Node): boolean {
  const type = deref(file.get(types).of(operand));
  const shape = type.kind === 'named' && type.pkg === '' ? underlying(file, type) : type;
  return shape.kind === 'struct' && shape.node !== null && STOP_FIELD.test(shape.node.text);
}
