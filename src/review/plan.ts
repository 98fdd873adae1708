import type { Verdict } from '../engine/verdict.ts';
import { checkOutcome } from './check.ts';
import { checklistBody } from './checklist.ts';
import type { CommentContext } from './comment.ts';
import { fixedThreads } from './fixed.ts';
import { linksFor } from './links.ts';
import { parseMarkers } from './markers.ts';
import type { Decide, DecideOptions, Observation, OwnComment, Plan, WithheldReason } from './model.ts';
import { postedOn } from './posted.ts';
import { newPosts } from './posts.ts';

/** What should be on the pull request, minus what is: the whole decision, before a single write to GitHub. */
export const decide: Decide = (observation, verdict, options) => {
  const { pr } = observation;
  const { language } = options;
  const links = linksFor(pr, options.docsUrl);
  const context: CommentContext = {
    language,
    links,
    headSha: pr.headSha,
    suggestions: options.suggestions,
  };
  const posted = postedOn(observation);
  const posts = newPosts(verdict.findings, observation.files, posted, silenceOf(pr), context);
  // Nobody is answered in a conversation that is over; the check belongs to the commit and always reports.
  const quiet = pr.locked || pr.state === 'closed';
  return {
    headSha: pr.headSha,
    ...posts,
    fixed: quiet ? [] : fixedThreads(observation, verdict, posted, links, language),
    sticky: quiet ? { kind: 'none' } : stickyOf(observation, verdict, posts.withheld, context, options),
    check: checkOutcome({
      verdict,
      links,
      language,
      failOn: options.failOn,
      notices: options.notices ?? [],
    }),
  };
};

/** Why no new comment may be made now, if that is so. */
function silenceOf(pr: Observation['pr']): WithheldReason | null {
  if (pr.state === 'closed') return 'closed';
  if (pr.locked) return 'locked';
  return pr.draft ? 'draft' : null;
}

function stickyOf(
  observation: Observation,
  verdict: Verdict,
  withheld: Plan['withheld'],
  { language, links, headSha }: CommentContext,
  { failOn }: DecideOptions,
): Plan['sticky'] {
  const comment = observation.comments.find(isSticky);
  // A change without any obligation is not worth a message; one that used to have some is.
  if (!comment && verdict.obligations.length === 0 && verdict.findings.length === 0) return { kind: 'none' };
  const previous = comment?.body ?? null;
  const body = checklistBody({ verdict, headSha, withheld, links, language, failOn, previous });
  if (!comment) return { kind: 'create', body };
  return sameText(comment.body, body) ? { kind: 'none' } : { kind: 'update', comment, body };
}

/** The oldest comment with our marker: should two ever exist, all processes choose the same one. */
function isSticky(comment: OwnComment): boolean {
  return parseMarkers(comment.body).some((marker) => marker.kind === 'sticky');
}

/** Editing a comment on GitHub's page turns its line ends into CRLF. */
function sameText(a: string, b: string): boolean {
  const normal = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
  return normal(a) === normal(b);
}
