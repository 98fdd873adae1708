import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isLocalListener, isLoopback } from './addresses.ts';
import { calleeName } from './calls.ts';
import { constantInt } from './constants.ts';
import { deadlineCalls } from './deadlines.ts';
import { elementOf } from './literals.ts';
import { enclosingFunction } from './scope.ts';
import type { ValueFlow } from './valueflow.ts';
import { writtenValue } from './values.ts';

/** What is known about the limits of a server that is made as a literal or by `new`. */
export type ServerLimits =
  | { readonly kind: 'met'; readonly proof: Node }
  /** Served without a limit for the headers; `isLocal` where only the same machine can connect. */
  | { readonly kind: 'bare'; readonly served: Node; readonly isLocal: boolean }
  | { readonly kind: 'unknown'; readonly why: 'zero' | 'conn' | 'uses' }
  /** Nobody serves with it. */
  | { readonly kind: 'none' };

/** ReadTimeout covers the headers, too. */
const LIMITS = ['ReadHeaderTimeout', 'ReadTimeout'] as const;
const SERVES = /^(?:ListenAndServe|Serve)(?:TLS)?$/;
/** Methods that, as values, leave the fields alone: `g.Go(srv.ListenAndServe)`. */
const HARMLESS =
  /^(?:(?:ListenAndServe|Serve)(?:TLS)?|Shutdown|Close|RegisterOnShutdown|SetKeepAlivesEnabled)$/;
/** It adds a protocol and looks at the limits. */
const CONFIGURES_HTTP2 = 'golang.org/x/net/http2.ConfigureServer';

/**
 * `made` is where the server comes to be, `flow` what the package does with it; `literal` is null for `new(http.Server)`
 * and `var srv http.Server`.
 */
export function serverLimits(
  file: SourceFile,
  made: Node,
  literal: Node<'composite_literal'> | null,
  flow: ValueFlow,
): ServerLimits {
  const given = literal === null ? [] : LIMITS.flatMap((name) => elementOf(literal, name) ?? []);
  const proof = given.find((e) => (constantInt(file, e) ?? 1) > 0);
  if (proof !== undefined) return { kind: 'met', proof };
  const set = flow.writes.find((w) => LIMITS.some((name) => name === w.field));
  if (set !== undefined) return { kind: 'met', proof: set.at };
  const passed = flow.passed.filter((c) => calleeName(file.pkg.fileOf(c), c) !== CONFIGURES_HTTP2);
  const [values, leaves] = methodValues(flow);
  const served: readonly Node[] = [
    ...flow.calls.flatMap(({ method, call }) => (SERVES.test(method) ? [call] : [])),
    ...values.filter((v) => SERVES.test(v.field('field').text)),
  ];
  const here = enclosingFunction(made);
  // What gets a server only when it runs cannot limit it any more.
  const inOneGo = here !== null && served.some((s) => here.contains(s));
  if (served.length === 0 && leaves.length === 0 && passed.length === 0) return { kind: 'none' };
  if (given.length > 0) return { kind: 'unknown', why: 'zero' };
  if (file.pkg.get(deadlineCalls).inRead !== null) return { kind: 'unknown', why: 'conn' };
  const [first] = served;
  if (
    first === undefined ||
    passed.length > 0 ||
    !flow.whole ||
    !file.pkg.complete ||
    (leaves.length > 0 && !inOneGo)
  )
    return { kind: 'unknown', why: 'uses' };
  return { kind: 'bare', served: first, isLocal: isLocal(file, literal, flow) };
}

/** Method values that harm nothing, and the other places where the server gets out of sight. */
function methodValues(flow: ValueFlow): [readonly Node<'selector_expression'>[], readonly Node[]] {
  const values: Node<'selector_expression'>[] = [];
  const leaves: Node[] = [];
  for (const at of flow.leaves)
    if (at.is('selector_expression') && HARMLESS.test(at.field('field').text)) values.push(at);
    else leaves.push(at);
  return [values, leaves];
}

function isLocal(file: SourceFile, literal: Node<'composite_literal'> | null, flow: ValueFlow): boolean {
  const addresses = flow.writes.flatMap((w) => (w.field === 'Addr' ? (writtenValue(w.at) ?? []) : []));
  const address = literal === null ? null : elementOf(literal, 'Addr');
  if (address !== null) addresses.push(address);
  if (addresses.some((a) => isLoopback(file.pkg.fileOf(a), a))) return true;
  return flow.calls.some(({ method, call }) => {
    const [listener] = call.field('arguments').children;
    return (
      /^Serve/.test(method) && listener !== undefined && isLocalListener(file.pkg.fileOf(call), listener)
    );
  });
}
