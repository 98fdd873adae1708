/**
 * Compares the control flow of `src/go/cfg.ts` with golang.org/x/tools/go/cfg, over the packages of a module:
 *   npm run oracle:cfg -- DIR PATTERN…
 * which statements and ends can be reached from the start, and how many statements from behind each of them. Prints
 * counts and every disagreement. Needs a Go toolchain; nothing of the module is run.
 *
 * Both sides take the same calls for the end of everything. One difference is meant: we leave out the branch that
 * `if false` and `for true` never take, which that package keeps. It is counted apart, by the oracle's own folding of
 * conditions made of `true` and `false`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { GoPackage, SourceFile } from '../src/engine/source.ts';
import { type Block, type Cfg, flow } from '../src/go/cfg.ts';
import { FUNCTION_KINDS, type FuncNode } from '../src/go/scope.ts';
import { loadGoParser } from '../src/parser.ts';
import { OverBudget } from '../src/syntax/budget.ts';
import type { Node, Tree } from '../src/syntax/tree.ts';

interface Liveness {
  readonly live: boolean;
  readonly folded: boolean;
}

interface OracleStatement extends Liveness {
  readonly offset: number;
  readonly return: boolean;
  readonly reaches: number;
}

interface OracleFunction {
  readonly file: string;
  readonly offset: number;
  readonly end: Liveness;
  readonly statements: readonly OracleStatement[];
}

/** The statements that the oracle lists. */
const SIMPLE = [
  'return_statement',
  'expression_statement',
  'assignment_statement',
  'short_var_declaration',
  'inc_statement',
  'dec_statement',
  'send_statement',
  'go_statement',
  'defer_statement',
] as const;

const [dir, ...patterns] = process.argv.slice(2);
if (dir === undefined || patterns.length === 0) {
  console.error('usage: npm run oracle:cfg -- DIR PATTERN…   for example /usr/local/go/src std cmd');
  process.exit(2);
}
const parser = await loadGoParser();
const tally = { files: 0, unread: 0, functions: 0, withGoto: 0, missing: 0 };
const compared = { ends: 0, returns: 0, others: 0, explained: 0, differ: 0 };
let folder: { readonly path: string; readonly files: readonly SourceFile[] } = { path: '', files: [] };

await eachFile(dir, patterns, (path, functions) => {
  const file = fileOf(path);
  if (file === undefined) {
    tally.unread++;
    return;
  }
  tally.files++;
  const byteOf = byteOffsets(file.tree.text);
  const nodes = new Map([...file.tree.root.descendants(...FUNCTION_KINDS)].map((f) => [byteOf(f.start), f]));
  for (const theirs of functions) {
    tally.functions++;
    const func = nodes.get(theirs.offset);
    const cfg = func === undefined || func.broken ? null : file.get(flow).of(func);
    if (func === undefined || cfg === null) {
      tally.missing++;
      console.log(`no graph for the function at byte ${theirs.offset} of ${path}`);
    } else compare(path, theirs, func, cfg, byteOf);
  }
});

const { files, unread, functions, withGoto, missing } = tally;
const { ends, returns, others, explained, differ } = compared;
console.log(
  `\nfiles: ${files}, too large: ${unread}; functions: ${functions}, with goto: ${withGoto}, without a graph: ${missing}`,
);
console.log(`compared: ${ends} ends, ${returns} returns, ${others} other statements`);
console.log(`disagreements: ${differ}, besides ${explained} by constant conditions`);
process.exitCode = missing + differ > 0 ? 1 : 0;

function compare(
  path: string,
  theirs: OracleFunction,
  func: FuncNode,
  cfg: Cfg,
  byteOf: (offset: number) => number,
): void {
  if (cfg.hasGoto) tally.withGoto++;
  const live = blocksFrom([cfg.entry]);
  const statements = new Map(ownStatements(func).map((s) => [byteOf(s.start), s]));
  const counted = new Set<Node>(theirs.statements.flatMap((s) => statements.get(s.offset) ?? []));
  const report = (what: string, line: number) => {
    compared.differ++;
    console.log(`${what} at ${path}:${line} ${func.tree.lineText(line).trim().slice(0, 60)}`);
  };
  const same = (what: string, line: number, ours: boolean, { live, folded }: Liveness) => {
    if (ours !== folded) report(`${what}: we say ${word(ours)}, go/cfg ${word(folded)}`, line);
    else if (ours !== live) compared.explained++;
  };
  compared.ends++;
  same('end', func.endLine, endsIn(live), theirs.end);
  for (const statement of theirs.statements) {
    compared[statement.return ? 'returns' : 'others']++;
    const node = statements.get(statement.offset);
    const place = node === undefined ? null : cfg.find(node);
    if (node === undefined || place === null) {
      report(`no statement at byte ${statement.offset}`, func.line);
      continue;
    }
    same(node.kind, node.line, live.has(place.block), statement);
    // What dead code leads to is nobody's concern.
    if (!live.has(place.block)) continue;
    const reaches = countFrom(place, counted);
    if (reaches !== statement.reaches)
      report(
        `${node.kind}: we reach ${reaches} statements behind it, go/cfg ${statement.reaches}`,
        node.line,
      );
  }
}

function word(live: boolean): string {
  return live ? 'live' : 'dead';
}

function blocksFrom(start: Iterable<Block>): ReadonlySet<Block> {
  const live = new Set(start);
  for (const block of live) for (const { to } of block.edges) live.add(to);
  return live;
}

function endsIn(blocks: Iterable<Block>): boolean {
  return [...blocks].some((b) => b.exit === 'end');
}

/** How many of the statements control can come to behind a place; the end of the body is one more. */
function countFrom(at: { block: Block; index: number }, counted: ReadonlySet<Node>): number {
  const blocks = blocksFrom(at.block.edges.map((e) => e.to));
  const own = blocks.has(at.block) ? [] : at.block.nodes.slice(at.index + 1);
  const nodes = [own, ...[...blocks].map((b) => b.nodes)].flat();
  return nodes.filter((n) => counted.has(n)).length + Number(endsIn([at.block, ...blocks]));
}

/** Without those of nested literals, which are functions of their own. */
function ownStatements(func: FuncNode): readonly Node[] {
  return [...func.descendants(...SIMPLE)].filter((s) => s.ancestor(...FUNCTION_KINDS) === func);
}

/** The oracle lists a package file by file: only one folder is kept. */
function fileOf(path: string): SourceFile | undefined {
  if (folder.path !== dirname(path)) folder = { path: dirname(path), files: load(dirname(path)) };
  return folder.files.find((f) => f.path === path);
}

function load(path: string): readonly SourceFile[] {
  const packages = new Map<string, GoPackage>();
  return readdirSync(path)
    .filter((name) => name.endsWith('.go'))
    .flatMap((name) => {
      const tree = treeOf(join(path, name));
      if (tree === null) return [];
      const clause = [...tree.root.descendants('package_clause')][0];
      const own = clause?.children[0]?.text ?? '';
      const pkg = packages.get(own) ?? new GoPackage({ dir: path, name: own, complete: true, goMod: null });
      packages.set(own, pkg);
      const file = new SourceFile(join(path, name), tree, pkg);
      pkg.files.push(file);
      return [file];
    });
}

function treeOf(path: string): Tree | null {
  try {
    return parser.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof OverBudget) return null;
    throw error;
  }
}

/** UTF-16 offset → byte offset. */
function byteOffsets(text: string): (offset: number) => number {
  if (Buffer.byteLength(text) === text.length) return (offset) => offset;
  const table = new Uint32Array(text.length + 1);
  // Each half of a surrogate pair stands for two of its four bytes.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const bytes = unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
    table[i + 1] = (table[i] as number) + bytes;
  }
  return (offset) => table[offset] as number;
}

async function eachFile(
  root: string,
  wanted: readonly string[],
  visit: (path: string, functions: readonly OracleFunction[]) => void,
): Promise<void> {
  const bin = mkdtempSync(join(tmpdir(), 'reefpilot-oracle-'));
  try {
    const built = spawnSync('go', ['build', '-o', join(bin, 'cfg'), '.'], {
      cwd: 'test/oracle/cfg',
      stdio: 'inherit',
    });
    if (built.status !== 0) throw new Error('the oracle does not build: is a Go toolchain installed?');
    const child = spawn(join(bin, 'cfg'), ['-dir', root, ...wanted], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let group: OracleFunction[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const next = JSON.parse(line) as OracleFunction;
      if (group[0] !== undefined && group[0].file !== next.file) {
        visit(group[0].file, group);
        group = [];
      }
      group.push(next);
    }
    if (group[0] !== undefined) visit(group[0].file, group);
  } finally {
    rmSync(bin, { recursive: true });
  }
}
