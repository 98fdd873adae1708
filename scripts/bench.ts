/**
 * npm run bench -- [DIR]: what a scan costs beside the parsing it cannot avoid, in one run on one tree (default: the
 * sources of the installed Go, else the fixtures). Machines and their load differ, so only ratios mean something.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';
import { rules } from '../rules/index.ts';
import { scanTarget } from '../src/cli/scan.ts';
import { analyse } from '../src/engine/analyse.ts';
import type { Pass } from '../src/engine/pass.ts';
import type { Rule } from '../src/engine/rule.ts';
import { DEFAULT_SETTINGS, type Snapshot } from '../src/engine/snapshot.ts';
import { findScanTarget, readPackages, type ScanTarget } from '../src/git/scan.ts';
import { loadGoParser } from '../src/parser.ts';
import type { Node } from '../src/syntax/tree.ts';
import { DEAR } from '../test/engine/dear.ts';

/** Analysers that may be installed beside ours, with a comparable job on a tree each. */
const PEERS: readonly { readonly name: string; readonly args: (dir: string) => readonly string[] }[] = [
  { name: 'ast-grep', args: (dir) => ['run', '--lang', 'go', '--pattern', '$A.WithCancel($B)', dir] },
  {
    name: 'semgrep',
    args: (dir) => ['scan', '--metrics=off', '--lang', 'go', '--pattern', '$A.WithCancel($B)', dir],
  },
  { name: 'staticcheck', args: () => ['./...'] },
  { name: 'golangci-lint', args: (dir) => ['run', '--enable-only=govet,bodyclose,noctx', `${dir}/...`] },
];

const PATIENCE_MS = 300_000;

const settings = { ...DEFAULT_SETTINGS, tests: true };
const today = '2026-01-01';
const engine = { parser: await loadGoParser('wasm'), rules, version: 'bench' };
const silent = {
  out: () => Promise.resolve(),
  note: () => undefined,
  colour: false,
  interactive: false,
  environment: {},
};

const dir = process.argv[2] ?? installedGo() ?? 'test/fixtures';
const target = await findScanTarget([dir]);
console.log(`${dir}: ${target.packages.size} directories, ${rules.length} rules, node ${process.version}\n`);
await steps();
await growth();
shapes();
dear();
const scan = memory();
peers(scan);

/** Package by package, each step right after the other, so that all of them see the same load of the machine. */
async function steps(): Promise<void> {
  await Parser.init();
  const raw = new Parser();
  raw.setLanguage(
    await Language.load(
      readFileSync(createRequire(import.meta.url).resolve('tree-sitter-go/tree-sitter-go.wasm')),
    ),
  );
  const spent = new Map<string, number>(rules.map((r) => [r.id, 0]));
  const timed = { ...engine, rules: rules.map((r) => timedRule(r, spent)) };
  const rounds: { raw: number; flat: number; scan: number }[] = [];
  let bytes = 0;
  // The first round of a small tree is mostly the compiler's; a large one is warm after a tenth of it.
  while (rounds.length === 0 || (rounds.length < 7 && bytes < 40e6)) {
    const sum = { raw: 0, flat: 0, scan: 0 };
    for await (const snapshot of readPackages(target, settings, today)) {
      const texts = goTexts(snapshot);
      bytes += texts.reduce((n, t) => n + t.length, 0);
      sum.raw += cpu(() => {
        for (const text of texts) raw.parse(text)?.delete();
      });
      sum.flat += cpu(() => {
        for (const text of texts) attempt(() => engine.parser.parse(text));
      });
      sum.scan += cpu(() => analyse(snapshot, engine));
      analyse(snapshot, timed);
    }
    rounds.push(sum);
  }
  const middle = rounds.sort((x, y) => x.scan / x.flat - y.scan / y.flat)[rounds.length >> 1];
  const sum = middle ?? { raw: 0, flat: 0, scan: 0 };
  const timedScans = rounds.reduce((n, r) => n + r.scan, 0);
  bytes /= rounds.length;
  console.log(
    `steps over ${(bytes / 1e6).toFixed(1)} MB of text, processor time, median of ${rounds.length}`,
  );
  row('parse', `${Math.round(sum.raw)} ms`);
  row('parse + flat tree', `${Math.round(sum.flat)} ms`, `${(sum.flat / sum.raw).toFixed(2)} × parse`);
  row(
    'scan, all rules',
    `${Math.round(sum.scan)} ms`,
    `${(sum.scan / sum.flat).toFixed(2)} × (parse + flat tree)`,
    verdict(sum.scan <= 1.5 * sum.flat, '≤ 1.5'),
  );
  console.log(
    '\nrules: time inside their handlers, in a scan of its own; a shared analysis is its first asker’s',
  );
  for (const [id, ms] of [...spent].sort((a, b) => b[1] - a[1]))
    row(id, `${((100 * ms) / timedScans).toFixed(1)} % of the scan`);
}

/** Every eighth, fourth, second and then every directory, through all that `reefpilot scan` does. */
async function growth(): Promise<void> {
  console.log('\ngrowth over the tree: time per doubling of the text');
  const costs: number[] = [];
  const sizes = new Map<string, number>();
  for (const [name, paths] of target.packages)
    for await (const s of readPackages({ ...target, packages: new Map([[name, paths]]) }, settings, today))
      sizes.set(
        name,
        goTexts(s).reduce((n, t) => n + t.length, 0),
      );
  // By size, so that every share has small and large ones.
  const names = [...sizes.keys()].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  for (const share of [8, 4, 2, 1]) {
    const chosen = new Set(names.filter((_, i) => i % share === share - 1));
    const part: ScanTarget = {
      ...target,
      packages: new Map([...target.packages].filter(([name]) => chosen.has(name))),
    };
    const bytes = [...chosen].reduce((n, name) => n + (sizes.get(name) ?? 0), 0);
    const start = process.cpuUsage();
    await scanTarget(part, settings, engine, silent);
    const perByte = since(start) / bytes;
    doubling(`${8 / share}×, ${(bytes / 1e6).toFixed(1)} MB`, perByte, costs);
  }
  wholeGrowth(costs);
}

/** The same for what grows inside one package, where something quadratic would show. Median of five. */
function shapes(): void {
  const body = (i: number) =>
    `func f${i}(c context.Context, x int) error {\n\tc, stop := context.WithCancel(c)\n\tresp, err := http.Get("x")\n\tif err != nil || x > ${i} {\n\t\treturn err\n\t}\n\tfor k := range x {\n\t\tg(c, resp, k)\n\t}\n\tstop()\n\treturn nil\n}\n`;
  const head = 'package p\n\nimport ("context"; "net/http")\n\n';
  const many = (n: number, of: (i: number) => string) => Array.from({ length: n }, (_, i) => of(i)).join('');
  const kinds: Readonly<Record<string, (n: number) => Readonly<Record<string, string>>>> = {
    'functions of a file, from 250': (n) => ({ 'a.go': head + many(250 * n, body) }),
    'files of a package, from 25': (n) =>
      Object.fromEntries(Array.from({ length: 25 * n }, (_, i) => [`f${i}.go`, head + body(i)])),
    'statements of a function, from 250': (n) => ({
      'a.go': `${head}func f(a int) {\n${many(250 * n, (i) => `\tx${i} := g(a, "s")\n\th(x${i})\n`)}}\n`,
    }),
  };
  for (const [name, files] of Object.entries(kinds)) {
    console.log(`\ngrowth over the ${name}`);
    // Otherwise the small sizes pay for the compiler.
    for (let i = 0; i < 3; i++) analyse(snapshotOf(files(8)), engine);
    const costs: number[] = [];
    for (const n of [1, 2, 4, 8]) {
      const snapshot = snapshotOf(files(n));
      // As much work in every sample: a collection of garbage would weigh more in a small one.
      const sample = () => {
        for (let i = 0; i < 8; i += n) analyse(snapshot, engine);
      };
      const times = Array.from({ length: 5 }, () => cpu(sample)).sort((a, b) => a - b);
      doubling(`${n}×`, times[2] as number, costs);
    }
    wholeGrowth(costs);
  }
}

function dear(): void {
  console.log('\nfiles that cost their budget and no more');
  for (const [name, text] of Object.entries(DEAR)) {
    const snapshot = snapshotOf({ 'dear.go': text() });
    let entry = '';
    const ms = cpu(() => {
      entry = analyse(snapshot, engine).ledger.map((e) => `${e.status} ${e.reason}`)[0] ?? '';
    });
    row(name, `${Math.round(ms)} ms`, entry);
  }
}

/** A scan as people run it, in a process of its own. */
function memory(): number {
  const script = `process.argv.splice(1, 1); process.on('exit', () => require('node:fs').writeSync(2, 'peak ' + process.resourceUsage().maxRSS)); import('./dist/cli.js')`;
  const args = ['-e', script, 'x', 'dist/cli.js', 'scan', dir, '--tests', '--format', 'json'];
  const start = process.hrtime.bigint();
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const peak = Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
  console.log('\nreefpilot scan --tests in a process of its own');
  row('peak memory', `${Math.round(peak)} MB`, verdict(peak <= 250, '≤ 250'));
  row('wall clock', `${seconds.toFixed(1)} s`);
  return seconds;
}

function peers(own: number): void {
  console.log('\nother tools on the same tree, wall clock');
  for (const { name, args } of PEERS) {
    const start = process.hrtime.bigint();
    const result = spawnSync(name, args(dir), { cwd: dir, stdio: 'ignore', timeout: PATIENCE_MS });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (result.signal !== null) row(name, `gave up after ${PATIENCE_MS / 1000} s`);
    else if (result.error !== undefined) row(name, 'not installed');
    else
      row(
        name,
        `${seconds.toFixed(1)} s`,
        `${(seconds / own).toFixed(2)} × reefpilot, exit ${result.status}`,
      );
  }
}

type Handler = (node: Node, pass: Pass) => void;

function timedRule(rule: Rule, spent: Map<string, number>): Rule {
  const on = Object.fromEntries(
    (Object.entries(rule.on) as [string, Handler][]).map(([kind, handler]): [string, Handler] => [
      kind,
      (node, pass) => {
        const start = performance.now();
        try {
          handler(node, pass);
        } finally {
          spent.set(rule.id, (spent.get(rule.id) ?? 0) + performance.now() - start);
        }
      },
    ]),
  );
  return { ...rule, on };
}

function snapshotOf(files: Readonly<Record<string, string>>): Snapshot {
  return {
    repo: 'bench',
    base: null,
    head: 'worktree',
    today,
    changes: [],
    headFiles: Object.entries(files).map(([path, text]) => ({ path, oid: path, text })),
    baseFiles: [],
    partialPackages: [],
    skipped: [],
    settings,
  };
}

function goTexts(snapshot: Snapshot): readonly string[] {
  return snapshot.headFiles.filter((f) => f.path.endsWith('.go')).map((f) => f.text);
}

/** A file over its budget ends the parse with an error: part of what is measured. */
function attempt(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'OverBudget')) throw error;
  }
}

/** Milliseconds of processor time, all threads: waiting for a busy machine does not count. */
function cpu(act: () => unknown): number {
  const start = process.cpuUsage();
  act();
  return since(start);
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** `each` is the time for a unit of the input; one step scatters by a tenth, with the garbage that happens to be collected. */
function doubling(what: string, each: number, costs: number[]): void {
  const before = costs.at(-1);
  costs.push(each);
  if (before === undefined) row(what);
  else row(what, `ratio ${((2 * each) / before).toFixed(2)}`);
}

/** What a doubling costs on average, from the smallest to the largest input. */
function wholeGrowth(costs: readonly number[]): void {
  const [first, last] = [costs[0], costs.at(-1)];
  if (first === undefined || last === undefined) return;
  const each = 2 * (last / first) ** (1 / (costs.length - 1));
  row('each doubling', `ratio ${each.toFixed(2)}`, verdict(each <= 2.1, '≤ 2.1'));
}

function verdict(met: boolean, wanted: string): string {
  return `${met ? 'met' : 'MISSED'}: ${wanted}`;
}

function row(name: string, ...cells: readonly string[]): void {
  console.log([`  ${name.padEnd(34)}`, ...cells.map((c) => c.padEnd(14))].join(' ').trimEnd());
}

function installedGo(): string | null {
  try {
    const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
    return existsSync(`${root}/src`) ? `${root}/src` : null;
  } catch {
    return null;
  }
}
