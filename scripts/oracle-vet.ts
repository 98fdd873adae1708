/**
 * Compares rules with the analysers of `go vet` that look for the same mistake, over modules:
 *   npm run oracle:vet -- [--mutate] DIR…
 * Reviewed code has next to none of them, because `go test` runs vet. `--mutate` therefore works on a copy with the
 * mistakes built in, so that it still compiles: `if 1 > 2 { cancel() }` for `defer cancel()`, a `defer resp.Body.Close()`
 * above the error check it stood below, and `defer` in front of calls that are given a `time.Since(…)`.
 * Needs a Go toolchain and the modules' dependencies.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import lostCancel from '../rules/context/lost-cancel/rule.ts';
import deferArgsNow from '../rules/finalizers/defer-args-now/rule.ts';
import deferBeforeErrCheck from '../rules/finalizers/defer-before-err-check/rule.ts';
import { analyse } from '../src/engine/analyse.ts';
import type { Rule } from '../src/engine/rule.ts';
import { DEFAULT_SETTINGS } from '../src/engine/snapshot.ts';
import type { Finding } from '../src/engine/verdict.ts';
import { loadGoParser } from '../src/parser.ts';
import type { Node } from '../src/syntax/tree.ts';

interface Twin {
  readonly rule: Rule;
  readonly analyser: string;
  /** What the analyser says of the mistake, at the place where the rule reports it. */
  readonly says: RegExp;
  /** The findings of the rule that the analyser can have, too. */
  readonly comparable: (finding: Finding) => boolean;
}

const TWINS: readonly Twin[] = [
  {
    rule: lostCancel,
    analyser: 'lostcancel',
    says: /^the \w+ function (?:is not used|returned)/,
    comparable: () => true,
  },
  {
    rule: deferBeforeErrCheck,
    analyser: 'httpresponse',
    says: /^using \w+ before checking for errors/,
    comparable: (f) => f.severity === 'error' && f.message.includes('where it stands'),
  },
  {
    rule: deferArgsNow,
    analyser: 'defers',
    says: /^call to time\.Since is not deferred/,
    comparable: (f) => f.message.startsWith('`time.Since('),
  },
];

const args = process.argv.slice(2);
const mutate = args.includes('--mutate');
const dirs = args.filter((a) => !a.startsWith('--'));
if (dirs.length === 0) {
  console.error('usage: npm run oracle:vet -- [--mutate] DIR…');
  process.exit(2);
}
const parser = await loadGoParser();
const totals = new Map(TWINS.map((twin) => [twin, { both: 0, onlyVet: 0, onlyOurs: 0 }]));
for (const dir of dirs) compare(dir);
for (const [{ rule, analyser }, { both, onlyVet, onlyOurs }] of totals) {
  const share = ((100 * both) / Math.max(1, both + onlyVet)).toFixed(1);
  console.log(`\n${rule.id} and vet -${analyser}: both ${both}; only vet ${onlyVet}; only ours ${onlyOurs}`);
  console.log(`of vet's findings we have ${share} %`);
}

function compare(source: string): void {
  const temporary = mutate ? mkdtempSync(join(tmpdir(), 'reefpilot-vet-')) : null;
  const dir = temporary ?? source;
  try {
    if (temporary !== null) {
      cpSync(source, temporary, { recursive: true, filter: (path) => !/\/\.git(\/|$)/.test(path) });
      for (const file of goFiles(temporary)) breakFile(file);
    }
    const vet = askVet(dir);
    const findings = ourFindings(dir);
    for (const [twin, total] of totals) {
      const theirs = vet.lines.get(twin) ?? new Set<string>();
      // Only files that vet could load: without dependencies or for other platforms it says nothing.
      const ours = new Set(
        findings
          .filter((f) => f.rule === twin.rule.id && vet.files.has(f.path) && twin.comparable(f))
          .map((f) => `${f.path}:${f.line}`),
      );
      for (const at of theirs) {
        if (ours.has(at)) total.both++;
        else {
          total.onlyVet++;
          report(`only vet -${twin.analyser}`, dir, at);
        }
      }
      for (const at of ours)
        if (!theirs.has(at)) {
          total.onlyOurs++;
          report(`only ${twin.rule.id}`, dir, at);
        }
      console.log(`${source}: vet -${twin.analyser} ${theirs.size}, ours ${ours.size}`);
    }
  } finally {
    if (temporary !== null) rmSync(temporary, { recursive: true });
  }
}

function report(what: string, dir: string, at: string): void {
  const colon = at.lastIndexOf(':');
  const line = readFileSync(at.slice(0, colon), 'utf8').split('\n')[Number(at.slice(colon + 1)) - 1];
  console.log(`  ${what}: ${relative(dir, at)} ${line?.trim() ?? ''}`);
}

function goFiles(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.go') && !/(^|\/)(vendor|testdata)\//.test(name))
    .map((name) => join(dir, name));
}

function breakFile(path: string): void {
  const text = readFileSync(path, 'utf8');
  const broken = breakCancels(rewrite(text, [...earlyDefers(text), ...earlyElapsed(text)]));
  if (broken !== text) writeFileSync(path, broken);
}

function breakCancels(text: string): string {
  const names = new Set(
    [...text.matchAll(/,\s*(\w+)\s*:?=\s*context\.With(?:Cancel|Timeout|Deadline)\(/g)].map((m) => m[1]),
  );
  return text.replace(/^(\s*)defer (\w+)\(\)$/gm, (line, indent: string, name: string) =>
    names.has(name) ? `${indent}if 1 > 2 { ${name}() }` : line,
  );
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function rewrite(text: string, changes: readonly Change[]): string {
  let out = text;
  for (const { start, end, text: by } of [...changes].sort((a, b) => b.start - a.start))
    out = out.slice(0, start) + by + out.slice(end);
  return out;
}

/** `defer resp.Body.Close()` changes places with the check right above it. */
function earlyDefers(text: string): readonly Change[] {
  if (!/defer \w+\.Body\.Close\(\)/.test(text)) return [];
  return [...parser.parse(text).root.descendants('defer_statement')].flatMap((statement) => {
    const list = statement.parent?.children ?? [];
    const above = list[list.indexOf(statement) - 1];
    if (!/^defer \w+\.Body\.Close\(\)$/.test(statement.text) || !above?.is('if_statement')) return [];
    if (!/^if \w+ != nil \{/.test(above.text)) return [];
    return [
      { start: above.start, end: above.end, text: statement.text },
      { start: statement.start, end: statement.end, text: above.text },
    ];
  });
}

/** `defer` in front of calls that are statements of a list and are given the time since something. */
function earlyElapsed(text: string): readonly Change[] {
  if (!text.includes('time.Since(')) return [];
  const isCall = (node: Node | undefined) =>
    node?.is('call_expression') === true && !/^(?:panic|print|println|func)\b/.test(node.text);
  return [...parser.parse(text).root.descendants('expression_statement')]
    .filter((s) => s.parent?.is('statement_list') && isCall(s.children[0]))
    .filter((s) => s.text.includes('time.Since(') && !s.text.includes('func('))
    .map(({ start }) => ({ start, end: start, text: 'defer ' }));
}

/** `path:line` of what vet reports where the rules report it, and the files it could load. */
function askVet(dir: string): {
  readonly lines: ReadonlyMap<Twin, ReadonlySet<string>>;
  readonly files: ReadonlySet<string>;
} {
  const run = (command: readonly string[]) =>
    spawnSync('go', command, { cwd: dir, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { stdout, stderr } = run(['vet', '-json', ...TWINS.map((t) => `-${t.analyser}`), './...']);
  const output = `${stdout}${stderr}`;
  const lines = new Map(TWINS.map((twin) => [twin, new Set<string>()]));
  for (const [, path, line, message] of output.matchAll(
    /"posn": "([^"]+?):(\d+):\d+",(?:\s*"end": "[^"]*",)?\s*"message": "([^"]*)/g,
  ))
    for (const [twin, at] of lines) if (twin.says.test(message ?? '')) at.add(`${path}:${line}`);
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

function ourFindings(dir: string): readonly Finding[] {
  const byDir = new Map<string, string[]>();
  for (const file of goFiles(dir)) byDir.set(dirname(file), [...(byDir.get(dirname(file)) ?? []), file]);
  return [...byDir.values()].flatMap(
    (files) =>
      analyse(
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
        { parser, rules: TWINS.map((t) => t.rule), version: 'oracle' },
      ).findings,
  );
}
