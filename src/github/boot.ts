import type { OwnComment, OwnThread, PendingCommand } from '../review/model.ts';
import { CHECK_NAME, type Run, runFrom } from './checks.ts';
import { BOOT, MORE_COMMENTS, MORE_REVIEWS, MORE_THREADS } from './queries.ts';
import { present, type Repo } from './repo.ts';

/** What one look at a pull request shows, before anything of its content is read. */
export interface Boot {
  readonly repositoryId: number;
  /** Node id. */
  readonly id: string;
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly draft: boolean;
  readonly locked: boolean;
  readonly title: string;
  readonly url: string;
  readonly author: string;
  readonly headSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
  readonly isDefaultBase: boolean;
  /** The configuration on the default branch. */
  readonly defaultConfig: string | null;
  readonly threads: readonly OwnThread[];
  readonly comments: readonly OwnComment[];
  readonly reviews: readonly { readonly id: string; readonly body: string; readonly commit: string | null }[];
  /** Comments of people that mention the slash verb and were never edited, oldest first. */
  readonly mentions: readonly PendingCommand[];
  /** Our runs on the head, newest first; null when they have to be asked for. */
  readonly runs: readonly Run[] | null;
}

export const CONFIG_PATH = '.github/reefpilot.yml';
/** What a comment must contain to be looked at as a command. The grammar decides whether it is one. */
export const VERB = '/reef';

interface Author {
  readonly login: string;
  readonly __typename?: string;
}

interface RawComment {
  readonly id: string;
  readonly fullDatabaseId: string | number | null;
  readonly body: string;
  readonly author: Author | null;
  readonly viewerDidAuthor: boolean;
  readonly isMinimized: boolean;
  readonly createdAt: string;
  readonly lastEditedAt: string | null;
  readonly url?: string;
}

interface RawThread {
  readonly id: string;
  readonly isResolved: boolean;
  readonly path: string;
  readonly line: number | null;
  readonly root: { readonly totalCount: number; readonly nodes: readonly RawComment[] };
  readonly tail: { readonly nodes: readonly RawComment[] };
}

interface RawReview {
  readonly id: string;
  readonly body: string;
  readonly viewerDidAuthor: boolean;
  readonly commit: { readonly oid: string } | null;
}

interface Page<T> {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly T[];
}

interface Connections {
  readonly reviewThreads: Page<RawThread>;
  readonly comments: Page<RawComment>;
  readonly reviews: Page<RawReview>;
}

interface RawRun {
  readonly url: string;
  readonly externalId: string | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly summary: string | null;
  readonly annotations: { readonly totalCount: number } | null;
}

interface RawCommit {
  readonly oid: string;
  readonly checkSuites: Listed<{ readonly checkRuns: Listed<RawRun> | null }> | null;
}

interface Listed<T> {
  readonly pageInfo: { readonly hasNextPage: boolean };
  readonly nodes: readonly T[];
}

interface RawPull extends Connections {
  readonly id: string;
  readonly commits: { readonly nodes: readonly { readonly commit: RawCommit }[] };
  readonly number: number;
  readonly state: 'OPEN' | 'CLOSED' | 'MERGED';
  readonly isDraft: boolean;
  readonly title: string;
  readonly locked: boolean;
  readonly url: string;
  readonly headRefOid: string;
  readonly baseRefOid: string;
  readonly baseRefName: string;
  readonly author: Author | null;
}

interface Answer<P> {
  readonly repository: {
    readonly databaseId: number;
    readonly defaultBranchRef: { readonly name: string } | null;
    readonly config: { readonly text?: string | null } | null;
    readonly pullRequest: P | null;
  } | null;
}

/**
 * Reads a pull request with everything people and we have said on it; every page of it.
 * @throws Octokit's errors, or Trouble `gone`.
 */
export async function boot(repo: Repo, number: number): Promise<Boot> {
  const where = { owner: repo.owner, name: repo.name, number };
  const answer = await repo.client.graphql<Answer<RawPull>>(BOOT, {
    ...where,
    config: `HEAD:${CONFIG_PATH}`,
    app: repo.app.id,
    check: CHECK_NAME,
  });
  const repository = present(answer.repository, `${repo.owner}/${repo.name}`);
  const pull = present(repository.pullRequest, `pull request ${number}`);
  const more = async (document: string, cursor: object): Promise<Partial<Connections>> => {
    const next = await repo.client.graphql<Answer<Partial<Connections>>>(document, { ...where, ...cursor });
    return present(next.repository?.pullRequest, `pull request ${number}`);
  };
  const threads = await all(pull.reviewThreads, async (threads) =>
    present((await more(MORE_THREADS, { threads })).reviewThreads, 'page of threads'),
  );
  const comments = await all(pull.comments, async (comments) =>
    present((await more(MORE_COMMENTS, { comments })).comments, 'page of comments'),
  );
  const reviews = await all(pull.reviews, async (reviews) =>
    present((await more(MORE_REVIEWS, { reviews })).reviews, 'page of reviews'),
  );
  return {
    repositoryId: repository.databaseId,
    id: pull.id,
    number: pull.number,
    state: pull.state === 'OPEN' ? 'open' : 'closed',
    draft: pull.isDraft,
    locked: pull.locked,
    title: pull.title,
    url: pull.url,
    author: pull.author?.login ?? 'ghost',
    headSha: pull.headRefOid,
    baseSha: pull.baseRefOid,
    baseRef: pull.baseRefName,
    isDefaultBase: pull.baseRefName === repository.defaultBranchRef?.name,
    defaultConfig: repository.config?.text ?? null,
    threads: threads.flatMap(ownThread),
    comments: comments.filter((c) => c.viewerDidAuthor).map(ownComment),
    reviews: reviews.filter((r) => r.viewerDidAuthor).map(ownReview),
    mentions: [
      ...comments.flatMap((c) => mention('issue_comment', c)),
      ...threads.flatMap((t) => t.tail.nodes).flatMap((c) => mention('review_comment', c)),
    ]
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
      .map((m) => m.command),
    runs: runsOn(pull.commits.nodes[0]?.commit, pull.headRefOid),
  };
}

/** Null unless they are all there, and certainly those of the head. */
function runsOn(commit: RawCommit | undefined, headSha: string): readonly Run[] | null {
  if (commit?.oid !== headSha || commit.checkSuites === null) return null;
  const { pageInfo, nodes: suites } = commit.checkSuites;
  if (pageInfo.hasNextPage || suites.some((s) => s.checkRuns?.pageInfo.hasNextPage !== false)) return null;
  const runs = suites.flatMap((s) => s.checkRuns?.nodes ?? []).map(rawRun);
  const known = runs.filter((run) => Number.isSafeInteger(run.id));
  return known.length === runs.length ? known.sort((a, b) => b.id - a.id) : null;
}

function rawRun({ url, externalId, status, conclusion, summary, annotations }: RawRun): Run {
  const id = Number(/\/runs\/(\d+)$/.exec(url)?.[1] ?? Number.NaN);
  return runFrom({
    id,
    status: status.toLowerCase(),
    conclusion: conclusion?.toLowerCase() ?? null,
    externalId,
    summary,
    annotations: annotations?.totalCount ?? 0,
  });
}

async function all<T>(first: Page<T>, next: (cursor: string) => Promise<Page<T>>): Promise<readonly T[]> {
  const nodes = [...first.nodes];
  for (let page = first; page.pageInfo.hasNextPage && page.pageInfo.endCursor !== null; ) {
    page = await next(page.pageInfo.endCursor);
    nodes.push(...page.nodes);
  }
  return nodes;
}

/** Only a thread whose first comment is ours is ours: anybody can paste our marker below another. */
function ownThread(thread: RawThread): readonly OwnThread[] {
  const root = thread.root.nodes[0];
  if (root === undefined || !root.viewerDidAuthor) return [];
  const replies = thread.tail.nodes.filter((c) => c.id !== root.id);
  const ownReplies = replies.filter((c) => c.viewerDidAuthor).map((c) => c.body);
  return [
    {
      id: thread.id,
      commentId: root.id,
      commentDatabaseId: Number(root.fullDatabaseId),
      body: root.body,
      path: thread.path,
      line: thread.line,
      url: root.url ?? '',
      isResolved: thread.isResolved,
      isMinimized: root.isMinimized,
      ownReplies,
      answeredByOthers: thread.root.totalCount - 1 > ownReplies.length,
    },
  ];
}

function ownComment(comment: RawComment): OwnComment {
  const { id, body, isMinimized } = comment;
  return { id, databaseId: Number(comment.fullDatabaseId), body, isMinimized };
}

function ownReview(review: RawReview): Boot['reviews'][number] {
  return { id: review.id, body: review.body, commit: review.commit?.oid ?? null };
}

/** An edited comment is not a command: whoever may edit it could put words into its author's mouth. */
function mention(
  kind: PendingCommand['kind'],
  comment: RawComment,
): readonly { readonly createdAt: string; readonly command: PendingCommand }[] {
  const { author, body, createdAt } = comment;
  const isPerson = author !== null && author.__typename !== 'Bot' && !comment.viewerDidAuthor;
  if (!isPerson || comment.lastEditedAt !== null || !body.includes(VERB)) return [];
  const databaseId = Number(comment.fullDatabaseId);
  return [{ createdAt, command: { kind, databaseId, author: author.login, authorIsBot: false, body } }];
}
