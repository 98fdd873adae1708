import {
  type ChecklistLine,
  type Finding,
  GROUPS,
  type Language,
  type LedgerEntry,
  type Obligation,
  REQUIRED_GROUPS,
  SEVERITIES,
  type Verdict,
} from '../engine/verdict.ts';
import { codeSpan, safeInline } from './escape.ts';
import type { Links } from './links.ts';
import { LEDGER_NAMES, SEVERITY_ICONS, say } from './words.ts';

/** Compares by code units, not by locale: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Worst first, then in reading order. Total, so that equal input gives equal output whatever its order. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.rule, b.rule) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/** The checklist as people see it: the required groups always, the others when they have a site. */
export function shownGroups(verdict: Verdict): readonly ChecklistLine[] {
  const required: readonly string[] = REQUIRED_GROUPS;
  const order = [...REQUIRED_GROUPS, ...GROUPS.filter((group) => !required.includes(group))];
  return order.flatMap((group) => {
    const line = verdict.checklist.find((candidate) => candidate.group === group);
    if (line && (required.includes(group) || siteCount(line) > 0)) return [line];
    if (!required.includes(group)) return [];
    return [{ group, met: 0, violated: 0, unknown: 0, waived: 0, state: 'pass' as const }];
  });
}

/** How many sites carry an obligation of this group. */
export function siteCount(line: ChecklistLine): number {
  return line.met + line.violated + line.unknown + line.waived;
}

/** `✅`, `❌` or `⬜`, and a dash for a group that has no site. */
export function stateIcon(line: ChecklistLine): string {
  if (siteCount(line) === 0) return '➖';
  return { pass: '✅', fail: '❌', attest: '⬜' }[line.state];
}

/** One finding in one line. */
export function findingItem(finding: Finding, links: Links): string {
  const icon = SEVERITY_ICONS[finding.severity];
  return `${icon} ${links.site(finding)} ${codeSpan(finding.rule)}: ${safeInline(finding.message, 240)}`;
}

/** One obligation with its evidence in one line. */
export function evidenceItem(obligation: Obligation, links: Links): string {
  const { evidence } = obligation;
  // The proof of a met obligation is a line of code, everything else is prose.
  const show = obligation.verdict === 'met' ? codeSpan : safeInline;
  const text = evidence.text === '' ? '' : ` ${show(evidence.text, 160)}`;
  const elsewhere = evidence.path !== obligation.path || evidence.line !== obligation.line;
  const proof = elsewhere ? ` ← ${links.site(evidence)}` : '';
  return `${links.site(obligation)} ${codeSpan(obligation.rule)}${proof}${text}`;
}

/** Files that were not, or not wholly, analysed. */
export function unreadEntries(verdict: Verdict): readonly LedgerEntry[] {
  return verdict.ledger.filter((entry) => entry.status !== 'analysed' || entry.functionsSkipped.length > 0);
}

const MAX_FUNCTIONS = 5;

/** One entry of the ledger in one line. */
export function ledgerItem(entry: LedgerEntry, language: Language): string {
  const reason = entry.reason === '' ? '' : `: ${safeInline(entry.reason, 240)}`;
  const names = entry.functionsSkipped.slice(0, MAX_FUNCTIONS).map((name) => codeSpan(name, 80));
  const missing = entry.functionsSkipped.length - names.length;
  const all = missing > 0 ? [...names, say(language, 'more', { n: missing })] : names;
  const functions = all.length > 0 ? `; ${say(language, 'functions', { names: all.join(', ') })}` : '';
  return `${codeSpan(entry.path, 200)} ${LEDGER_NAMES[entry.status][language]}${reason}${functions}`;
}

/** Markdown inside `<details>` is rendered only after an empty line. */
export function folded(summary: string, lines: readonly string[]): readonly string[] {
  return [`<details><summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}
