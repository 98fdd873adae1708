import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf, unparen } from './calls.ts';
import { elementOf } from './literals.ts';
import { isLasting, isTestServer, namesLasting } from './places.ts';
import { type RequestContext, requestContext } from './requests.ts';
import { enclosingFunction } from './scope.ts';
import { deref, isNamed } from './type.ts';
import { packageOf, types } from './types.ts';
import { flowOf, type ValueFlow } from './valueflow.ts';
import { writtenValue } from './values.ts';

/** Methods of http.Client that go out, and functions of package http that do so with the default client. */
export const SENDS = /^(?:Do|Get|Head|Post|PostForm)$/;

/** Where the package gives `http.DefaultClient` a timeout, or puts another client there; null when it does not. */
export const defaultClientSet: PackageAnalysis<Node | null> = {
  name: 'defaultClientSet',
  run(pkg) {
    for (const file of pkg.files)
      for (const statement of file.isTest ? [] : file.tree.root.descendants('assignment_statement'))
        for (const target of statement.field('left').children) {
          const client = /\.Timeout$/.test(target.text) ? target.children[0] : target;
          if (client !== undefined && isDefaultClient(file, client)) return target;
        }
    return null;
  },
};

export function isDefaultClient(file: SourceFile, expression: Node): boolean {
  const e = unparen(expression);
  return (
    e.is('selector_expression') &&
    e.field('field').text === 'DefaultClient' &&
    packageOf(file, e.field('operand')) === 'net/http'
  );
}

/**
 * A transport of package http itself, or none, that does not limit the wait for a response either: of others it is not
 * known what they limit.
 */
function isPlainTransport(file: SourceFile, expression: Node): boolean {
  const e = unparen(expression);
  if (limitsResponse(file, e)) return false;
  if (e.is('nil')) return true;
  if (e.is('selector_expression') && e.field('field').text === 'DefaultTransport')
    return packageOf(file, e.field('operand')) === 'net/http';
  return isNamed(deref(file.get(types).of(e)), 'net/http', 'Transport');
}

/** The code that makes the transport names ResponseHeaderTimeout. */
function limitsResponse(file: SourceFile, e: Node): boolean {
  const callee = e.is('call_expression') ? calleeOf(file, e) : null;
  const maker = callee?.kind === 'local' ? callee.declared.node : (enclosingFunction(e) ?? e);
  return maker.text.includes('ResponseHeaderTimeout');
}

/** What is known about the limits of a client that is made as a literal or by `new`. */
export type ClientLimits =
  | { readonly kind: 'met'; readonly proof: Node }
  /** A call of the package that nothing ends; not `certain` where the request may bring a deadline of its own. */
  | {
      readonly kind: 'bare';
      readonly call: Node<'call_expression'>;
      readonly method: string;
      readonly certain: boolean;
    }
  | { readonly kind: 'unknown'; readonly why: 'zero' | 'transport' | 'uses' | 'request' }
  /** Not an obligation: its traffic lasts by intent, or the package sends nothing with it. */
  | { readonly kind: 'none' };

/** `value` is the expression that makes the client; `literal` is null for `new(http.Client)`. */
export function clientLimits(
  file: SourceFile,
  value: Node,
  literal: Node<'composite_literal'> | null,
): ClientLimits {
  const timeout = literal === null ? null : elementOf(literal, 'Timeout', 3);
  if (timeout !== null)
    return timeout.text === '0' ? { kind: 'unknown', why: 'zero' } : { kind: 'met', proof: timeout };
  const flow = flowOf(file, value);
  const set = flow.writes.find((w) => w.field === 'Timeout');
  if (set !== undefined) return { kind: 'met', proof: set.at };
  const sends = flow.calls.filter(({ method }) => SENDS.test(method));
  if ([...flow.names].some(namesLasting) || sends.some(({ call }) => isLasting(file.pkg.fileOf(call), call)))
    return { kind: 'none' };
  const transports = flow.writes.flatMap((w) => (w.field === 'Transport' ? (writtenValue(w.at) ?? []) : []));
  const given = literal === null ? null : elementOf(literal, 'Transport', 0);
  if (given !== null) transports.push(given);
  if (transports.some((t) => !isPlainTransport(file.pkg.fileOf(t), t)))
    return { kind: 'unknown', why: 'transport' };
  return usesOf(file, value, flow, sends);
}

function usesOf(file: SourceFile, value: Node, flow: ValueFlow, sends: ValueFlow['calls']): ClientLimits {
  // Code that is not here may set the timeout.
  if (flow.passed.length > 0 || !flow.whole) return { kind: 'unknown', why: 'uses' };
  const requests = sends.flatMap((use) => {
    const first = use.call.field('arguments').children[0];
    return first === undefined ? [] : [{ use, limit: limitOf(file.pkg.fileOf(use.call), use.method, first) }];
  });
  const bare = requests.find(({ limit }) => limit.kind === 'bare');
  if (bare !== undefined) return { kind: 'bare', ...bare.use, certain: true };
  if (flow.leaves.length > 0) return { kind: 'unknown', why: 'uses' };
  const open = requests.find(({ limit }) => limit.kind === 'unknown');
  // A client made for one function's calls cannot count on its callers' care; a shared one is often given bound requests.
  if (open !== undefined && isLocal(value)) return { kind: 'bare', ...open.use, certain: false };
  if (open !== undefined) return { kind: 'unknown', why: 'request' };
  const bound = requests.flatMap(({ limit }) => (limit.kind === 'bound' ? [limit.proof] : []))[0];
  return bound === undefined ? { kind: 'none' } : { kind: 'met', proof: bound };
}

/** Made for a variable of a function, or called where it stands. */
function isLocal(value: Node): boolean {
  const statement = value.ancestor(
    'short_var_declaration',
    'var_declaration',
    'assignment_statement',
    'return_statement',
  );
  return (
    enclosingFunction(value) !== null &&
    (statement === null || statement.is('short_var_declaration', 'var_declaration')) &&
    value.ancestor('keyed_element') === null
  );
}

/** What ends one call: only `Do` can be given a request with a context. */
export function limitOf(file: SourceFile, method: string, first: Node): RequestContext {
  if (isTestServer(file, first)) return { kind: 'unknown' };
  return method === 'Do' ? requestContext(file, first) : { kind: 'bare', made: first };
}
