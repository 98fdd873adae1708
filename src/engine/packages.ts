import { OverBudget } from '../syntax/budget.ts';
import type { Parser } from '../syntax/parse.ts';
import type { Node, Tree } from '../syntax/tree.ts';
import { baseName, byPath, directoryOf, isGoFile } from './paths.ts';
import type { Snapshot, SourceText } from './snapshot.ts';
import { GoPackage, SourceFile } from './source.ts';
import type { LedgerEntry } from './verdict.ts';

interface Parsed {
  readonly source: SourceText;
  readonly tree: Tree;
  readonly dir: string;
  readonly name: string;
  readonly ignored: boolean;
  readonly goMod: SourceText | null;
}

/** Parses one side of the snapshot and sorts its files into packages. */
export function loadPackages(
  sources: readonly SourceText[],
  snapshot: Snapshot,
  side: 'head' | 'base',
  parser: Parser,
): { packages: readonly GoPackage[]; ledger: LedgerEntry[] } {
  const ledger: LedgerEntry[] = [];
  const goMods = byDirectory(sources, 'go.mod');
  const goWorks = byDirectory(sources, 'go.work');
  // At the merge base a moved file belongs to the package it has moved to: its findings keep their fingerprints.
  const movedTo = new Map<string, string>();
  if (side === 'base')
    for (const c of snapshot.changes) if (c.previousPath !== null) movedTo.set(c.previousPath, c.path);
  // A file that is too dear leaves a package of which the absence of a declaration proves nothing.
  const partial = new Set(snapshot.partialPackages);
  const parsed: Parsed[] = [];
  for (const source of [...sources].sort(byPath)) {
    if (!isGoFile(source.path)) continue;
    const dir = directoryOf(movedTo.get(source.path) ?? source.path);
    try {
      const tree = parser.parse(source.text);
      const goMod = nearest(goMods, directoryOf(source.path));
      parsed.push({ source, tree, dir, ...nameOf(tree), goMod });
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      partial.add(dir);
      const reason = `not analysed: ${error.message}`;
      ledger.push({ path: source.path, status: 'partial', reason, functionsSkipped: ['(whole file)'] });
    }
  }
  const programs = new Set(snapshot.programs ?? []);
  for (const { name, ignored, goMod } of parsed)
    if (name === 'main' && !ignored && goMod !== null) programs.add(directoryOf(goMod.path));
  const packages = new Map<string, GoPackage>();
  for (const { source, tree, dir, name, ignored, goMod } of parsed) {
    const key = [dir, name, ...(ignored ? [source.path] : [])].join('\0');
    let pkg = packages.get(key);
    if (pkg === undefined) {
      pkg = new GoPackage({
        dir,
        name,
        complete: ignored ? isWholeProgram(tree) : !partial.has(dir),
        goMod,
        goWork: nearest(goWorks, directoryOf(source.path)),
        moduleHasMain: name === 'main' || (goMod !== null && programs.has(directoryOf(goMod.path))),
      });
      packages.set(key, pkg);
    }
    pkg.files.push(new SourceFile(source.path, tree, pkg));
  }
  return { packages: [...packages.values()], ledger };
}

/** Name of the package clause, and whether a comment above it keeps the file out of every build. */
function nameOf(tree: Tree): { readonly name: string; readonly ignored: boolean } {
  let ignored = false;
  for (const node of tree.root.descendants('comment', 'package_clause')) {
    if (node.is('package_clause')) return { name: node.children[0]?.text ?? '', ignored };
    // By convention nobody sets this tag: the file is run on its own, and sees none of its neighbours.
    ignored ||= /^\/\/(?:go:build|\s*\+build)\s(?:[^\n]*[\s(&|])?ignore\b/.test(node.text);
  }
  return { name: '', ignored };
}

/** `go run gen.go` works: else the file is one of several that are named together. */
function isWholeProgram(tree: Tree): boolean {
  const isMain = (d: Node) => d.is('function_declaration') && d.field('name').text === 'main';
  return tree.root.children.some(isMain);
}

function byDirectory(sources: readonly SourceText[], name: string): ReadonlyMap<string, SourceText> {
  return new Map(sources.filter((s) => baseName(s.path) === name).map((s) => [directoryOf(s.path), s]));
}

function nearest(files: ReadonlyMap<string, SourceText>, dir: string): SourceText | null {
  for (let at = dir; ; at = directoryOf(at)) {
    const found = files.get(at);
    if (found !== undefined) return found;
    if (at === '') return null;
  }
}
