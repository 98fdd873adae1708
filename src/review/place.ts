import type { Finding } from '../engine/verdict.ts';
import { type Hunk, hunkOnRight, parseHunks } from './hunks.ts';
import type { DiffFile, Placement } from './model.ts';

/** GitHub's diff, parsed once for all findings. */
export interface Diff {
  /** By head path; for removed files by the path they had. */
  readonly files: ReadonlyMap<string, FileDiff>;
  /** Base path → the path under which the diff shows it. */
  readonly headPathOf: ReadonlyMap<string, string>;
}

export interface FileDiff {
  readonly hunks: readonly Hunk[];
  readonly removed: boolean;
}

/** A longer site is anchored by its first line: GitHub shows an anchor's last lines, which say nothing of it. */
const MAX_SITE_LINES = 20;

/** Parses the hunks of every file that GitHub shows as changed. */
export function indexDiff(files: readonly DiffFile[]): Diff {
  const byPath = new Map<string, FileDiff>();
  const headPathOf = new Map<string, string>();
  for (const file of files) {
    if (file.status === 'unchanged') continue;
    byPath.set(file.path, { hunks: parseHunks(file.patch), removed: file.status === 'removed' });
    // The source of a copy is still there: only a rename moves the LEFT side to another path.
    const basePath = file.status === 'renamed' ? (file.previousPath ?? file.path) : file.path;
    headPathOf.set(basePath, file.path);
  }
  return { files: byPath, headPathOf };
}

/**
 * Where GitHub will accept a comment for this finding, the most telling place first: the site, a line of its trace,
 * the deleted safeguard, the file, the summary. Total: every finding has exactly one placement.
 */
export function place(finding: Finding, diff: Diff, suggestions: boolean): Placement {
  return (
    (suggestions ? atSuggestion(finding, diff) : null) ??
    atSite(finding, diff) ??
    atTrace(finding, diff) ??
    atRemoved(finding, diff) ??
    atFile(finding, diff) ?? { kind: 'summary', because: 'outside-diff' }
  );
}

/** True when a suggestion block below this placement replaces exactly the lines the suggestion means. */
export function carriesSuggestion(finding: Finding, placement: Placement): boolean {
  const { suggestion } = finding;
  if (!suggestion || placement.kind !== 'line' || placement.side !== 'RIGHT') return false;
  const start = placement.startLine ?? placement.line;
  return (
    placement.path === finding.path && start === suggestion.startLine && placement.line === suggestion.endLine
  );
}

type LinePlacement = Extract<Placement, { kind: 'line' }>;

/** A suggestion replaces the anchored lines, so the anchor has to be its range and not the site's. */
function atSuggestion(finding: Finding, diff: Diff): LinePlacement | null {
  const { suggestion } = finding;
  if (!suggestion) return null;
  const { startLine, endLine } = suggestion;
  if (!onRight(diff, finding.path, startLine, endLine)) return null;
  const exact = startLine <= finding.line && finding.line <= endLine;
  return anchor(finding.path, startLine, endLine, exact);
}

function atSite(finding: Finding, diff: Diff): LinePlacement | null {
  const { path, line, endLine } = finding;
  const short = endLine > line && endLine - line < MAX_SITE_LINES;
  if (short && onRight(diff, path, line, endLine)) return anchor(path, line, endLine, true);
  return onRight(diff, path, line, line) ? anchor(path, line, line, true) : null;
}

function atTrace(finding: Finding, diff: Diff): LinePlacement | null {
  const visible = finding.trace.filter((step) => onRight(diff, step.path, step.line, step.line));
  const step = visible.find((candidate) => candidate.path === finding.path) ?? visible[0];
  return step ? anchor(step.path, step.line, step.line, false) : null;
}

function atRemoved(finding: Finding, diff: Diff): LinePlacement | null {
  const { removed } = finding;
  if (!removed) return null;
  const path = diff.headPathOf.get(removed.path);
  if (path === undefined) return null;
  // Deleted lines only: the LEFT side of a context line is addressed by its RIGHT number.
  const shown = diff.files.get(path)?.hunks.some((hunk) => hunk.deleted.has(removed.line));
  return shown
    ? { kind: 'line', side: 'LEFT', path, line: removed.line, startLine: null, exact: false }
    : null;
}

function atFile(finding: Finding, diff: Diff): Placement | null {
  const file = diff.files.get(finding.path);
  return file && !file.removed ? { kind: 'file', path: finding.path } : null;
}

function onRight(diff: Diff, path: string, start: number, end: number): boolean {
  const file = diff.files.get(path);
  return file !== undefined && hunkOnRight(file.hunks, start, end) !== null;
}

/** GitHub demands `start_line < line`, so a single line has no start. */
function anchor(path: string, start: number, end: number, exact: boolean): LinePlacement {
  return { kind: 'line', side: 'RIGHT', path, line: end, startLine: start < end ? start : null, exact };
}
