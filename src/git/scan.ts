import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type BlobText, isGenerated } from '../engine/blobs.ts';
import { isProgram } from '../engine/context.ts';
import { directoryOf, isGoFile } from '../engine/paths.ts';
import { select, type TreeEntry, toSnapshot } from '../engine/select.ts';
import type { Settings, Snapshot } from '../engine/snapshot.ts';
import { Disk, type DiskFile, directoryPaths, workTreePaths } from './disk.ts';
import { GitError } from './errors.ts';
import { Repository } from './repository.ts';

/** Files on disk to be scanned, grouped by directory because that is how they are read and analysed. */
export interface ScanTarget {
  /** Paths are relative to it: the top of the work tree, else of the module, else a directory above all paths. */
  readonly root: string;
  readonly name: string;
  /** Directory → Go files, both in path order. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
  /** Files to report on; null means all. Their siblings are read only to understand them. */
  readonly only: ReadonlySet<string> | null;
  /** Directories that were asked for by name, or hold a file that was. */
  readonly asked: readonly string[];
}

/** @throws GitError when a path does not exist or the paths do not share a root. */
export async function findScanTarget(paths: readonly string[]): Promise<ScanTarget> {
  const places = await Promise.all(paths.map(locate));
  const [first] = places;
  if (first === undefined) throw new Error('no path to scan');
  const stranger = places.find((place) => place.root !== first.root);
  if (stranger !== undefined)
    throw new GitError(
      'bad-path',
      `${first.root} and ${stranger.root} are separate trees; scan them one at a time`,
    );
  const tracked = first.repository === null ? null : await workTreePaths(first.repository);
  const files = new Set<string>();
  const only = new Set<string>();
  for (const place of places) {
    if (place.isFile) {
      only.add(place.path);
      files.add(place.path);
      for (const path of await siblings(place, tracked)) files.add(path);
      continue;
    }
    const below = (tracked ?? []).filter((path) => place.path === '' || path.startsWith(`${place.path}/`));
    // What git ignores is scanned when it is asked for by name.
    const found = below.length > 0 ? below : await directoryPaths(place.root, place.path);
    for (const path of found) {
      files.add(path);
      only.add(path);
    }
  }
  const packages = byDirectory(files);
  return {
    root: first.root,
    name: basename(first.root),
    packages,
    only: only.size < files.size ? only : null,
    asked: places.map((place) => (place.isFile ? directoryOf(place.path) : place.path)),
  };
}

async function siblings(place: Place, tracked: readonly string[] | null): Promise<readonly string[]> {
  const directory = directoryOf(place.path);
  const known = tracked?.filter((path) => directoryOf(path) === directory) ?? [];
  return known.length > 0 ? known : directoryPaths(place.root, directory, 'flat');
}

/** Files of one package that are open at a time: reading one after the other left the processor idle. */
const READ_AT_ONCE = 16;

/**
 * Texts of one directory that are held at a time, which is what bounds the memory of a scan. The largest package of
 * Go's own tree has 10 MB, of which all but 2 MB are generated.
 */
export const MAX_DIRECTORY_BYTES = 6 * 1024 * 1024;
const BEYOND = `beyond the ${MAX_DIRECTORY_BYTES / 1024 / 1024} MB that are read of one directory`;

/** Reads one package at a time, so that a tree of any size fits in memory. */
export async function* readPackages(
  target: ScanTarget,
  settings: Settings,
  today: string,
): AsyncGenerator<Snapshot> {
  const disk = new Disk(target.root);
  const modules = new Map<string, DiskFile | null>();
  const programs = await modulesWithPrograms(disk, modules, target.packages);
  for (const [directory, paths] of target.packages) {
    const module = await nearestModule(disk, modules, directory);
    const { entries, texts } = await readDirectory(disk, paths, module);
    const selection = { ...select(null, entries, settings, target.asked), programs };
    yield toSnapshot(selection, texts, { repo: target.name, base: null, head: 'worktree', today, settings });
  }
}

/** Of one package alone nobody can say whether its module has a program: the whole listing does. */
async function modulesWithPrograms(
  disk: Disk,
  modules: Map<string, DiskFile | null>,
  packages: ScanTarget['packages'],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const [directory, paths] of packages) {
    const module = paths.some(isProgram) ? await nearestModule(disk, modules, directory) : null;
    if (module !== null) found.add(directoryOf(module.entry.path));
  }
  return [...found].sort();
}

interface Directory {
  readonly entries: readonly TreeEntry[];
  readonly texts: ReadonlyMap<string, BlobText>;
}

async function readDirectory(
  disk: Disk,
  paths: readonly string[],
  module: DiskFile | null,
): Promise<Directory> {
  const entries: TreeEntry[] = [];
  const texts = new Map<string, BlobText>();
  let bytes = 0;
  const add = ({ entry, blob }: DiskFile) => {
    entries.push(entry);
    if (blob === null) return;
    if ('text' in blob && !isGenerated(blob.text)) bytes += entry.size ?? 0;
    texts.set(entry.oid, bytes > MAX_DIRECTORY_BYTES ? { unreadable: BEYOND } : blob);
  };
  if (module !== null) add(module);
  for (let i = 0; i < paths.length; i += READ_AT_ONCE) {
    const batch = paths.slice(i, i + READ_AT_ONCE).map((path) => disk.read(path));
    for (const file of await Promise.all(batch)) if (file !== null) add(file);
  }
  return { entries, texts };
}

interface Place {
  readonly root: string;
  /** Relative to the root; '' is the root itself. */
  readonly path: string;
  readonly isFile: boolean;
  readonly repository: Repository | null;
}

async function locate(path: string): Promise<Place> {
  const { real, isFile } = await resolveOnDisk(path);
  if (isFile && !isGoFile(real)) throw new GitError('bad-path', `${path} is not a Go file`);
  const directory = isFile ? dirname(real) : real;
  const repository = await openIfAny(directory);
  if (repository?.bare)
    throw new GitError('no-work-tree', `${path} is a git directory without files; use "check"`);
  const root = repository === null ? await moduleRoot(directory) : await realpath(repository.root);
  return { root, path: relative(root, real).split(sep).join('/'), isFile, repository };
}

async function resolveOnDisk(path: string): Promise<{ readonly real: string; readonly isFile: boolean }> {
  try {
    const real = await realpath(path);
    return { real, isFile: !(await stat(real)).isDirectory() };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new GitError(
      'bad-path',
      `${path}: ${error.code === 'ENOENT' ? 'no such file or directory' : error.code}`,
      {
        cause: error,
      },
    );
  }
}

/** A scan does not need git: without it, or outside of a repository, directories are walked. */
async function openIfAny(directory: string): Promise<Repository | null> {
  try {
    return await Repository.open(directory);
  } catch (error) {
    if (error instanceof GitError && error.kind !== 'failed') return null;
    throw error;
  }
}

/** Outside of any module, paths are relative to where the command was started, if they lie there. */
async function moduleRoot(directory: string): Promise<string> {
  for (let at = directory; ; at = dirname(at)) {
    for (const name of ['go.mod', 'go.work']) {
      if (await exists(join(at, name))) return at;
    }
    if (at === dirname(at)) break;
  }
  const here = await realpath('.');
  return directory === here || directory.startsWith(`${here}${sep}`) ? here : directory;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function byDirectory(paths: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const packages = new Map<string, string[]>();
  for (const path of [...paths].filter(isGoFile).sort()) {
    const directory = directoryOf(path);
    const files = packages.get(directory);
    if (files === undefined) packages.set(directory, [path]);
    else files.push(path);
  }
  return packages;
}

async function nearestModule(
  disk: Disk,
  known: Map<string, DiskFile | null>,
  directory: string,
): Promise<DiskFile | null> {
  for (let at = directory; ; at = directoryOf(at)) {
    const path = at === '' ? 'go.mod' : `${at}/go.mod`;
    let file = known.get(path);
    if (file === undefined) {
      file = await disk.read(path);
      known.set(path, file);
    }
    if (file !== null || at === '') return file;
  }
}
