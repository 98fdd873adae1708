import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { parametersOf } from './callers.ts';
import { calleeName, calleeOf, isContext, unparen } from './calls.ts';
import { flow } from './cfg.ts';
import { sourceOfContext } from './contextchain.ts';
import type { Declared } from './declarations.ts';
import { comesTo } from './endedcontexts.ts';
import { flowNodeOf } from './escape.ts';
import { variable } from './paths.ts';
import { returnsResponse } from './responses.ts';
import { leavingOf } from './returned.ts';
import { enclosingFunction, scopes } from './scope.ts';
import { types } from './types.ts';
import type { Resource } from './uses.ts';
import { writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** What a call gives that goes on using the context the call was given. */
export type LazyKind = 'response' | 'rows' | 'row' | 'tx' | 'process' | 'request' | 'stream';

/** A context that such a call may have been given, and where it was: the request of a response is made earlier. */
export interface GivenContext {
  readonly expression: Node;
  readonly at: Node;
}

export interface LazyResult {
  readonly kind: LazyKind;
  readonly contexts: readonly GivenContext[];
}

const BY_NAME: readonly (readonly [RegExp, LazyKind])[] = [
  [/^net\/http\.NewRequestWithContext$|^\(\*net\/http\.Request\)\.(?:WithContext|Clone)$/, 'request'],
  [/^golang\.org\/x\/net\/context\/ctxhttp\.\w+$/, 'response'],
  [/^\(\*database\/sql\.\w+\)\.QueryContext$/, 'rows'],
  [/^\(\*database\/sql\.\w+\)\.QueryRowContext$/, 'row'],
  [/^\(\*database\/sql\.\w+\)\.BeginTx$/, 'tx'],
  [/^os\/exec\.CommandContext$/, 'process'],
];

/** How deep functions of the package that give on such a result are looked into. */
const MAX_DEPTH = 2;

/** null for a call whose result is complete, or not known. */
export function lazyResult(file: SourceFile, call: Call, depth = 0): LazyResult | null {
  const [first] = call.field('arguments').children;
  if (first === undefined) return null;
  const callee = calleeOf(file, call);
  if (callee.kind === 'local') return depth < MAX_DEPTH ? givenOn(call, callee.declared, depth) : null;
  const name = calleeName(file, call);
  const kind = BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  if (kind !== undefined) return { kind, contexts: [{ expression: first, at: call }] };
  if (returnsResponse(file, call))
    return { kind: 'response', contexts: contextsOfRequest(file, first, call) };
  return givesStream(call) ? { kind: 'stream', contexts: [{ expression: first, at: call }] } : null;
}

/** `return s.query(ctx, …)`, where query gives to its caller what goes on using its own parameter. */
function givenOn(
  call: Call,
  { file: home, node: func }: Declared<Node<'function_declaration' | 'method_declaration'>>,
  depth: number,
): LazyResult | null {
  const index = parametersOf(func).findIndex((name) => isContext(home.get(types).of(name)));
  const parameter = parametersOf(func)[index];
  const expression = call.field('arguments').children[index];
  if (parameter === undefined || expression === undefined) return null;
  const d = home.get(scopes).definitionOf(parameter);
  for (const inner of func.descendants('call_expression')) {
    if (enclosingFunction(inner) !== func) continue;
    const lazy = lazyResult(home, inner, depth + 1);
    if (lazy === null || !lazy.contexts.some((c) => sourceOfContext(home, c.expression) === d)) continue;
    if (leavingOf(home, inner, LAZY[lazy.kind]).kind !== 'returned') continue;
    return { kind: lazy.kind, contexts: [{ expression, at: call }] };
  }
  return null;
}

/** The contexts a request may carry where it is sent. */
function contextsOfRequest(file: SourceFile, request: Node, sent: Call): readonly GivenContext[] {
  const e = unparen(request);
  if (e.is('call_expression')) return attached(file, e);
  const d = variable(file, e);
  const func = enclosingFunction(sent);
  const cfg = func === null ? null : file.get(flow).of(func);
  const use = cfg === null ? null : flowNodeOf(cfg, sent);
  if (d === null || func === null || d.func !== func || cfg === null || cfg.hasGoto || use === null)
    return [];
  const writes = [d.node, ...d.uses].flatMap((name) => {
    const value = writtenValue(name);
    const statement = value === null ? null : flowNodeOf(cfg, name);
    return value === null || statement === null ? [] : [{ value: unparen(value), statement }];
  });
  const statements = writes.map((w) => w.statement);
  return writes.flatMap(({ value, statement }) =>
    value.is('call_expression') && comesTo(file, cfg, statement, use, statements)
      ? attached(file, value)
      : [],
  );
}

function attached(file: SourceFile, call: Call): readonly GivenContext[] {
  const made = lazyResult(file, call);
  return made?.kind === 'request' ? made.contexts : [];
}

/** Types that protoc-gen-go-grpc gives to the client's end of a stream; what it returns the function says itself. */
const STREAM =
  /(?:^|\.)(?:ClientStream|(?:Bidi|Client|Server)StreamingClient\[.*\]|[A-Z]\w*_[A-Z]\w*Client)$/s;

/** `return client.Watch(ctx, …)` in a function that returns a stream. */
function givesStream(call: Call): boolean {
  const result = enclosingFunction(call)?.field('result');
  if (result == null || !call.field('function').is('selector_expression')) return false;
  const types = result.is('parameter_list') ? result.children.map((p) => p.field('type')) : [result];
  return types.some((type) => type !== null && STREAM.test(type.text));
}

const LOOKS = /^(?:fmt|log|log\/slog)\.\w+$|^\(\*log(?:\/slog)?\.Logger\)\./;

function resource(parts: readonly string[], releases: readonly string[]): Resource {
  return {
    parts: new Set(parts),
    releases: new Set(releases),
    releaser: /close|drain|discard|cleanup|release/i,
    reads: (name) => LOOKS.test(name),
    wraps: (name) => WRAPS.test(name),
  };
}

/** Readers that need the rest of the body when somebody reads from them. */
const WRAPS = /^(?:bufio\.NewReader(?:Size)?|io\.(?:LimitReader|TeeReader|NopCloser))$/;

/** How each kind is spoken of. What is used up where it is made needs its context no longer than that. */
export const LAZY: Readonly<Record<LazyKind, Resource>> = {
  response: resource(
    ['Body'],
    [
      'Body.Close',
      'Write',
      ...['Copy', 'CopyBuffer', 'CopyN', 'ReadAll', 'ReadAtLeast', 'ReadFull'].map((name) => `io.${name}`),
      ...['json', 'xml', 'gob'].map((format) => `encoding/${format}.NewDecoder`),
      'bufio.NewScanner',
      'encoding/csv.NewReader',
      'io/ioutil.ReadAll',
      'net/http/httputil.DumpResponse',
      '(*bytes.Buffer).ReadFrom',
    ],
  ),
  rows: resource([], ['Close', 'Next', 'NextResultSet', 'Scan']),
  row: resource([], ['Scan', 'Err']),
  tx: resource([], ['Commit', 'Rollback']),
  process: resource(
    // Who sets Cancel decides what the end of the context means.
    ['Process', 'Cancel'],
    ['Wait', 'Run', 'Output', 'CombinedOutput', 'Process.Wait', 'Process.Release'],
  ),
  request: resource([], []),
  stream: resource([], ['CloseAndRecv']),
};
