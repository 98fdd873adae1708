import { GRAMMAR } from '../syntax/kinds.gen.ts';
import type { Parser } from '../syntax/parse.ts';
import { checklistOf, concludeFrom } from './conclude.ts';
import { digest } from './fingerprint.ts';
import { type Inspection, inspect, type Site } from './inspect.ts';
import type { Rule } from './rule.ts';
import type { Snapshot } from './snapshot.ts';
import { toSuggestion } from './suggest.ts';
import { type Finding, type Obligation, SEVERITIES, type Verdict } from './verdict.ts';
import { say } from './words.ts';

export interface Engine {
  readonly parser: Parser;
  readonly rules: readonly Rule[];
  /** Version of Reefpilot, part of the ruleset digest. */
  readonly version: string;
}

/**
 * The whole analysis: pure, synchronous, deterministic. The same Snapshot gives a byte-identical Verdict in the app,
 * the CLI and an Action. Findings are those of head; `introduced` tells which of them the merge base does not have.
 */
export function analyse(snapshot: Snapshot, engine: Engine): Verdict {
  const { settings } = snapshot;
  const rules = engine.rules.filter(
    (r) =>
      (settings.rules === null || settings.rules.includes(r.id)) && !settings.excludeRules.includes(r.id),
  );
  const head = inspect(snapshot, 'head', engine.parser, rules);
  const base = snapshot.base === null ? null : inspect(snapshot, 'base', engine.parser, rules);
  const atBase = new Map((base?.sites ?? []).map((s) => [s.fingerprint, s]));
  const scope = base === null ? () => true : changedScope(head, base);

  const proposed = proposedWaivers(head, base, scope);
  const findings: Finding[] = [];
  const obligations: Obligation[] = [];
  for (const site of head.sites) {
    const before = atBase.get(site.fingerprint);
    const introduced = base === null || before?.verdict !== 'violated';
    if (site.verdict === 'violated') findings.push(toFinding(site, before ?? null, introduced, snapshot));
    if (scope(site) || (site.verdict === 'violated' && introduced))
      obligations.push({
        ...toObligation(site, snapshot),
        proposed: proposed.has(site),
        code: head.declarations.get(site.declaration) ?? '',
      });
  }
  findings.sort(byPlace);
  const changedPaths = new Set(snapshot.changes.map((c) => c.path));
  const ledger = [
    ...snapshot.skipped,
    ...head.ledger.filter((e) => base === null || changedPaths.has(e.path) || e.status === 'failed'),
  ].sort((a, b) => compare(a.path, b.path));
  const checklist = checklistOf(obligations, new Set([...proposed].map((s) => s.rule.group)));
  return {
    schema: 'reefpilot.verdict/v1',
    ruleset: rulesetDigest(engine, rules),
    repo: snapshot.repo,
    base: snapshot.base,
    head: snapshot.head,
    conclusion: concludeFrom(findings, ledger, settings.failOn),
    findings,
    obligations,
    checklist,
    ledger,
  };
}

/** A site belongs to the change when its declaration does not stand in the merge base token for token. */
function changedScope(head: Inspection, base: Inspection): (site: Site) => boolean {
  const unchanged = new Set(base.declarations.values());
  return (site) => !unchanged.has(head.declarations.get(site.declaration) ?? '');
}

/** Sites that this change itself silences: honoured, but a person has to vouch for it. */
function proposedWaivers(
  head: Inspection,
  base: Inspection | null,
  inScope: (s: Site) => boolean,
): ReadonlySet<Site> {
  if (base === null) return new Set();
  const before = new Set(base.sites.filter((s) => s.verdict === 'waived').map((s) => s.fingerprint));
  return new Set(
    head.sites.filter((s) => s.verdict === 'waived' && inScope(s) && !before.has(s.fingerprint)),
  );
}

function toFinding(site: Site, before: Site | null, introduced: boolean, snapshot: Snapshot): Finding {
  const { rule, node, file, violation } = site;
  if (violation === null) throw new Error('a violated site carries its violation');
  const { language } = snapshot.settings;
  const text = (key: string) => {
    const found = rule.texts[key];
    if (found === undefined) throw new Error(`${rule.id} has no text ${key}`);
    return found;
  };
  const suggestion = violation.fix === undefined ? null : toSuggestion(file.tree, violation.fix);
  // The site was in order before and its proof is gone: point at the line that was deleted.
  const proof = introduced && before !== null && before.verdict === 'met' ? before.evidence : null;
  return {
    rule: rule.id,
    group: rule.group,
    severity: violation.severity ?? rule.severity,
    confidence: violation.confidence ?? rule.confidence,
    path: file.path,
    line: node.line,
    endLine: Math.min(node.endLine, node.line + 20),
    column: node.column,
    function: site.functionName,
    message: say(text(violation.message), language, violation.args),
    introduced,
    fingerprint: site.fingerprint,
    trace: (violation.trace ?? []).map((step) => ({
      path: file.pkg.fileOf(step.at).path,
      line: step.atEnd === true ? step.at.endLine : step.at.line,
      label: say(text(step.text), language, step.args),
    })),
    ...(suggestion === null ? {} : { suggestion }),
    ...(proof === null ? {} : { removed: { path: proof.path, line: proof.line } }),
  };
}

function toObligation(site: Site, snapshot: Snapshot): Omit<Obligation, 'proposed' | 'code'> {
  const { rule } = site;
  const reason = site.reason === null ? null : rule.texts[site.reason.key];
  return {
    rule: rule.id,
    group: rule.group,
    path: site.file.path,
    line: site.node.line,
    verdict: site.verdict,
    evidence:
      reason === null || reason === undefined
        ? site.evidence
        : { ...site.evidence, text: say(reason, snapshot.settings.language, site.reason?.args) },
    fingerprint: site.fingerprint,
  };
}

/** What may change a verdict besides the code: the rules, and the version of this program. */
export function rulesetDigest({ version }: Pick<Engine, 'version'>, rules: readonly Rule[]): string {
  const identity = rules.map((r) => `${r.id} ${r.severity} ${r.since}`).sort();
  return digest(version, GRAMMAR, ...identity);
}

function byPlace(a: Finding, b: Finding): number {
  return (
    compare(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compare(a.rule, b.rule)
  );
}

/** Code-unit order: locale-independent, so that every machine sorts alike. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
