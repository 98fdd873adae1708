import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobText, decodeBlob, MAX_FILE_BYTES, TOO_LARGE } from '../engine/blobs.ts';
import { directoryOf } from '../engine/paths.ts';
import { isRelevant, type TreeEntry } from '../engine/select.ts';
import { GitError } from './errors.ts';
import { gitRecords } from './process.ts';
import type { Repository } from './repository.ts';

export interface DiskFile {
  readonly entry: TreeEntry;
  /** Null when the file is there and cannot be read, which leaves a review incomplete. */
  readonly blob: BlobText | null;
}

/**
 * Files on disk below one root, read as git would store them, without its filters. Symbolic links are reported as
 * such and never followed, also not where a directory of a tracked path has been replaced by one.
 */
export class Disk {
  readonly #root: string;
  readonly #format: 'sha1' | 'sha256';
  /** What the index says of a path: tells a checkout with CRLF line ends from an edit. */
  readonly #indexed: ReadonlyMap<string, string>;
  readonly #directories = new Map<string, Promise<boolean>>();

  constructor(
    root: string,
    format: 'sha1' | 'sha256' = 'sha1',
    indexed: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#root = root;
    this.#format = format;
    this.#indexed = indexed;
  }

  /** Null when the file is gone. */
  async read(path: string): Promise<DiskFile | null> {
    try {
      return await this.#read(path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      if (code === 'ELOOP') return this.#special(path, '120000');
      if (code !== 'EACCES' && code !== 'EPERM') throw error;
      return { ...this.#special(path, '100644'), blob: null };
    }
  }

  async #read(path: string): Promise<DiskFile | null> {
    if (!(await this.#isPlain(directoryOf(path)))) return this.#special(path, '120000');
    const full = join(this.#root, path);
    const status = await lstat(full);
    if (status.isSymbolicLink()) return this.#special(path, '120000');
    if (status.isDirectory()) return this.#special(path, '160000');
    if (!status.isFile()) return this.#special(path, '000000');
    const entry = { path, mode: '100644', size: status.size };
    if (status.size > MAX_FILE_BYTES)
      return {
        entry: { ...entry, oid: await this.#hashLarge(full, status.size) },
        blob: { unreadable: TOO_LARGE },
      };
    const handle = await open(full, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const bytes = await handle.readFile();
      const oid = this.#hash(bytes);
      const indexed = this.#indexed.get(path);
      if (indexed !== undefined && indexed !== oid && bytes.includes('\r\n')) {
        const unix = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
        if (this.#hash(unix) === indexed)
          return { entry: { ...entry, oid: indexed, size: unix.length }, blob: decodeBlob(unix) };
      }
      return { entry: { ...entry, oid }, blob: decodeBlob(bytes) };
    } finally {
      await handle.close();
    }
  }

  #special(path: string, mode: string): DiskFile {
    const blob = { unreadable: 'not a regular file' };
    return { entry: { path, mode, oid: `${mode}:${path}`, size: null }, blob };
  }

  /** Whether the directory is what its path says, with no link on the way. */
  #isPlain(directory: string): Promise<boolean> {
    let known = this.#directories.get(directory);
    if (known === undefined) {
      known = Promise.all([realpath(join(this.#root, directory)), realpath(this.#root)]).then(
        ([actual, root]) => actual === join(root, directory),
      );
      this.#directories.set(directory, known);
    }
    return known;
  }

  #hash(bytes: Buffer): string {
    return createHash(this.#format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  }

  async #hashLarge(full: string, size: number): Promise<string> {
    const hash = createHash(this.#format).update(`blob ${size}\0`);
    const handle = await open(full, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
}

/** Paths of a work tree that a review may look at: tracked and untracked, not ignored. */
export async function workTreePaths(repository: Repository): Promise<readonly string[]> {
  const paths = new Set<string>();
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for await (const path of gitRecords(repository.root, args)) {
    if (isRelevant({ path, mode: '100644' })) paths.add(path);
  }
  return [...paths].sort();
}

/** Paths and blobs of the index, with submodules, which `workTreePaths` does not list. */
export async function indexEntries(repository: Repository): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const record of gitRecords(repository.root, ['ls-files', '-z', '--stage'])) {
    const tab = record.indexOf('\t');
    const [mode = '', oid = ''] = record.slice(0, tab).split(' ');
    const entry = { path: record.slice(tab + 1), mode, oid, size: null };
    if (isRelevant(entry)) entries.push(entry);
  }
  return entries;
}

/** Paths below a directory, whatever git says. Hidden directories are left out, as the go command does. */
export async function directoryPaths(
  root: string,
  below = '',
  depth: 'deep' | 'flat' = 'deep',
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const item of await list(join(root, below))) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    if (item.isDirectory()) {
      if (depth === 'deep' && !item.name.startsWith('.')) paths.push(...(await directoryPaths(root, path)));
    } else if (isRelevant({ path, mode: '100644' })) {
      paths.push(path);
    }
  }
  return paths.sort();
}

async function list(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new GitError('failed', `${directory} cannot be read (${error.code})`, { cause: error });
  }
}
