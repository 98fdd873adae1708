import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, isContext, unparen } from './calls.ts';
import { runsApart } from './contexts.ts';
import { enclosingFunction, scopes } from './scope.ts';
import { types } from './types.ts';
import { flowOf, type ValueFlow } from './valueflow.ts';
import { writtenTarget, writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** What becomes of a request that is made without a context. */
export type RequestFate =
  /** A context is attached later, somewhere in the package. */
  | { readonly kind: 'bound'; readonly proof: Node }
  /** Code that is not here gets it together with a context, or makes another request of it. */
  | { readonly kind: 'together'; readonly call: Call }
  /** Stored where its sending is not seen. */
  | { readonly kind: 'kept' }
  /** It does not go out for whoever holds the context where it is made. */
  | { readonly kind: 'none' }
  /** It goes out as it is. */
  | { readonly kind: 'bare' };

/** Follows the request that a call of `http.NewRequest` makes. */
export function requestFate(file: SourceFile, made: Call): RequestFate {
  const flow = flowOf(file, made);
  if (isNotOurs(flow, made)) return { kind: 'none' };
  const attached = flow.calls.find(({ method }) => ATTACHES.test(method))?.call;
  const replaced = replacement(file, made);
  const sent = flow.passed.find((c) => calleeName(file.pkg.fileOf(c), c) === CTXHTTP);
  const proof = attached ?? replaced ?? sent;
  if (proof !== undefined) return { kind: 'bound', proof };
  const other = flow.passed.find((c) => isReplaced(c) || takesContext(file.pkg.fileOf(c), c));
  if (other !== undefined) return { kind: 'together', call: other };
  const isKept = !flow.whole || flow.leaves.some((at) => !at.is('return_statement'));
  return { kind: isKept ? 'kept' : 'bare' };
}

const ATTACHES = /^(?:WithContext|Clone)$/;
const CTXHTTP = 'golang.org/x/net/context/ctxhttp.Do';

/**
 * Nobody gets it (made to check a URL); it is made for a handler of the same program; it is written to a connection by
 * hand, which ignores its context; a goroutine of its own sends it and may outlive the caller.
 */
function isNotOurs({ passed, leaves, calls }: ValueFlow, made: Call): boolean {
  if (passed.length === 0 && leaves.length === 0 && !calls.some((c) => ATTACHES.test(c.method))) return true;
  if (calls.some((c) => /^Write(?:Proxy)?$/.test(c.method))) return true;
  return passed.some((c) => methodOf(c) === 'ServeHTTP' || runsApart(c, made));
}

function methodOf(call: Call): string {
  const target = unparen(call.field('function'));
  return target.is('selector_expression') ? target.field('field').text : target.text;
}

/** `req = trace(req)`, `sign(req).WithContext(ctx)`, `return sign(req)` in a function that gives a request. */
function isReplaced(call: Call): boolean {
  const { parent } = call;
  if (parent?.is('selector_expression')) return ATTACHES.test(parent.field('field').text);
  if (parent?.parent?.is('return_statement'))
    return /\bRequest\b/.test(enclosingFunction(call)?.field('result')?.text ?? '');
  return /req/i.test(writtenTarget(call)?.text ?? '');
}

/** `req = aware.WithContext(ctx)`, where `aware` is the request behind an interface. */
function replacement(file: SourceFile, made: Call): Node | null {
  const target = writtenTarget(made);
  const d = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  for (const use of d?.uses ?? []) {
    const value = use === target ? null : writtenValue(use);
    if (value?.is('call_expression') && ATTACHES.test(methodOf(value))) return value;
  }
  return null;
}

/** `client.Do(ctx, req)`, `download(canceler, req)` */
function takesContext(file: SourceFile, call: Call): boolean {
  return call
    .field('arguments')
    .children.some(
      (a) => isContext(file.get(types).of(a)) || /^ctx$|\.Context\(\)$|^\w*cancel\w*$/i.test(a.text),
    );
}
