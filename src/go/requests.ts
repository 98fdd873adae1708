import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { callersOf, parametersOf } from './callers.ts';
import { calleeOf, isHttpRequest, unparen } from './calls.ts';
import { isRootContext } from './contexts.ts';
import { type Definition, scopes } from './scope.ts';
import { types } from './types.ts';
import { valuesOf } from './values.ts';

/** What bounds an outgoing request, as far as its making is seen. */
export type RequestContext =
  /** Built with a context that somebody can cancel, or that has a deadline. */
  | { readonly kind: 'bound'; readonly proof: Node }
  /** `http.NewRequest`, or a context that never ends. */
  | { readonly kind: 'bare'; readonly made: Node }
  | { readonly kind: 'unknown' };

/** How deep functions of the package that make requests are looked into. */
const MAX_DEPTH = 2;

export function requestContext(file: SourceFile, expression: Node, depth = 0): RequestContext {
  const e = unparen(expression);
  if (e.is('call_expression')) return made(file, e, depth);
  const d = e.is('identifier') ? file.get(scopes).definitionOf(e) : null;
  if (d === null || d.func === null) return { kind: 'unknown' };
  if (d.kind === 'param' && d.uses.every((use) => methodCall(use) === null)) return given(file, d, depth);
  const known = [...(valuesOf(d) ?? []), ...d.uses.flatMap((use) => methodCall(use) ?? [])].map((v) =>
    v.is('call_expression') ? made(file, v, depth) : ({ kind: 'unknown' } as const),
  );
  return together(known);
}

/** A request that callers hand in: what they all made, where all of them are known. */
function given(file: SourceFile, d: Definition, depth: number): RequestContext {
  const func = d.func;
  if (depth >= MAX_DEPTH || !func?.is('function_declaration', 'method_declaration'))
    return { kind: 'unknown' };
  const { calls, all } = callersOf(file.pkg, func);
  const index = parametersOf(func).indexOf(d.node);
  if (!all || index < 0) return { kind: 'unknown' };
  return together(
    calls.map((call) => {
      const argument = call.field('arguments').children[index];
      return argument === undefined
        ? { kind: 'unknown' }
        : requestContext(file.pkg.fileOf(call), argument, depth + 1);
    }),
  );
}

/** One that is bound gives all the benefit of the doubt; bare are they only together. */
function together(all: readonly RequestContext[]): RequestContext {
  const bound = all.find((k) => k.kind === 'bound');
  const bare = all.every((k) => k.kind === 'bare') ? all[0] : undefined;
  return bound ?? bare ?? { kind: 'unknown' };
}

function made(file: SourceFile, call: Node<'call_expression'>, depth: number): RequestContext {
  const callee = calleeOf(file, call);
  if (callee.kind === 'local') return madeBy(callee.declared, depth);
  const name = callee.kind === 'func' || callee.kind === 'method' ? callee.name : '';
  if (name === 'net/http.NewRequest') return { kind: 'bare', made: call };
  if (!/^(?:net\/http\.NewRequestWithContext|\(\*net\/http\.Request\)\.(?:WithContext|Clone))$/.test(name))
    return { kind: 'unknown' };
  const context = call.field('arguments').children[0];
  if (context === undefined) return { kind: 'unknown' };
  return isRootContext(file, context) ? { kind: 'bare', made: call } : { kind: 'bound', proof: call };
}

/** A function of the package that makes the request: any context in it is the benefit of the doubt. */
function madeBy(
  { file, node }: { readonly file: SourceFile; readonly node: Node },
  depth: number,
): RequestContext {
  if (depth >= MAX_DEPTH) return { kind: 'unknown' };
  const all: RequestContext[] = [];
  for (const call of node.descendants('call_expression')) {
    const type = file.get(types).of(call);
    const first = type.kind === 'tuple' ? type.of[0] : type;
    if (first !== undefined && isHttpRequest(first)) all.push(made(file, call, depth + 1));
  }
  return together(all);
}

/** The call `req.WithContext(…)` or `req.Clone(…)` around the name `req`. */
function methodCall(operand: Node): Node<'call_expression'> | null {
  const selector = operand.parent;
  const call = selector?.parent;
  if (!selector?.is('selector_expression') || !call?.is('call_expression')) return null;
  if (call.field('function') !== selector || selector.field('operand') !== operand) return null;
  return /^(?:WithContext|Clone)$/.test(selector.field('field').text) ? call : null;
}
