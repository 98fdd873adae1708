/** Pull requests and everything written on them: reviews, review comments, issue comments, reactions. */
import type { CommentInput } from '../actions.ts';
import {
  type Call,
  HttpError,
  input,
  invalidField,
  type JsonObject,
  notFound,
  numberParam,
  ok,
  paginate,
  param,
  type Reply,
} from '../http.ts';
import { showIssueComment, showReaction, showReview, showReviewComment } from '../present-review.ts';
import type { Need, Route } from '../router.ts';
import type {
  IssueComment,
  PullRequest,
  Reaction,
  ReactionContent,
  Review,
  ReviewComment,
  ReviewState,
} from '../state.ts';
import { actor, found, type Parts, pullOf, repositoryOf } from './shared.ts';

const READ: Need = [['pull_requests', 'read']];
const WRITE: Need = [['pull_requests', 'write']];
/** Comments on pull requests are issue comments: either permission will do. */
const READ_COMMENTS: Need = [
  ['pull_requests', 'read'],
  ['issues', 'read'],
];
const WRITE_COMMENTS: Need = [
  ['pull_requests', 'write'],
  ['issues', 'write'],
];

const STATES: Record<string, ReviewState> = {
  APPROVE: 'APPROVED',
  COMMENT: 'COMMENTED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
};

interface NewReview {
  commit_id?: string;
  body?: string;
  event?: string;
  comments?: CommentInput[];
}

interface NewComment extends CommentInput {
  commit_id: string;
  in_reply_to?: number;
}

export function reviewRoutes(parts: Parts): Route[] {
  const { world, show, actions } = parts;
  return [
    {
      operation: 'GET /repos/{owner}/{repo}/pulls',
      auth: 'installation',
      needs: READ,
      handle: (call) =>
        paginate(call, world.url, filterPulls(call, [...repositoryOf(parts, call).pulls.values()]), (pull) =>
          show.pullSimple(pull),
        ),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
      auth: 'installation',
      needs: READ,
      handle: (call) => {
        const pull = pullOf(parts, call);
        if (!/application\/vnd\.github\.(v3\.)?(diff|patch)\b/.test(call.headers.accept ?? ''))
          return ok(show.pull(pull));
        const files = world.diff(pull);
        if (files.length > world.limits.compareFiles) {
          const message = `Sorry, the diff exceeded the maximum number of files (${world.limits.compareFiles}). Consider using 'List pull requests files' API or locally cloning the repository instead.`;
          throw new HttpError(406, message, [{ resource: 'PullRequest', field: 'diff', code: 'too_large' }]);
        }
        const base = world.mergeBase(pull) ?? pull.baseSha;
        const body = pull.repo.git.run(['diff', '-M', base, pull.headSha, '--']);
        return {
          status: 200,
          body,
          headers: { 'content-type': 'application/vnd.github.diff; charset=utf-8' },
        };
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      auth: 'installation',
      needs: READ,
      handle: (call) =>
        paginate(call, world.url, pullOf(parts, call).reviews, (review) => showReview(show, review)),
    },
    {
      operation: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      auth: 'installation',
      needs: WRITE,
      handle: (call) => {
        const { commit_id, body = '', event, comments = [] } = input<NewReview>(call);
        const state = event === undefined ? 'PENDING' : STATES[event];
        if (state === undefined || state === 'PENDING') {
          // A pending review is invisible to everybody else and would never be submitted.
          throw new HttpError(422, 'Unprocessable Entity', [
            'event: the double does not keep pending reviews',
          ]);
        }
        const review = actions.addReview(pullOf(parts, call), actor(parts), {
          ...(commit_id === undefined ? {} : { commit: commit_id }),
          state,
          body,
          comments,
        });
        return ok(showReview(show, review));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
      auth: 'installation',
      needs: READ,
      handle: (call) => ok(showReview(show, reviewOf(parts, call))),
    },
    {
      operation: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
      auth: 'installation',
      needs: WRITE,
      handle: (call) => {
        const review = reviewOf(parts, call);
        mine(parts, review);
        actions.edit(review, actor(parts), input<{ body: string }>(call).body);
        return ok(showReview(show, review));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments',
      auth: 'installation',
      needs: READ,
      handle: (call) =>
        paginate(call, world.url, reviewOf(parts, call).comments, (comment) =>
          showReviewComment(show, comment),
        ),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
      auth: 'installation',
      needs: READ,
      handle: (call) => {
        const comments = pullOf(parts, call)
          .threads.flatMap((thread) => thread.comments)
          .sort((a, b) => a.id - b.id);
        return paginate(call, world.url, ordered(call, comments), (comment) =>
          showReviewComment(show, comment),
        );
      },
    },
    {
      operation: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments',
      auth: 'installation',
      needs: WRITE,
      handle: (call) => {
        const pull = pullOf(parts, call);
        const { commit_id, in_reply_to, ...comment } = input<NewComment>(call);
        if (in_reply_to === undefined) {
          return {
            status: 201,
            body: showReviewComment(show, actions.addThread(pull, actor(parts), commit_id, comment)),
          };
        }
        const thread = pull.threads.find((t) => t.comments[0]?.id === in_reply_to);
        if (!thread) {
          throw invalidField(
            'PullRequestReviewComment',
            'in_reply_to',
            'in_reply_to is not a top-level comment',
          );
        }
        return {
          status: 201,
          body: showReviewComment(show, actions.reply(thread, actor(parts), comment.body)),
        };
      },
    },
    ...commentRoutes<ReviewComment>(parts, {
      path: '/repos/{owner}/{repo}/pulls/comments/{comment_id}',
      read: READ,
      write: WRITE,
      find: (call) => found(world.reviewComment(repositoryOf(parts, call), numberParam(call, 'comment_id'))),
      show: (comment) => showReviewComment(show, comment),
    }),
    {
      operation: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      auth: 'installation',
      needs: READ_COMMENTS,
      handle: (call) =>
        paginate(call, world.url, pullOf(parts, call, 'issue_number').comments, (c) =>
          showIssueComment(show, c),
        ),
    },
    {
      operation: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
      auth: 'installation',
      needs: WRITE_COMMENTS,
      handle: (call) => {
        const pull = pullOf(parts, call, 'issue_number');
        const comment = actions.addComment(pull, actor(parts), input<{ body: string }>(call).body);
        return { status: 201, body: showIssueComment(show, comment) };
      },
    },
    ...commentRoutes<IssueComment>(parts, {
      path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
      read: READ_COMMENTS,
      write: WRITE_COMMENTS,
      find: (call) => found(world.pullComment(repositoryOf(parts, call), numberParam(call, 'comment_id'))),
      show: (comment) => showIssueComment(show, comment),
    }),
    {
      operation: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
      auth: 'installation',
      needs: [['metadata', 'read']],
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const account = found(world.accounts.get(param(call, 'username').toLowerCase()));
        const role = world.role(repo, account.login);
        // The coarse permission has four values only; `role_name` is exact.
        const permission = { maintain: 'write', triage: 'read' }[role as string] ?? role;
        const permissions = {
          pull: role !== 'none',
          triage: role !== 'none' && role !== 'read',
          push: ['write', 'maintain', 'admin'].includes(role),
          maintain: ['maintain', 'admin'].includes(role),
          admin: role === 'admin',
        };
        const user = { ...show.user(account), permissions, role_name: role };
        return ok({ permission, role_name: role, user });
      },
    },
  ];
}

type CommentPath =
  | '/repos/{owner}/{repo}/pulls/comments/{comment_id}'
  | '/repos/{owner}/{repo}/issues/comments/{comment_id}';

/** Both kinds of comment are read, edited, deleted and reacted to alike. */
function commentRoutes<C extends IssueComment | ReviewComment>(
  parts: Parts,
  o: {
    path: CommentPath;
    read: Need;
    write: Need;
    find: (call: Call) => C;
    show: (comment: C) => JsonObject;
  },
): Route[] {
  const { world, show, actions } = parts;
  return [
    {
      operation: `GET ${o.path}`,
      auth: 'installation',
      needs: o.read,
      handle: (call) => ok(o.show(o.find(call))),
    },
    {
      operation: `PATCH ${o.path}`,
      auth: 'installation',
      needs: o.write,
      handle: (call) => {
        const comment = o.find(call);
        mine(parts, comment);
        actions.edit(comment, actor(parts), input<{ body: string }>(call).body);
        return ok(o.show(comment));
      },
    },
    {
      operation: `DELETE ${o.path}`,
      auth: 'installation',
      needs: o.write,
      handle: (call) => {
        const comment = o.find(call);
        mine(parts, comment);
        actions.remove(comment, actor(parts));
        return { status: 204 };
      },
    },
    {
      operation: `GET ${o.path}/reactions`,
      auth: 'installation',
      needs: o.read,
      handle: (call) =>
        paginate(call, world.url, o.find(call).reactions, (r: Reaction) => showReaction(show, r)),
    },
    {
      operation: `POST ${o.path}/reactions`,
      auth: 'installation',
      needs: o.write,
      handle: (call): Reply => {
        const { content } = input<{ content: ReactionContent }>(call);
        const { reaction, created } = actions.react(o.find(call).reactions, actor(parts), content);
        return { status: created ? 201 : 200, body: showReaction(show, reaction) };
      },
    },
  ];
}

/** An app may edit and delete only what it wrote. */
function mine(parts: Parts, content: IssueComment | ReviewComment | Review): void {
  if (content.author !== actor(parts)) throw new HttpError(403, 'Resource not accessible by integration');
}

function reviewOf(parts: Parts, call: Call): Review {
  const id = numberParam(call, 'review_id');
  const review = pullOf(parts, call).reviews.find((r) => r.id === id);
  if (!review) throw notFound();
  return review;
}

function filterPulls(call: Call, pulls: PullRequest[]): PullRequest[] {
  const state = call.query.get('state') ?? 'open';
  const [head, base] = [call.query.get('head'), call.query.get('base')];
  const matching = pulls.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (base === null || pull.baseRef === base) &&
      (head === null || `${pull.headRepo.owner.login}:${pull.headRef}` === head),
  );
  const key = call.query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const order = call.query.get('direction') ?? (call.query.has('sort') ? 'asc' : 'desc');
  matching.sort((a, b) => a[key].localeCompare(b[key]) || a.number - b.number);
  return order === 'desc' ? matching.reverse() : matching;
}

function ordered(call: Call, comments: ReviewComment[]): ReviewComment[] {
  const since = call.query.get('since');
  const kept =
    since === null ? comments : comments.filter((c) => Date.parse(c.updatedAt) >= Date.parse(since));
  return call.query.get('direction') === 'desc' ? kept.reverse() : kept;
}
