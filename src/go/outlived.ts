import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { callersOf } from './callers.ts';
import { calleeName, isContext, unparen } from './calls.ts';
import { type ContextEnd, type ContextEnds, endsOfContext } from './endedcontexts.ts';
import { receiversOf } from './escape.ts';
import { LAZY, type LazyKind, lazyResult } from './lazyresults.ts';
import { variable } from './paths.ts';
import { sendsHead } from './responses.ts';
import { leavingOf } from './returned.ts';
import { enclosingFunction } from './scope.ts';
import { types } from './types.ts';
import { writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** A value that goes on using a context which its function ends. */
export interface Bound {
  readonly kind: LazyKind | 'context';
  readonly context: Node;
  /** Where the context is made, and what ends it. */
  readonly maker: Call;
  readonly end: ContextEnd;
  /** The return that gives it to the caller, who comes too late; null when it is used up here. */
  readonly returned: Node | null;
  /** Where it is used up, or where it is returned. */
  readonly at: Node;
}

/** Only what is made in a function is ended there. */
const makesContexts: Analysis<boolean> = {
  name: 'makesContexts',
  run: ({ tree }) => /\bWith(?:Cancel|Timeout|Deadline)|\bNotifyContext\b|\berrgroup\b/.test(tree.text),
};

/** What becomes of a call's result that needs a context of the function around it; null when that is not certain. */
export function boundResult(file: SourceFile, call: Call): Bound | null {
  const lazy = file.get(makesContexts) ? lazyResult(file, call) : null;
  for (const { expression, at } of lazy?.contexts ?? [])
    for (const ends of endsOfContext(file, expression, at)) {
      const bound = lazy === null ? null : boundBy(file, call, lazy.kind, ends);
      if (bound !== null) return { ...bound, context: expression };
    }
  return null;
}

function boundBy(file: SourceFile, call: Call, kind: LazyKind, { maker, ends, always }: ContextEnds) {
  const leaving = leavingOf(file, call, LAZY[kind]);
  const [end] = ends;
  if (end === undefined || leaving.kind === 'unknown') return null;
  // A request is made to be sent, and the answer to a HEAD request has no body to wait for.
  if (leaving.kind === 'used')
    return kind === 'request' ? null : { kind, maker, end, returned: null, at: leaving.by };
  const nodes = ends.map((e) => e.by);
  const inTime = !always && leavingOf(file, call, LAZY[kind], nodes).kind === 'returned';
  if (inTime || (kind === 'response' && (sendsHead(file, call) || nobodyReads(file, call)))) return null;
  return { kind, maker, end, returned: leaving.at, at: leaving.at };
}

/** Everybody who gets the response looks at its status and header alone. */
function nobodyReads(file: SourceFile, call: Call): boolean {
  const func = enclosingFunction(call);
  if (!func?.is('function_declaration', 'method_declaration')) return false;
  const { calls, all } = callersOf(file.pkg, func);
  return (
    all &&
    calls.length > 0 &&
    calls.every((c) => {
      const [target] = receiversOf(c) ?? [];
      const d = target === undefined ? null : variable(file.pkg.fileOf(c), target);
      return target?.text === '_' || (d !== null && d.func !== null && d.uses.every(leavesBody));
    })
  );
}

/** `resp.StatusCode`, `resp.Body.Close()`, `resp != nil` */
function leavesBody(response: Node): boolean {
  const part = response.parent;
  if (part?.is('binary_expression') || writtenValue(response) !== null) return true;
  if (!part?.is('selector_expression')) return false;
  const next = part.parent;
  if (part.field('field').text !== 'Body') return !next?.is('call_expression');
  return next?.is('selector_expression') === true && next.field('field').text === 'Close';
}

/** Functions whose context is meant to be over. */
const MEANS_IT = /cancel|expired|done|dead|ended|closed|stopped|immediate|timed?out/i;

/**
 * The contexts among the values of a return that have ended when the caller gets them. Who cancels one without `defer`
 * and then returns it wants it to be over.
 */
export function endedReturns(file: SourceFile, statement: Node<'return_statement'>): readonly Bound[] {
  const list = statement.children[0];
  const func = enclosingFunction(statement);
  const name = func?.is('function_declaration', 'method_declaration') ? func.field('name').text : '';
  if (!list?.is('expression_list') || MEANS_IT.test(name) || !file.get(makesContexts)) return [];
  return list.children.flatMap((value): readonly Bound[] => {
    const e = unparen(value);
    const isOne = e.is('call_expression')
      ? calleeName(file, e) === 'context.WithValue'
      : e.is('identifier') && isContext(file.get(types).of(e));
    const found = isOne ? endsOfContext(file, e, statement).find((ends) => ends.always) : undefined;
    const end = found?.ends.find((e) => e.by.is('defer_statement'));
    if (found === undefined || end === undefined) return [];
    const { maker } = found;
    return [{ kind: 'context', context: value, maker, end, returned: statement, at: statement }];
  });
}
