/** A bare git repository driven through the `git` binary: the only store of code the double has. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type DiffFile, type DiffLimits, readDiff } from './diff.ts';

/** One file of a commit: text, bytes, an explicit mode, or `null` to delete it. */
export type FileContent =
  | string
  | Buffer
  | null
  | { mode: '100644' | '100755' | '120000'; content: string | Buffer }
  /** A submodule: `content` is the commit it points to. */
  | { mode: '160000'; content: string };

/** What a new commit holds. `files` are changes on top of the first parent's tree. */
export interface CommitSpec {
  message?: string;
  files: Record<string, FileContent>;
  /** Shas or revisions; default: the branch's tip. The second and later ones make a merge commit. */
  parent?: string | string[];
  /** Start from an empty tree instead of the parent's. */
  replaceTree?: boolean;
  author?: { name: string; email: string };
}

export interface GitObject {
  oid: string;
  type: 'blob' | 'tree' | 'commit' | 'tag';
  body: Buffer;
}

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  oid: string;
  /** Bytes; absent for trees and submodules. */
  size?: number;
  path: string;
}

export interface Signature {
  name: string;
  email: string;
  /** ISO 8601, UTC. */
  date: string;
}

export interface CommitInfo {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
/** fast-import needs a ref for a commit; branches are moved afterwards. */
const IMPORT_REF = 'refs/double/import';
const SHA = /^[0-9a-f]{40}$/;
const MAX_OUTPUT = 1 << 30;
const CACHED_DIFFS = 64;

/** Nothing of the machine's git configuration may change what the double answers. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

export class GitStore {
  private readonly diffs = new Map<string, DiffFile[]>();
  private readonly trees = new Map<string, TreeEntry[]>();
  /** Shas known to be commits here. */
  private readonly commits = new Set<string>();
  /** Answers of git about commits named by their shas: those never change. */
  private readonly facts = new Map<string, string | null>();

  constructor(readonly dir: string) {}

  static create(dir: string, defaultBranch: string): GitStore {
    mkdirSync(dir, { recursive: true });
    const store = new GitStore(dir);
    store.run(['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, '.']);
    return store;
  }

  /** Output of a git command; throws with git's message when it fails. */
  run(args: readonly string[], input?: string | Buffer): Buffer {
    const { status, stdout, stderr } = this.spawn(args, input);
    if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.toString().trim()}`);
    return stdout;
  }

  private attempt(args: readonly string[]): string | null {
    const { status, stdout } = this.spawn(args);
    return status === 0 ? stdout.toString().trim() : null;
  }

  /** Like {@link attempt}, asked of git once only when every commit is given by its sha. */
  private fact(args: readonly string[], ...commits: readonly string[]): string | null {
    if (!commits.every((commit) => SHA.test(commit))) return this.attempt([...args, ...commits]);
    const key = [...args, ...commits].join(' ');
    const known = this.facts.get(key);
    if (known !== undefined) return known;
    const answer = this.attempt([...args, ...commits]);
    this.facts.set(key, answer);
    return answer;
  }

  private spawn(args: readonly string[], input?: string | Buffer) {
    const result = spawnSync('git', ['-c', 'core.quotePath=false', ...args], {
      cwd: this.dir,
      env: ENVIRONMENT,
      maxBuffer: MAX_OUTPUT,
      ...(input === undefined ? {} : { input }),
    });
    if (result.error) throw result.error;
    return result;
  }

  /** The commit that a branch, tag, sha or revision names, or null. */
  resolve(revision: string): string | null {
    if (revision === '' || revision.startsWith('-')) return null;
    if (this.commits.has(revision)) return revision;
    const sha = this.attempt([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]);
    if (sha !== null) this.commits.add(sha);
    return sha;
  }

  /** The commit of a branch; unlike {@link resolve}, never a tag or sha of the same name. */
  branch(name: string): string | null {
    return this.resolve(`refs/heads/${name}`);
  }

  setRef(ref: string, sha: string | null): void {
    this.run(sha === null ? ['update-ref', '-d', ref] : ['update-ref', ref, sha]);
  }

  branches(): { name: string; sha: string }[] {
    const lines = this.run(['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads']);
    return splitLines(lines.toString()).map((line) => ({ sha: line.slice(0, 40), name: line.slice(41) }));
  }

  /** Objects become available here; refs do not change. `source` is a path git can fetch from. */
  fetch(source: string, refspecs: readonly string[]): void {
    this.run(['fetch', '--quiet', '--no-tags', '--force', '--no-write-fetch-head', source, ...refspecs]);
  }

  /** Writes a commit without moving any branch. `at` is milliseconds since the epoch. */
  commit(branch: string, spec: CommitSpec, at: number): string {
    const tip = this.branch(branch);
    const named = spec.parent ?? tip ?? [];
    const parents = (Array.isArray(named) ? named : [named]).map((revision) => {
      const sha = this.resolve(revision);
      if (sha === null) throw new Error(`no such parent: ${revision}`);
      return sha;
    });
    const output = this.run(['fast-import', '--quiet', '--force', '--done'], importStream(parents, spec, at));
    return output.toString().trim();
  }

  /** The merge base GitHub's three-dot diff starts from; null for unrelated histories. */
  mergeBase(a: string, b: string): string | null {
    return this.fact(['merge-base'], a, b);
  }

  /** Commits reachable from `to` and not from `from`, oldest first. */
  commitsBetween(from: string, to: string): string[] {
    return splitLines(this.fact(['rev-list', '--reverse', '--topo-order', '--not', from, '--not'], to) ?? '');
  }

  isAncestor(ancestor: string, descendant: string): boolean {
    return this.fact(['merge-base', '--is-ancestor'], ancestor, descendant) !== null;
  }

  /** The two-dot diff of two commits with renames found; `null` as base is the empty tree. */
  diff(base: string | null, head: string, limits: DiffLimits): DiffFile[] {
    const key = `${base}..${head}`;
    let files = this.diffs.get(key);
    if (!files) {
      files = readDiff((args) => this.run(args), base ?? EMPTY_TREE, head, limits);
      if (this.diffs.size >= CACHED_DIFFS) this.diffs.delete([...this.diffs.keys()][0] ?? '');
      this.diffs.set(key, files);
    }
    return files;
  }

  /** Entries in git's order; recursive listings include the trees, as GitHub's do. */
  tree(oid: string, recursive: boolean): TreeEntry[] {
    const key = `${oid} ${recursive}`;
    const cached = this.trees.get(key);
    if (cached) return cached;
    const output = this.run([
      'ls-tree',
      '-z',
      '--long',
      '--full-tree',
      ...(recursive ? ['-r', '-t'] : []),
      oid,
    ]);
    const entries = output
      .toString()
      .split('\0')
      .filter((line) => line !== '')
      .map(parseTreeLine);
    this.trees.set(key, entries);
    return entries;
  }

  /** Any object by sha or by an expression such as `main:dir/file`, or null. */
  object(name: string): GitObject | null {
    return this.objects([name])[0] ?? null;
  }

  /** Many objects in one git process, in the order asked; null for those that do not exist. */
  objects(names: readonly string[]): (GitObject | null)[] {
    const asked = names.map((name) => (name === '' || name.includes('\n') ? 'invalid^{}' : name));
    const output = this.run(['cat-file', '--batch'], `${asked.join('\n')}\n`);
    let offset = 0;
    return asked.map(() => {
      const end = output.indexOf(10, offset);
      const header = output.toString('utf8', offset, end);
      offset = end + 1;
      const match = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(header);
      if (!match) return null;
      const [, oid = '', type, size] = match;
      const body = output.subarray(offset, offset + Number(size));
      offset += Number(size) + 1;
      return { oid, type: type as GitObject['type'], body };
    });
  }

  commitInfo(sha: string): CommitInfo {
    const format = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00');
    const output = this.fact(['log', '-1', `--format=${format}`], sha) ?? '';
    const [
      id = '',
      tree = '',
      parents = '',
      an = '',
      ae = '',
      at = '',
      cn = '',
      ce = '',
      ct = '',
      message = '',
    ] = output.split('\0');
    return {
      sha: id,
      tree,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      author: { name: an, email: ae, date: isoSeconds(Number(at) * 1000) },
      committer: { name: cn, email: ce, date: isoSeconds(Number(ct) * 1000) },
      message: message.trimEnd(),
    };
  }
}

/** GitHub's timestamps: ISO 8601 in UTC, whole seconds. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function parseTreeLine(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode = '', type = '', oid = '', size = '-'] = line.slice(0, tab).split(/ +/);
  return {
    mode,
    type: type as TreeEntry['type'],
    oid,
    ...(size === '-' ? {} : { size: Number(size) }),
    path: line.slice(tab + 1),
  };
}

function importStream(parents: readonly string[], spec: CommitSpec, at: number): Buffer {
  const { name, email } = spec.author ?? { name: 'Developer', email: 'developer@example.com' };
  const signature = `${name} <${email}> ${Math.floor(at / 1000)} +0000`;
  const chunks: (string | Buffer)[] = [];
  const data = (content: string | Buffer): void => {
    const bytes = Buffer.from(content);
    chunks.push(`data ${bytes.length}\n`, bytes, '\n');
  };
  chunks.push(`commit ${IMPORT_REF}\nmark :1\nauthor ${signature}\ncommitter ${signature}\n`);
  data(spec.message ?? 'Change');
  parents.forEach((sha, i) => {
    chunks.push(`${i === 0 ? 'from' : 'merge'} ${sha}\n`);
  });
  if (spec.replaceTree) chunks.push('deleteall\n');
  for (const [path, file] of Object.entries(spec.files)) {
    const quoted = `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
    if (file === null) {
      chunks.push(`D ${quoted}\n`);
      continue;
    }
    const { mode, content } =
      typeof file === 'string' || Buffer.isBuffer(file) ? { mode: '100644', content: file } : file;
    if (mode === '160000') {
      chunks.push(`M 160000 ${content.toString()} ${quoted}\n`);
    } else {
      chunks.push(`M ${mode} inline ${quoted}\n`);
      data(content);
    }
  }
  chunks.push('get-mark :1\ndone\n');
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
}
