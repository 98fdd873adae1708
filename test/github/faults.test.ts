import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure, openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.github.close());

const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
const comment = (body = 'x') =>
  scene.octokit.rest.issues.createComment({ ...scene.at, issue_number: 1, body });

it('fails the n-th matching request only', async () => {
  const fault = scene.github.faults.on(COMMENT, { nth: 2, status: 500 });
  await comment('1');
  expect((await failure(comment('2'))).status).toBe(500);
  await comment('3');
  expect(scene.repo.comments(1).map((c) => c.body)).toEqual(['1', '3']);
  expect(fault.hits).toBe(1);
  expect(scene.github.requests.filter((r) => r.faulted)).toMatchObject([
    { route: COMMENT, status: 500, isWrite: true },
  ]);
});

it('can lose the answer of a write that took effect', async () => {
  scene.github.faults.on(COMMENT, { afterEffect: true });
  expect((await failure(comment())).status).toBe(502);
  expect(scene.repo.comments(1)).toHaveLength(1);
});

it('answers with given headers and bodies, or for one GraphQL operation', async () => {
  const { github, octokit } = scene;
  github.faults.secondaryLimit(COMMENT, 7, { times: 1 });
  const error = await comment().catch((e: { response: { headers: Record<string, string> } }) => e);
  expect(error).toMatchObject({ status: 403, response: { headers: { 'retry-after': '7' } } });
  const partial = { data: { viewer: null }, errors: [{ type: 'SOMETHING', message: 'partial' }] };
  github.faults.on('POST /graphql', { operation: 'Who', body: partial });
  await expect(octokit.graphql('query Who { viewer { login } }')).rejects.toThrow('partial');
  await expect(octokit.graphql('query Me { viewer { login } }')).resolves.toBeDefined();
});

it('cuts, truncates, delays and hangs', async () => {
  const { github, octokit, at } = scene;
  await octokit.rest.repos.get(at);
  const get = 'GET /repos/{owner}/{repo}';
  github.faults.on(get, { disconnect: true, times: 1 });
  await expect(octokit.rest.repos.get(at)).rejects.toThrow();
  github.faults.on(get, { truncateBody: true, times: 1 });
  // Octokit takes the half body for an empty one and says nothing.
  expect((await octokit.rest.repos.get(at)).data).toBe('');
  github.faults.on(get, { delayMs: 60, times: 1 });
  const started = performance.now();
  await octokit.rest.repos.get(at);
  expect(performance.now() - started).toBeGreaterThan(50);
  github.faults.on(get, { hang: true, times: 1 });
  const signal = AbortSignal.timeout(80);
  await expect(octokit.rest.repos.get({ ...at, request: { signal } })).rejects.toThrow();
});

it('does something at exactly the moment of a request', async () => {
  const { github, repo, pull, octokit, onPull } = scene;
  const old = pull.headSha;
  github.faults.on('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
    effect: () => {
      repo.push('feature', { parent: 'main', files: { 'pay/new.go': 'package pay\n' } });
    },
  });
  const review = octokit.rest.pulls.createReview({ ...onPull, commit_id: old, event: 'COMMENT', body: 'x' });
  expect((await failure(review)).status).toBe(422);
});

it('writes down requests that break the published description, and refuses them', async () => {
  const { github, octokit, at } = scene;
  const line = octokit.request('POST /repos/{owner}/{repo}/check-runs', { ...at, name: 'x' } as never);
  expect((await failure(line)).message).toContain("must have required property 'head_sha'");
  expect((await failure(octokit.request('GET /repos/acme/pay/stargazers'))).status).toBe(404);
  expect((await failure(octokit.request('GET /repos/acme/pay/pulls', { state: 'opened' }))).status).toBe(422);
  expect(github.violations).toEqual([
    "POST /repos/{owner}/{repo}/check-runs: body must have required property 'head_sha'",
    'GET /repos/acme/pay/stargazers: the double has no such operation',
    'GET /repos/{owner}/{repo}/pulls: query.state must be equal to one of the allowed values (open,closed,all)',
  ]);
});
