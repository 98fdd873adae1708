import { type Finding, type Language, SEVERITIES, type Verdict } from '../engine/verdict.ts';
import { type AttestItem, unconfirmed } from './attest.ts';
import type { DecideOptions } from './model.ts';
import { say } from './words.ts';

/** Findings the change introduced: the only ones a pull request is told about. */
export function introducedOf(verdict: Verdict): readonly Finding[] {
  return verdict.findings.filter((finding) => finding.introduced);
}

/** True when there was nothing to look at: no Go file, no site, no finding. */
export function isNothing(verdict: Verdict): boolean {
  return (
    verdict.conclusion !== 'incomplete' &&
    verdict.findings.length === 0 &&
    verdict.obligations.length === 0 &&
    verdict.ledger.length === 0
  );
}

/** The conclusion in a few words: title of the check and of the sticky comment. */
export function titleOf(
  verdict: Verdict,
  language: Language,
  failOn: DecideOptions['failOn'] = 'error',
  attest: readonly AttestItem[] = [],
): string {
  if (verdict.conclusion === 'incomplete') return say(language, 'titleIncomplete');
  if (isNothing(verdict)) return say(language, 'titleNothing');
  const findings = introducedOf(verdict);
  if (verdict.conclusion === 'failure') {
    const candidates = findings.length > 0 ? findings : verdict.findings;
    return say(language, 'titleBlocking', { n: blocking(candidates, failOn).length });
  }
  const waiting = unconfirmed(attest);
  if (waiting > 0) return say(language, 'titleWaiting', { n: waiting });
  if (findings.length > 0) return say(language, 'titleAdvisory', { n: findings.length });
  const open = attest.filter((item) => item.by === null).length;
  return open > 0 ? say(language, 'titleAttest', { n: open }) : say(language, 'titleClean');
}

function blocking(
  findings: readonly Finding[],
  failOn: Exclude<DecideOptions['failOn'], undefined>,
): readonly Finding[] {
  const threshold = failOn === 'never' ? -1 : SEVERITIES.indexOf(failOn);
  const over = findings.filter((finding) => SEVERITIES.indexOf(finding.severity) <= threshold);
  // The verdict has already decided that something blocks; a threshold we were not told must not make it zero.
  return over.length > 0 ? over : findings;
}
