import { Meter } from '../syntax/budget.ts';
import type { Node, Tree } from '../syntax/tree.ts';
import { declarationKey, declarationOf } from './fingerprint.ts';
import type { SourceText } from './snapshot.ts';

/** Knowledge about one file, computed on first demand and kept: imports, scopes, flow graphs … */
export interface Analysis<T> {
  readonly name: string;
  run(file: SourceFile): T;
}

/** Knowledge about one package. `pkg.complete` tells whether all of its files are there. */
export interface PackageAnalysis<T> {
  readonly name: string;
  run(pkg: GoPackage): T;
}

class Memo<Subject> {
  readonly #done = new Map<object, { value: unknown } | 'running'>();

  get<T>(analysis: { readonly name: string; run(subject: Subject): T }, subject: Subject): T {
    const known = this.#done.get(analysis);
    if (known === 'running') throw new Error(`analysis ${analysis.name} asks for itself`);
    if (known !== undefined) return known.value as T;
    this.#done.set(analysis, 'running');
    try {
      const value = analysis.run(subject);
      this.#done.set(analysis, { value });
      return value;
    } catch (error) {
      this.#done.delete(analysis);
      throw error;
    }
  }
}

/** Why the control flow of a function was not followed to its end: it jumps about, or it has too many paths. */
export type FlowGap = 'goto' | 'budget';

/** One parsed Go file. */
export class SourceFile {
  readonly path: string;
  readonly tree: Tree;
  readonly pkg: GoPackage;
  readonly isTest: boolean;
  readonly #memo = new Memo<SourceFile>();
  readonly #undecided = new Map<Node, Set<FlowGap>>();

  constructor(path: string, tree: Tree, pkg: GoPackage) {
    this.path = path;
    this.tree = tree;
    this.pkg = pkg;
    this.isTest = path.endsWith('_test.go');
    tree.meter = pkg.meter;
  }

  get<T>(analysis: Analysis<T>): T {
    return this.#memo.get(analysis, this);
  }

  /** Something was asked about the flow of this function and could not be answered: the ledger says so. */
  leaveUndecided(func: Node, why: FlowGap): void {
    const declaration = declarationOf(func) ?? func;
    const known = this.#undecided.get(declaration);
    if (known === undefined) this.#undecided.set(declaration, new Set([why]));
    else known.add(why);
  }

  /** Declarations left undecided, a literal under the function around it, in source order whoever asked first. */
  get undecided(): readonly { readonly name: string; readonly why: readonly FlowGap[] }[] {
    return [...this.#undecided]
      .sort(([a], [b]) => a.id - b.id)
      .map(([declaration, why]) => ({ name: declarationKey(declaration), why: [...why].sort() }));
  }
}

/** The files of one directory with one package clause; a file that no build takes (`ignore`) is a package of its own. */
export class GoPackage {
  /** Repository-relative directory, '' at the root. */
  readonly dir: string;
  readonly name: string;
  readonly files: SourceFile[] = [];
  /** Counts what rules do with the trees of the package, whichever file they look into. */
  readonly meter = new Meter();
  /** False when sibling files exist that the snapshot left out: absence of a declaration then proves nothing. */
  readonly complete: boolean;
  /** Nearest enclosing go.mod, null when the snapshot has none. */
  readonly goMod: SourceText | null;
  /** Nearest enclosing go.work, whether or not it uses the module; null when the snapshot has none. */
  readonly goWork: SourceText | null;
  /** The module is known to have a program: its go.mod then decides how it runs. A library cannot know. */
  readonly moduleHasMain: boolean;
  readonly #memo = new Memo<GoPackage>();

  constructor(o: {
    dir: string;
    name: string;
    complete: boolean;
    goMod: SourceText | null;
    goWork?: SourceText | null;
    moduleHasMain?: boolean;
  }) {
    this.dir = o.dir;
    this.name = o.name;
    this.complete = o.complete;
    this.goMod = o.goMod;
    this.goWork = o.goWork ?? null;
    this.moduleHasMain = o.moduleHasMain ?? o.name === 'main';
  }

  get isMain(): boolean {
    return this.name === 'main';
  }

  /** The file a node stands in: what proves or breaks an obligation may be in another file than its site. */
  fileOf(node: Node): SourceFile {
    const file = this.files.find((f) => f.tree === node.tree);
    if (file === undefined) throw new Error('a node of another package');
    return file;
  }

  get<T>(analysis: PackageAnalysis<T>): T {
    return this.#memo.get(analysis, this);
  }
}
