/** Diffs as GitHub's API shows them: one entry a file, with a patch that starts at its first `@@`. */

/** One changed file between two commits. */
export interface DiffFile {
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  path: string;
  /** Only for renamed and copied files. */
  previousPath?: string;
  /** Blob at the base; all zeros for an added file. */
  oldSha: string;
  /** Blob at the head; all zeros for a removed file. */
  newSha: string;
  additions: number;
  deletions: number;
  /** Null for binary files, pure renames, mode changes, and where GitHub finds the diff too large. */
  patch: string | null;
}

/** One `@@` section of a patch; `lines` keep their leading space, `+`, `-` or backslash. */
export interface Hunk {
  header: string;
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

/** Above these GitHub lists a file without its patch. */
export interface DiffLimits {
  patchBytes: number;
  patchLines: number;
  totalPatchBytes: number;
}

const STATUSES: Record<string, DiffFile['status']> = {
  A: 'added',
  C: 'copied',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

const FLAGS = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--full-index', '-M', '-l1000'];

export function readDiff(
  git: (args: string[]) => Buffer,
  base: string,
  head: string,
  limits: DiffLimits,
): DiffFile[] {
  const range = [base, head, '--'];
  const raw = git([...FLAGS, '--raw', '-z', '--abbrev=40', ...range]).toString();
  const sections = git([...FLAGS, '-p', ...range])
    .toString()
    .split(/^(?=diff --git )/m)
    .filter((section) => section !== '');
  let total = 0;
  return parseRaw(raw).map((entry) => {
    // A file that becomes a symlink (or back) is printed as a deletion and an addition.
    const own = sections.splice(0, entry.status === 'changed' ? 2 : 1);
    const text = own
      .map(patchOf)
      .filter((patch) => patch !== null)
      .join('\n');
    let [additions, deletions] = [0, 0];
    for (const hunk of parseHunks(text)) {
      for (const line of hunk.lines) {
        if (line.startsWith('+')) additions++;
        else if (line.startsWith('-')) deletions++;
      }
    }
    const bytes = Buffer.byteLength(text);
    total += bytes;
    const tooLarge =
      bytes > limits.patchBytes ||
      additions + deletions > limits.patchLines ||
      total > limits.totalPatchBytes;
    return { ...entry, additions, deletions, patch: text === '' || tooLarge ? null : text };
  });
}

function parseRaw(raw: string): Omit<DiffFile, 'additions' | 'deletions' | 'patch'>[] {
  const tokens = raw.split('\0');
  const entries: Omit<DiffFile, 'additions' | 'deletions' | 'patch'>[] = [];
  for (let i = 0; i + 1 < tokens.length; ) {
    const [, , oldSha = '', newSha = '', code = ''] = (tokens[i] ?? '').split(' ');
    const status = STATUSES[code.charAt(0)];
    if (status === undefined) throw new Error(`unexpected diff status ${code}`);
    const twoPaths = status === 'renamed' || status === 'copied';
    const path = tokens[i + (twoPaths ? 2 : 1)] ?? '';
    const previous = tokens[i + 1] ?? '';
    entries.push({ status, path, oldSha, newSha, ...(twoPaths ? { previousPath: previous } : {}) });
    i += twoPaths ? 3 : 2;
  }
  return entries;
}

function patchOf(section: string): string | null {
  const start = section.search(/^@@ /m);
  return start < 0 ? null : section.slice(start).replace(/\n$/, '');
}

/** The hunks of a patch, in order. */
export function parseHunks(patch: string | null): Hunk[] {
  const hunks: Hunk[] = [];
  if (patch === null || patch === '') return hunks;
  for (const line of patch.split('\n')) {
    const match = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (match) {
      const [, oldStart, oldLines = '1', newStart, newLines = '1'] = match;
      hunks.push({
        header: line,
        oldStart: Number(oldStart),
        oldLines: Number(oldLines),
        newStart: Number(newStart),
        newLines: Number(newLines),
        lines: [],
      });
    } else hunks.at(-1)?.lines.push(line);
  }
  return hunks;
}
