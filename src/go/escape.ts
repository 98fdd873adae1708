import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { type Atom, evaluate, type Facts } from './facts.ts';
import { atomAbout, findOpenPath, mentions, nilAtom, variable } from './paths.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';
import { types } from './types.ts';
import { writtenTarget } from './values.ts';

/** One kind of thing that has to be released, and how the code around it speaks about it. */
export interface Resource {
  /** Members that still are the resource, as paths from the value: `Body`, `Process`, `Process.Pid`. */
  readonly parts: ReadonlySet<string>;
  /** What releases it: methods by path from the value (`Body.Close`), functions by full name (`syscall.Munmap`). */
  readonly releases: ReadonlySet<string>;
  /** Name of a helper that releases what it is given: `safeClose`. */
  readonly releaser: RegExp;
  /** A function or method of another package that looks at its argument and keeps nothing of it. */
  reads(name: string, call: Node<'call_expression'>): boolean;
  /** Like `reads`, but what it returns goes on reading, without a way to release: `bufio.NewReader`. */
  wraps(name: string): boolean;
}

/** What a function does with a value, its aliases included. Nodes stand in source order per alias. */
export interface Uses {
  /** Calls that release it, also those in nested functions. */
  readonly released: readonly Node[];
  /** Somebody else may release it: returned, stored, sent, captured, addressed, passed to an unknown call. */
  readonly handedOn: readonly Node[];
  /** The variable gets another value. */
  readonly overwritten: readonly Node[];
}

type Fate =
  | { readonly kind: 'read' }
  | { readonly kind: 'released' | 'handedOn' | 'overwritten'; readonly at: Node }
  /** A new local variable holds the part at `path`, or reads through it. */
  | { readonly kind: 'alias'; readonly definition: Definition; readonly path: string };

const READ: Fate = { kind: 'read' };
/** Path of a reader around the resource: none of its members is a part. */
const WRAPPED = '~';
const KEEPS_NOTHING = new Set(['cap', 'copy', 'len', 'max', 'min', 'print', 'println']);

/** Classifies every mention of a local variable that holds the resource. */
export function usesOf(file: SourceFile, value: Definition, resource: Resource): Uses {
  const uses = { released: [] as Node[], handedOn: [] as Node[], overwritten: [] as Node[] };
  const aliases: { definition: Definition; path: string }[] = [{ definition: value, path: '' }];
  for (const { definition, path } of aliases)
    for (const use of definition.uses) {
      const fate = fateOf(file, use, path, resource);
      if (fate.kind === 'alias') {
        if (!aliases.some((a) => a.definition === fate.definition)) aliases.push(fate);
      } else if (fate.kind === 'released') {
        uses.released.push(fate.at);
        continue;
      } else if (fate.kind === 'overwritten' && definition === value && !isCaptured(use, value)) {
        uses.overwritten.push(fate.at);
        continue;
      } else if (fate.kind !== 'read') uses.handedOn.push(use);
      // What a nested function does with it, and when, is not followed.
      if (isCaptured(use, value)) uses.handedOn.push(use);
    }
  return uses;
}

function isCaptured(use: Node, value: Definition): boolean {
  return enclosingFunction(use) !== value.func;
}

/** Follows the value outwards from a mention until something happens to it. */
function fateOf(file: SourceFile, use: Node, start: string, resource: Resource): Fate {
  let at = use;
  let path = start;
  const handedOn: Fate = { kind: 'handedOn', at: use };
  for (let parent = at.parent; parent !== null; parent = at.parent) {
    if (parent.is('selector_expression')) {
      path = path === '' ? parent.field('field').text : `${path}.${parent.field('field').text}`;
      const call = parent.parent;
      const isCalled = call?.is('call_expression') === true && call.field('function') === parent;
      if (isCalled && resource.releases.has(path)) return { kind: 'released', at: call };
      if (!resource.parts.has(path)) {
        if (isCalled || isTarget(parent)) return READ;
        // A method value carries its receiver; of a type that is not known nobody can say.
        const { kind } = file.get(types).of(parent);
        return kind === 'func' || kind === 'unknown' ? handedOn : READ;
      }
      if (isTarget(parent)) return handedOn;
      at = isCalled ? call : parent;
    } else if (parent.is('argument_list')) {
      const call = parent.parent;
      if (!call?.is('call_expression')) return handedOn;
      const passed = passedTo(file, call, resource);
      if (passed === 'released') return { kind: 'released', at: call };
      if (passed !== 'wrapped') return passed === 'read' ? READ : handedOn;
      at = call;
      path = WRAPPED;
    } else if (parent.is('binary_expression')) {
      const compared = /^(?:[=!]=|[<>]=?)$/.test(parent.field('operator').text);
      // Whether an alias is nil is not known on the paths.
      return compared && (start === '' || start === WRAPPED) ? READ : handedOn;
    } else if (parent.is('parenthesized_expression', 'type_assertion_expression', 'slice_expression'))
      at = parent;
    else if (parent.is('unary_expression') && parent.field('operator').text === '-') at = parent;
    else if (parent.is('index_expression')) return parent.field('operand') === at ? READ : handedOn;
    else if (parent.is('range_clause')) return READ;
    else if (parent.is('expression_statement')) return READ;
    else if (parent.is('expression_list')) return listed(file, at, parent, path);
    else return handedOn;
  }
  return handedOn;
}

function isTarget(node: Node): boolean {
  const statement = node.parent?.is('expression_list') === true ? node.parent.parent : null;
  return statement?.is('assignment_statement') === true && statement.field('left') === node.parent;
}

function passedTo(
  file: SourceFile,
  call: Node<'call_expression'>,
  resource: Resource,
): 'released' | 'read' | 'wrapped' | 'handedOn' {
  const callee = calleeOf(file, call);
  if (callee.kind === 'builtin') return KEEPS_NOTHING.has(callee.name) ? 'read' : 'handedOn';
  const name = calleeName(file, call);
  if (resource.releases.has(name)) return 'released';
  if (name !== '' && resource.reads(name, call)) return 'read';
  if (name !== '' && resource.wraps(name)) return 'wrapped';
  const own = /\w*$/.exec(call.field('function').text)?.[0] ?? '';
  return resource.releaser.test(own) ? 'released' : 'handedOn';
}

/** The value stands in a list of expressions: of an assignment, a declaration, a return, a case, a range. */
function listed(file: SourceFile, at: Node, list: Node, path: string): Fate {
  const owner = list.parent;
  const handedOn: Fate = { kind: 'handedOn', at };
  if (owner === null) return handedOn;
  if (owner.is('expression_case')) return READ;
  if (owner.is('range_clause', 'receive_statement')) return { kind: 'overwritten', at };
  if (owner.is('short_var_declaration', 'assignment_statement') && owner.field('left') === list)
    return { kind: 'overwritten', at };
  const target = writtenTarget(at);
  if (target === null) return handedOn;
  if (isBlank(target)) return READ;
  const definition = target.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  // Only a variable made here: what an older one meant before, and to whom, is not followed.
  if (definition === null || definition.node !== target || definition.func === null) return handedOn;
  return { kind: 'alias', definition, path };
}

/** Variables and other targets that get the results of a call; [] when all are thrown away, null when they go elsewhere. */
export function receiversOf(call: Node<'call_expression'>): readonly Node[] | null {
  const parent = call.parent;
  if (parent?.is('expression_statement', 'go_statement', 'defer_statement')) return [];
  const owner = parent?.is('expression_list') && parent.children.length === 1 ? parent.parent : null;
  if (owner?.is('short_var_declaration', 'assignment_statement'))
    return owner.field('right') === parent ? owner.field('left').children : null;
  return owner?.is('var_spec') ? owner.fields('name') : null;
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
}

export type Outcome =
  /** Every path releases it or hands it on; `by` is the release that says so best. */
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
      (value.kind === 'result' && node.is('return_statement') && node.children.length === 0) ||
      (answer !== null && noError !== null && answerMoves(file, node, answer, noError, from)),
    lost: (node) => uses.overwritten.some((use) => node.contains(use)),
    againIsExit: true,
  });
  if (path.kind === 'unknown') return path;
  if (path.kind === 'none') return settled(done.filter((use) => use.id > from.id));
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
  const parent = use.parent;
  return (
    isCaptured(use, value) ||
    (parent?.is('unary_expression') === true && parent.field('operator').text === '&')
  );
}

/** The deferred release, which covers all paths, else the first. */
function bestOf(releases: readonly Node[]): Node | null {
  return releases.find((use) => use.ancestor('defer_statement') !== null) ?? releases[0] ?? null;
}

/**
 * Where the question "did it fail?" is asked in a form that cannot be followed: `failed := err != nil`,
 * `if isTimeout(err)`, `switch err { … }`. Behind it the paths with and without a resource cannot be told apart.
 */
function answerMoves(file: SourceFile, node: Node, error: Definition, isNil: Atom, from: Node): boolean {
  if (!mentions(node, error)) return false;
  // After the next assignment the variable speaks of something else.
  const next = error.uses.find((use) => use.id >= from.next && isOverwritten(use));
  if (next !== undefined && node.id > next.id) return false;
  if (node.is('short_var_declaration', 'assignment_statement')) return mentions(node.field('right'), error);
  if (node.is('var_declaration')) return true;
  if (/_statement$/.test(node.kind)) return false;
  const facts: Facts = new Map([[isNil.key, isNil]]);
  return evaluate(file, facts, unparen(node)) === undefined;
}

function isOverwritten(use: Node): boolean {
  const list = use.parent;
  const owner = list?.parent;
  return owner?.is('short_var_declaration', 'assignment_statement') === true && owner.field('left') === list;
}
