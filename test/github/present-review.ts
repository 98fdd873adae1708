/** GitHub's REST representations of what an app writes: comments, reviews, reactions, check runs. */
import type { JsonObject } from './http.ts';
import type { Present } from './present.ts';
import type {
  Annotation,
  CheckRun,
  CheckSuite,
  IssueComment,
  PullRequest,
  Reaction,
  Repository,
  Review,
  ReviewComment,
} from './state.ts';

const ROLLUP: readonly Reaction['content'][] = [
  '+1',
  '-1',
  'laugh',
  'hooray',
  'confused',
  'heart',
  'rocket',
  'eyes',
];

function rollup(reactions: readonly Reaction[], url: string): JsonObject {
  const counts = ROLLUP.map((content) => [content, reactions.filter((r) => r.content === content).length]);
  return { url: `${url}/reactions`, total_count: reactions.length, ...Object.fromEntries(counts) };
}

export function showReaction(show: Present, reaction: Reaction): JsonObject {
  return {
    id: reaction.id,
    node_id: reaction.nodeId,
    user: show.user(reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

export function showIssueComment(show: Present, comment: IssueComment): JsonObject {
  const { pull } = comment;
  const url = show.api(pull.repo, `/issues/comments/${comment.id}`);
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: show.web(pull.repo, `/pull/${pull.number}#issuecomment-${comment.id}`),
    body: comment.body,
    user: show.user(comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    issue_url: show.api(pull.repo, `/issues/${pull.number}`),
    author_association: show.world.association(pull.repo, comment.author),
    performed_via_github_app: comment.viaApp ? show.integration() : null,
    reactions: rollup(comment.reactions, url),
  };
}

export function showReview(show: Present, review: Review): JsonObject {
  const { pull } = review;
  const html = show.web(pull.repo, `/pull/${pull.number}#pullrequestreview-${review.id}`);
  const pullUrl = show.api(pull.repo, `/pulls/${pull.number}`);
  return {
    id: review.id,
    node_id: review.nodeId,
    user: show.user(review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: review.submittedAt,
    commit_id: review.commit,
    author_association: show.world.association(pull.repo, review.author),
  };
}

export function showReviewComment(show: Present, comment: ReviewComment): JsonObject {
  const { thread, review } = comment;
  const { pull } = thread;
  const url = show.api(pull.repo, `/pulls/comments/${comment.id}`);
  const html = show.web(pull.repo, `/pull/${pull.number}#discussion_r${comment.id}`);
  const pullUrl = show.api(pull.repo, `/pulls/${pull.number}`);
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    pull_request_review_id: review.id,
    diff_hunk: thread.diffHunk,
    path: thread.path,
    position: thread.subjectType === 'FILE' ? 1 : thread.position,
    original_position: thread.originalPosition ?? 1,
    commit_id: thread.commit,
    original_commit_id: thread.originalCommit,
    user: show.user(comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: show.world.association(pull.repo, comment.author),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    start_line: thread.startLine,
    original_start_line: thread.originalStartLine,
    start_side: thread.startSide,
    line: thread.line,
    original_line: thread.originalLine,
    side: thread.side,
    subject_type: thread.subjectType.toLowerCase(),
    reactions: rollup(comment.reactions, url),
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo.id }),
  };
}

/** GitHub lists a check's pull requests only when the head is a branch of the same repository. */
function pullsOf(show: Present, repo: Repository, sha: string): JsonObject[] {
  const open = [...repo.pulls.values()].filter(
    (pull) => pull.state === 'open' && pull.headSha === sha && pull.headRepo === repo,
  );
  const brief = (r: Repository): JsonObject => ({ id: r.id, url: show.api(r), name: r.name });
  return open.map((pull: PullRequest) => ({
    url: show.api(repo, `/pulls/${pull.number}`),
    id: pull.id,
    number: pull.number,
    head: { ref: pull.headRef, sha: pull.headSha, repo: brief(pull.headRepo) },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo: brief(repo) },
  }));
}

export function showCheckRun(show: Present, run: CheckRun): JsonObject {
  const url = show.api(run.repo, `/check-runs/${run.id}`);
  return {
    id: run.id,
    name: run.name,
    node_id: run.nodeId,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: show.web(run.repo, `/runs/${run.id}`),
    details_url: run.detailsUrl ?? 'https://example.com',
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      ...run.output,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: show.integration(),
    pull_requests: pullsOf(show, run.repo, run.headSha),
  };
}

export function showAnnotation(show: Present, run: CheckRun, annotation: Annotation): JsonObject {
  return {
    start_column: null,
    end_column: null,
    title: null,
    raw_details: null,
    ...annotation,
    blob_href: show.web(run.repo, `/blob/${run.headSha}/${annotation.path}`),
  };
}

/** Where a suite stands, by the latest run of each name: all must be done, the worst one decides. */
export function suiteState(suite: CheckSuite): { status: string; conclusion: string | null } {
  const runs = latestRuns(suite.repo.checkRuns.filter((run) => run.suite === suite));
  if (runs.length === 0) return { status: 'queued', conclusion: null };
  if (runs.some((run) => run.status !== 'completed')) return { status: 'in_progress', conclusion: null };
  const worst = [
    'failure',
    'timed_out',
    'cancelled',
    'action_required',
    'stale',
    'success',
    'neutral',
    'skipped',
  ];
  return {
    status: 'completed',
    conclusion: worst.find((c) => runs.some((run) => run.conclusion === c)) ?? null,
  };
}

/** The newest run of every name. */
export function latestRuns(runs: readonly CheckRun[]): CheckRun[] {
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

export function showCheckSuite(show: Present, suite: CheckSuite): JsonObject {
  const { repo } = suite;
  const commit = repo.git.commitInfo(suite.headSha);
  const url = show.api(repo, `/check-suites/${suite.id}`);
  return {
    id: suite.id,
    node_id: suite.nodeId,
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(suite),
    url,
    before: commit.parents[0] ?? null,
    after: suite.headSha,
    created_at: suite.createdAt,
    updated_at: suite.createdAt,
    app: show.integration(),
    repository: show.repository(repo),
    head_commit: simpleCommit(repo, suite.headSha),
    latest_check_runs_count: repo.checkRuns.filter((run) => run.suite === suite).length,
    check_runs_url: `${url}/check-runs`,
    pull_requests: pullsOf(show, repo, suite.headSha),
    rerequestable: true,
    runs_rerequestable: true,
  };
}

export function simpleCommit(repo: Repository, sha: string): JsonObject {
  const { tree, message, author, committer } = repo.git.commitInfo(sha);
  const person = ({ name, email }: { name: string; email: string }): JsonObject => ({ name, email });
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: person(author),
    committer: person(committer),
  };
}
