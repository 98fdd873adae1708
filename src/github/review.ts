import type { FileComment, InlineComment, Plan } from '../review/model.ts';
import { clipBody } from './limits.ts';
import { ONCE } from './octokit.ts';
import { at, type Repo, write } from './repo.ts';
import { statusOf } from './trouble.ts';

/** Where a review goes. `assertHead` throws when the head has moved. */
export interface Target {
  readonly number: number;
  readonly headSha: string;
  readonly assertHead: () => Promise<void>;
}

/**
 * Posts the review; gives back the comments that GitHub would not anchor.
 *
 * GitHub refuses a whole review for one bad anchor and does not say which. Anchors are checked against its own hunks
 * before, so this is for what remains: the head is looked at again, then the review is halved until the offender
 * stands alone. REST is used for its loud refusal: GraphQL takes anchors that are never shown.
 * @throws Trouble; `moved` when the refusal was about the head.
 */
export async function postReview(
  repo: Repo,
  target: Target,
  review: NonNullable<Plan['review']>,
): Promise<readonly InlineComment[]> {
  if (await tryReview(repo, target, review.body, review.comments)) return [];
  await target.assertHead();
  // A part must not claim in its marker what the whole would have brought.
  const body = review.body.replace(/^<!-- reefpilot:v1 kind=review .*-->$/gm, '').trim();
  return halve(repo, target, body, review.comments, { left: MAX_PROBES });
}

/** Enough to single out two offenders among thirty. When most are refused, searching on would only make noise. */
const MAX_PROBES = 16;

async function halve(
  repo: Repo,
  target: Target,
  body: string,
  comments: readonly InlineComment[],
  probes: { left: number },
): Promise<readonly InlineComment[]> {
  if (comments.length <= 1) return comments;
  const middle = Math.ceil(comments.length / 2);
  const refused: InlineComment[] = [];
  for (const half of [comments.slice(0, middle), comments.slice(middle)]) {
    if (probes.left-- <= 0) refused.push(...half);
    else if (!(await tryReview(repo, target, body, half))) {
      refused.push(...(await halve(repo, target, body, half, probes)));
    }
  }
  return refused;
}

/** False when GitHub refuses what was sent (422). */
async function tryReview(
  repo: Repo,
  target: Target,
  body: string,
  comments: readonly InlineComment[],
): Promise<boolean> {
  return accepted(
    () =>
      repo.client.rest.pulls.createReview({
        ...at(repo),
        pull_number: target.number,
        commit_id: target.headSha,
        // Never REQUEST_CHANGES: on a protected branch an app cannot take it back. The check is what blocks.
        event: 'COMMENT',
        body: clipBody(body),
        comments: comments.map(({ path, body, line, side, startLine }) => ({
          path,
          body: clipBody(body),
          line,
          side,
          ...(startLine !== null && startLine < line ? { start_line: startLine, start_side: side } : {}),
        })),
        request: ONCE,
      }),
    repo,
  );
}

/** Posts a comment on a whole file; false when GitHub does not see the file in the diff. */
export async function postFileComment(repo: Repo, target: Target, comment: FileComment): Promise<boolean> {
  return accepted(
    () =>
      // `subject_type` exists for single comments only, not inside a review.
      repo.client.rest.pulls.createReviewComment({
        ...at(repo),
        pull_number: target.number,
        commit_id: target.headSha,
        path: comment.path,
        subject_type: 'file',
        body: clipBody(comment.body),
        request: ONCE,
      }),
    repo,
  );
}

async function accepted(call: () => Promise<unknown>, repo: Repo): Promise<boolean> {
  try {
    await write(repo, call);
    return true;
  } catch (error) {
    // `write` has turned abuse limits, which also come as 422, into Trouble.
    if (statusOf(error) === 422) return false;
    throw error;
  }
}
