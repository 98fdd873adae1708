import { type Language, type LedgerEntry, SEVERITIES, type Verdict } from '../engine/verdict.ts';
import { say } from '../engine/words.ts';
import { SEVERITY_WORDS, WORDS } from './words.ts';

/** `3 findings: 2 error, 1 warning`. */
export function countFindings(verdict: Verdict, language: Language): string {
  if (verdict.findings.length === 0) return say(WORDS.noFindings, language);
  const counts = SEVERITIES.flatMap((severity) => {
    const count = verdict.findings.filter((f) => f.severity === severity).length;
    return count === 0 ? [] : [`${count} ${SEVERITY_WORDS[severity][language]}`];
  });
  const count = verdict.findings.length;
  const findings = count === 1 ? 'finding' : 'findings';
  return say(WORDS.findings, language, { count, findings, counts: counts.join(', ') });
}

/** One line of the ledger notice: files that share a status and a reason. */
export interface LedgerNotice {
  readonly status: LedgerEntry['status'];
  readonly reason: string;
  readonly paths: readonly string[];
}

const ORDER: readonly LedgerEntry['status'][] = ['failed', 'partial', 'skipped'];

/** What was not wholly analysed, gravest first. */
export function ledgerNotices(verdict: Verdict): readonly LedgerNotice[] {
  return ORDER.flatMap((status) => {
    const byReason = new Map<string, string[]>();
    for (const entry of verdict.ledger) {
      if (entry.status !== status) continue;
      const skipped = entry.functionsSkipped.length === 0 ? '' : ` (${entry.functionsSkipped.join(', ')})`;
      const paths = byReason.get(entry.reason) ?? [];
      paths.push(`${entry.path}${skipped}`);
      byReason.set(entry.reason, paths);
    }
    return [...byReason].map(([reason, paths]) => ({ status, reason, paths }));
  });
}

/** `2 files analysed`. */
export function countFiles(verdict: Verdict, language: Language): string {
  const count = verdict.ledger.filter((e) => e.status === 'analysed' || e.status === 'partial').length;
  return say(WORDS.analysed, language, { count, files: count === 1 ? 'file' : 'files' });
}

/** Groups worth a line: those that have obligations. */
export function checklistLines(verdict: Verdict): Verdict['checklist'] {
  return verdict.checklist.filter((line) => line.met + line.violated + line.unknown + line.waived > 0);
}
