import { BLOB_ALIASES } from './limits.ts';

/** GraphQL documents. Node counts stay far below the 500 000 limit; what has more than a page is read page by page. */

const BLOB = '... on Blob { oid byteSize isBinary isTruncated text }';

// The root tells whose thread it is, the tail who said what lately: a thread of hundreds costs 21 nodes.
const THREADS = `reviewThreads(first: 50, after: $threads) {
  pageInfo { hasNextPage endCursor }
  nodes {
    id isResolved isOutdated viewerCanResolve path line startLine diffSide subjectType
    root: comments(first: 1) { totalCount nodes { ...ReviewComment } }
    tail: comments(last: 20) { nodes { ...ReviewComment } }
  }
}`;

const REVIEW_COMMENT = `fragment ReviewComment on PullRequestReviewComment {
  id fullDatabaseId body author { login __typename } viewerDidAuthor isMinimized url createdAt lastEditedAt replyTo { id }
}`;

const COMMENTS = `comments(first: 100, after: $comments) {
  pageInfo { hasNextPage endCursor }
  nodes { id fullDatabaseId viewerDidAuthor body isMinimized author { login __typename } createdAt lastEditedAt }
}`;

const REVIEWS = `reviews(first: 100, after: $reviews) {
  pageInfo { hasNextPage endCursor }
  nodes { id state body viewerDidAuthor commit { oid } }
}`;

// The newest suite of an app on a commit is its only one; a run's number is in its address, whatever fits an Int.
const RUNS = `commits(last: 1) {
  nodes {
    commit {
      oid
      checkSuites(first: 5, filterBy: { appId: $app, checkName: $check }) {
        pageInfo { hasNextPage }
        nodes {
          checkRuns(first: 50, filterBy: { appId: $app, checkName: $check, checkType: ALL }) {
            pageInfo { hasNextPage }
            nodes { url externalId status conclusion summary annotations(first: 1) { totalCount } }
          }
        }
      }
    }
  }
}`;

export const BOOT = `query Boot($owner: String!, $name: String!, $number: Int!, $config: String!, $app: Int!, $check: String!, $threads: String, $comments: String, $reviews: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    defaultBranchRef { name }
    config: object(expression: $config) { ${BLOB} }
    pullRequest(number: $number) {
      id number state isDraft title locked url headRefOid baseRefOid baseRefName author { login }
      ${RUNS}
      ${THREADS}
      ${COMMENTS}
      ${REVIEWS}
    }
  }
}
${REVIEW_COMMENT}`;

const more = (name: string, connection: string, cursor: string, fragment = ''): string =>
  `query ${name}($owner: String!, $name: String!, $number: Int!, $${cursor}: String!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { ${connection} } }
}
${fragment}`;

export const MORE_THREADS = more('MoreThreads', THREADS, 'threads', REVIEW_COMMENT);
export const MORE_COMMENTS = more('MoreComments', COMMENTS, 'comments');
export const MORE_REVIEWS = more('MoreReviews', REVIEWS, 'reviews');

/** The last look before writing. */
export const HEAD = `query Head($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { headRefOid state } }
}`;

/** One file at one revision, as `<revision>:<path>`. */
export const FILE = `query File($owner: String!, $name: String!, $expression: String!) {
  repository(owner: $owner, name: $name) { file: object(expression: $expression) { ${BLOB} } }
}`;

/**
 * Many blobs by their hash; the answer has them under `b0`, `b1`, … in the order given.
 * @throws when a hash is not one (it goes into the document as it is) or when there are too many.
 */
export function blobsQuery(oids: readonly string[]): string {
  if (oids.length > BLOB_ALIASES) throw new Error(`${oids.length} blobs in one query`);
  const fields = oids.map((oid, index) => {
    if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(oid)) throw new Error('not a git object id');
    return `b${index}: object(oid: "${oid}") { ${BLOB} }`;
  });
  return `query Blobs($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { ${fields.join('\n')} }
}`;
}

/** The sticky comment. What comes back with it is the last look at the head before a review is posted. */
export const ADD_COMMENT = `mutation AddComment($subject: ID!, $body: String!) {
  addComment(input: { subjectId: $subject, body: $body }) { subject { ... on PullRequest { headRefOid state } } }
}`;

export const EDIT_COMMENT = `mutation EditComment($comment: ID!, $body: String!) {
  updateIssueComment(input: { id: $comment, body: $body }) { issueComment { pullRequest { headRefOid state } } }
}`;

export const REPLY = `mutation Reply($thread: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $thread, body: $body }) { comment { id } }
}`;

export const MINIMISE = `mutation Minimise($comment: ID!) {
  minimizeComment(input: { subjectId: $comment, classifier: RESOLVED }) { minimizedComment { isMinimized } }
}`;

export const RESOLVE = `mutation Resolve($thread: ID!) {
  resolveReviewThread(input: { threadId: $thread }) { thread { isResolved } }
}`;
