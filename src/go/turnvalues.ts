import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { isContext } from './calls.ts';
import { receiversOf } from './escape.ts';
import { variable } from './paths.ts';
import { type Definition, enclosingFunction } from './scope.ts';
import { types } from './types.ts';
import { writtenTarget, writtenValue } from './values.ts';

type Loop = Node<'for_statement'>;

/** The call in the loop that gives the variable its value, anew in each turn. */
export function acquiredIn(loop: Loop, d: Definition): Node<'call_expression'> | null {
  if (!loop.field('body').contains(d.node) || d.kind !== 'var') return null;
  const value = writtenValue(d.node);
  return value?.is('call_expression') ? value : null;
}

/** Keeps what it is given. */
const KEEPS = /^(?:add|append|attach|enqueue|insert|keep|push|put|register|send|set|store|submit|track)/i;
/** What it returns goes on working with what it is given. */
const HOLDS =
  /^(?:begin|client|create|dial|limit|make|multi|new|open|prepare|query|section|start|stream|subscribe|tee|watch|with|wrap)/i;

/** Something keeps the value of a variable of one turn, or what hangs on it, for the turns that follow. */
export function outlivesTurn(
  file: SourceFile,
  d: Definition,
  loop: Loop,
  seen = new Set<Definition>(),
): boolean {
  if (!loop.contains(d.node)) return true;
  if (seen.has(d)) return false;
  seen.add(d);
  return d.uses.some((use) => isKept(file, use, loop, seen));
}

function isKept(file: SourceFile, use: Node, loop: Loop, seen: Set<Definition>): boolean {
  if (runsLater(use, loop)) return true;
  for (
    let at = use, parent = use.parent;
    parent !== null && parent !== loop;
    at = parent, parent = at.parent
  ) {
    if (parent.is('argument_list')) {
      const call = parent.parent;
      if (!call?.is('call_expression')) return true;
      const name = nameOf(call);
      // What is sent, pushed or set with a context is something else.
      if (KEEPS.test(name) && !isContext(file.get(types).of(at))) return true;
      if (!HOLDS.test(name)) return isAppended(call);
      parent = call;
    } else if (parent.is('selector_expression')) {
      const call = parent.parent;
      if (call?.is('call_expression') && call.field('function') === parent) {
        if (!HOLDS.test(nameOf(call))) return false;
        parent = call;
      }
    } else if (parent.is('send_statement')) return parent.field('value') === at;
    else if (parent.is('expression_list')) return goesOut(file, at, loop, seen);
    else if (!CARRIES.has(parent.kind)) return false;
  }
  return false;
}

/** `all = append(all, use(f))`: what is made of it is needed behind the loop. */
function isAppended(call: Node): boolean {
  const outer = call.parent?.is('argument_list') ? call.parent.parent : null;
  return outer?.is('call_expression') === true && outer.field('function').text === 'append';
}

/** Expressions whose value has the value inside, or leads to it. */
const CARRIES: ReadonlySet<string> = new Set([
  'parenthesized_expression',
  'unary_expression',
  'type_assertion_expression',
  'type_conversion_expression',
  'slice_expression',
  'literal_element',
  'keyed_element',
  'literal_value',
  'composite_literal',
]);

/** A goroutine, or a literal that is not called where it stands nor deferred. */
function runsLater(use: Node, loop: Loop): boolean {
  for (let at = use.parent; at !== null && at !== loop; at = at.parent) {
    if (at.is('go_statement')) return true;
    if (!at.is('func_literal')) continue;
    const call = at.parent;
    if (!call?.is('call_expression') || call.field('function') !== at) return true;
  }
  return false;
}

/** Where an expression among values goes: to a variable of the loop, whose fate decides, or out of it. */
function goesOut(file: SourceFile, value: Node, loop: Loop, seen: Set<Definition>): boolean {
  const owner = value.parent?.parent;
  if (owner?.is('return_statement', 'expression_case')) return false;
  const targets = value.is('call_expression') ? receiversOf(value) : null;
  const all = targets ?? [writtenTarget(value)].filter((t) => t !== null);
  return all.some((target) => {
    if (isBlank(target)) return false;
    const d = variable(file, target);
    if (d === null) return true;
    // The error beside it holds nothing.
    return !/^err/i.test(d.name) && outlivesTurn(file, d, loop, seen);
  });
}

function nameOf(call: Node<'call_expression'>): string {
  return /\w*$/.exec(call.field('function').text)?.[0] ?? '';
}

/** `if !started { …; started = true }` around the node: it runs in one turn. */
export function runsOnce(node: Node, loop: Loop): boolean {
  for (
    let at = node.ancestor('if_statement');
    at !== null && loop.contains(at);
    at = at.ancestor('if_statement')
  ) {
    const condition = at.field('condition').text;
    for (const write of at.field('consequence').descendants('assignment_statement')) {
      if (enclosingFunction(write) !== enclosingFunction(node)) continue;
      const targets = write.field('left').children.map((t) => t.text);
      if (targets.some((t) => !/^err/i.test(t) && condition.includes(t))) return true;
    }
  }
  return false;
}
