import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { unparen } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { wrapperAround } from './errorwraps.ts';
import { type Atom, evaluate, type Facts, rewrapped } from './facts.ts';
import { atomAbout, findOpenPath, mentions, nilAtom, variable } from './paths.ts';
import { type Definition, enclosingFunction } from './scope.ts';
import { isAddressed, isCaptured, type Resource, usesOf } from './uses.ts';

/** Variables and other targets that get the results of a call; [] when all are thrown away, null when they go elsewhere. */
export function receiversOf(call: Node<'call_expression'>): readonly Node[] | null {
  const parent = call.parent;
  if (parent?.is('expression_statement', 'go_statement', 'defer_statement')) return [];
  const owner = parent?.is('expression_list') && parent.children.length === 1 ? parent.parent : null;
  if (owner?.is('short_var_declaration', 'assignment_statement'))
    return owner.field('right') === parent ? owner.field('left').children : null;
  return owner?.is('var_spec') ? owner.fields('name') : null;
}

/** What gets the only result of a call, its error, as it is or wrapped. */
export function errorReceiverOf(file: SourceFile, call: Node<'call_expression'>): Node | undefined {
  return receiversOf(wrapperAround(file, call) ?? call)?.[0];
}

export interface Held {
  readonly file: SourceFile;
  /** Behind this call the obligation exists. */
  readonly call: Node;
  /** What holds the resource. */
  readonly value: Node;
  /** What tells whether there is a resource at all: the error beside it. */
  readonly answer: Node | undefined;
  readonly resource: Resource;
  /** The variable has held this same value before the call: what was done with it then counts, too. */
  readonly madeEarlier?: boolean;
  /** Conditions on the value that mean there is nothing to release: `.Body==nil`. */
  readonly empty?: readonly string[];
  /** Leaving here with it is no loss: a return that reports failure, of what only success needs. */
  readonly excused?: (node: Node) => boolean;
  /** Nothing has to be released before the value was used. */
  readonly onceUsed?: boolean;
  /** On this branch of a condition it has been released without being told: `rows.Next()` that is false. */
  readonly endsOn?: (condition: Node, value: boolean) => boolean;
}

export type Outcome =
  /** Every path releases it or hands it on; `by` is the release, or the condition it ends on, that says so best. */
  | { readonly kind: 'released'; readonly by: Node }
  /** Somebody else may release it, or it is not a variable of this function at all. */
  | { readonly kind: 'handedOn' }
  | {
      readonly kind: 'open';
      readonly from: Node;
      /** Where it is lost: the return, the end of the body, or the assignment that replaces it. */
      readonly last: Node;
      readonly atEnd: boolean;
      readonly line: number;
      /** The variable gets another value, in the next round of a loop or further down. */
      readonly replaced: boolean;
      /** Some other path releases it or hands it on. */
      readonly elsewhere: boolean;
      /** Some other path hands it on: what is released for all paths may be gone before its new owner needs it. */
      readonly shared: boolean;
    }
  | { readonly kind: 'unknown' };

/** Whether a resource is released, or given to somebody who may release it, on every path from where it is acquired. */
export function follow(held: Held): Outcome {
  const { file } = held;
  const func = enclosingFunction(held.call);
  const value = variable(file, held.value);
  const error = held.answer === undefined || isBlank(held.answer) ? null : held.answer;
  const answer = error === null ? null : variable(file, error);
  // The owner of a field or of an outer variable releases; an error kept in one hides who is told.
  if (func === null || value?.func !== func || (error !== null && answer?.func == null))
    return { kind: 'handedOn' };
  const cfg = file.get(flow).of(func);
  const from = cfg === null ? null : flowNodeOf(cfg, held.call);
  if (cfg === null || from === null) return { kind: 'unknown' };
  const uses = usesOf(file, value, held.resource);
  const done = [...uses.released, ...uses.handedOn];
  const settled = (by: readonly Node[]): Outcome => {
    const release = bestOf(by.filter((use) => uses.released.includes(use)));
    return release === null ? { kind: 'handedOn' } : { kind: 'released', by: release };
  };
  const early = done.filter(
    (use) => use.id < from.id && (held.madeEarlier === true || outlivesAssignment(use, value)),
  );
  if (early.length > 0 || uses.handedOn.some((use) => from.contains(use))) return settled(early);
  if (cfg.hasGoto) return { kind: 'unknown' };
  const noError = answer === null ? null : nilAtom(answer, true);
  let endedOn: Node | null = null;
  const path = findOpenPath({
    file,
    cfg,
    from,
    assume: [
      ...(noError === null ? [] : [noError]),
      nilAtom(value, false),
      ...(held.empty ?? []).map((condition) => atomAbout(value, condition, false)),
    ],
    ends: (node) =>
      done.some((use) => node.contains(use)) ||
      held.excused?.(node) === true ||
      (value.kind === 'result' && node.is('return_statement') && node.children.length === 0) ||
      (answer !== null && noError !== null && answerMoves(file, node, answer, noError, from)),
    ...(held.onceUsed === true ? { begins: (node) => mentions(node, value) } : {}),
    endsOn: (condition, branch) => {
      if (held.endsOn?.(condition, branch) !== true) return false;
      endedOn ??= condition;
      return true;
    },
    lost: (node) => uses.overwritten.some((use) => node.contains(use)),
    againIsExit: true,
  });
  if (path.kind === 'unknown') return path;
  if (path.kind === 'none') {
    const later = done.filter((use) => use.id > from.id);
    return endedOn !== null && later.length === 0 ? { kind: 'released', by: endedOn } : settled(later);
  }
  const { last, exit } = path;
  const atEnd = exit === 'end';
  return {
    kind: 'open',
    from,
    last,
    atEnd,
    line: atEnd ? last.endLine : last.line,
    replaced: exit === 'again' || exit === 'lost',
    elsewhere: done.length > 0,
    shared: uses.handedOn.length > 0,
  };
}

/** The node of the graph that holds an expression of the function itself. */
export function flowNodeOf(cfg: Cfg, node: Node): Node | null {
  for (let at: Node | null = node; at !== null && at !== cfg.func; at = at.parent)
    if (cfg.find(at) !== null) return at;
  return null;
}

/** A closure or a pointer made earlier sees the variable, whatever is assigned to it later. */
function outlivesAssignment(use: Node, value: Definition): boolean {
  return isCaptured(use, value) || isAddressed(use);
}

/** The deferred release, which covers all paths, else the first. */
function bestOf(releases: readonly Node[]): Node | null {
  return releases.find((use) => use.ancestor('defer_statement') !== null) ?? releases[0] ?? null;
}

/**
 * Where the question "did it fail?" is asked in a form that cannot be followed: `failed := err != nil`,
 * `if isTimeout(err)`, `switch err { … }`. Behind it the paths with and without a resource cannot be told apart.
 */
export function answerMoves(
  file: SourceFile,
  node: Node,
  error: Definition,
  isNil: Atom,
  from: Node,
): boolean {
  if (!mentions(node, error)) return false;
  if (rewrapped(file, node) === error) return false;
  // After the next assignment the variable speaks of something else.
  const next = error.uses.find((use) => use.id >= from.next && isOverwritten(file, use));
  if (next !== undefined && node.id > next.id) return false;
  if (node.is('short_var_declaration', 'assignment_statement')) return mentions(node.field('right'), error);
  if (node.is('var_declaration')) return true;
  if (/_statement$/.test(node.kind)) return false;
  const facts: Facts = new Map([[isNil.key, isNil]]);
  return evaluate(file, facts, unparen(node)) === undefined;
}

function isOverwritten(file: SourceFile, use: Node): boolean {
  const list = use.parent;
  const owner = list?.parent;
  if (!owner?.is('short_var_declaration', 'assignment_statement') || owner.field('left') !== list)
    return false;
  return rewrapped(file, owner) === null;
}
