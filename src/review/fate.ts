import type { Evidence, ObligationVerdict, Verdict } from '../engine/verdict.ts';
import { keyOf, type StickyState } from './markers.ts';

/** What has become of a finding that was reported earlier. */
export type Fate =
  | { readonly kind: 'there' }
  /** Nobody can tell any more, so it counts as still there. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waived'; readonly evidence: Evidence }
  | { readonly kind: 'gone' };

/** The worse one decides when two obligations share a fingerprint. */
const WORST_FIRST: readonly ObligationVerdict[] = ['violated', 'unknown', 'waived', 'met'];

/**
 * The fate of every fingerprint under a verdict. A finding that the base branch now has too is absent from the
 * findings but still a violated obligation: it is not fixed.
 */
export function fates(verdict: Verdict): (key: string) => Fate {
  const found = new Set(verdict.findings.map((finding) => keyOf(finding.fingerprint)));
  const obligations = new Map<string, { readonly verdict: ObligationVerdict; readonly evidence: Evidence }>();
  for (const obligation of verdict.obligations) {
    const key = keyOf(obligation.fingerprint);
    const known = obligations.get(key);
    if (!known || WORST_FIRST.indexOf(obligation.verdict) < WORST_FIRST.indexOf(known.verdict)) {
      obligations.set(key, obligation);
    }
  }
  return (key) => {
    const obligation = obligations.get(key);
    if (found.has(key) || obligation?.verdict === 'violated') return { kind: 'there' };
    if (obligation?.verdict === 'unknown') return { kind: 'unknown' };
    if (obligation?.verdict === 'waived') return { kind: 'waived', evidence: obligation.evidence };
    return { kind: 'gone' };
  };
}

/** Above this the state is not remembered: two such lists must leave room for the comment itself. */
const MAX_REMEMBERED = 600;

/**
 * The state the sticky comment remembers at this head. Judging the same head again keeps `before`, so that the delta
 * stays that of the last push. An incomplete verdict remembers nothing new: what it misses is not fixed.
 */
export function nextState(
  previous: StickyState | null,
  verdict: Verdict,
  headSha: string,
): StickyState | null {
  if (verdict.conclusion === 'incomplete') return previous;
  const introduced = verdict.findings.filter((finding) => finding.introduced);
  const now = [...new Set(introduced.map((finding) => keyOf(finding.fingerprint)))].sort();
  if (now.length > MAX_REMEMBERED) return null;
  const before = previous === null || previous.head === headSha ? (previous?.before ?? null) : previous.now;
  return { head: headSha, now, before };
}

export interface Delta {
  readonly fixed: number;
  readonly added: number;
  readonly there: number;
  readonly waived: number;
}

/** What changed between the push before and this one; null when there is nothing to compare with. */
export function deltaOf(state: StickyState | null, verdict: Verdict): Delta | null {
  if (!state?.before || verdict.conclusion === 'incomplete') return null;
  const fate = fates(verdict);
  const before = new Set(state.before);
  const delta = { fixed: 0, added: 0, there: 0, waived: 0 };
  for (const key of before) {
    const { kind } = fate(key);
    if (kind === 'gone') delta.fixed += 1;
    else if (kind === 'waived') delta.waived += 1;
    else delta.there += 1;
  }
  delta.added = state.now.filter((key) => !before.has(key)).length;
  return delta;
}
