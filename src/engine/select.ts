import { MAX_FILE_BYTES, TOO_LARGE } from './blobs.ts';
import { modulesWithPrograms, type Touched, wanted } from './context.ts';
import { globMatcher } from './globs.ts';
import { baseName, byPath, directoryOf, excludedPath, hostilePath, isGoFile, isModuleFile } from './paths.ts';
import type { Change, Settings } from './snapshot.ts';
import type { LedgerEntry } from './verdict.ts';

export { type SnapshotMeta, toSnapshot } from './assemble.ts';
export type { BlobText } from './blobs.ts';

/** One entry of a recursive tree listing, as `git ls-tree -r -l` and GitHub's trees API give it. */
export interface TreeEntry {
  readonly path: string;
  /** Git's octal mode, six digits. */
  readonly mode: string;
  readonly oid: string;
  /** Null where the listing does not say (submodules). */
  readonly size: number | null;
}

/** What has to be read to review a change; all lists are in path order. */
export interface Selection {
  /** Changed Go and module files that can be reviewed. Renames of identical content are found already. */
  readonly changes: readonly Change[];
  /** Blobs wanted at head: changed files, their siblings, their module files. */
  readonly head: readonly TreeEntry[];
  /** The same at the merge base; empty for a scan. */
  readonly base: readonly TreeEntry[];
  /** Directories to be read of which some Go file is not: over the limits, or left out at either end. */
  readonly partialPackages: readonly string[];
  /** Directories of the go.mod files of touched packages at head whose module has a program. */
  readonly programs: readonly string[];
  /** Changed files that are left out, with the reason. */
  readonly skipped: readonly LedgerEntry[];
}

/**
 * Decides from two tree listings alone what a review reads. `base` is the tree of the MERGE BASE; null means a scan,
 * in which every file counts as added. The order of the listings does not matter. Who asks for a directory (`asked`) by
 * name wants what is in it, test data or vendored as it may be.
 */
export function select(
  base: readonly TreeEntry[] | null,
  head: readonly TreeEntry[],
  settings: Settings,
  asked: readonly string[] = [],
): Selection {
  const isIgnored = globMatcher(settings.ignore);
  const old = sort(base ?? [], isIgnored, asked);
  const now = sort(head, isIgnored, asked);
  const changes = changesBetween(old.usable, now.usable);
  const touched = touchedPaths(changes);
  if (base === null) {
    return {
      changes,
      head: [...now.usable.values()],
      base: [],
      partialPackages: partialPackages(touched.packages, now.skipped),
      programs: modulesWithPrograms(now.usable, touched),
      skipped: now.skipped.map((s) => s.ledger),
    };
  }
  const wantedHead = wanted(now.usable, touched);
  const wantedBase = wanted(old.usable, touched);
  return {
    changes,
    head: wantedHead.chosen,
    base: wantedBase.chosen,
    partialPackages: partialPackages(
      touched.packages,
      [...now.skipped, ...old.skipped],
      [...wantedHead.tooMany, ...wantedBase.tooMany],
    ),
    programs: modulesWithPrograms(now.usable, touched),
    skipped: now.skipped.filter((s) => s.key !== old.keys.get(s.ledger.path)).map((s) => s.ledger),
  };
}

interface Skip {
  /** Mode and blob: a skipped file whose key is the same at both ends did not change. */
  readonly key: string;
  readonly ledger: LedgerEntry;
}

interface Sorted {
  readonly usable: ReadonlyMap<string, TreeEntry>;
  readonly skipped: readonly Skip[];
  readonly keys: ReadonlyMap<string, string>;
}

function sort(
  entries: readonly TreeEntry[],
  isIgnored: (path: string) => boolean,
  asked: readonly string[],
): Sorted {
  const usable = new Map<string, TreeEntry>();
  const skipped: Skip[] = [];
  const keys = new Map<string, string>();
  for (const entry of [...entries].sort(inOrder)) {
    // A crafted tree may hold one path twice; the order above makes the choice the same every time.
    const path = belowAsked(entry.path, asked);
    if (keys.has(entry.path) || !isRelevant({ ...entry, path })) continue;
    const key = `${entry.mode} ${entry.oid}`;
    keys.set(entry.path, key);
    const reason = skipReason(entry, path, isIgnored);
    if (reason === null) usable.set(entry.path, entry);
    else skipped.push({ key, ledger: { path: entry.path, status: 'skipped', reason, functionsSkipped: [] } });
  }
  return { usable, skipped, keys };
}

function inOrder(a: TreeEntry, b: TreeEntry): number {
  return byPath(a, b) || (a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0) || (a.mode < b.mode ? -1 : 1);
}

/** Whether a review ever looks at the entry; a lister may drop the others to save memory. */
export function isRelevant(entry: { readonly path: string; readonly mode: string }): boolean {
  if (entry.mode === '160000') return excludedPath(`${entry.path}/`) === null;
  if (isModuleFile(entry.path)) return excludedPath(entry.path) === null;
  return isGoFile(entry.path);
}

/** The part of a path whose directories are judged by their names: not of a go.mod above what was asked for, either. */
function belowAsked(path: string, asked: readonly string[]): string {
  if (isModuleFile(path) && asked.some((d) => d.startsWith(`${directoryOf(path)}/`))) return baseName(path);
  const above = asked.filter((directory) => path.startsWith(`${directory}/`)).map((d) => d.length + 1);
  return path.slice(Math.max(0, ...above));
}

function skipReason(entry: TreeEntry, below: string, isIgnored: (path: string) => boolean): string | null {
  const byName = hostilePath(entry.path) ?? excludedPath(below);
  if (byName !== null) return byName;
  if (isIgnored(entry.path)) return 'ignored by the configuration';
  if (entry.mode === '160000') return 'submodule';
  if (entry.mode === '120000') return 'symbolic link';
  if (!entry.mode.startsWith('100')) return 'not a regular file';
  if (entry.size !== null && entry.size > MAX_FILE_BYTES) return TOO_LARGE;
  return null;
}

function changesBetween(
  old: ReadonlyMap<string, TreeEntry>,
  now: ReadonlyMap<string, TreeEntry>,
): readonly Change[] {
  const added: TreeEntry[] = [];
  const changes: Change[] = [];
  for (const entry of now.values()) {
    const before = old.get(entry.path);
    if (before === undefined) added.push(entry);
    else if (before.oid !== entry.oid)
      changes.push({ path: entry.path, previousPath: null, status: 'modified' });
  }
  const deleted = [...old.values()].filter((entry) => !now.has(entry.path));
  const origin = identicalRenames(deleted, added);
  for (const { path } of added) {
    const previousPath = origin.get(path) ?? null;
    changes.push({ path, previousPath, status: previousPath === null ? 'added' : 'renamed' });
  }
  const moved = new Set(origin.values());
  for (const { path } of deleted) {
    if (!moved.has(path)) changes.push({ path, previousPath: null, status: 'deleted' });
  }
  return changes.sort(byPath);
}

/** New path → old path of Go files whose content did not change. Pairs that keep the file name come first. */
function identicalRenames(
  deleted: readonly TreeEntry[],
  added: readonly TreeEntry[],
): ReadonlyMap<string, string> {
  const free = new Map<string, Set<string>>();
  for (const { path, oid, size } of deleted) {
    if (!isGoFile(path) || size === 0) continue;
    const paths = free.get(oid);
    if (paths === undefined) free.set(oid, new Set([path]));
    else paths.add(path);
  }
  const origin = new Map<string, string>();
  for (const keepsName of [true, false]) {
    for (const { path, oid } of added) {
      if (!isGoFile(path) || origin.has(path)) continue;
      for (const from of free.get(oid) ?? []) {
        if ((baseName(from) === baseName(path)) !== keepsName) continue;
        origin.set(path, from);
        free.get(oid)?.delete(from);
        break;
      }
    }
  }
  return origin;
}

function touchedPaths(changes: readonly Change[]): Touched {
  const paths = new Set<string>();
  for (const change of changes) {
    paths.add(change.path);
    if (change.previousPath !== null) paths.add(change.previousPath);
  }
  return { paths, packages: new Set([...paths].filter(isGoFile).map(directoryOf)) };
}

function partialPackages(
  packages: ReadonlySet<string>,
  skipped: readonly Skip[],
  tooMany: readonly string[] = [],
): readonly string[] {
  const directories = skipped
    .map((s) => s.ledger.path)
    .filter(isGoFile)
    .map(directoryOf);
  return [...new Set([...tooMany, ...directories])].filter((d) => packages.has(d)).sort();
}
