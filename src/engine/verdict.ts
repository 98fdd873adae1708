/** The words everything else is a view of. Data only: printed, queued, compared, posted. */

export const GROUPS = [
  'deadlines',
  'context',
  'finalizers',
  'concurrency',
  'memory',
  'system',
  'resilience',
] as const;
export type Group = (typeof GROUPS)[number];

/** The groups that are the required lines of the merge checklist. */
export const REQUIRED_GROUPS = ['deadlines', 'context', 'finalizers'] as const satisfies readonly Group[];

export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Confidence = 'high' | 'medium' | 'low';

export const LANGUAGES = ['en', 'zh-CN'] as const;
export type Language = (typeof LANGUAGES)[number];
/** One text in every language; `{name}` is replaced by the argument of that name. */
export type Text = Readonly<Record<Language, string>>;

/** One step of the path that goes wrong. `line` is 1-based at head. */
export interface TraceStep {
  readonly path: string;
  readonly line: number;
  readonly label: string;
}

/** Replaces the whole lines `startLine..endLine` (1-based, inclusive, at head) by `lines`. */
export interface Suggestion {
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: readonly string[];
}

/** A violated obligation. Lines and columns are 1-based at head; columns count UTF-16 units. */
export interface Finding {
  readonly rule: string;
  readonly group: Group;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  /** Enclosing declaration as Go programmers write it: `Charge`, `(*Client).Charge`, or '' at file level. */
  readonly function: string;
  /** One sentence of consequence with the names from the code, in the requested language. Untrusted text. */
  readonly message: string;
  /** True when the fingerprint is absent from the merge base; always true for a scan. */
  readonly introduced: boolean;
  /** Hex; stable under line shifts, gofmt, renames inside the package, rebase and squash. */
  readonly fingerprint: string;
  readonly trace: readonly TraceStep[];
  readonly suggestion?: Suggestion;
  /** Lines that exist only at the merge base and used to discharge the obligation (a deleted safeguard). */
  readonly removed?: { readonly path: string; readonly line: number };
}

export type ObligationVerdict = 'met' | 'violated' | 'unknown' | 'waived';

export interface Evidence {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** One site that carries an obligation, with what became of it. */
export interface Obligation {
  readonly rule: string;
  readonly group: Group;
  readonly path: string;
  readonly line: number;
  readonly verdict: ObligationVerdict;
  /** met: the line that proves it; waived: the comment that waives it; unknown: the site, with the reason. */
  readonly evidence: Evidence;
  readonly fingerprint: string;
  /** Waived, and by a comment that the change itself brings along. */
  readonly proposed: boolean;
  /** Digest of the enclosing declaration, for what holds only as long as that code stands; '' in a scan. */
  readonly code: string;
}

/** `attest`: nothing violated, but something only a human can vouch for (unknown, or waived by the change itself). */
export type ChecklistState = 'pass' | 'fail' | 'attest';

export interface ChecklistLine {
  readonly group: Group;
  readonly met: number;
  readonly violated: number;
  readonly unknown: number;
  readonly waived: number;
  readonly state: ChecklistState;
}

export type LedgerStatus = 'analysed' | 'partial' | 'skipped' | 'failed';

/** What was and was not analysed. A file that should have been and was not makes the verdict incomplete. */
export interface LedgerEntry {
  readonly path: string;
  readonly status: LedgerStatus;
  readonly reason: string;
  readonly functionsSkipped: readonly string[];
}

export const CONCLUSIONS = ['success', 'failure', 'neutral', 'incomplete'] as const;
export type Conclusion = (typeof CONCLUSIONS)[number];

/** `reefpilot check --format json`, and the model behind every comment, check and checklist. */
export interface Verdict {
  readonly schema: 'reefpilot.verdict/v1';
  /** Digest of the rules and their versions that produced this verdict. */
  readonly ruleset: string;
  readonly repo: string;
  readonly base: string | null;
  readonly head: string;
  readonly conclusion: Conclusion;
  readonly findings: readonly Finding[];
  readonly obligations: readonly Obligation[];
  readonly checklist: readonly ChecklistLine[];
  readonly ledger: readonly LedgerEntry[];
}
