import type { Edit } from '../engine/pass.ts';
import type { Node } from '../syntax/tree.ts';

/** The value a struct literal gives a field, by name or, in a literal without names, by position. */
export function elementOf(literal: Node<'composite_literal'>, name: string, position = -1): Node | null {
  const elements = literal.field('body').children;
  const keyed = elements.find((e) => e.is('keyed_element') && e.field('key').text === name);
  const element = keyed?.is('keyed_element') ? keyed.field('value') : elements[position];
  return element?.is('literal_element') ? (element.children[0] ?? null) : null;
}

/**
 * One more field on a line of its own at the end of a struct literal, the values in one column as gofmt puts them. null
 * for a literal on one line, and where comments stand in the column.
 */
export function addElement(
  literal: Node<'composite_literal'>,
  name: string,
  value: string,
): readonly Edit[] | null {
  const { tree } = literal;
  const elements = literal.field('body').children.filter((e) => e.is('keyed_element'));
  const last = elements.at(-1);
  if (last === undefined || last.endLine === literal.endLine) return null;
  const column = columnAt(elements);
  if (!(column.length === 0 ? [last] : column).every(isAlone)) return null;
  const width = Math.max(...[name, ...column.map((e) => e.field('key').text)].map((key) => key.length)) + 2;
  const indent = /^\s*/.exec(tree.lineText(last.line))?.[0] ?? '';
  const padded = (key: string) => `${key}:`.padEnd(width);
  const end = tree.lineStart(last.endLine) + tree.lineText(last.endLine).length;
  return [
    ...column.map((e) => ({
      start: e.field('key').start,
      end: e.field('value').start,
      text: padded(e.field('key').text),
    })),
    { start: end, end, text: `\n${indent}${padded(name)}${value},` },
  ];
}

/** The elements at the end, one a line, whose values stand in one column: an empty line or a value of several lines ends it. */
function columnAt(elements: readonly Node<'keyed_element'>[]): readonly Node<'keyed_element'>[] {
  const column: Node<'keyed_element'>[] = [];
  for (const e of elements.toReversed()) {
    const below = column[0];
    if (e.line !== e.endLine || (below !== undefined && e.line !== below.line - 1)) break;
    column.unshift(e);
  }
  return column;
}

/** Nothing else on its lines: no other element, no brace, no comment. */
function isAlone(element: Node): boolean {
  const { tree, line, endLine, start, end } = element;
  const before = tree.text.slice(tree.lineStart(line), start);
  const after = tree.text.slice(end, tree.lineStart(endLine) + tree.lineText(endLine).length);
  return before.trim() === '' && /^,?\s*$/.test(after);
}
