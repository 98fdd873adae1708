import type { BlobText } from '../engine/blobs.ts';
import { select, type TreeEntry, toSnapshot } from '../engine/select.ts';
import type { Settings, Snapshot } from '../engine/snapshot.ts';
import { Disk, indexEntries, workTreePaths } from './disk.ts';
import { GitError } from './errors.ts';
import type { Repository } from './repository.ts';

/** What `--head` says for the files on disk. */
export const WORKTREE = 'worktree';

export interface ChangeRange {
  /** Commit of the merge base. */
  readonly base: string;
  /** Commit that the base revision names: its configuration applies, as a pull request's base branch's does. */
  readonly tip: string;
  /** Commit, or `worktree`. */
  readonly head: string;
  /** What the base was found from: the revision given, or the default branch. */
  readonly against: string;
}

/** Resolves what a change is compared with: the merge base of head and the base, by default the default branch. */
export async function findRange(
  repository: Repository,
  baseRevision: string | null,
  headRevision: string,
): Promise<ChangeRange> {
  if (headRevision === WORKTREE && repository.bare)
    throw new GitError('no-work-tree', 'a bare repository has no files on disk; pass --head REV');
  const head = await repository.commit(headRevision === WORKTREE ? 'HEAD' : headRevision);
  const against =
    baseRevision === null
      ? await repository.defaultBranch()
      : { name: baseRevision, commit: await repository.commit(baseRevision) };
  const base = await repository.mergeBase(against.commit, head);
  return {
    base,
    tip: against.commit,
    head: headRevision === WORKTREE ? WORKTREE : head,
    against: against.name,
  };
}

/** Reads one change. `today` is the UTC date on which waivers are judged. */
export async function readChange(
  repository: Repository,
  range: ChangeRange,
  settings: Settings,
  today: string,
): Promise<Snapshot> {
  const meta = { repo: repository.name, base: range.base, head: range.head, today, settings };
  const base = await repository.tree(range.base);
  if (range.head !== WORKTREE) {
    const selection = select(base, await repository.tree(range.head), settings);
    return toSnapshot(selection, await repository.texts([...selection.base, ...selection.head]), meta);
  }
  const { disk, entries } = await readWorkTree(repository);
  const selection = select(base, entries, settings);
  const texts = new Map<string, BlobText>(await repository.texts(selection.base));
  for (const entry of selection.head) {
    // What is on disk may not be in the object database. A file deleted meanwhile is listed as failed.
    const file = texts.has(entry.oid) ? null : await disk.read(entry.path);
    if (file !== null && file.blob !== null) texts.set(entry.oid, file.blob);
  }
  return toSnapshot(selection, texts, meta);
}

/** The tree that committing everything would give. Texts are read again later: all of them at once may be too much. */
async function readWorkTree(
  repository: Repository,
): Promise<{ readonly disk: Disk; readonly entries: readonly TreeEntry[] }> {
  const indexed = await indexEntries(repository);
  const disk = new Disk(
    repository.root,
    repository.objectFormat,
    new Map(indexed.map((entry) => [entry.path, entry.oid])),
  );
  const entries = indexed.filter((entry) => entry.mode === '160000');
  for (const path of await workTreePaths(repository)) {
    const file = await disk.read(path);
    if (file !== null) entries.push(file.entry);
  }
  return { disk, entries };
}
