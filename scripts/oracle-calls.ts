/**
 * Compares the callees and the receivers' types that `src/go` infers with go/types, over the packages of a module:
 *   npm run oracle:calls -- [--third-party] DIR PATTERN…
 * Prints coverage (calls of standard-library functions and methods that we name, receivers of standard types that we
 * type) and every name and type that is wrong; with --third-party the same of the packages of other modules that are
 * listed. Needs a Go toolchain; nothing of the module is run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { GoPackage, SourceFile } from '../src/engine/source.ts';
import { calleeOf, unparen } from '../src/go/calls.ts';
import { THIRD_PARTY } from '../src/go/knowledge/thirdparty.gen.ts';
import { std } from '../src/go/std.ts';
import { typeString } from '../src/go/type.ts';
import { types } from '../src/go/types.ts';
import { loadGoParser } from '../src/parser.ts';
import { OverBudget } from '../src/syntax/budget.ts';
import type { Node, Tree } from '../src/syntax/tree.ts';

interface OracleCall {
  readonly file: string;
  readonly offset: number;
  readonly end: number;
  readonly callee: string;
  readonly package: string;
  readonly receiver: string;
}

const thirdParty = process.argv.includes('--third-party');
const [dir, ...patterns] = process.argv.slice(2).filter((a) => a !== '--third-party');
if (dir === undefined || patterns.length === 0) {
  console.error('usage: npm run oracle:calls -- DIR PATTERN…   for example /usr/local/go/src net/...');
  process.exit(2);
}
const parser = await loadGoParser();
const packages = new Map<string, readonly SourceFile[]>();
const tally = { calls: 0, std: 0, methods: 0, named: 0, namedMethods: 0, wrong: 0, invented: 0 };
const receivers = { all: 0, typed: 0, wrong: 0, claimed: 0 };
const missed = new Map<string, number>();

for (const [path, calls] of await callsByFile(dir, patterns)) {
  const file = fileOf(path);
  if (file === null) continue;
  const byteOf = byteOffsets(file.tree.text);
  const nodes = new Map(
    [...file.tree.root.descendants('call_expression')].map((c) => [
      `${byteOf(c.start)}:${byteOf(c.field('function').end)}`,
      c,
    ]),
  );
  for (const call of calls) {
    const node = nodes.get(`${call.offset}:${call.end}`);
    tally.calls++;
    const ours = node === undefined ? null : calleeOf(file, node);
    const name = ours !== null && (ours.kind === 'func' || ours.kind === 'method') ? ours.name : '';
    if (node !== undefined && call.receiver !== '') compareReceiver(file, node, call, path);
    // A package analysing itself sees its own functions as local.
    const isStd = call.package !== '' && isListed(call.package) && ours?.kind !== 'local';
    const at = () => `${path}:${node?.line ?? '?'} ${node?.text.slice(0, 60).replace(/\s+/g, ' ') ?? ''}`;
    if (!isStd || isOwnPackage(call, path, dir)) {
      if (name !== '' && call.callee === '' && !isExternal(name)) {
        tally.invented++;
        console.log(`invented ${name} for ${at()}`);
      }
      continue;
    }
    tally.std++;
    if (call.receiver !== '') tally.methods++;
    if (name === '') {
      const key = call.receiver === '' ? call.callee : `method ${call.callee}`;
      missed.set(key, (missed.get(key) ?? 0) + 1);
      continue;
    }
    tally.named++;
    if (call.receiver !== '') tally.namedMethods++;
    if (!agree(name, call)) {
      tally.wrong++;
      console.log(`wrong: we say ${name}, go/types ${call.callee} (${call.receiver}) at ${at()}`);
    }
  }
}

const percent = (a: number, b: number) => `${a} of ${b} (${((100 * a) / Math.max(b, 1)).toFixed(2)} %)`;
console.log(`\ncalls: ${tally.calls}; of the listed packages: ${tally.std}`);
console.log(
  `named: ${percent(tally.named, tally.std)}; method calls named: ${percent(tally.namedMethods, tally.methods)}`,
);
console.log(`wrong: ${percent(tally.wrong, tally.named)}; invented: ${tally.invented}`);
console.log(
  `receivers of listed types typed: ${percent(receivers.typed, receivers.all)}; ` +
    `wrong: ${percent(receivers.wrong, receivers.claimed)} receivers that we type as listed`,
);
console.log('most often not named:');
for (const [name, n] of [...missed].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log(`  ${n} ${name}`);

/** The packages that are compared. */
function isListed(path: string): boolean {
  return thirdParty ? Object.hasOwn(THIRD_PARTY, path) : std.has(path);
}

/** A receiver is right when its type reads the same. What we call a listed type must be one. */
function compareReceiver(
  file: SourceFile,
  node: Node<'call_expression'>,
  call: OracleCall,
  path: string,
): void {
  const target = unparen(node.field('function'));
  if (!target.is('selector_expression')) return;
  const wanted = call.receiver;
  const type = file.get(types).of(target.field('operand'));
  const ours = typeString(type).replaceAll('uint8', 'byte');
  const isStd = isStandard(wanted);
  if (isStd) receivers.all++;
  if (ours.includes('?')) return;
  if (isStandard(ours)) receivers.claimed++;
  if (ours === wanted.replaceAll('uint8', 'byte')) receivers.typed += isStd ? 1 : 0;
  else if (isStandard(ours) || isStd) {
    if (!sameType(ours, wanted)) {
      receivers.wrong++;
      console.log(`wrong type: we say ${ours}, go/types ${wanted} at ${path}:${node.line} ${target.text}`);
    } else if (isStd) receivers.typed++;
  }
}

/** `*net/http.Client`, with the package in the table. */
function isStandard(type: string): boolean {
  const path = /^\*?([\w./-]+)\.\w+(?:\[|$)/.exec(type)?.[1];
  return path !== undefined && isListed(path);
}

/** A value that can be addressed is called by its pointer; an instantiation may be known in part. */
function sameType(ours: string, wanted: string): boolean {
  const plain = (s: string) => s.replace(/^\*/, '').replace(/\[.*$/, '');
  return ours.startsWith('*') === wanted.startsWith('*') && plain(ours) === plain(wanted);
}

/** We name a method by the type of the operand, go/types by the type that declares it. */
function agree(name: string, call: OracleCall): boolean {
  if (name === call.callee) return true;
  const method = (s: string) => s.slice(s.lastIndexOf('.') + 1);
  if (method(name) !== method(call.callee)) return false;
  const receiver = call.receiver.replace(/^\*/, '').replace(/\[.*$/, '');
  const owner = /^\((?:\*)?(.*)\)\.\w+$/.exec(name)?.[1] ?? '';
  return owner === receiver || sameValueReceiver(name, call.callee) || lends(owner, call.callee);
}

/** What a type of the module embeds we name by the embedded type, go/types by the one behind it that declares the method. */
function lends(owner: string, callee: string): boolean {
  const m = /^\(\*?(.*)\.(\w+)\)\.(\w+)$/.exec(callee);
  if (m === null) return false;
  const [, path, type, method] = m as unknown as [string, string, string, string];
  const dot = owner.lastIndexOf('.');
  const [ownPath, ownType] = [owner.slice(0, dot), owner.slice(dot + 1)];
  if (std.method(ownPath, ownType, method) === null) return false;
  const isHidden = ownPath === path && /^[a-z]/.test(type);
  const isInterface = (p: string, t: string) => std.underlying(p, t)?.type.kind === 'interface';
  return isHidden || (isInterface(path, type) && isInterface(ownPath, ownType));
}

function sameValueReceiver(a: string, b: string): boolean {
  const plain = (s: string) => s.replace(/[(*)]/g, '').replace(/\[.*?\]/g, '');
  return plain(a) === plain(b);
}

function isExternal(name: string): boolean {
  return !isListed(name.replace(/^\(?\*?/, '').replace(/\.[^/]*$/, ''));
}

function isOwnPackage(call: OracleCall, path: string, root: string): boolean {
  return join(root, call.package) === dirname(path);
}

function fileOf(path: string): SourceFile | null {
  const folder = dirname(path);
  let files = packages.get(folder);
  if (files === undefined) {
    // A `//line` comment names a file that may be elsewhere.
    if (!existsSync(folder)) return null;
    const found = readdirSync(folder)
      .filter((n) => n.endsWith('.go'))
      .map((n) => join(folder, n));
    const trees = found.flatMap((p) => {
      const tree = parse(p);
      return tree === null ? [] : [{ path: p, tree }];
    });
    const byName = new Map<string, GoPackage>();
    files = trees.map(({ path: p, tree }) => {
      const clause = [...tree.root.descendants('package_clause')][0];
      const name = clause?.children[0]?.text ?? '';
      const pkg = byName.get(name) ?? new GoPackage({ dir: folder, name, complete: true, goMod: null });
      byName.set(name, pkg);
      const file = new SourceFile(p, tree, pkg);
      pkg.files.push(file);
      return file;
    });
    packages.set(folder, files);
  }
  return files.find((f) => f.path === path) ?? null;
}

/** Null for a file over the limits, which a review leaves out too. */
function parse(path: string): Tree | null {
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
  return (offset) => Buffer.byteLength(text.slice(0, offset));
}

async function callsByFile(root: string, wanted: readonly string[]): Promise<Map<string, OracleCall[]>> {
  const bin = mkdtempSync(join(tmpdir(), 'reefpilot-oracle-'));
  try {
    const built = spawnSync('go', ['build', '-o', join(bin, 'calls'), '.'], {
      cwd: 'test/oracle/calls',
      stdio: 'inherit',
    });
    if (built.status !== 0) throw new Error('the oracle does not build: is a Go toolchain installed?');
    const child = spawn(join(bin, 'calls'), ['-dir', root, ...wanted], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const out = new Map<string, OracleCall[]>();
    for await (const line of createInterface({ input: child.stdout })) {
      const call = JSON.parse(line) as OracleCall;
      const of = out.get(call.file);
      if (of === undefined) out.set(call.file, [call]);
      else of.push(call);
    }
    return out;
  } finally {
    rmSync(bin, { recursive: true });
  }
}
