import { checklistOf, concludeFrom } from './conclude.ts';
import { byPath } from './paths.ts';
import type { Settings } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

/**
 * One verdict out of those of the packages of a tree, each of which names its own files. The order of the verdicts
 * does not matter: within one file the order of the analysis is kept.
 */
export function mergeVerdicts(
  verdicts: readonly [Verdict, ...Verdict[]],
  failOn: Settings['failOn'],
): Verdict {
  const [first] = verdicts;
  const findings = verdicts.flatMap((v) => v.findings).sort(byPath);
  const obligations = verdicts.flatMap((v) => v.obligations).sort(byPath);
  // A module file lies in the ledger of every package below it; nothing else is listed twice.
  const ledger = [...new Map(verdicts.flatMap((v) => v.ledger).map((e) => [e.path, e])).values()].sort(
    byPath,
  );
  const attest = new Set(
    verdicts.flatMap((v) => v.checklist.filter((line) => line.state === 'attest').map((line) => line.group)),
  );
  return {
    ...first,
    conclusion: concludeFrom(findings, ledger, failOn),
    findings,
    obligations,
    checklist: checklistOf(obligations, attest),
    ledger,
  };
}

/** The part of a verdict that speaks of the wanted files. */
export function narrowVerdict(
  verdict: Verdict,
  wanted: (path: string) => boolean,
  failOn: Settings['failOn'],
): Verdict {
  const about = <T extends { readonly path: string }>(list: readonly T[]) =>
    list.filter((e) => wanted(e.path));
  const narrowed = {
    ...verdict,
    findings: about(verdict.findings),
    obligations: about(verdict.obligations),
    ledger: about(verdict.ledger),
  };
  return mergeVerdicts([narrowed], failOn);
}
