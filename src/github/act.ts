import type { FileComment, InlineComment, Observation, Plan } from '../review/model.ts';
import { clipBody } from './limits.ts';
import { ONCE } from './octokit.ts';
import { ADD_COMMENT, EDIT_COMMENT, HEAD, MINIMISE, REPLY, RESOLVE } from './queries.ts';
import { at, mutate, present, type Repo, write } from './repo.ts';
import { postFileComment, postReview, type Target } from './review.ts';
import { explain, graphqlTypes, statusOf, Trouble } from './trouble.ts';

/** Each comment on a file is a notification of its own. */
const MAX_MOVED = 10;

/**
 * Brings the pull request to the plan, the check excepted: the caller concludes it last, so that a run which is
 * finished means that everything else is there too. Any step may be the last one of this process: the next pass
 * observes what was done and plans the rest.
 *
 * The checklist comes first: it is edited in place, so one that is a moment too old does no harm, and its answer says
 * what the head is by then. Nothing else is written for a head that has moved.
 * @param pull node id
 * @returns comments that could not be placed anywhere on the diff; they belong into the check's text.
 * @throws Trouble `moved` when the head is not the one the plan was made for; other Trouble as it comes.
 */
export async function act(
  repo: Repo,
  pull: string,
  observation: Observation,
  plan: Plan,
): Promise<readonly string[]> {
  const { number } = observation.pr;
  const target: Target = {
    number,
    headSha: plan.headSha,
    assertHead: async () => assertHead(await headOf(repo, number), plan.headSha),
  };
  const isQuiet = plan.review === null && plan.fileComments.length + plan.fixed.length === 0;
  const seen = await putSticky(repo, pull, plan.sticky);
  if (seen !== null) assertHead(seen, plan.headSha);
  else if (!isQuiet) await target.assertHead();
  const refused = plan.review === null ? [] : await postReview(repo, target, plan.review);
  const homeless: string[] = [];
  for (const [index, comment] of [...plan.fileComments, ...refused.map(onFile)].entries()) {
    const hasRoom = index < plan.fileComments.length + MAX_MOVED;
    const isPosted = hasRoom && (await postFileComment(repo, target, comment));
    if (!isPosted) homeless.push(`\`${comment.path}\`\n\n${comment.body}`);
  }
  for (const fixed of plan.fixed) await closeThread(repo, fixed);
  return homeless;
}

/** What a pull request is at when something is written to it. */
interface Head {
  readonly headRefOid: string;
  readonly state: string;
}

/** The cheapest last look: a push during the analysis makes the plan stale. */
async function headOf(repo: Repo, number: number): Promise<Head> {
  const answer = await repo.client.graphql<{
    readonly repository: { readonly pullRequest: Head | null } | null;
  }>(HEAD, { owner: repo.owner, name: repo.name, number });
  return present(answer.repository?.pullRequest, `pull request ${number}`);
}

/** @throws Trouble `moved`. */
function assertHead(head: Head, headSha: string): void {
  if (head.state !== 'OPEN') throw new Trouble('moved', 'the pull request was closed');
  if (head.headRefOid !== headSha) throw new Trouble('moved', `the head is ${head.headRefOid} now`);
}

function onFile({ path, body, fingerprints }: InlineComment): FileComment {
  return { path, body, fingerprints };
}

/** Never deletes, and never touches a thread that is not ours: `decide` is given our own threads only. */
async function closeThread(repo: Repo, fixed: Plan['fixed'][number]): Promise<void> {
  const { thread } = fixed;
  const steps: readonly (readonly [boolean, () => Promise<void>])[] = [
    [fixed.reply, () => mutate(repo, REPLY, { thread: thread.id, body: clipBody(fixed.body) })],
    [fixed.minimise, () => mutate(repo, MINIMISE, { comment: thread.commentId })],
    // GitHub demands contents: write for this one, so `decide` asks for it only where that was granted.
    [fixed.resolve, () => mutate(repo, RESOLVE, { thread: thread.id })],
  ];
  for (const [wanted, step] of steps) {
    if (!wanted) continue;
    try {
      await step();
    } catch (error) {
      // Tidying up must not cost the review: the thread may be deleted, or the right to it not granted.
      const kind = explain(error)?.kind;
      if (kind !== 'gone' && kind !== 'forbidden') throw error;
      repo.log.warn({ err: error, thread: thread.id }, 'a thread whose finding is gone could not be closed');
      return;
    }
  }
}

/** Gives back what the pull request is at; null when nothing was written, or GitHub does not say. */
async function putSticky(repo: Repo, pull: string, sticky: Plan['sticky']): Promise<Head | null> {
  if (sticky.kind === 'none') return null;
  const body = clipBody(sticky.body);
  if (sticky.kind === 'update') {
    try {
      const answer = await mutate<{
        readonly updateIssueComment: {
          readonly issueComment: { readonly pullRequest: Head | null } | null;
        } | null;
      }>(repo, EDIT_COMMENT, { comment: sticky.comment.id, body });
      return answer.updateIssueComment?.issueComment?.pullRequest ?? null;
    } catch (error) {
      if (explain(error)?.kind !== 'gone') throw error;
      // Somebody deleted it since we looked.
    }
  }
  try {
    const answer = await mutate<{ readonly addComment: { readonly subject: Head | null } | null }>(
      repo,
      ADD_COMMENT,
      { subject: pull, body },
    );
    return answer.addComment?.subject ?? null;
  } catch (error) {
    const isRefused = explain(error)?.kind === 'forbidden' || graphqlTypes(error).includes('UNPROCESSABLE');
    if (!isRefused) throw error;
    repo.log.warn({ err: error, pull }, 'GitHub does not allow a comment here');
    return null;
  }
}

/** A comment in the conversation. Where GitHub does not allow one (locked, issues disabled), the check has to do. */
export async function postComment(repo: Repo, number: number, body: string): Promise<void> {
  try {
    await write(repo, () =>
      repo.client.rest.issues.createComment({
        ...at(repo),
        issue_number: number,
        body: clipBody(body),
        request: ONCE,
      }),
    );
  } catch (error) {
    const trouble = explain(error);
    const isDisabled = statusOf(trouble?.cause) === 410;
    if (trouble?.kind !== 'forbidden' && !isDisabled) throw error;
    repo.log.warn({ err: error, number }, 'GitHub does not allow a comment here');
  }
}
