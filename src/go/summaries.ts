import type { PackageAnalysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf, unparen } from './calls.ts';
import type { Declared } from './declarations.ts';
import { enclosingFunction, scopes } from './scope.ts';
import { isNamed } from './type.ts';
import { types } from './types.ts';
import { within } from './within.ts';

type Func = Node<'function_declaration' | 'method_declaration'>;

/** What one of the package's functions does, whoever calls it. */
export interface Summary {
  /** It starts goroutines, itself or through functions of the package that it calls. */
  readonly spawns: boolean;
  /** Mutexes of its receiver that it takes and gives back itself, by path behind the receiver: `mu`, `state.mu`. */
  readonly locks: ReadonlySet<string>;
  readonly unlocks: ReadonlySet<string>;
}

interface Summaries {
  readonly done: Map<Node, Summary>;
  readonly spawning: Map<Node, boolean>;
}

const summaries: PackageAnalysis<Summaries> = {
  name: 'summaries',
  run: () => ({ done: new Map(), spawning: new Map() }),
};

/** Worked out when first asked for. `spawns` counts function literals wherever they run, locks only what runs in place. */
export function summaryOf(func: Declared<Func>): Summary {
  const { done } = func.file.pkg.get(summaries);
  let summary = done.get(func.node);
  if (summary === undefined) {
    summary = { spawns: spawns(func), ...locking(func) };
    done.set(func.node, summary);
  }
  return summary;
}

/** A function that calls itself, over others or not, starts what the rest of it starts. */
function spawns({ file, node }: Declared<Func>): boolean {
  const { spawning } = file.pkg.get(summaries);
  const open = [{ file, node }];
  const seen = new Set<Node>([node]);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const known = spawning.get(at.node);
    if (known === true || within(at.node, 'go_statement').length > 0) {
      spawning.set(node, true);
      return true;
    }
    if (known === false) continue;
    for (const call of within(at.node, 'call_expression')) {
      const callee = calleeOf(at.file, call);
      if (callee.kind !== 'local' || seen.has(callee.declared.node)) continue;
      seen.add(callee.declared.node);
      open.push(callee.declared);
    }
  }
  // Everything that was looked at starts nothing: none of it can reach anything that does.
  for (const one of seen) spawning.set(one, false);
  return false;
}

const LOCKS: Readonly<Record<string, 'locks' | 'unlocks'>> = {
  Lock: 'locks',
  RLock: 'locks',
  Unlock: 'unlocks',
  RUnlock: 'unlocks',
};

function locking({ file, node }: Declared<Func>): Pick<Summary, 'locks' | 'unlocks'> {
  const out = { locks: new Set<string>(), unlocks: new Set<string>() };
  const receiver = node.is('method_declaration') ? node.field('receiver').children[0] : undefined;
  const name = receiver?.is('parameter_declaration') ? receiver.fields('name')[0] : undefined;
  if (name === undefined) return out;
  for (const call of within(node, 'call_expression')) {
    const target = unparen(call.field('function'));
    if (!target.is('selector_expression')) continue;
    const kind = LOCKS[target.field('field').text];
    const mutex = target.field('operand');
    if (kind === undefined || enclosingFunction(call) !== node) continue;
    const type = file.get(types).of(mutex);
    const isMutex = isNamed(type, 'sync', 'Mutex', true) || isNamed(type, 'sync', 'RWMutex', true);
    const path = pathBehind(mutex);
    if (!isMutex || path === null || file.get(scopes).definitionOf(path.root)?.node !== name) continue;
    out[kind].add(path.fields);
  }
  return out;
}

/** `s.state.mu`: the name it starts with and the fields behind it; null for anything but names and dots. */
function pathBehind(expression: Node): { readonly root: Node; readonly fields: string } | null {
  const fields: string[] = [];
  let at = unparen(expression);
  while (at.is('selector_expression')) {
    fields.unshift(at.field('field').text);
    at = unparen(at.field('operand'));
  }
  return at.is('identifier') && fields.length > 0 ? { root: at, fields: fields.join('.') } : null;
}
