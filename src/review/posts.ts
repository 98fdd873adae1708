import { type Finding, SEVERITIES } from '../engine/verdict.ts';
import { type CommentContext, commentBody, GROUP_ABOVE } from './comment.ts';
import { MAX_FILE_COMMENTS, MAX_FINDINGS_PER_PUSH, MAX_INLINE_COMMENTS } from './limits.ts';
import { compareFindings } from './lists.ts';
import { keyOf, renderMarker } from './markers.ts';
import type { DiffFile, FileComment, InlineComment, Placement, Plan, WithheldReason } from './model.ts';
import { type Diff, indexDiff, place } from './place.ts';
import type { Posted } from './posted.ts';
import { SEVERITY_NAMES, say } from './words.ts';

/** The comments a push adds, and the findings that get none. */
export type Posts = Pick<Plan, 'review' | 'fileComments' | 'withheld'>;

/** One comment to be: findings of one rule and the place of the first. */
interface Draft {
  readonly findings: readonly [Finding, ...Finding[]];
  readonly placement: Exclude<Placement, { kind: 'summary' }>;
}

/**
 * Gives every finding exactly one place: a comment that stands already, a new one, or a reason for none. `silence` is
 * the reason for which nothing new may be said at all.
 */
export function newPosts(
  findings: readonly Finding[],
  files: readonly DiffFile[],
  posted: Posted,
  silence: WithheldReason | null,
  context: CommentContext,
): Posts {
  const diff = indexDiff(files);
  const withheld: Plan['withheld'][number][] = [];
  const placed: Draft[] = [];
  // Findings that share a key would get a comment each and look alike ever after, so the first one speaks for all.
  const seen = new Set<string>();
  for (const finding of [...findings].sort(compareFindings)) {
    const key = keyOf(finding.fingerprint);
    if (posted.has(key) || seen.has(key)) continue;
    seen.add(key);
    const fate = placeOrWithhold(finding, diff, silence, context);
    if (fate.kind === 'summary') withheld.push({ finding, because: fate.because });
    else placed.push({ findings: [finding], placement: fate });
  }

  // Cut before grouping: the worst come first, and what is cut now is cut again when this head is judged again.
  const [affordable, excess] = cutAt(placed, MAX_FINDINGS_PER_PUSH - posted.findingsAtHead);
  const drafts = groupByRule(affordable);
  const inline = drafts.filter((draft) => draft.placement.kind === 'line');
  const whole = drafts.filter((draft) => draft.placement.kind === 'file');
  const [nowInline, laterInline] = cutAt(inline, MAX_INLINE_COMMENTS - posted.inlineAtHead);
  const [nowFiles, laterFiles] = cutAt(whole, MAX_FILE_COMMENTS - posted.filesAtHead);
  for (const { findings: late } of [...laterInline, ...laterFiles, ...excess]) {
    for (const finding of late) withheld.push({ finding, because: 'over-budget' });
  }

  const comments = nowInline.flatMap((draft) => inlineComment(draft, posted, context));
  const fileComments = nowFiles.map((draft) => fileComment(draft, posted, context));
  const review = comments.length > 0 ? { body: reviewBody(nowInline, context), comments } : null;
  return { review, fileComments, withheld: withheld.sort((a, b) => compareFindings(a.finding, b.finding)) };
}

function placeOrWithhold(
  finding: Finding,
  diff: Diff,
  silence: WithheldReason | null,
  context: CommentContext,
): Placement {
  if (!finding.introduced) return { kind: 'summary', because: 'already-there' };
  // Information is no reason to interrupt somebody: it is an annotation.
  if (finding.severity === 'info') return { kind: 'summary', because: 'below-threshold' };
  const placement = place(finding, diff, context.suggestions);
  return silence !== null && placement.kind !== 'summary' ? { kind: 'summary', because: silence } : placement;
}

/** Joins the drafts of a rule that has too many of them; the worst that has a line leads. */
function groupByRule(drafts: readonly Draft[]): readonly Draft[] {
  const byRule = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const { rule } = draft.findings[0];
    const ofRule = byRule.get(rule);
    if (ofRule) ofRule.push(draft);
    else byRule.set(rule, [draft]);
  }
  const grouped = [...byRule.values()].flatMap((ofRule) =>
    ofRule.length > GROUP_ABOVE ? join(ofRule) : ofRule,
  );
  return grouped.sort((a, b) => compareFindings(a.findings[0], b.findings[0]));
}

function join(drafts: readonly Draft[]): readonly Draft[] {
  const leader = drafts.find((draft) => draft.placement.kind === 'line') ?? drafts[0];
  if (!leader) return [];
  const others = drafts.filter((draft) => draft !== leader).flatMap((draft) => draft.findings);
  return [{ findings: [leader.findings[0], ...others], placement: leader.placement }];
}

function cutAt<T>(items: readonly T[], room: number): readonly [readonly T[], readonly T[]] {
  const end = Math.max(0, room);
  return [items.slice(0, end), items.slice(end)];
}

function inlineComment(draft: Draft, posted: Posted, context: CommentContext): readonly InlineComment[] {
  const { placement } = draft;
  if (placement.kind !== 'line') return [];
  const { path, side, line, startLine } = placement;
  return [{ path, side, line, startLine, body: bodyOf(draft, posted, context), fingerprints: prints(draft) }];
}

function fileComment(draft: Draft, posted: Posted, context: CommentContext): FileComment {
  const { path } = draft.placement;
  return { path, body: bodyOf(draft, posted, context), fingerprints: prints(draft) };
}

function bodyOf(draft: Draft, posted: Posted, context: CommentContext): string {
  const earlier = draft.findings.map((finding) => posted.earlier(keyOf(finding.fingerprint)));
  return commentBody(draft.findings, draft.placement, context, earlier.find((url) => url !== null) ?? null);
}

function prints(draft: Draft): readonly string[] {
  return draft.findings.map((finding) => finding.fingerprint);
}

/** GitHub demands a body for a review; it also remembers what the review holds. */
function reviewBody(drafts: readonly Draft[], { language, headSha }: CommentContext): string {
  const findings = drafts.flatMap((draft) => draft.findings);
  const parts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count > 0 ? [`${SEVERITY_NAMES[severity][language]}: ${count}`] : [];
  });
  const keys = findings.map((finding) => keyOf(finding.fingerprint));
  const words = say(language, 'reviewBody', { n: findings.length, parts: parts.join(', ') });
  return `${words}\n${renderMarker({ kind: 'review', head: headSha, comments: drafts.length, keys })}`;
}
