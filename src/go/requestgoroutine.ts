import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { parametersOf } from './callers.ts';
import { calleeName, calleeOf, isContext, unparen } from './calls.ts';
import { detachmentOf, sourceOfContext } from './contextchain.ts';
import { endsOfContext } from './endedcontexts.ts';
import { handlerOf } from './handlers.ts';
import { joinBehind, mayTell, type Started, sharesName, startedAt } from './joins.ts';
import { isLasting, wordsOf } from './places.ts';
import { type Definition, enclosingFunction, type FuncNode, scopes } from './scope.ts';
import { types } from './types.ts';

type Call = Node<'call_expression'>;

/** A goroutine that a handler starts, and a call in it that gets the context of the request. */
export interface RequestUse {
  readonly started: Started;
  readonly call: Call;
  readonly argument: Node;
  readonly source: Definition;
  /** The only such argument of the goroutine. */
  readonly only: boolean;
  /** The handler stays until the goroutine is done; or the context has been detached from the request. */
  readonly proof: Node | null;
}

/** null where nothing of the request gets into the goroutine, or it is meant to end with the request. */
export function requestUse(file: SourceFile, call: Call): RequestUse | null {
  const started = startedAt(file, call);
  const func = started === null ? null : enclosingFunction(call);
  const handler = func === null ? null : handlerOf(file, func);
  if (started === null || func === null || handler === null) return null;
  const given = argumentsIn(file, started);
  const uses = given.filter(
    (use) => comesFrom(file, use.argument, handler.source, started) && !isSpared(file, use),
  );
  const [first] = uses;
  if (first === undefined) {
    for (const use of given) {
      const proof = detachmentOf(file, use.argument);
      if (proof !== null) return { started, ...use, source: handler.source, only: false, proof };
    }
    return null;
  }
  const join = joinBehind(file, func, call);
  // A wait for something else may still keep the handler until the goroutine is done.
  if (join === null ? isBound(file, started, first.argument, func) : !sharesName(file, join, call))
    return null;
  return { started, ...first, source: handler.source, only: uses.length === 1, proof: join };
}

interface Given {
  readonly call: Call;
  readonly argument: Node;
}

/** Contexts that are passed to calls which may wait for something. */
function argumentsIn(file: SourceFile, { call, literal }: Started): readonly Given[] {
  const calls = literal === null ? [call] : [...literal.field('body').descendants('call_expression')];
  return calls.flatMap((c) =>
    isPassive(file, c)
      ? []
      : c
          .field('arguments')
          .children.filter((argument) => isContextual(file, argument))
          .map((argument) => ({ call: c, argument })),
  );
}

function isContextual(file: SourceFile, argument: Node): boolean {
  const type = file.get(types).of(argument);
  return isContext(type) || (type.kind === 'unknown' && /ctx|context/i.test(argument.text));
}

/** Callees that read values of a context, or make another one. */
const PASSIVE =
  /(?:^|\.)(?:With[A-Z]\w*|Value|\w*FromContext|Logf?|Logger|Debug\w*|Info\w*|Warn\w*|Error\w*|Print\w*|Ctx|\w*Span\w*)$|^(?:log|slog|logger|zap|klog|logrus|zerolog|trace|tracer|otel|metrics?)\w*\./i;

function isPassive(file: SourceFile, call: Call): boolean {
  return /^(?:context|log\/slog)\./.test(calleeName(file, call)) || PASSIVE.test(call.field('function').text);
}

/** The context is the request's, or derives from it; a parameter of the literal is what the literal is called with. */
function comesFrom(file: SourceFile, argument: Node, source: Definition, started: Started): boolean {
  const found = sourceOfContext(file, argument);
  if (found === source) return true;
  const { literal, call } = started;
  if (found === null || literal === null || found.func !== literal) return false;
  const index = literal
    .field('parameters')
    .children.flatMap((p) => (p.is('parameter_declaration') ? p.fields('name') : [p]))
    .indexOf(found.node);
  const passed = call.field('arguments').children[index];
  return passed !== undefined && passed !== literal && sourceOfContext(file, passed) === source;
}

/**
 * The callee is meant to end with its context, or does not mind: it asks whether the context is over, it turns for ever,
 * it detaches itself, it only reads values.
 */
function isSpared(file: SourceFile, { call, argument }: Given): boolean {
  const callee = calleeOf(file, call);
  if (callee.kind !== 'local') return ENDLESS.test(wordsOf(nameOf(call.field('function')))[0] ?? '');
  const { node: func, file: home } = callee.declared;
  if (!func.is('function_declaration', 'method_declaration') || func.field('body') === null) return false;
  if (asksContext(home, func) || turnsForEver(func)) return true;
  const name = parametersOf(func)[call.field('arguments').children.indexOf(argument)];
  if (name === undefined) return false;
  const uses = home.get(scopes).definitionOf(name)?.uses ?? [];
  return uses.every((use) => isReader(home, use)) || uses.some((use) => isDetached(home, use));
}

/** First words of the names of functions that go on until they are told to end. */
const ENDLESS =
  /^(?:watch|monitor|listen|serve|loop|poll|keep|heartbeat|ping|stream|subscribe|tail|follow|forward|pump|wait|await)$/;

function nameOf(target: Node): string {
  const at = unparen(target);
  return at.is('selector_expression') ? at.field('field').text : at.text;
}

/** The argument list around `use` is that of this call. */
function callAround(use: Node): Call | null {
  const call = use.parent?.is('argument_list') ? use.parent.parent : null;
  return call?.is('call_expression') ? call : null;
}

function isReader(file: SourceFile, use: Node): boolean {
  const call = callAround(use);
  if (call !== null) return isPassive(file, call);
  return use.parent?.is('selector_expression') === true && use.parent.field('field').text === 'Value';
}

function isDetached(file: SourceFile, use: Node): boolean {
  const call = callAround(use);
  return call !== null && calleeName(file, call) === 'context.WithoutCancel';
}

/** The goroutine is meant to end with the request, or is waited for in a way that is not seen. */
function isBound(file: SourceFile, { call, literal }: Started, argument: Node, func: FuncNode): boolean {
  if (literal !== null && (asksContext(file, literal) || turnsForEver(literal))) return true;
  if (isLasting(file, call) || LASTS.test(func.text) || turnsForEver(func)) return true;
  if (mayTell(file, call, func)) return true;
  return endsOfContext(file, argument, call).some(({ maker }) =>
    /^context\.WithCancel/.test(calleeName(file, maker)),
  );
}

/** Handlers that stay as long as the client does. */
const LASTS =
  /[Ww]eb[Ss]ocket|\bUpgrade\(|\bFlush\w*\(|Flusher|ResponseController|ReverseProxy|io\.Pipe\(|Hijack/;

function asksContext(file: SourceFile, body: Node): boolean {
  if (/context\.(?:Canceled|DeadlineExceeded|Cause|AfterFunc)\b/.test(body.text)) return true;
  for (const selector of body.descendants('selector_expression')) {
    if (!/^(?:Done|Err)$/.test(selector.field('field').text)) continue;
    const type = file.get(types).of(selector.field('operand'));
    if (isContext(type) || type.kind === 'unknown') return true;
  }
  return false;
}

function turnsForEver(body: Node): boolean {
  for (const loop of body.descendants('for_statement'))
    if (loop.children.length === 1 && enclosingFunction(loop) === body) return true;
  return false;
}
