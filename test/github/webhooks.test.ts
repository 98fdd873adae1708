import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { verify } from '@octokit/webhooks-methods';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_EVENTS } from './events.ts';
import type { MergeGroup } from './index.ts';
import { openScene, type Scene } from './testing.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

let scene: Scene;
let receiver: Server;
let received: Received[];
let answer: number;

beforeEach(async () => {
  scene = await openScene({ events: [...DEFAULT_EVENTS, 'push'] });
  received = [];
  answer = 200;
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer).end('seen');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  if (typeof address === 'object' && address)
    scene.github.deliverWebhooksTo(`http://127.0.0.1:${address.port}/hook`);
});
afterEach(async () => {
  receiver.close();
  const { invalidResponses } = scene.github;
  await scene.github.close();
  expect(invalidResponses).toEqual([]);
});

const names = (): string[] =>
  received.map(({ headers, body }) => {
    const { action } = JSON.parse(body) as { action?: string };
    return [headers['x-github-event'], action].filter(Boolean).join('.');
  });

it('signs what it sends, over the exact bytes', async () => {
  scene.repo.comment(1, 'bob', '/reef help — ünïcode');
  await scene.github.idle();
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  const signature = String(headers['x-hub-signature-256']);
  expect(await verify(scene.github.app.webhookSecret, body, signature)).toBe(true);
  expect(headers['x-github-delivery']).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(body)).toMatchObject({
    action: 'created',
    comment: { body: '/reef help — ünïcode', user: { login: 'bob' } },
    issue: { number: 1, pull_request: {} },
    repository: { full_name: 'acme/pay', owner: { login: 'acme' } },
    installation: { id: scene.github.app.installationId },
    sender: { login: 'bob', type: 'User' },
  });
});

it('announces the life of a pull request', async () => {
  const { repo, github, pull } = scene;
  repo.createBranch('dev');
  const before = pull.headSha;
  const after = repo.push('feature', { files: { 'a.go': 'package a\n' } });
  repo.convertToDraft(1);
  repo.markReady(1);
  repo.changeBase(1, 'dev');
  const group: MergeGroup = repo.mergeGroup(1);
  repo.destroyMergeGroup(group);
  repo.closePullRequest(1, { merge: true });
  await github.idle();
  expect(names().sort()).toEqual(
    [
      'push',
      'pull_request.synchronize',
      'pull_request.converted_to_draft',
      'pull_request.ready_for_review',
      'pull_request.edited',
      'merge_group.checks_requested',
      'merge_group.destroyed',
      'pull_request.closed',
    ].sort(),
  );
  const sync = received.find(({ body }) => body.includes('"synchronize"'));
  expect(JSON.parse(sync?.body ?? '{}')).toMatchObject({
    before,
    after,
    pull_request: { head: { sha: after } },
  });
  expect(group.headRef).toMatch(/^refs\/heads\/gh-readonly-queue\/dev\/pr-1-[0-9a-f]{40}$/);
  expect(repo.read('dev', 'a.go')).toBe('package a\n');
});

it('announces talk, checks and what the app itself writes', async () => {
  const { repo, github, octokit, at, pull, onPull } = scene;
  const comment = repo.comment(1, 'bob', 'x');
  repo.edit(comment, 'bob', 'y');
  repo.delete(comment, 'bob');
  await octokit.rest.pulls.createReview({
    ...onPull,
    event: 'COMMENT',
    body: 'b',
    comments: [{ path: 'pay/new.go', line: 1, body: 'c' }],
  });
  const [thread] = repo.threads(1);
  if (thread) repo.resolve(thread, 'alice');
  const { data } = await octokit.rest.checks.create({
    ...at,
    name: 'reefpilot',
    head_sha: pull.headSha,
    conclusion: 'failure',
    actions: [{ label: 'Re-run', description: 'Again', identifier: 'rerun' }],
  });
  repo.rerequestCheck(data.id, 'alice');
  repo.rerequestSuite(pull.headSha, 'alice');
  repo.requestAction(data.id, 'rerun', 'alice');
  github.suspend();
  github.suspend(false);
  github.uninstall();
  await github.idle();
  expect(new Set(names())).toEqual(
    new Set([
      'issue_comment.created',
      'issue_comment.edited',
      'issue_comment.deleted',
      'pull_request_review.submitted',
      'pull_request_review_comment.created',
      'pull_request_review_thread.resolved',
      'check_run.created',
      'check_run.completed',
      'check_run.rerequested',
      'check_run.requested_action',
      'check_suite.rerequested',
      'installation.suspend',
      'installation.unsuspend',
      'installation.deleted',
    ]),
  );
  expect(() => repo.requestAction(data.id, 'nope', 'alice')).toThrow('no action');
});

it('keeps a log in which failures can be found and sent again under the same GUID', async () => {
  const { repo, github, asApp } = scene;
  answer = 500;
  repo.comment(1, 'bob', 'lost');
  await github.idle();
  answer = 200;
  const { data } = await asApp.rest.apps.listWebhookDeliveries({ per_page: 1 });
  expect(data).toMatchObject([{ event: 'issue_comment', status_code: 500 }]);
  const [failed] = data;
  await asApp.rest.apps.redeliverWebhookDelivery({ delivery_id: failed?.id ?? 0 });
  await github.idle();
  expect(received.map(({ headers }) => headers['x-github-delivery'])).toEqual([failed?.guid, failed?.guid]);
  const detail = await asApp.rest.apps.getWebhookDelivery({ delivery_id: failed?.id ?? 0 });
  expect(detail.data.request.payload).toMatchObject({ comment: { body: 'lost' } });
});

it('can drop, hold back and reorder events', async () => {
  const { repo, github } = scene;
  github.webhooks.dropNext();
  repo.comment(1, 'bob', 'dropped');
  github.webhooks.hold();
  repo.comment(1, 'bob', 'first');
  await github.idle();
  expect(received).toEqual([]);
  github.webhooks.release('last-in-first-out');
  await github.idle();
  expect(received).toHaveLength(1);
  expect(github.webhooks.deliveries.at(-2)).toMatchObject({ statusCode: 502 });
});

it('sends nothing that the app did not subscribe to or may not see', async () => {
  const { github } = scene;
  github.setPermissions({ metadata: 'read', pull_requests: 'write' });
  scene.repo.comment(1, 'bob', 'x');
  github
    .createRepository({ owner: 'acme', name: 'outside', installed: false })
    .commit({ branch: 'main', files: {} });
  await github.idle();
  expect(received).toEqual([]);
});
