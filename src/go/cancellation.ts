import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isContext, unparen } from './calls.ts';
import { neverReturns } from './noreturn.ts';
import { loopAround } from './pace.ts';
import { packageOf } from './readtype.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';
import { isNamed } from './type.ts';
import { types, underlying } from './types.ts';
import { writtenValue } from './values.ts';
import { receivesIn, within } from './within.ts';

/** How code that is repeated, or that a goroutine runs, comes to know that a context is over. */
export type Notice =
  /** It asks the context itself: `<-ctx.Done()`, `ctx.Err()`, `errors.Is(err, context.Canceled)`. */
  | { readonly kind: 'asks'; readonly at: Node }
  /** Another signal can end it: a channel, a flag that is named so. */
  | { readonly kind: 'signalled'; readonly at: Node }
  /** A callee gets the context, or something made of it, and its error can end the loop. */
  | { readonly kind: 'told'; readonly at: Node }
  | { readonly kind: 'none' };

/** What ends a loop that sleeps at `sleep` when a context of the function around it is cancelled. */
export function noticeOf(
  file: SourceFile,
  loop: Node<'for_statement'>,
  sleep: Node,
  context: Definition,
): Notice {
  // Where its turns are counted, the loop comes back to those around it.
  for (let at: Node<'for_statement'> | null = loop; at !== null; at = isCounted(at) ? loopAround(at) : null) {
    const asks = contextCheckIn(file, at);
    if (asks !== null) return { kind: 'asks', at: asks };
  }
  const signal = stopSignalIn(file, loop);
  if (signal !== null) return { kind: 'signalled', at: signal };
  const told = tells(file, loop, context);
  const mayEnd = told !== null && (asksForError(sleep, loop) || errorEnds(file, loop));
  return mayEnd ? { kind: 'told', at: told } : { kind: 'none' };
}

function isCounted(loop: Node<'for_statement'>): boolean {
  return loop.children[0]?.is('for_clause', 'range_clause') === true;
}

/** Nodes of a kind that the code runs itself: those inside of `go` statements in it are left out. */
function own<N extends Node>(node: Node, found: Iterable<N>): readonly N[] {
  return [...found].filter((n) => {
    const start = n.ancestor('go_statement');
    return start === null || start === node || !node.contains(start);
  });
}

/** The first place where the code asks a context whether it is over; null when it does not. */
export function contextCheckIn(file: SourceFile, node: Node): Node | null {
  const conditions = conditionsIn(node);
  for (const call of own(node, within(node, 'call_expression'))) {
    const target = unparen(call.field('function'));
    const args = call.field('arguments').children;
    if (target.is('selector_expression') && /^(?:Done|Err)$/.test(target.field('field').text)) {
      if (isContextual(file, target.field('operand'))) return call;
    } else if (
      conditions.some((c) => c.contains(call)) &&
      /cancel|done|expire|alive|cause/i.test(target.text)
    ) {
      // `context.Cause(ctx) != nil`, and helpers like `isCancelled(ctx)`.
      if (args.some((a) => isContextual(file, a))) return call;
    }
  }
  for (const selector of own(node, within(node, 'selector_expression')))
    if (
      /^(?:Canceled|DeadlineExceeded)$/.test(selector.field('field').text) &&
      /^(?:context|google\.golang\.org\/grpc\/codes)$/.test(packageOf(file, selector.field('operand')) ?? '')
    )
      return selector;
  return null;
}

/** A context, or, where its type is not known, something that is called so. */
export function isContextual(file: SourceFile, expression: Node): boolean {
  const type = file.get(types).of(expression);
  return isContext(type) || (type.kind === 'unknown' && /(?:ctx|context)(?:\(\))?$/i.test(expression.text));
}

const STOPS = /stop|shut|clos(?:ed|ing)|quit|exit|terminat|abort|cancel/i;

/** A receive that something other than a clock decides, or a condition that is named like a stop. */
export function stopSignalIn(file: SourceFile, node: Node): Node | null {
  const receive = own(node, receivesIn(node)).find((e) => !isClock(file, e.field('operand')));
  if (receive !== undefined) return receive;
  for (const clause of own(node, within(node, 'range_clause'))) {
    const over = clause.field('right');
    if (underlying(file, file.get(types).of(over)).kind === 'chan' && !isClock(file, over)) return clause;
  }
  return own(node, conditionsIn(node)).find((c) => STOPS.test(c.text) && !ERROR.test(c.text)) ?? null;
}

function conditionsIn(node: Node): readonly Node[] {
  return within(node, 'if_statement', 'for_statement').flatMap((s) => {
    if (s.is('if_statement')) return [s.field('condition')];
    const [header] = s.children;
    if (header === undefined || header.is('block', 'range_clause')) return [];
    return header.is('for_clause') ? (header.field('condition') ?? []) : [header];
  });
}

/** The channel of a timer or ticker: nobody closes it. */
export function isClock(file: SourceFile, channel: Node): boolean {
  const type = underlying(file, file.get(types).of(channel));
  return type.kind === 'chan' && isNamed(type.elem, 'time', 'Time');
}

/** A call in the loop that gets the context, or a value that was made with it. */
function tells(file: SourceFile, loop: Node, context: Definition): Node | null {
  const made = [context, ...madeWith(file, context)];
  const mentions = (n: Node) => made.some((d) => d.uses.some((use) => n.contains(use)));
  return (
    own(loop, within(loop, 'call_expression')).find(
      (call) => mentions(call) || isFunctionValue(file, unparen(call.field('function'))),
    ) ?? null
  );
}

/** `do()` where do is a parameter or variable: the literal behind it may well know the context. */
function isFunctionValue(file: SourceFile, target: Node): boolean {
  const d = target.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  return d !== null && d.func !== null;
}

/**
 * The first place in the code that names the context, a value made with it, or any other that is one; with null only the
 * last, in a function where its variable is not known.
 */
export function mentionOfContext(file: SourceFile, node: Node, context: Definition | null): Node | null {
  const made = context === null ? [] : [context, ...madeWith(file, context)];
  return (
    within(node, 'identifier', 'selector_expression').find(
      (n) => made.some((d) => d.uses.includes(n)) || (packageOf(file, n) === null && isContextual(file, n)),
    ) ?? null
  );
}

/** Variables of the function that get a value which mentions the context: a request, a stream, a context derived from it. */
function madeWith(file: SourceFile, context: Definition): readonly Definition[] {
  if (context.func === null) return [];
  return file
    .get(scopes)
    .inFunction(context.func)
    .filter((d) =>
      [d.node, ...d.uses].some((name) => {
        const value = writtenValue(name);
        return value !== null && context.uses.some((use) => value.contains(use));
      }),
    );
}

/** The error of a turn can end the loop: which errors do is not known. */
function errorEnds(file: SourceFile, loop: Node<'for_statement'>): boolean {
  return waysOut(file, loop).some((s) => dependsOnError(s, loop));
}

/** What leaves a loop, other than its own header: `return`, jumps behind it, calls that do not come back. */
export function waysOut(file: SourceFile, loop: Node<'for_statement'>): readonly Node[] {
  const func = enclosingFunction(loop);
  return within(loop, 'return_statement', 'break_statement', 'goto_statement', 'call_expression')
    .filter((s) => enclosingFunction(s) === func)
    .filter((s) =>
      s.is('call_expression') ? neverReturns(file, s) : s.is('return_statement') || jumpsOut(s, loop),
    );
}

function jumpsOut(statement: Node, loop: Node): boolean {
  const label = statement.children[0]?.text;
  if (label !== undefined)
    return !within(loop, 'labeled_statement').some((l) => l.field('label').text === label);
  const target = statement.ancestor(
    'for_statement',
    'expression_switch_statement',
    'type_switch_statement',
    'select_statement',
  );
  return target === loop;
}

/** What the nearest condition on an error around a statement of the loop says about it. */
type OnError = 'none' | 'limit' | 'success' | 'anyError' | 'thisError' | 'someErrors';

function dependsOnError(statement: Node, loop: Node): boolean {
  const on = conditionOnError(statement, loop);
  return on === 'anyError' || on === 'someErrors';
}

/** The sleep is kept for some errors: that of a cancelled context may not be one of them. */
function asksForError(sleep: Node, loop: Node): boolean {
  const on = conditionOnError(sleep, loop);
  return on === 'thisError' || on === 'someErrors';
}

function conditionOnError(statement: Node, loop: Node): OnError {
  for (let inner = statement, at = statement.parent; at !== null && at !== loop; inner = at, at = at.parent) {
    let on: OnError = 'none';
    if (at.is('if_statement') && (inner.fieldName === 'consequence' || inner.fieldName === 'alternative'))
      on = read(at.field('condition').text, inner.fieldName === 'consequence');
    else if (at.is('expression_case', 'type_case', 'default_case')) on = readCase(at);
    if (on !== 'none') return on;
  }
  return 'none';
}

/** A count of turns, or a clock, as in `tries > 5`, `time.Since(start) > limit`. */
const LIMIT = /[<>]=?(?!-)|\b(?:attempts?|retr(?:y|ies)|tries)\b/i;
const ERROR = /(?:\berr|Err\b)/;

function read(condition: string, holds: boolean): OnError {
  if (LIMIT.test(condition)) return 'limit';
  if (!ERROR.test(condition)) return 'none';
  const [, operator] = /^\S+ ([!=]=) nil$/.exec(condition) ?? [];
  if (operator !== undefined) return (operator === '!=') === holds ? 'anyError' : 'success';
  const [, sentinel] = /^(?:errors\.Is\(\w+, ([\w.]+)\)|\w+ == [\w.]+)$/.exec(condition) ?? [null, null];
  const isOne = sentinel !== null && !STOPS.test(condition) && !/EOF|done|deadline|timeout/i.test(condition);
  return isOne && holds ? 'thisError' : 'someErrors';
}

function readCase(clause: Node<'expression_case' | 'type_case' | 'default_case'>): OnError {
  const around = clause.parent;
  const value = around?.is('expression_switch_statement', 'type_switch_statement')
    ? around.field('value')
    : null;
  if (value !== null)
    return LIMIT.test(value.text) ? 'limit' : ERROR.test(value.text) ? 'someErrors' : 'none';
  if (clause.is('expression_case')) return read(clause.field('value').text, true);
  const others = around?.children.some((c) => c.is('expression_case') && ERROR.test(c.field('value').text));
  return others ? 'someErrors' : 'none';
}
