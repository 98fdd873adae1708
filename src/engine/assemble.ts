import { type BlobText, isGenerated } from './blobs.ts';
import { byPath, directoryOf, isGoFile } from './paths.ts';
import { findRenames, type RenameCandidate } from './renames.ts';
import type { Selection, TreeEntry } from './select.ts';
import type { Change, Settings, Snapshot, SourceText } from './snapshot.ts';
import type { LedgerEntry } from './verdict.ts';

export interface SnapshotMeta {
  readonly repo: string;
  /** Commit of the merge base; null for a scan. */
  readonly base: string | null;
  readonly head: string;
  readonly today: string;
  readonly settings: Settings;
}

/**
 * Puts the texts that `select` asked for into place, keyed by blob. Whether a file is generated, or was moved and
 * edited, shows only in its text and is decided here. A blob that is missing from `texts` could not be fetched:
 * its file is listed as failed, so that the verdict cannot claim to be complete.
 */
export function toSnapshot(
  selection: Selection,
  texts: ReadonlyMap<string, BlobText>,
  meta: SnapshotMeta,
): Snapshot {
  const changed = new Set(selection.changes.map((change) => change.path));
  const ledger = new Map(selection.skipped.map((entry) => [entry.path, entry]));
  const head = new Map<string, SourceText>();
  const generated = new Set<string>();
  const partial = new Set(selection.partialPackages);
  const leftOut = (path: string) => isGoFile(path) && partial.add(directoryOf(path));
  for (const entry of selection.head) {
    const read = readEntry(entry, texts);
    if ('text' in read && !isGeneratedGo(read)) {
      head.set(entry.path, read);
      continue;
    }
    leftOut(entry.path);
    if ('text' in read) generated.add(entry.path);
    const excuse = 'text' in read ? skip(entry.path, 'generated') : read;
    // An unchanged sibling that cannot be used only narrows what is known; one that was not fetched must be told.
    if (changed.has(entry.path) || excuse.status === 'failed') ledger.set(entry.path, excuse);
  }
  const headPaths = new Set(selection.head.map((entry) => entry.path));
  const base = new Map<string, SourceText>();
  for (const entry of selection.base) {
    const read = readEntry(entry, texts);
    if (!('text' in read)) {
      leftOut(entry.path);
      if (read.status === 'failed') ledger.set(entry.path, read);
      continue;
    }
    // Head decides for a path that is at both ends: whoever takes a generated file over did not write its old bugs.
    const left = headPaths.has(entry.path) ? generated.has(entry.path) : isGeneratedGo(read);
    if (left) leftOut(entry.path);
    else base.set(entry.path, read);
  }
  return {
    repo: meta.repo,
    base: meta.base,
    head: meta.head,
    today: meta.today,
    changes: withRenames(readable(selection.changes, base, head), base, head),
    headFiles: [...head.values()].sort(byPath),
    baseFiles: [...base.values()].sort(byPath),
    partialPackages: [...partial].sort(),
    programs: selection.programs,
    skipped: [...ledger.values()].sort(byPath),
    settings: meta.settings,
  };
}

function readEntry(entry: TreeEntry, texts: ReadonlyMap<string, BlobText>): SourceText | LedgerEntry {
  const blob = texts.get(entry.oid);
  if (blob === undefined)
    return { path: entry.path, status: 'failed', reason: 'content not available', functionsSkipped: [] };
  if ('unreadable' in blob) return skip(entry.path, blob.unreadable);
  return { path: entry.path, oid: entry.oid, text: blob.text };
}

function skip(path: string, reason: string): LedgerEntry {
  return { path, status: 'skipped', reason, functionsSkipped: [] };
}

function isGeneratedGo(file: SourceText): boolean {
  return isGoFile(file.path) && isGenerated(file.text);
}

/** Changes restated over the files that can be read: what has no readable past is new, what has no present is gone. */
function readable(
  changes: readonly Change[],
  base: ReadonlyMap<string, SourceText>,
  head: ReadonlyMap<string, SourceText>,
): readonly Change[] {
  return changes.flatMap((change): Change[] => {
    if (change.status === 'deleted') return base.has(change.path) ? [change] : [];
    if (!head.has(change.path)) return [];
    if (change.status === 'added' || base.has(change.previousPath ?? change.path)) return [change];
    return [{ path: change.path, previousPath: null, status: 'added' }];
  });
}

function withRenames(
  changes: readonly Change[],
  base: ReadonlyMap<string, SourceText>,
  head: ReadonlyMap<string, SourceText>,
): readonly Change[] {
  const candidates = (
    status: Change['status'],
    files: ReadonlyMap<string, SourceText>,
  ): readonly RenameCandidate[] =>
    changes.flatMap((change) => {
      const file = change.status === status && isGoFile(change.path) ? files.get(change.path) : undefined;
      return file === undefined ? [] : [file];
    });
  const deleted = candidates('deleted', base);
  const origin = new Map(
    deleted.length === 0 ? [] : findRenames(deleted, candidates('added', head)).map((r) => [r.to, r.from]),
  );
  const moved = new Set(origin.values());
  return changes.flatMap((change): Change[] => {
    if (change.status === 'deleted') return moved.has(change.path) ? [] : [change];
    const previousPath = origin.get(change.path);
    return previousPath === undefined ? [change] : [{ path: change.path, previousPath, status: 'renamed' }];
  });
}
