import { baseName, byPath, directoryOf, isGoFile } from './paths.ts';
import type { TreeEntry } from './select.ts';

/** Limits on unchanged files read for context, for each package and end. Changed files are never dropped. */
export const MAX_PACKAGE_FILES = 60;
export const MAX_PACKAGE_BYTES = 2 * 1024 * 1024;

/** What a change touches at either end. */
export interface Touched {
  readonly paths: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

export interface Wanted {
  readonly chosen: readonly TreeEntry[];
  /** Packages with more files than the limits allow. */
  readonly tooMany: readonly string[];
}

/** The blobs of one end that a review of the change reads: changed files, their siblings, their module files. */
export function wanted(tree: ReadonlyMap<string, TreeEntry>, touched: Touched): Wanted {
  const chosen = new Map<string, TreeEntry>();
  const choose = (entry: TreeEntry | undefined) => entry && chosen.set(entry.path, entry);
  for (const path of touched.paths) choose(tree.get(path));
  const packages = new Map<string, TreeEntry[]>();
  for (const entry of tree.values()) {
    const directory = directoryOf(entry.path);
    if (!isGoFile(entry.path) || !touched.packages.has(directory)) continue;
    const files = packages.get(directory);
    if (files === undefined) packages.set(directory, [entry]);
    else files.push(entry);
  }
  const tooMany: string[] = [];
  for (const [directory, files] of packages) {
    const siblings = files.filter((file) => !touched.paths.has(file.path));
    const fitting = withinLimits(
      files.filter((file) => touched.paths.has(file.path)),
      siblings,
    );
    for (const file of fitting) choose(file);
    if (fitting.length < siblings.length) tooMany.push(directory);
  }
  for (const directory of touched.packages) {
    choose(nearest(tree, directory, 'go.mod'));
    choose(nearest(tree, directory, 'go.work'));
  }
  return { chosen: [...chosen.values()].sort(byPath), tooMany };
}

/** The siblings that fit the limits of one package, of which the changed files use up theirs first. */
function withinLimits(changed: readonly TreeEntry[], siblings: readonly TreeEntry[]): readonly TreeEntry[] {
  let bytes = changed.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const chosen: TreeEntry[] = [];
  for (const file of [...siblings].sort(testsLast)) {
    if (changed.length + chosen.length >= MAX_PACKAGE_FILES) break;
    if (bytes + (file.size ?? 0) > MAX_PACKAGE_BYTES) continue;
    chosen.push(file);
    bytes += file.size ?? 0;
  }
  return chosen;
}

/** Tests declare nothing that the package itself uses. */
function testsLast(a: TreeEntry, b: TreeEntry): number {
  const aTest = a.path.endsWith('_test.go');
  return aTest === b.path.endsWith('_test.go') ? byPath(a, b) : aTest ? 1 : -1;
}

function nearest(
  tree: ReadonlyMap<string, TreeEntry>,
  directory: string,
  name: string,
): TreeEntry | undefined {
  for (let at = directory; ; at = directoryOf(at)) {
    const entry = tree.get(at === '' ? name : `${at}/${name}`);
    if (entry !== undefined || at === '') return entry;
  }
}

/** Directories that the go tool passes over, and those whose programs only show how a library is used. */
const NO_PROGRAMS = /(?:^|\/)(?:[._][^/]*|examples?)(?:\/|$)/;

/** By its path alone, the file belongs to a program of its module. */
export function isProgram(path: string): boolean {
  return baseName(path) === 'main.go' && !NO_PROGRAMS.test(directoryOf(path));
}

/**
 * Directories of the go.mod files of touched packages whose module has a program, judging by the files called main.go
 * alone: what Go runs a package follows from the main module, which a library does not know.
 */
export function modulesWithPrograms(
  tree: ReadonlyMap<string, TreeEntry>,
  touched: Touched,
): readonly string[] {
  const moduleOf = (directory: string) => nearest(tree, directory, 'go.mod')?.path;
  const wanted = new Set([...touched.packages].map(moduleOf));
  const modules = new Set<string>();
  for (const { path } of tree.values()) {
    if (!isProgram(path)) continue;
    const module = moduleOf(directoryOf(path));
    if (module !== undefined && wanted.has(module)) modules.add(directoryOf(module));
  }
  return [...modules].sort();
}
