import type { Tree } from '../syntax/tree.ts';
import type { Edit } from './pass.ts';
import type { Suggestion } from './verdict.ts';

/** Turns edits into one replacement of whole lines; null when edits overlap or there are none. */
export function toSuggestion(tree: Tree, edits: readonly Edit[]): Suggestion | null {
  if (edits.length === 0) return null;
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  for (let i = 1; i < sorted.length; i++)
    if ((sorted[i] as Edit).start < (sorted[i - 1] as Edit).end) return null;
  const first = sorted[0] as Edit;
  const startLine = tree.lineAt(first.start);
  const endLine = Math.max(...sorted.map((e) => tree.lineAt(e.end)));
  const from = tree.lineStart(startLine);
  const to = tree.lineStart(endLine) + tree.lineText(endLine).length;
  let out = '';
  let at = from;
  for (const edit of sorted) {
    out += tree.text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  out += tree.text.slice(at, to);
  return { startLine, endLine, lines: out.split(/\r?\n/) };
}
