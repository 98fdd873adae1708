import { printable } from './text.ts';

const TAB = '    ';
const MAX_WIDTH = 120;
/** A finding may span a whole function; its first lines are enough to recognise it. */
const MAX_LINES = 4;

export interface FrameLine {
  /** Null for the line of markers below the code. */
  readonly number: number | null;
  readonly text: string;
}

/** The lines of a finding with the line above for orientation, and markers below its first line. */
export function codeFrame(
  source: readonly string[],
  at: { readonly line: number; readonly endLine: number; readonly column: number },
): readonly FrameLine[] {
  const frame: FrameLine[] = [];
  const last = Math.min(at.endLine, at.line + MAX_LINES - 1, source.length);
  for (let number = Math.max(1, at.line - 1); number <= last; number++) {
    const raw = (source[number - 1] ?? '').replace(/\r$/, '');
    if (number < at.line && raw.trim() === '') continue;
    frame.push({ number, text: cut(show(raw)) });
    if (number !== at.line) continue;
    const start = width(show(raw.slice(0, at.column - 1)));
    const length = Math.min(width(show(raw.trimEnd())), MAX_WIDTH) - start;
    if (length > 0) frame.push({ number: null, text: ' '.repeat(start) + '~'.repeat(length) });
  }
  return frame;
}

function show(text: string): string {
  return printable(text).replaceAll('\t', TAB);
}

function cut(text: string): string {
  return text.length > MAX_WIDTH ? `${text.slice(0, MAX_WIDTH - 1)}…` : text;
}

/** Columns on a terminal: East Asian wide characters take two. */
function width(text: string): number {
  let columns = 0;
  for (const c of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(c)
      ? 2
      : 1;
  return columns;
}
