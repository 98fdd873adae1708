/**
 * Compares the rule lost-cancel with `go vet -lostcancel` over modules:
 *   npm run oracle:vet -- [--mutate] DIR…
 * Reviewed code has next to no lost cancel function, because `go test` runs vet. `--mutate` therefore works on a copy in
 * which every `defer cancel()` has become `if 1 > 2 { cancel() }`: the code still compiles, and one path loses it.
 * Needs a Go toolchain and the modules' dependencies.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import lostCancel from '../rules/context/lost-cancel/rule.ts';
import { analyse } from '../src/engine/analyse.ts';
import { DEFAULT_SETTINGS } from '../src/engine/snapshot.ts';
import { loadGoParser } from '../src/parser.ts';

const args = process.argv.slice(2);
const mutate = args.includes('--mutate');
const dirs = args.filter((a) => !a.startsWith('--'));
if (dirs.length === 0) {
  console.error('usage: npm run oracle:vet -- [--mutate] DIR…');
  process.exit(2);
}
const parser = await loadGoParser();
const total = { both: 0, onlyVet: 0, onlyOurs: 0 };
for (const dir of dirs) compare(dir);
const { both, onlyVet, onlyOurs } = total;
console.log(`\nboth: ${both}; only vet: ${onlyVet}; only ours: ${onlyOurs}`);
console.log(`of vet's findings we have ${((100 * both) / Math.max(1, both + onlyVet)).toFixed(1)} %`);

function compare(source: string): void {
  const temporary = mutate ? mkdtempSync(join(tmpdir(), 'reefpilot-vet-')) : null;
  const dir = temporary ?? source;
  try {
    if (temporary !== null) {
      cpSync(source, temporary, { recursive: true, filter: (path) => !/\/\.git(\/|$)/.test(path) });
      for (const file of goFiles(temporary)) breakCancels(file);
    }
    const vet = vetLines(dir);
    // Only files that vet could load: without dependencies or for other platforms it says nothing.
    const ours = new Set([...ourLines(dir)].filter((at) => vet.files.has(at.slice(0, at.lastIndexOf(':')))));
    for (const at of vet.lines) {
      if (ours.has(at)) total.both++;
      else report('only vet', dir, at, 'onlyVet');
    }
    for (const at of ours) if (!vet.lines.has(at)) report('only ours', dir, at, 'onlyOurs');
    console.log(`${source}: vet ${vet.lines.size}, ours ${ours.size}`);
  } finally {
    if (temporary !== null) rmSync(temporary, { recursive: true });
  }
}

function report(what: string, dir: string, at: string, count: 'onlyVet' | 'onlyOurs'): void {
  total[count]++;
  const colon = at.lastIndexOf(':');
  const line = readFileSync(at.slice(0, colon), 'utf8').split('\n')[Number(at.slice(colon + 1)) - 1];
  console.log(`  ${what}: ${relative(dir, at)} ${line?.trim() ?? ''}`);
}

function goFiles(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.go') && !/(^|\/)(vendor|testdata)\//.test(name))
    .map((name) => join(dir, name));
}

function breakCancels(path: string): void {
  const text = readFileSync(path, 'utf8');
  const names = new Set(
    [...text.matchAll(/,\s*(\w+)\s*:?=\s*context\.With(?:Cancel|Timeout|Deadline)\(/g)].map((m) => m[1]),
  );
  const broken = text.replace(/^(\s*)defer (\w+)\(\)$/gm, (line, indent: string, name: string) =>
    names.has(name) ? `${indent}if 1 > 2 { ${name}() }` : line,
  );
  if (broken !== text) writeFileSync(path, broken);
}

/** `path:line` of what vet reports at the place where the function is made, and the files it could load. */
function vetLines(dir: string): { lines: ReadonlySet<string>; files: ReadonlySet<string> } {
  const run = (command: readonly string[]) =>
    spawnSync('go', command, { cwd: dir, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { stdout, stderr } = run(['vet', '-json', '-lostcancel', './...']);
  const output = `${stdout}${stderr}`;
  const lines = new Set<string>();
  for (const m of output.matchAll(
    /"posn": "([^"]+?):(\d+):\d+",(?:\s*"end": "[^"]*",)?\s*"message": "the \w+ function (?:is not used|returned)/g,
  ))
    lines.add(`${m[1]}:${m[2]}`);
  // A package that does not compile has a complaint behind its name instead of an object.
  const failed = new Set([...output.matchAll(/^# (\S+)(?: \[.*)?\n(?!\{)/gm)].map((m) => m[1]));
  const names = '.GoFiles .TestGoFiles .XTestGoFiles'.split(' ');
  const each = names.map((n) => `{{range ${n}}}{{$.ImportPath}} {{$.Dir}}/{{.}}\n{{end}}`).join('');
  const listed = run(['list', '-e', '-f', `{{if not .DepsErrors}}${each}{{end}}`, './...']).stdout;
  const files = listed
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([path, file]) => (file !== undefined && !failed.has(path) ? [file] : []));
  return { lines, files: new Set(files) };
}

function ourLines(dir: string): ReadonlySet<string> {
  const byDir = new Map<string, string[]>();
  for (const file of goFiles(dir)) byDir.set(dirname(file), [...(byDir.get(dirname(file)) ?? []), file]);
  const out = new Set<string>();
  for (const files of byDir.values()) {
    const verdict = analyse(
      {
        repo: 'oracle',
        base: null,
        head: 'worktree',
        today: '2026-01-01',
        changes: [],
        headFiles: files.map((path) => ({ path, oid: '', text: readFileSync(path, 'utf8') })),
        baseFiles: [],
        partialPackages: [],
        skipped: [],
        settings: DEFAULT_SETTINGS,
      },
      { parser, rules: [lostCancel], version: 'oracle' },
    );
    for (const f of verdict.findings) out.add(`${f.path}:${f.line}`);
  }
  return out;
}
