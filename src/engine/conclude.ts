import { isExcuse } from './paths.ts';
import {
  type ChecklistLine,
  type Conclusion,
  type Finding,
  GROUPS,
  type LedgerEntry,
  type Obligation,
  type ObligationVerdict,
  SEVERITIES,
  type Severity,
} from './verdict.ts';

/** One line per group, in catalogue order. `attest` marks groups in which the change silences a site itself. */
export function checklistOf(
  obligations: readonly Obligation[],
  attest: ReadonlySet<string>,
): readonly ChecklistLine[] {
  return GROUPS.map((group) => {
    const own = obligations.filter((o) => o.group === group);
    const count = (verdict: ObligationVerdict) => own.filter((o) => o.verdict === verdict).length;
    const violated = count('violated');
    const unknown = count('unknown');
    const state = violated > 0 ? 'fail' : unknown > 0 || attest.has(group) ? 'attest' : 'pass';
    return { group, met: count('met'), violated, unknown, waived: count('waived'), state };
  });
}

/**
 * failure: an introduced finding at or above the threshold. incomplete: something of ours failed, so green would be a
 * lie. neutral: a file that should have been reviewed could not be read as Go, in whole or in part. success: everything
 * that should have been was analysed.
 */
export function concludeFrom(
  findings: readonly Finding[],
  ledger: readonly LedgerEntry[],
  failOn: Severity | 'never',
): Conclusion {
  const threshold = failOn === 'never' ? -1 : SEVERITIES.indexOf(failOn);
  if (findings.some((f) => f.introduced && SEVERITIES.indexOf(f.severity) <= threshold)) return 'failure';
  if (ledger.some((e) => e.status === 'failed')) return 'incomplete';
  if (ledger.some((e) => e.status === 'partial' || (e.status === 'skipped' && !isExcuse(e.reason))))
    return 'neutral';
  return 'success';
}
