/** Lines `start..end`, inclusive; empty when `end < start`. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/**
 * One hunk of GitHub's diff. Only lines that the patch really shows are counted: a truncated patch yields a shorter
 * hunk than its header promises, because GitHub refuses comments on lines it does not show.
 */
export interface Hunk {
  /** Head numbering: added and context lines. Contiguous, as every line of a hunk is shown. */
  readonly right: LineRange;
  /** Base numbering: deleted and context lines. */
  readonly left: LineRange;
  /** Base numbering: the deleted lines alone. */
  readonly deleted: ReadonlySet<number>;
}

const HEADER = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

/** Reads the `patch` of one file. Whatever it does not understand belongs to no hunk. */
export function parseHunks(patch: string | null): readonly Hunk[] {
  if (patch === null) return [];
  const hunks: Hunk[] = [];
  let open: OpenHunk | null = null;
  for (const line of patch.split('\n')) {
    const header = HEADER.exec(line);
    // Deleted text may look like a header, but it starts with `-`; no line of a hunk starts with `@`.
    if (header) {
      if (open) hunks.push(closeHunk(open));
      open = openHunk(header);
    } else if (open) {
      readLine(open, line);
    }
  }
  if (open) hunks.push(closeHunk(open));
  return hunks;
}

/** The hunk whose RIGHT side shows all lines `start..end`, if one does. */
export function hunkOnRight(hunks: readonly Hunk[], start: number, end: number): Hunk | null {
  if (end < start) return null;
  return hunks.find((hunk) => hunk.right.start <= start && end <= hunk.right.end) ?? null;
}

interface OpenHunk {
  readonly oldStart: number;
  readonly newStart: number;
  oldLeft: number;
  newLeft: number;
  oldSeen: number;
  newSeen: number;
  readonly deleted: Set<number>;
}

function openHunk(header: RegExpExecArray): OpenHunk {
  return {
    oldStart: Number(header[1]),
    newStart: Number(header[3]),
    // A missing count means 1 in the unified format.
    oldLeft: Number(header[2] ?? 1),
    newLeft: Number(header[4] ?? 1),
    oldSeen: 0,
    newSeen: 0,
    deleted: new Set(),
  };
}

function readLine(hunk: OpenHunk, line: string): void {
  const mark = line[0];
  const wantsOld = mark === '-' || mark === ' ' || mark === undefined || mark === '\r';
  const wantsNew = mark === '+' || mark === ' ' || mark === undefined || mark === '\r';
  // `\ No newline at end of file` and anything unknown counts for no side.
  if (!wantsOld && !wantsNew) return;
  // The counts of the header end the hunk: what follows them is no part of the diff.
  if ((wantsOld && hunk.oldLeft === 0) || (wantsNew && hunk.newLeft === 0)) return;
  if (mark === '-') hunk.deleted.add(hunk.oldStart + hunk.oldSeen);
  if (wantsOld) {
    hunk.oldSeen += 1;
    hunk.oldLeft -= 1;
  }
  if (wantsNew) {
    hunk.newSeen += 1;
    hunk.newLeft -= 1;
  }
}

function closeHunk(hunk: OpenHunk): Hunk {
  return {
    right: { start: hunk.newStart, end: hunk.newStart + hunk.newSeen - 1 },
    left: { start: hunk.oldStart, end: hunk.oldStart + hunk.oldSeen - 1 },
    deleted: hunk.deleted,
  };
}
