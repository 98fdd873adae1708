import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { calleeName } from './calls.ts';
import { flow } from './cfg.ts';
import { answerMoves, flowNodeOf, receiversOf } from './escape.ts';
import { findOpenPath, nilAtom, variable } from './paths.ts';
import { enclosingFunction } from './scope.ts';
import { type Resource, usesOf } from './uses.ts';

type Call = Node<'call_expression'>;

/** What becomes of the first result of a call in the function that makes it. */
export type Leaving =
  /** The function returns it as it is, or inside something that reads through it. */
  | { readonly kind: 'returned'; readonly at: Node }
  /** It is used up or released here. */
  | { readonly kind: 'used'; readonly by: Node }
  | { readonly kind: 'unknown' };

const UNKNOWN: Leaving = { kind: 'unknown' };

/**
 * Whether a call's result leaves the function by one of its returns, where no error came with it, on a way that passes
 * none of the nodes of the graph in `past`.
 */
export function leavingOf(
  file: SourceFile,
  call: Call,
  resource: Resource,
  past: readonly Node[] = [],
): Leaving {
  const direct = returnAround(file, call, resource);
  if (direct !== null) return { kind: 'returned', at: direct };
  const selector = call.parent;
  if (selector?.is('selector_expression') && selector.parent?.is('call_expression'))
    return resource.releases.has(selector.field('field').text)
      ? { kind: 'used', by: selector.parent }
      : UNKNOWN;
  const [target, answer] = receiversOf(call) ?? [];
  const func = enclosingFunction(call);
  const value = target === undefined ? null : variable(file, target);
  const error = answer === undefined || isBlank(answer) ? null : variable(file, answer);
  const cfg = func === null ? null : file.get(flow).of(func);
  const from = cfg === null ? null : flowNodeOf(cfg, call);
  if (value === null || value.func !== func || cfg === null || cfg.hasGoto || from === null) return UNKNOWN;
  const uses = usesOf(file, value, resource);
  const carrying = uses.handedOn.filter(
    (use) => enclosingFunction(use) === func && returnAround(file, use, resource) !== null,
  );
  const returns: readonly Node[] = carrying.flatMap((use) => use.ancestor('return_statement') ?? []);
  const naked = (node: Node) =>
    value.kind === 'result' && node.is('return_statement') && node.children.length === 0;
  const settled = [
    ...uses.released,
    ...uses.overwritten,
    ...uses.handedOn.filter((use) => !carrying.includes(use)),
  ];
  const noError = error === null ? null : nilAtom(error, true);
  const path = findOpenPath({
    file,
    cfg,
    from,
    assume: [...(noError === null ? [] : [noError]), nilAtom(value, false)],
    lost: (node) => returns.includes(node) || naked(node),
    mayLeave: true,
    ends: (node) =>
      past.includes(node) ||
      settled.some((use) => node.contains(use)) ||
      (error !== null && noError !== null && answerMoves(file, node, error, noError, from)),
  });
  if (path.kind === 'path') return { kind: 'returned', at: path.last };
  const used = uses.released[0];
  return path.kind !== 'unknown' && used !== undefined && uses.handedOn.length === carrying.length
    ? { kind: 'used', by: used }
    : UNKNOWN;
}

/** The return statement that gives the value at `use` to the caller: itself, a part, or inside a literal or a reader. */
function returnAround(file: SourceFile, use: Node, resource: Resource): Node | null {
  for (let at = use.parent; at !== null; at = at.parent) {
    if (at.is('return_statement')) return at;
    if (at.is('call_expression')) {
      if (!resource.wraps(calleeName(file, at))) return null;
    } else if (at.is('unary_expression')) {
      if (at.field('operator').text !== '&') return null;
    } else if (at.is('selector_expression')) {
      if (!resource.parts.has(at.field('field').text)) return null;
    } else if (!at.is(...CARRIERS)) return null;
  }
  return null;
}

const CARRIERS = [
  'argument_list',
  'composite_literal',
  'expression_list',
  'keyed_element',
  'literal_element',
  'literal_value',
  'parenthesized_expression',
] as const;
