import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { parametersOf } from './callers.ts';
import { calleeName, calleeOf } from './calls.ts';
import { flow } from './cfg.ts';
import type { Declared } from './declarations.ts';
import { reachable } from './reach.ts';
import { type Definition, enclosingFunction, type FuncNode, scopes } from './scope.ts';
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
  /** A function or method of another package that looks at its argument and keeps nothing of it; '' is one that nobody knows. */
  reads(name: string, call: Node<'call_expression'>): boolean;
  /** Methods that use it up, so that a function of the package that calls one may leave nothing to release: `Next`. */
  readonly usedUpBy?: ReadonlySet<string>;
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

/** A new local variable holds the part at `path`, or reads through it; `asserted`: only if it is of a certain type. */
interface Alias {
  readonly definition: Definition;
  readonly path: string;
  readonly asserted: Node | null;
}

type Fate =
  | { readonly kind: 'read' }
  | { readonly kind: 'released' | 'handedOn' | 'overwritten'; readonly at: Node }
  | (Alias & { readonly kind: 'alias' });

const READ: Fate = { kind: 'read' };
/** Path of a reader around the resource: none of its members is a part. */
const WRAPPED = '~';
const KEEPS_NOTHING = new Set(['cap', 'copy', 'len', 'max', 'min', 'print', 'println']);

/** Classifies every mention of a local variable that holds the resource, or the part of it at `start`. */
export function usesOf(file: SourceFile, value: Definition, resource: Resource, start = ''): Uses {
  const uses = { released: [] as Node[], handedOn: [] as Node[], overwritten: [] as Node[] };
  const aliases: Alias[] = [{ definition: value, path: start, asserted: null }];
  for (const { definition, path, asserted } of aliases)
    for (const use of definition.uses) {
      const fate = fateOf(file, use, path, resource);
      if (fate.kind === 'alias') {
        if (!aliases.some((a) => a.definition === fate.definition)) aliases.push(fate);
      } else if (fate.kind === 'released') {
        uses.released.push(fate.at);
        // `if c, ok := w.(io.Closer); ok { c.Close() }`: where it is no closer there is nothing to do.
        if (asserted !== null) uses.handedOn.push(asserted);
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

export function isCaptured(use: Node, value: Definition): boolean {
  return enclosingFunction(use) !== value.func;
}

/** Follows the value outwards from a mention until something happens to it. */
function fateOf(file: SourceFile, use: Node, start: string, resource: Resource): Fate {
  let at = use;
  let path = start;
  const handedOn: Fate = { kind: 'handedOn', at: use };
  for (let parent = at.parent; parent !== null; parent = at.parent) {
    if (parent.is('selector_expression')) {
      path = joined(path, parent.field('field').text);
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
      const passed = passedTo(file, call, at, path, resource);
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
    else if (parent.is('unary_expression') && parent.field('operator').text === '<-') return READ;
    else if (parent.is('index_expression'))
      return parent.field('operand') === at && !isAddressed(parent) ? READ : handedOn;
    else if (parent.is('range_clause')) return READ;
    else if (parent.is('expression_statement')) return READ;
    else if (parent.is('expression_list')) return listed(file, at, parent, path);
    else return handedOn;
  }
  return handedOn;
}

/** `&b[0]` is the memory itself. */
export function isAddressed(node: Node): boolean {
  const { parent } = node;
  if (parent?.is('parenthesized_expression')) return isAddressed(parent);
  return parent?.is('unary_expression') === true && parent.field('operator').text === '&';
}

function isTarget(node: Node): boolean {
  const statement = node.parent?.is('expression_list') === true ? node.parent.parent : null;
  return statement?.is('assignment_statement') === true && statement.field('left') === node.parent;
}

function passedTo(
  file: SourceFile,
  call: Node<'call_expression'>,
  argument: Node,
  path: string,
  resource: Resource,
): 'released' | 'read' | 'wrapped' | 'handedOn' {
  const callee = calleeOf(file, call);
  const own = /\w*$/.exec(call.field('function').text)?.[0] ?? '';
  // What drains a reader around it may do so to the end.
  if (callee.kind === 'local' && !(path === WRAPPED && resource.releaser.test(own))) {
    const index = call.field('arguments').children.indexOf(argument);
    const fate = parameterFate(callee.declared, index, path, resource);
    if (fate !== 'handedOn') return fate;
  }
  if (callee.kind === 'builtin') return KEEPS_NOTHING.has(callee.name) ? 'read' : 'handedOn';
  const name = calleeName(file, call);
  if (resource.releases.has(name)) return 'released';
  if (callee.kind !== 'local' && resource.reads(name, call)) return 'read';
  if (name !== '' && resource.wraps(name)) return 'wrapped';
  return resource.releaser.test(own) ? 'released' : 'handedOn';
}

type Passed = 'released' | 'read' | 'handedOn';

/** By resource, then by parameter and path. null while it is being worked out: a function that calls itself keeps it. */
const parameters: PackageAnalysis<Map<Resource, Map<string, Passed | null>>> = {
  name: 'parameters',
  run: () => new Map(),
};

/**
 * What a function of the package does with the argument at `index`, of which it gets the part at `path`: releases it on
 * every path, looks at it only, or anything else.
 */
function parameterFate(
  { file, node: func }: Declared<Node<'function_declaration' | 'method_declaration'>>,
  index: number,
  path: string,
  resource: Resource,
): Passed {
  const name = parametersOf(func)[index];
  const value = name === undefined ? null : file.get(scopes).definitionOf(name);
  if (value === null || func.broken) return 'handedOn';
  const all = file.pkg.get(parameters);
  const known = all.get(resource) ?? new Map<string, Passed | null>();
  all.set(resource, known);
  const key = `${file.path}:${value.node.id}:${path}`;
  const before = known.get(key);
  if (before !== undefined) return before ?? 'handedOn';
  known.set(key, null);
  const uses = usesOf(file, value, resource, path);
  let fate: Passed = 'handedOn';
  if (uses.handedOn.length + uses.overwritten.length === 0 && !isUsedUp(value, path, resource))
    fate = uses.released.length === 0 ? 'read' : alwaysReleased(file, func, uses.released);
  known.set(key, fate);
  return fate;
}

function isUsedUp(value: Definition, path: string, { usedUpBy }: Resource): boolean {
  return value.uses.some((use) => {
    const { parent } = use;
    const isCalled = parent?.is('selector_expression') && parent.parent?.is('call_expression');
    return isCalled && usedUpBy?.has(joined(path, parent.field('field').text)) === true;
  });
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function alwaysReleased(file: SourceFile, func: FuncNode, released: readonly Node[]): Passed {
  const cfg = file.get(flow).of(func);
  if (cfg === null || cfg.hasGoto) return 'handedOn';
  const { exits } = reachable(cfg, null, (node) => released.some((use) => node.contains(use)));
  return exits ? 'handedOn' : 'released';
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
  const asserted = at.is('type_assertion_expression') && isPair(owner) ? at : null;
  return { kind: 'alias', definition, path, asserted };
}

/** `x, ok := …` */
function isPair(assignment: Node): boolean {
  return (
    assignment.is('short_var_declaration', 'assignment_statement') &&
    assignment.field('left').children.length === 2
  );
}
