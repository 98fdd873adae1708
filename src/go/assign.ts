import type { Edit } from '../engine/pass.ts';
import type { Node } from '../syntax/tree.ts';
import type { FuncNode } from './scope.ts';

/** Where the results of a call go when the call is the only value on the right. */
export interface Assignment {
  /** The node of the flow graph: the statement itself, or the clause of an `if` or `switch`. */
  readonly statement: Node;
  readonly targets: readonly Node[];
  /** `:=` or `var`, as against `=`. */
  readonly declares: boolean;
}

export function assignmentOf(call: Node): Assignment | null {
  const list = call.parent;
  const statement = list?.parent ?? null;
  if (list?.kind !== 'expression_list' || list.children.length !== 1 || statement === null) return null;
  if (statement.is('short_var_declaration', 'assignment_statement'))
    return {
      statement,
      targets: statement.field('left').children,
      declares: statement.kind === 'short_var_declaration',
    };
  if (!statement.is('var_spec')) return null;
  const declaration = statement.ancestor('var_declaration');
  return declaration === null
    ? null
    : { statement: declaration, targets: statement.fields('name'), declares: true };
}

export function isBlank(node: Node): boolean {
  return node.text === '_';
}

/** A new line of code behind a statement, at its indentation. */
export function insertBelow(statement: Node, code: string): Edit {
  const { tree, endLine, end } = statement;
  const indent = /^\s*/.exec(tree.lineText(endLine))?.[0] ?? '';
  return { start: end, end, text: `\n${indent}${code}` };
}

/**
 * `defer` of a release behind the error check directly below the statement that acquires; in a loop it would pile up
 * until the function ends. [] where there is no such check.
 */
export function deferBelow(acquired: Node, release: string, error: string, func: FuncNode): readonly Edit[] {
  const loop = acquired.ancestor('for_statement');
  const list = acquired.parent;
  if (!list?.is('statement_list') || (loop !== null && func.contains(loop))) return [];
  const check = list.children[list.children.indexOf(acquired) + 1];
  if (!check?.is('if_statement') || check.field('alternative') !== null) return [];
  const leaves = check.field('consequence').children[0]?.children.at(-1)?.is('return_statement') === true;
  const asks = check.field('initializer') === null && check.field('condition').text === `${error} != nil`;
  return leaves && asks ? [insertBelow(check, `defer ${release}`)] : [];
}

/** Moves a statement behind the one right below it. */
export function moveBehind(statement: Node, other: Node): Edit {
  const indent = /^\s*/.exec(other.tree.lineText(other.line))?.[0] ?? '';
  return { start: statement.start, end: other.end, text: `${other.text}\n${indent}${statement.text}` };
}
