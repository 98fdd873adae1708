import { isRelevant, type TreeEntry } from '../engine/select.ts';
import { at, type Repo } from './repo.ts';
import { statusOf, Trouble } from './trouble.ts';

interface Listing {
  readonly entries: readonly (TreeEntry & { readonly isTree: boolean })[];
  readonly truncated: boolean;
}

/**
 * The files of two commits that a review may look at, every path. Above 100 000 entries or 7 MB GitHub cuts a
 * recursive listing; then the two trees are walked side by side, and only where they differ.
 * @throws Trouble `vanished` when a commit is not there any more.
 */
export async function listTrees(
  repo: Repo,
  repositoryId: number,
  base: string,
  head: string,
): Promise<{ readonly base: readonly TreeEntry[]; readonly head: readonly TreeEntry[] }> {
  const old = await recursive(repo, repositoryId, base);
  const now = await recursive(repo, repositoryId, head);
  if (old !== null && now !== null) return { base: old, head: now };
  const found = { base: [] as TreeEntry[], head: [] as TreeEntry[] };
  await walk(repo, '', base, head, found);
  return found;
}

/** Null when the listing is cut. Cached for ever by commit: the merge base's tree is mostly a hit. */
async function recursive(
  repo: Repo,
  repositoryId: number,
  commit: string,
): Promise<readonly TreeEntry[] | null> {
  const key = `${repositoryId}:${commit}`;
  const cached = repo.caches.trees.get(key);
  if (cached !== undefined) return cached;
  const { entries, truncated } = await list(repo, commit, true);
  if (truncated) return null;
  const files = entries.filter((e) => !e.isTree && isRelevant(e)).map(strip);
  repo.caches.trees.set(key, files, files.length + 1);
  return files;
}

/** Equal hashes are equal directories: nothing below them changed, and nothing below them is a sibling of a change. */
async function walk(
  repo: Repo,
  prefix: string,
  base: string | null,
  head: string | null,
  found: { readonly base: TreeEntry[]; readonly head: TreeEntry[] },
): Promise<void> {
  const old = base === null ? [] : (await list(repo, base, false)).entries;
  const now = head === null ? [] : (await list(repo, head, false)).entries;
  const below = (entry: TreeEntry) => ({ ...strip(entry), path: prefix + entry.path });
  found.base.push(
    ...old
      .filter((e) => !e.isTree)
      .map(below)
      .filter(isRelevant),
  );
  found.head.push(
    ...now
      .filter((e) => !e.isTree)
      .map(below)
      .filter(isRelevant),
  );
  const before = new Map(old.filter((e) => e.isTree).map((e) => [e.path, e.oid]));
  const after = new Map(now.filter((e) => e.isTree).map((e) => [e.path, e.oid]));
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name) ?? null, after.get(name) ?? null];
    if (was !== is) await walk(repo, `${prefix}${name}/`, was, is, found);
  }
}

async function list(repo: Repo, tree: string, deep: boolean): Promise<Listing> {
  try {
    const { data } = await repo.client.rest.git.getTree({
      ...at(repo),
      tree_sha: tree,
      // Any value at all makes GitHub list recursively, `0` and `false` too.
      ...(deep ? { recursive: '1' } : {}),
    });
    const entries = data.tree.map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      oid: entry.sha,
      size: entry.size ?? null,
      isTree: entry.type === 'tree',
    }));
    return { entries, truncated: data.truncated };
  } catch (error) {
    // 409 is what GitHub answers for an empty repository.
    if ([404, 409, 422].includes(statusOf(error))) {
      throw new Trouble('vanished', `GitHub has no tree ${tree}`, { cause: error });
    }
    throw error;
  }
}

function strip({ path, mode, oid, size }: TreeEntry): TreeEntry {
  return { path, mode, oid, size };
}
