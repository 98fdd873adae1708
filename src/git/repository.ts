import { stat } from 'node:fs/promises';
import { basename, dirname, resolve as resolvePath } from 'node:path';
import type { BlobText } from '../engine/blobs.ts';
import { isRelevant, type TreeEntry } from '../engine/select.ts';
import { nearest } from '../policy/nearest.ts';
import { GitError } from './errors.ts';
import { ObjectReader } from './objects.ts';
import { gitRecords, runGit } from './process.ts';

const DEFAULT_BRANCHES = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

const SHALLOW_HINT = 'this clone is shallow; fetch the whole history (in GitHub Actions: "fetch-depth: 0")';

/** A local repository, bare or not, read without running anything that it configures. Close it after use. */
export class Repository {
  /** The top of the work tree, or the git directory when there is none. */
  readonly root: string;
  readonly bare: boolean;
  readonly objectFormat: 'sha1' | 'sha256';
  /** `owner/name` when origin is on a host, as the app calls it; else the name of the directory. */
  readonly name: string;
  readonly #shallow: boolean;
  #objects: ObjectReader | null = null;

  private constructor(o: {
    root: string;
    bare: boolean;
    objectFormat: 'sha1' | 'sha256';
    shallow: boolean;
    origin: string;
  }) {
    this.root = o.root;
    this.bare = o.bare;
    this.objectFormat = o.objectFormat;
    this.name = hostedName(o.origin) ?? directoryName(o.root);
    this.#shallow = o.shallow;
  }

  /** Opens the repository that `directory` lies in. */
  static async open(directory: string): Promise<Repository> {
    if (!(await isDirectory(directory)))
      throw new GitError('not-a-repository', `${directory} is not a directory`);
    const { code, stdout, stderr } = await runGit(directory, [
      'rev-parse',
      '--is-inside-work-tree',
      '--is-shallow-repository',
      '--show-object-format',
      '--absolute-git-dir',
    ]);
    if (code !== 0) throw openFailure(directory, stderr);
    const [inside, shallow, format, gitDirectory = ''] = stdout.split('\n');
    const bare = inside !== 'true';
    const root = bare ? gitDirectory : await topLevel(directory);
    const objectFormat = format === 'sha256' ? 'sha256' : 'sha1';
    // Exits with 1 when there is no origin; what it says is only a name.
    const origin = await runGit(root, ['config', '--get', 'remote.origin.url']);
    return new Repository({
      root,
      bare,
      objectFormat,
      shallow: shallow === 'true',
      origin: origin.stdout.trim(),
    });
  }

  /** The commit a revision names. */
  async commit(revision: string): Promise<string> {
    if (revision === '' || revision.startsWith('-') || revision.includes('\0'))
      throw new GitError('unknown-revision', `'${revision.replaceAll('\0', '?')}' is not a revision`);
    const { code, stdout } = await runGit(this.root, [
      'rev-parse',
      '--verify',
      '--quiet',
      `${revision}^{commit}`,
    ]);
    if (code === 0) return stdout.trim();
    throw new GitError('unknown-revision', await this.#unknown(revision));
  }

  /** The best common ancestor, which is what a pull request is compared with. */
  async mergeBase(base: string, head: string): Promise<string> {
    const { code, stdout, stderr } = await runGit(this.root, ['merge-base', base, head]);
    const found = stdout.trim();
    if (code === 0 && found !== '') return found;
    if (code !== 1) throw new GitError('failed', `git merge-base: ${stderr.trim()}`);
    const pair = `${base.slice(0, 12)} and ${head.slice(0, 12)}`;
    const why = this.#shallow ? SHALLOW_HINT : 'their histories are unrelated; pass another --base';
    throw new GitError('no-merge-base', `no merge base of ${pair}: ${why}`);
  }

  /** The branch that changes are compared with when no base is given. */
  async defaultBranch(): Promise<{ readonly name: string; readonly commit: string }> {
    for (const ref of DEFAULT_BRANCHES) {
      const { code, stdout } = await runGit(this.root, [
        'rev-parse',
        '--verify',
        '--quiet',
        `${ref}^{commit}`,
      ]);
      if (code === 0) return { name: ref.replace(/^refs\/(?:remotes|heads)\//, ''), commit: stdout.trim() };
    }
    const { stdout } = await runGit(this.root, ['rev-parse', '--verify', '--quiet', 'HEAD']);
    throw new GitError(
      'no-default-branch',
      stdout.trim() === ''
        ? 'the repository has no commits yet; use "reefpilot scan" for the files on disk'
        : `no origin/HEAD, main or master to compare with; pass --base REV${this.#shallow ? ` (${SHALLOW_HINT})` : ''}`,
    );
  }

  /** The entries of a commit's whole tree that a review may look at. */
  async tree(commit: string): Promise<readonly TreeEntry[]> {
    try {
      return await this.#list(commit, ['-l']);
    } catch (error) {
      // A partial clone does not know the sizes of blobs it lacks; which those are shows when they are read.
      if (error instanceof GitError && error.message.includes('promisor')) return this.#list(commit, []);
      throw error;
    }
  }

  async #list(commit: string, sizes: readonly string[]): Promise<readonly TreeEntry[]> {
    const entries: TreeEntry[] = [];
    const args = ['ls-tree', '-r', '-z', ...sizes, '--full-tree', commit];
    for await (const record of gitRecords(this.root, args)) {
      const tab = record.indexOf('\t');
      const [mode = '', , oid = '', size = '-'] = record.slice(0, tab).split(/ +/);
      const entry = {
        path: record.slice(tab + 1),
        mode,
        oid,
        size: /^\d+$/.test(size) ? Number(size) : null,
      };
      if (isRelevant(entry)) entries.push(entry);
    }
    return entries;
  }

  /** Texts by object id. Objects that the repository lacks are left out. */
  async texts(entries: Iterable<TreeEntry>): Promise<ReadonlyMap<string, BlobText>> {
    const oids = [...new Set([...entries].map((entry) => entry.oid))];
    const texts = new Map<string, BlobText>();
    await Promise.all(
      oids.map(async (oid) => {
        const blob = await this.#reader().read(oid);
        if (blob !== null) texts.set(oid, blob);
      }),
    );
    return texts;
  }

  /** The text of one file at a commit; null when it is not there. */
  async file(commit: string, path: string): Promise<BlobText | null> {
    const { code, stdout } = await runGit(this.root, [
      'rev-parse',
      '--verify',
      '--quiet',
      `${commit}:${path}`,
    ]);
    return code === 0 ? this.#reader().read(stdout.trim()) : null;
  }

  close(): void {
    this.#objects?.close();
    this.#objects = null;
  }

  #reader(): ObjectReader {
    this.#objects ??= new ObjectReader(this.root);
    return this.#objects;
  }

  async #unknown(revision: string): Promise<string> {
    const { stdout } = await runGit(this.root, ['for-each-ref', '--count=5000', '--format=%(refname:short)']);
    const refs = stdout.split('\n').filter((ref) => ref !== '');
    if (refs.length === 0 && revision === 'HEAD')
      return 'the repository has no commits yet; use "reefpilot scan" for the files on disk';
    const elsewhere = refs.filter((ref) => ref.endsWith(`/${revision}`)).slice(0, 3);
    const near = elsewhere.length > 0 ? elsewhere.join(' or ') : nearest(revision, refs);
    const hint =
      near !== null
        ? `did you mean ${near}?`
        : this.#shallow
          ? SHALLOW_HINT
          : 'fetch it, or name a branch, tag or commit that this clone has';
    return `unknown revision '${revision}': ${hint}`;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

async function topLevel(directory: string): Promise<string> {
  const { code, stdout, stderr } = await runGit(directory, ['rev-parse', '--show-toplevel']);
  if (code !== 0) throw openFailure(directory, stderr);
  return resolvePath(stdout.replace(/\n$/, ''));
}

function openFailure(directory: string, stderr: string): GitError {
  if (stderr.includes('not a git repository'))
    return new GitError('not-a-repository', `${directory} is not in a git repository; pass --repo DIR`);
  if (stderr.includes('dubious ownership')) {
    const hint = `git config --global --add safe.directory ${resolvePath(directory)}`;
    return new GitError('unsafe-repository', `${directory} belongs to another user; to trust it: ${hint}`);
  }
  return new GitError('failed', `git cannot open ${directory}: ${stderr.trim()}`);
}

/** `acme/pay` for `https://host/acme/pay.git` and `git@host:acme/pay`; null for paths and for no origin. */
function hostedName(origin: string): string | null {
  const m = /^(?:\w+:\/\/[^/]+\/|[\w.-]+@[\w.-]+:)(?:.*\/)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(origin);
  return m === null || origin.startsWith('file:') ? null : `${m[1]}/${m[2]}`;
}

function directoryName(root: string): string {
  const name = basename(root);
  if (name === '.git') return basename(dirname(root));
  return name.replace(/\.git$/, '') || name;
}
