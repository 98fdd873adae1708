/** Where review comments may sit in a diff, and where they end up when the head moves. */
import { type DiffFile, type Hunk, parseHunks } from './diff.ts';

export type Side = 'LEFT' | 'RIGHT';

/** A place in a pull request's diff. `side` RIGHT counts head lines, LEFT merge-base lines; from 1. */
export interface Anchor {
  path: string;
  line: number;
  side: Side;
  startLine?: number;
  startSide?: Side;
}

/** One line of a hunk with its numbers on the sides it exists on. */
export interface NumberedLine {
  text: string;
  left: number | null;
  right: number | null;
}

export function numberLines(hunk: Hunk): NumberedLine[] {
  let [left, right] = [hunk.oldStart, hunk.newStart];
  return hunk.lines.map((text) => {
    if (text.startsWith('+')) return { text, left: null, right: right++ };
    if (text.startsWith('-')) return { text, left: left++, right: null };
    if (text.startsWith('\\')) return { text, left: null, right: null };
    return { text, left: left++, right: right++ };
  });
}

function indexOf(hunk: Hunk, line: number, side: Side): number {
  return numberLines(hunk).findIndex((l) => (side === 'LEFT' ? l.left : l.right) === line);
}

/**
 * What GitHub says against an anchor, in its words; empty when it is good. GitHub joins the sentences
 * of one comment and names neither the comment nor the path.
 */
export function anchorProblems(diff: readonly DiffFile[], anchor: Anchor): string[] {
  const file = diff.find((f) => f.path === anchor.path);
  if (!file) return ['Path could not be resolved'];
  const hunk = parseHunks(file.patch).find((h) => indexOf(h, anchor.line, anchor.side) >= 0);
  const problems: string[] = [];
  if (!hunk) problems.push('line must be part of the diff');
  if (anchor.startLine !== undefined) {
    const startSide = anchor.startSide ?? anchor.side;
    if (startSide === anchor.side && anchor.startLine >= anchor.line) {
      problems.push('start line must precede the end line.');
    } else if (!hunk || indexOf(hunk, anchor.startLine, startSide) < 0) {
      problems.push('start line must be part of the same hunk as the line.');
    }
  }
  if (!hunk) problems.push("diff hunk can't be blank");
  return problems.length === 0 ? [] : [sentence(problems.map((p) => `Pull request review thread ${p}`))];
}

function sentence(parts: readonly string[]): string {
  if (parts.length < 3) return parts.join(' and ');
  return `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)}`;
}

/** The hunk's header and its lines down to the anchored one, which is what a comment quotes. */
export function quotedHunk(diff: readonly DiffFile[], path: string, line: number, side: Side): string {
  for (const hunk of parseHunks(diff.find((f) => f.path === path)?.patch ?? null)) {
    const index = indexOf(hunk, line, side);
    if (index >= 0) return [hunk.header, ...hunk.lines.slice(0, index + 1)].join('\n');
  }
  return '';
}

/** Lines below the file's first `@@`, headers of later hunks included; null when not in the diff. */
export function positionOf(diff: readonly DiffFile[], path: string, line: number, side: Side): number | null {
  let position = 0;
  for (const hunk of parseHunks(diff.find((f) => f.path === path)?.patch ?? null)) {
    const index = indexOf(hunk, line, side);
    if (index >= 0) return position + index + 1;
    position += hunk.lines.length + 1;
  }
  return null;
}

/** The anchor of a legacy `position`; null when the diff is shorter. */
export function atPosition(diff: readonly DiffFile[], path: string, position: number): Anchor | null {
  let before = 0;
  for (const hunk of parseHunks(diff.find((f) => f.path === path)?.patch ?? null)) {
    const line = numberLines(hunk)[position - before - 1];
    if (line && position > before) {
      const side: Side = line.right === null ? 'LEFT' : 'RIGHT';
      const number = line.right ?? line.left;
      return number === null ? null : { path, line: number, side };
    }
    before += hunk.lines.length + 1;
  }
  return null;
}

/**
 * Follows a line from one version of a file to the next through their diff: null when the line itself was
 * changed or removed. `path` follows renames.
 */
export function followLine(
  diff: readonly DiffFile[],
  path: string,
  line: number,
): { path: string; line: number } | null {
  const file = diff.find((f) => (f.previousPath ?? f.path) === path && f.status !== 'copied');
  if (!file) return { path, line };
  if (file.status === 'removed' || (file.patch === null && file.status !== 'renamed')) return null;
  let offset = 0;
  for (const hunk of parseHunks(file.patch)) {
    // A hunk with no old lines is an insertion after `oldStart`.
    if (hunk.oldLines === 0 ? hunk.oldStart >= line : hunk.oldStart > line) break;
    if (line < hunk.oldStart + hunk.oldLines) {
      const found = numberLines(hunk).find((l) => l.left === line);
      return found && found.right !== null ? { path: file.path, line: found.right } : null;
    }
    offset += hunk.newLines - hunk.oldLines;
  }
  return { path: file.path, line: line + offset };
}
