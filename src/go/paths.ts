import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { type Block, type Cfg, exitOf } from './cfg.ts';
import { type Atom, assignedIn, atomOf, behind, evaluate, type Facts, factsAround } from './facts.ts';
import { neverCloses } from './noreturn.ts';
import { type Definition, FUNCTION_KINDS, scopes } from './scope.ts';

export interface PathQuery {
  readonly file: SourceFile;
  readonly cfg: Cfg;
  /** The path starts right behind this node of the graph. */
  readonly from: Node;
  /** What is known there: `resp, err := f()` holds a response only while `err == nil`. */
  readonly assume?: readonly Atom[];
  /** The obligation ends at this node: released, or handed to somebody else. */
  readonly ends: (node: Node) => boolean;
  /** The obligation exists only behind such a node: nothing is cut off before something was written. Default: from the start. */
  readonly begins?: (node: Node) => boolean;
  /** It ends on this branch of a condition. */
  readonly endsOn?: (condition: Node, value: boolean) => boolean;
  /** Coming round to `from` again leaves the obligation open (a resource lost in a loop). Default: path ends there. */
  readonly againIsExit?: boolean;
  /** An obligation still open at this node is lost there: its variable gets another value. */
  readonly lost?: (node: Node) => boolean;
  /** Leaving the function with the obligation open is as well as meeting it: only `again` and `lost` count. */
  readonly mayLeave?: boolean;
}

type PathExit = 'return' | 'end' | 'again' | 'lost';

export type PathResult =
  /** Every path meets the obligation. */
  | { readonly kind: 'none' }
  /** `nodes`: what the path passes, in order; `last`: the return, the body, `from` again, or where it was lost. */
  | {
      readonly kind: 'path';
      readonly nodes: readonly Node[];
      readonly exit: PathExit;
      readonly last: Node;
    }
  /** Too many states, or `from` is not in the graph: nothing is known. */
  | { readonly kind: 'unknown' };

/** States per query. The largest function of Go's own tree needs far fewer; a generated one may not stop the run. */
const MAX_STATES = 4_000;

interface State {
  readonly block: Block;
  readonly index: number;
  readonly facts: Facts;
  readonly before: State | null;
}

/**
 * The shortest path from a node to an exit of the function on which the obligation never ends. Conditions that repeat
 * are remembered, so `if locked { Lock }; …; if locked { Unlock }` has no path that takes only one of the branches.
 *
 * `none`: it is called on every path from here. `return`, `end`: left while held. `lost`: taken a second time while held;
 * `again`: the same by the next turn of a loop.
 */
export function findOpenPath(query: PathQuery): PathResult {
  const { file, cfg, from } = query;
  const start = cfg.find(from);
  if (start === null) return { kind: 'unknown' };
  const assumed = [...factsAround(file, from), ...(query.assume ?? [])];
  const tracked = trackedAtoms(file, cfg, assumed);
  const seen = new Set<string>();
  let queue: State[] = [
    {
      block: start.block,
      index: start.index + 1,
      facts: new Map(assumed.map((a) => [a.key, a])),
      before: null,
    },
  ];
  let states = 0;
  while (queue.length > 0) {
    const next: State[] = [];
    for (const state of queue) {
      if (++states > MAX_STATES) {
        file.leaveUndecided(cfg.func, 'budget');
        return { kind: 'unknown' };
      }
      const step = advance(query, state, tracked);
      if (step.kind === 'ended') continue;
      if (step.kind === 'exit') return step.result;
      for (const edge of state.block.edges) {
        const facts = follow(file, step.facts, edge.condition, tracked);
        if (facts === null) continue;
        if (edge.condition !== null && query.endsOn?.(edge.condition.expr, edge.condition.value) === true)
          continue;
        const key = `${edge.to.id}|${[...facts.values()].map((a) => a.key + a.value).sort()}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ block: edge.to, index: 0, facts, before: state });
      }
    }
    queue = next;
  }
  return { kind: 'none' };
}

type Step =
  | { readonly kind: 'ended' }
  | { readonly kind: 'exit'; readonly result: PathResult }
  | { readonly kind: 'on'; readonly facts: Facts };

/** On the path the obligation has begun. */
const BEGUN: Atom = { key: 'begun', value: true, about: new Set() };

/** Walks the rest of a block. */
function advance(query: PathQuery, state: State, tracked: ReadonlySet<string>): Step {
  let { facts } = state;
  const left = (exit: PathExit, last: Node): Step =>
    query.begins !== undefined && !facts.has(BEGUN.key)
      ? { kind: 'ended' }
      : { kind: 'exit', result: { kind: 'path', nodes: trail(state, query.from), exit, last } };
  const { block } = state;
  for (let i = state.index; i < block.nodes.length; i++) {
    const node = block.nodes[i] as Node;
    if (node === query.from) return query.againIsExit === true ? left('again', node) : { kind: 'ended' };
    if (query.ends(node)) return { kind: 'ended' };
    if (query.lost?.(node) === true) return left('lost', node);
    if (query.begins?.(node) === true) facts = new Map(facts).set(BEGUN.key, BEGUN);
    facts = behind(query.file, facts, node);
    const set = flagsSet(query.file, node).filter((atom) => tracked.has(atom.key));
    if (set.length > 0) facts = new Map([...facts, ...set.map((atom) => [atom.key, atom] as const)]);
  }
  const exit = query.mayLeave === true ? null : exitOf(query.cfg, block);
  if (exit !== null) return left(exit.exit, exit.last);
  return block.exit !== null ? { kind: 'ended' } : { kind: 'on', facts };
}

function trail(state: State, from: Node): readonly Node[] {
  const blocks: State[] = [];
  for (let s: State | null = state; s !== null; s = s.before) blocks.unshift(s);
  return blocks.flatMap((s) => s.block.nodes.slice(s.index)).filter((n) => n !== from);
}

/** Facts behind an edge, or null when they rule the edge out. */
function follow(
  file: SourceFile,
  facts: Facts,
  condition: { readonly expr: Node; readonly value: boolean } | null,
  tracked: ReadonlySet<string>,
): Facts | null {
  if (condition === null) return facts;
  if (condition.expr.is('range_clause'))
    return neverCloses(file, condition.expr.field('right')) ? null : facts;
  const known = evaluate(file, facts, condition.expr);
  if (known !== undefined) return known === condition.value ? facts : null;
  const atom = atomOf(file, condition.expr);
  if (atom === null || !tracked.has(atom.key)) return facts;
  return new Map(facts).set(atom.key, { ...atom, value: atom.value === condition.value });
}

/** `opened = true` answers the `if opened` further down, `conn = nil` the `if conn != nil`. */
function flagsSet(file: SourceFile, node: Node): readonly Atom[] {
  if (!node.is('assignment_statement', 'short_var_declaration')) return [];
  const targets = node.field('left').children;
  return node.field('right').children.flatMap((value, i) => {
    const target = targets[i];
    const d = target === undefined ? null : variable(file, target);
    if (target === undefined || d === null || d.func === null) return [];
    if (value.is('nil')) return [nilAtom(d, true)];
    const atom = value.is('true', 'false') ? atomOf(file, target) : null;
    return atom === null ? [] : [{ ...atom, value: value.is('true') }];
  });
}

/**
 * Only questions asked at least twice are worth remembering, or asked once of a flag that is set somewhere; of variables
 * that nothing changes behind our back.
 */
function trackedAtoms(file: SourceFile, cfg: Cfg, assumed: readonly Atom[]): ReadonlySet<string> {
  const count = new Map<string, number>(assumed.map((a) => [a.key, 1]));
  const flags = new Set(
    cfg.blocks.flatMap((block) => block.nodes.flatMap((node) => flagsSet(file, node).map((a) => a.key))),
  );
  for (const block of cfg.blocks) {
    const asked = block.edges.find((e) => e.condition?.value === true)?.condition;
    const atom = asked === undefined || asked === null ? null : atomOf(file, asked.expr);
    if (atom === null || [...atom.about].some((d) => changesElsewhere(file, d))) continue;
    count.set(atom.key, (count.get(atom.key) ?? 0) + (flags.has(atom.key) ? 2 : 1));
  }
  return new Set([...count].filter(([, n]) => n > 1).map(([key]) => key));
}

/** The address is taken, or a nested function assigns it. */
function changesElsewhere(file: SourceFile, d: Definition): boolean {
  return d.uses.some((use) => {
    const parent = use.parent;
    if (parent?.is('unary_expression') && parent.field('operator').text === '&') return true;
    if (use.ancestor(...FUNCTION_KINDS) === d.func) return false;
    const statement = use.ancestor('assignment_statement', 'inc_statement', 'dec_statement');
    return statement !== null && assignedIn(file, statement).has(d);
  });
}

/** Whether any identifier inside `node`, nested literals included, means the variable. */
export function mentions(node: Node, definition: Definition): boolean {
  return definition.uses.some((use) => node.contains(use));
}

/** `x == nil` as an atom about a variable. */
export function nilAtom(definition: Definition, isNil: boolean): Atom {
  return atomAbout(definition, '==nil', isNil);
}

/** An atom spelt like the condition that starts with the variable: `.Body==nil`, `.StatusCode==204`. */
export function atomAbout(definition: Definition, rest: string, value: boolean): Atom {
  return { key: `${definition.name}#${definition.node.id}${rest}`, value, about: new Set([definition]) };
}

/** The variable a plain identifier means; null for anything else. */
export function variable(file: SourceFile, node: Node): Definition | null {
  return node.is('identifier') ? file.get(scopes).definitionOf(node) : null;
}
