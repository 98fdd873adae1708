import type { Analysis, GoPackage, PackageAnalysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';

export interface Import {
  readonly path: string;
  readonly spec: Node<'import_spec'>;
}

export interface Imports {
  /** Local package name → import. Blank and dot imports are not in it. */
  readonly byName: ReadonlyMap<string, Import>;
  /** Paths imported into the file's own scope: their names cannot be told from the package's own. */
  readonly dots: readonly string[];
  has(path: string): boolean;
  /** The local name of a package, or null when the file does not import it by name. */
  nameOf(path: string): string | null;
}

export const imports: Analysis<Imports> = {
  name: 'imports',
  run(file) {
    const byName = new Map<string, Import>();
    const dots: string[] = [];
    for (const spec of file.tree.root.descendants('import_spec')) {
      const path = spec.field('path').text.slice(1, -1);
      const name = spec.field('name');
      if (name === null) byName.set(defaultName(path), { path, spec });
      else if (name.kind === 'dot') dots.push(path);
      else if (name.kind !== 'blank_identifier') byName.set(name.text, { path, spec });
    }
    const paths = new Map([...byName].map(([name, i]) => [i.path, name]));
    return { byName, dots, has: (path) => paths.has(path), nameOf: (path) => paths.get(path) ?? null };
  },
};

/**
 * The package name people expect behind an import path: last element without a major version (`/v2`, `.v3`) and
 * without the `go-` and `.go`/`-go` decorations. The real name is in the package's own files, which are not here.
 */
export function defaultName(path: string): string {
  const parts = path.split('/');
  let last = parts.at(-1) ?? path;
  if (/^v[0-9]+$/.test(last) && parts.length > 1) last = parts.at(-2) as string;
  last = last.replace(/\.v[0-9]+$/, '');
  if (last.includes('.') || last.includes('-')) last = last.replace(/^go[-.]|[-.]go$/g, '');
  return last.replace(/-/g, '_');
}

const importedPaths: PackageAnalysis<ReadonlySet<string>> = {
  name: 'importedPaths',
  run: (pkg) =>
    new Set(pkg.files.flatMap((f) => [...f.get(imports).byName.values()].map(({ path }) => path))),
};

/** Whether some file of the package imports such a path by name: types from elsewhere have to come from somewhere. */
export function importsAny(pkg: GoPackage, isWanted: (path: string) => boolean): boolean {
  for (const path of pkg.get(importedPaths)) if (isWanted(path)) return true;
  return false;
}
