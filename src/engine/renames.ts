import { baseName, byPath } from './paths.ts';

export interface RenameCandidate {
  readonly path: string;
  readonly text: string;
}

export interface Rename {
  readonly from: string;
  readonly to: string;
  /** Share of the longer file's lines that both have, 0 to 1. */
  readonly similarity: number;
}

const MIN_SIMILARITY = 0.6;
/** Comparisons, not files: a change that moves a whole tree must not cost minutes. */
const MAX_COMPARISONS = 20_000;

interface Lines {
  readonly path: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

/**
 * Pairs deleted with added files of similar content: the most similar pair first, each file at most once. Pairs that
 * keep their file name are compared first, so they are what survives when the cap is reached.
 */
export function findRenames(
  deleted: readonly RenameCandidate[],
  added: readonly RenameCandidate[],
): readonly Rename[] {
  const froms = [...deleted].sort(byPath).map(linesOf);
  const tos = [...added].sort(byPath).map(linesOf);
  const found = [...compare(froms, tos)].sort(bestFirst);
  const usedFrom = new Set<string>();
  const usedTo = new Set<string>();
  const renames: Rename[] = [];
  for (const rename of found) {
    if (usedFrom.has(rename.from) || usedTo.has(rename.to)) continue;
    usedFrom.add(rename.from);
    usedTo.add(rename.to);
    renames.push(rename);
  }
  return renames;
}

function* compare(froms: readonly Lines[], tos: readonly Lines[]): Generator<Rename> {
  let comparisons = 0;
  for (const keepsName of [true, false]) {
    for (const from of froms) {
      for (const to of tos) {
        if ((baseName(from.path) === baseName(to.path)) !== keepsName) continue;
        const longer = Math.max(from.total, to.total);
        if (longer === 0 || Math.min(from.total, to.total) < MIN_SIMILARITY * longer) continue;
        if (++comparisons > MAX_COMPARISONS) return;
        const similarity = shared(from, to) / longer;
        if (similarity >= MIN_SIMILARITY) yield { from: from.path, to: to.path, similarity };
      }
    }
  }
}

/** Lines without a letter or digit (blank, lone braces) are alike in all Go files, so they do not count. */
function linesOf(file: RenameCandidate): Lines {
  const counts = new Map<string, number>();
  let total = 0;
  for (const raw of file.text.split('\n')) {
    const line = raw.trim();
    if (!/[\p{L}\p{N}]/u.test(line)) continue;
    counts.set(line, (counts.get(line) ?? 0) + 1);
    total++;
  }
  return { path: file.path, counts, total };
}

function shared(a: Lines, b: Lines): number {
  const [few, many] = a.counts.size <= b.counts.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [line, count] of few.counts) sum += Math.min(count, many.counts.get(line) ?? 0);
  return sum;
}

function bestFirst(a: Rename, b: Rename): number {
  if (a.similarity !== b.similarity) return b.similarity - a.similarity;
  const aKeeps = baseName(a.from) === baseName(a.to);
  const bKeeps = baseName(b.from) === baseName(b.to);
  if (aKeeps !== bKeeps) return aKeeps ? -1 : 1;
  if (a.from !== b.from) return a.from < b.from ? -1 : 1;
  return a.to < b.to ? -1 : a.to > b.to ? 1 : 0;
}
