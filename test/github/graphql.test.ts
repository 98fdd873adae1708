import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(async () => {
  const { invalidResponses } = scene.github;
  await scene.github.close();
  expect(invalidResponses).toEqual([]);
});

const VARIABLES = { o: 'acme', r: 'pay', n: 1 };
const DECLARE = '$o:String!,$r:String!,$n:Int!';

interface Result {
  data?: unknown;
  errors?: { type?: string; message: string; path?: string[] }[];
}

async function run(query: string, variables: object = {}): Promise<Result> {
  try {
    return { data: await scene.octokit.graphql(query, { ...variables }) };
  } catch (error) {
    const { data, errors } = error as Result;
    return { data, ...(errors ? { errors } : {}) };
  }
}

it('understands every document its schema was pruned for', () => {
  const read = (name: string): string => readFileSync(new URL(`./schema/${name}`, import.meta.url), 'utf8');
  expect(validate(buildSchema(read('schema.graphql')), parse(read('operations.graphql')))).toEqual([]);
});

it('shows a pull request with threads, comments, reviews and checks', async () => {
  const { octokit, onPull, at, pull, repo } = scene;
  repo.requireChecks({ context: 'reefpilot' });
  await octokit.rest.pulls.createReview({
    ...onPull,
    event: 'COMMENT',
    body: 'b',
    comments: [{ path: 'pay/new.go', line: 3, body: 'c' }],
  });
  await octokit.rest.checks.create({
    ...at,
    name: 'reefpilot',
    head_sha: pull.headSha,
    status: 'in_progress',
  });
  repo.comment(1, 'bob', 'hello');
  const { data, errors } = await run(
    `query State(${DECLARE}) { repository(owner:$o,name:$r) { id pullRequest(number:$n) {
      state isDraft headRefOid author { login __typename }
      reviewThreads(first:10) { nodes { isOutdated viewerCanResolve line diffSide subjectType comments(first:1) {
        totalCount nodes { databaseId fullDatabaseId viewerDidAuthor author { login __typename } } } } }
      comments(first:10) { nodes { body viewerDidAuthor isMinimized } }
      reviews(last:5) { nodes { state body commit { oid } } }
      commits(last:1) { nodes { commit { oid statusCheckRollup { contexts(first:5) { nodes { __typename
        ... on CheckRun { name status isRequired(pullRequestNumber:$n) checkSuite { app { slug } } } } } } } } }
    } } rateLimit { cost remaining } viewer { login } }`,
    VARIABLES,
  );
  expect(errors).toBeUndefined();
  const [comment] = repo.reviewComments(1);
  expect(data).toMatchObject({
    repository: {
      pullRequest: {
        state: 'OPEN',
        headRefOid: pull.headSha,
        author: { login: 'alice', __typename: 'User' },
        reviewThreads: {
          nodes: [
            {
              isOutdated: false,
              viewerCanResolve: false,
              line: 3,
              diffSide: 'RIGHT',
              subjectType: 'LINE',
              comments: {
                nodes: [
                  {
                    databaseId: null,
                    fullDatabaseId: String(comment?.id),
                    viewerDidAuthor: true,
                    author: { login: 'reefpilot', __typename: 'Bot' },
                  },
                ],
              },
            },
          ],
        },
        comments: { nodes: [{ body: 'hello', viewerDidAuthor: false, isMinimized: false }] },
        reviews: { nodes: [{ state: 'COMMENTED', body: 'b', commit: { oid: pull.headSha } }] },
        commits: {
          nodes: [
            {
              commit: {
                statusCheckRollup: {
                  contexts: { nodes: [{ name: 'reefpilot', status: 'IN_PROGRESS', isRequired: true }] },
                },
              },
            },
          ],
        },
      },
    },
    rateLimit: { cost: 1 },
    viewer: { login: 'reefpilot[bot]' },
  });
});

it('reads many blobs at once, cuts long text and gives no text of binaries', async () => {
  const { repo, github } = scene;
  github.limits.blobTextBytes = 100;
  repo.commit({ branch: 'main', files: { long: 'x'.repeat(101), bin: Buffer.from([1, 0, 2]), short: 'ok' } });
  const { data } = await run(
    `query Blobs { repository(owner:"acme",name:"pay") {
      a: object(expression:"main:long") { ... on Blob { byteSize isTruncated isBinary text } }
      b: object(expression:"main:bin") { ... on Blob { byteSize isTruncated isBinary text } }
      c: object(oid:"${repo.state.git.object('main:short')?.oid}") { __typename ... on Blob { text } }
      d: object(expression:"main:missing") { oid }
      e: object(expression:"main:docs") { ... on Tree { entries { name type mode } } } } }`,
  );
  expect(data).toEqual({
    repository: {
      a: { byteSize: 101, isTruncated: true, isBinary: false, text: 'x'.repeat(100) },
      b: { byteSize: 3, isTruncated: false, isBinary: true, text: null },
      c: { __typename: 'Blob', text: 'ok' },
      d: null,
      e: { entries: [{ name: 'a.md', type: 'blob', mode: 0o100644 }] },
    },
  });
});

it('pages through connections', async () => {
  for (let i = 0; i < 5; i++) scene.repo.comment(1, 'bob', `${i}`);
  const query = `query P(${DECLARE},$after:String) { repository(owner:$o,name:$r) { pullRequest(number:$n) {
    comments(first:2, after:$after) { totalCount pageInfo { hasNextPage endCursor } nodes { body } } } } }`;
  const bodies: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await run(query, { ...VARIABLES, after });
    const { comments } = (data as { repository: { pullRequest: { comments: Comments } } }).repository
      .pullRequest;
    bodies.push(...comments.nodes.map((node) => node.body));
    after = comments.pageInfo.hasNextPage ? comments.pageInfo.endCursor : null;
  } while (after !== null);
  expect(bodies).toEqual(['0', '1', '2', '3', '4']);
});

interface Comments {
  nodes: { body: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

it('minimises, replies and edits, but resolves only with contents:write', async () => {
  const { repo, octokit, onPull, github } = scene;
  await octokit.rest.pulls.createReview({
    ...onPull,
    event: 'COMMENT',
    body: 'b',
    comments: [{ path: 'pay/new.go', line: 3, body: 'c' }],
  });
  const [thread] = repo.threads(1);
  const subject = thread?.comments[0];
  await run(
    'mutation M($id:ID!){minimizeComment(input:{subjectId:$id,classifier:OUTDATED}){minimizedComment{isMinimized}}}',
    { id: subject?.nodeId },
  );
  expect(subject?.minimized).toBe('outdated');
  await run(
    'mutation R($id:ID!){addPullRequestReviewThreadReply(input:{pullRequestReviewThreadId:$id,body:"fixed"}){comment{id replyTo{id}}}}',
    { id: thread?.nodeId },
  );
  expect(thread?.comments.map((c) => c.body)).toEqual(['c', 'fixed']);
  const resolve = (): Promise<Result> =>
    run('mutation X($id:ID!){resolveReviewThread(input:{threadId:$id}){thread{isResolved}}}', {
      id: thread?.nodeId,
    });
  expect((await resolve()).errors).toMatchObject([
    { type: 'FORBIDDEN', message: 'Resource not accessible by integration', path: ['resolveReviewThread'] },
  ]);
  github.setPermissions({ metadata: 'read', contents: 'write', pull_requests: 'write' });
  github.expireTokens();
  const fresh = await import('./testing.ts').then(({ clients }) => clients(github).octokit);
  await fresh.graphql('mutation X($id:ID!){resolveReviewThread(input:{threadId:$id}){thread{isResolved}}}', {
    id: thread?.nodeId,
  });
  expect(thread?.resolvedBy?.login).toBe('reefpilot[bot]');
});

it.each([
  ['an unknown field', '{ repository(owner:"acme",name:"pay") { stars } }', undefined, true],
  [
    'no page size',
    '{ repository(owner:"acme",name:"pay") { pullRequest(number:1) { comments { totalCount } } } }',
    'MISSING_PAGINATION_BOUNDARIES',
    false,
  ],
  [
    'too large a page',
    '{ repository(owner:"acme",name:"pay") { pullRequest(number:1) { comments(first:101) { totalCount } } } }',
    'EXCESSIVE_PAGINATION',
    false,
  ],
  ['an unknown repository', '{ repository(owner:"acme",name:"nope") { id } }', 'NOT_FOUND', false],
  ['an unknown node', '{ node(id:"nope") { id } }', 'NOT_FOUND', false],
  [
    'an unknown pull request',
    '{ repository(owner:"acme",name:"pay") { pullRequest(number:9) { id } } }',
    'NOT_FOUND',
    false,
  ],
])('answers 200 with errors for %s', async (_name, query, type, violates) => {
  const { errors } = await run(query);
  expect(errors?.[0]?.type).toBe(type);
  expect(scene.github.violations.length > 0).toBe(violates);
  expect(scene.github.requests.at(-1)).toMatchObject({
    route: 'POST /graphql',
    operation: 'query',
    status: 200,
  });
});

it('refuses queries that could return too many nodes', async () => {
  const { errors } = await run(
    '{ repository(owner:"acme",name:"pay") { pullRequests(first:100) { nodes { reviewThreads(first:100) { nodes { comments(first:100) { nodes { id } } } } } } } }',
  );
  expect(errors?.[0]).toMatchObject({
    type: 'MAX_NODE_LIMIT_EXCEEDED',
    message: expect.stringContaining('1,010,100'),
  });
});
