import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Finding, Obligation, Verdict } from '../engine/verdict.ts';
import { findScanTarget } from '../git/scan.ts';
import { printable } from '../report/text.ts';
import { loadEngine } from './engine.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { type CommonOptions, findRule, settingsFrom } from './options.ts';
import { configOf, scanTarget } from './scan.ts';

/** `reefpilot explain RULE PATH:LINE`: why a site got its verdict, from the files on disk. */
export async function explain(
  ruleId: string,
  place: string,
  options: CommonOptions,
  io: Io,
): Promise<number> {
  const { path, line } = parsePlace(place);
  const engine = await loadEngine();
  const rule = findRule(ruleId, engine.rules);
  const target = await findScanTarget([path]);
  const configured = settingsFrom(await configOf(target, options), options, engine.rules);
  // Asking about a rule is reason enough to run it, and about a test to look into tests.
  const settings = { ...configured, rules: [rule.id], excludeRules: [], tests: true };
  const { verdict } = await scanTarget(target, settings, engine, io);
  const file = relative(target.root, await realpath(path))
    .split(sep)
    .join('/');
  const found = explanations(verdict, file, line);
  if (options.format === 'json') {
    const obligations = found.map((e) => e.obligation);
    const findings = found.flatMap((e) => (e.finding === null ? [] : [e.finding]));
    await io.out(`${JSON.stringify({ rule: rule.id, path: file, line, obligations, findings }, null, 2)}\n`);
    return 0;
  }
  if (found.length > 0) await io.out(found.map(describe).join('\n'));
  else await io.out(`${absent(verdict, rule.id, file, line)}\n`);
  return 0;
}

function parsePlace(place: string): { readonly path: string; readonly line: number } {
  const match = /^(.+?):(\d+)(?::\d+)?$/.exec(place);
  const [, path, line] = match ?? [];
  if (path === undefined || line === undefined || Number(line) < 1)
    throw new UsageError(
      `'${place}' is not PATH:LINE; for example: reefpilot explain lost-cancel pay/client.go:41`,
    );
  return { path, line: Number(line) };
}

interface Explanation {
  readonly obligation: Obligation;
  readonly finding: Finding | null;
}

/** Sites on the line, or whose finding spans or passes it. */
function explanations(verdict: Verdict, path: string, line: number): readonly Explanation[] {
  return verdict.obligations
    .filter((o) => o.path === path)
    .map((obligation) => ({
      obligation,
      finding: verdict.findings.find((f) => f.fingerprint === obligation.fingerprint) ?? null,
    }))
    .filter(
      ({ obligation, finding }) =>
        obligation.line === line ||
        (finding !== null &&
          ((finding.line <= line && line <= finding.endLine) || finding.trace.some((s) => s.line === line))),
    );
}

function describe({ obligation, finding }: Explanation): string {
  const { rule, path, line, verdict, evidence } = obligation;
  const lines = [`${rule} ${printable(path)}:${line}: ${verdict}`];
  if (finding === null) {
    lines.push(
      `  ${LABELS[verdict]} ${printable(evidence.path)}:${evidence.line}: ${printable(evidence.text)}`,
    );
  } else {
    lines.push(`  ${printable(finding.message)}`);
    for (const s of finding.trace) lines.push(`  ${printable(s.path)}:${s.line}: ${printable(s.label)}`);
  }
  return `${lines.join('\n')}\n`;
}

const LABELS: Readonly<Record<Obligation['verdict'], string>> = {
  met: 'proved by',
  violated: 'at',
  unknown: 'not decided at',
  waived: 'waived at',
};

function absent(verdict: Verdict, rule: string, path: string, line: number): string {
  const entry = verdict.ledger.find((e) => e.path === path);
  if (entry !== undefined && entry.status !== 'analysed')
    return `${printable(path)} was not wholly analysed: ${entry.status}, ${printable(entry.reason)}`;
  const lines = [...new Set(verdict.obligations.filter((o) => o.path === path).map((o) => o.line))];
  const elsewhere =
    lines.length === 0
      ? 'nor anywhere else in this file'
      : `its sites in this file are on line${lines.length > 1 ? 's' : ''} ${lines.join(', ')}`;
  return `${rule} sees no obligation on line ${line}; ${elsewhere}`;
}
