import type { Verdict } from '../engine/verdict.ts';
import { attestItems, attestMarker } from './attest.ts';
import { checkOutcome } from './check.ts';
import { type ChecklistInput, checklistBody } from './checklist.ts';
import type { CommentContext } from './comment.ts';
import { fixedThreads } from './fixed.ts';
import { linksFor } from './links.ts';
import { parseMarkers } from './markers.ts';
import type { Decide, Observation, OwnComment, Plan, WithheldReason } from './model.ts';
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
  const sticky = observation.comments.find(isSticky);
  const { owner, name } = observation.repo;
  const place = `${owner}/${name}#${pr.number}`.toLowerCase();
  const attest = attestItems(verdict, sticky?.body ?? null, observation.ticks, place, options.attest);
  const posts = newPosts(verdict.findings, observation.files, posted, silenceOf(pr), context);
  // Nobody is answered in a conversation that is over; the check belongs to the commit and always reports.
  const quiet = pr.locked || pr.state === 'closed';
  return {
    headSha: pr.headSha,
    ...posts,
    fixed: quiet ? [] : fixedThreads(observation, verdict, posted, links, language),
    sticky: quiet
      ? { kind: 'none' }
      : stickyOf(sticky, verdict, {
          headSha: pr.headSha,
          withheld: posts.withheld,
          links,
          language,
          failOn: options.failOn,
          attest,
          attestMarker: (item) => attestMarker(item, place, options.attest),
        }),
    check: checkOutcome({
      verdict,
      links,
      language,
      failOn: options.failOn,
      attest,
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
  comment: OwnComment | undefined,
  verdict: Verdict,
  input: Omit<ChecklistInput, 'verdict' | 'previous'>,
): Plan['sticky'] {
  // A change without any obligation is not worth a message; one that used to have some is.
  if (!comment && verdict.obligations.length === 0 && verdict.findings.length === 0) return { kind: 'none' };
  const body = checklistBody({ ...input, verdict, previous: comment?.body ?? null });
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
