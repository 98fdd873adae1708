import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { isClock, waysOut } from './cancellation.ts';
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
 * The loop of a goroutine that decides how long it runs: `endless` has no condition, or the ticks of a clock, and nothing
 * that leaves it; `counted` sleeps or waits for ticks, and ends when its turns are used up, by nothing else; `open` can be
 * left in other ways.
 */
export interface Course {
  readonly kind: 'endless' | 'counted' | 'open';
  readonly loop: Node<'for_statement'>;
  /** It sleeps or waits for ticks between its turns. */
  readonly waits: boolean;
}

/** Of the loops of a goroutine, the one that goes on longest; null when it has none of that kind. */
export function courseOf({ func, file }: Worker): Course | null {
  const courses = within(func, 'for_statement')
    .filter((loop) => enclosingFunction(loop) === func)
    .map((loop) => ({ kind: kindOf(file, loop), loop, waits: waits(file, func, loop) }))
    .filter((c) => c.kind !== 'counted' || c.waits);
  const rank = ({ kind, waits }: Course) => (kind === 'endless' ? 3 : kind === 'counted' ? 2 : waits ? 1 : 0);
  return [...courses].sort((a, b) => rank(b) - rank(a))[0] ?? null;
}

function kindOf(file: SourceFile, loop: Node<'for_statement'>): Course['kind'] {
  const header = loop.children.find((c) => !c.is('block'));
  const leaves = within(loop, 'continue_statement').some((s) => s.children.length > 0);
  if (leaves || waysOut(file, loop).length > 0) return 'open';
  if (header === undefined || header.is('true')) return 'endless';
  if (header.is('for_clause')) {
    const condition = header.field('condition');
    if (condition === null) return 'endless';
    return header.field('update')?.is('inc_statement', 'dec_statement') ? 'counted' : 'open';
  }
  if (!header.is('range_clause')) return 'open';
  const over = header.field('right');
  if (isClock(file, over)) return 'endless';
  const { kind } = underlying(file, file.get(types).of(over));
  return kind === 'chan' || kind === 'func' || kind === 'unknown' ? 'open' : 'counted';
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

/** `once.Do(func() { go … })`, `if !started { started = true; go … }`: whose call comes first decides nothing about its end. */
export function isStartedOnce(start: Node): boolean {
  for (let at = start.parent; at !== null; at = at.parent) {
    if (at.is('call_expression') && /(?:\.Do|OnceFunc|OnceValues?)$/.test(at.field('function').text))
      return true;
    if (!at.is('if_statement')) continue;
    const condition = at.field('condition').text;
    const flags = within(at, 'assignment_statement').map((s) => s.field('left').text);
    if (/CompareAndSwap|\bSwap\(/.test(condition) || flags.some((flag) => condition.includes(flag)))
      return true;
  }
  return false;
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
