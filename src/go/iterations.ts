import type { Edit } from '../engine/pass.ts';
import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { insertBelow } from './assign.ts';
import { receiversOf } from './escape.ts';
import { variable } from './paths.ts';
import { returnOfError } from './results.ts';
import { type Definition, enclosingFunction, type FuncNode } from './scope.ts';
import { type Resource, usesOf } from './uses.ts';

type Call = Node<'call_expression'>;

type Step = 'Next' | 'Scan';

/** What is asked for one value after another, and stops for an error as it does at the end. */
const ITERATORS: Readonly<Record<Step, Resource>> = { Next: iterator('Next'), Scan: iterator('Scan') };

function iterator(step: Step): Resource {
  return {
    parts: new Set(['Rows']),
    releases: new Set(['Err', 'Rows.Err']),
    releaser: /close|check|drain|cleanup|err/i,
    reads: (name) => /^(?:fmt|log|log\/slog)\.\w+$/.test(name),
    usedUpBy: new Set([step]),
    wraps: () => false,
  };
}

/** A loop over what a call made, and where the error that may have ended it is asked for. */
export interface Iteration {
  readonly variable: Definition;
  readonly loop: Node<'for_statement'>;
  /** `rows.Next()`, which the loop goes by. */
  readonly step: Node;
  /** `rows.Err()`; null when nothing asks. */
  readonly asked: Node | null;
}

/**
 * The loop `for rows.Next() { … }` over what the call makes; null when there is none, when it never gets to a second
 * value, or when somebody else gets the variable and may ask for the error.
 */
export function iterationOf(file: SourceFile, made: Call, step: Step): Iteration | null {
  const [value] = receiversOf(made) ?? [];
  const d = value === undefined ? null : variable(file, value);
  const func = enclosingFunction(made);
  if (value === undefined || d === null || func === null || d.func !== func) return null;
  const { released, handedOn, overwritten } = usesOf(file, d, ITERATORS[step]);
  if (handedOn.some((use) => !isClosing(use))) return null;
  // Up to where the variable gets the next one.
  const next = overwritten.find((use) => use.id > made.id)?.id ?? Number.POSITIVE_INFINITY;
  for (const use of d.uses) {
    if (use.id < made.id || use.id > next) continue;
    const call = use.parent?.parent;
    const loop = use.ancestor('for_statement');
    const goesBy = call?.is('call_expression') === true && isStep(call, step) && loop !== null;
    if (!goesBy || loop.contains(made) || loop.field('body').contains(use) || leavesAtOnce(loop)) continue;
    const asked = released.find((r) => r.id > made.id && (r.id < next || enclosingFunction(r) !== func));
    return { variable: d, loop, step: call, asked: asked ?? null };
  }
  return null;
}

function isStep(call: Call, name: string): boolean {
  const target = call.field('function');
  return target.is('selector_expression') && target.field('field').text === name;
}

/** `defer func() { _ = rows.Close() }()`, which tells nothing of an error. */
function isClosing(use: Node): boolean {
  const selector = use.parent;
  return selector?.is('selector_expression') === true && selector.field('field').text === 'Close';
}

/** The body does not come to its end: the first value is all that is wanted. */
function leavesAtOnce(loop: Node<'for_statement'>): boolean {
  const statements = loop.field('body').children.flatMap((c) => (c.is('statement_list') ? c.children : [c]));
  return statements.some((s) => s.is('return_statement', 'break_statement'));
}

/**
 * Asks for the error behind the loop: in a `return …, nil` right there, else by a check of its own. [] where the function
 * returns no error, or where the loop can be left with more to come, so that leaving behind it needs thought.
 */
export function askBehind({ variable: d, loop }: Iteration, func: FuncNode): readonly Edit[] {
  const list = loop.parent;
  if (!list?.is('statement_list') || [...loop.descendants('break_statement')].length > 0) return [];
  const onError = returnOfError(func, 'err');
  const next = list.children[list.children.indexOf(loop) + 1];
  const values = next?.is('return_statement') ? (next.children[0]?.children ?? []) : [];
  const last = values.at(-1);
  if (onError === null) return [];
  if (last?.is('nil')) return [{ start: last.start, end: last.end, text: `${d.name}.Err()` }];
  const indent = /^\s*/.exec(loop.tree.lineText(loop.endLine))?.[0] ?? '';
  return [insertBelow(loop, `if err := ${d.name}.Err(); err != nil {\n${indent}\t${onError}\n${indent}}`)];
}
