import { describe, expect, it } from 'vitest';
import type { Fault, GitHubDouble } from '../github/index.ts';
import { open, shown, type World, world } from './harness.ts';
import { goFile } from './verdict.ts';

const LEAKY = { 'pay.go': goFile('safe("a")', 'leak("x")', 'leak("y")') };
const REVIEWED = { checks: ['failure'], reviews: 1, threads: ['pay.go:5', 'pay.go:6'], comments: 1 };

/** Opens the pull request and lets its event come ten times at once. */
function hinted({ github, repo }: World) {
  github.webhooks.hold();
  const pull = open(repo, LEAKY);
  const opened = github.webhooks.deliveries.find((d) => d.event === 'pull_request');
  for (let i = 0; i < 9; i++) github.webhooks.redeliver(opened?.id ?? 0);
  github.webhooks.release();
  return pull;
}

/** Every call of a first review, in order: nothing else is awaited that could be lost. */
const CALLS = [
  'Boot',
  'POST /repos/{owner}/{repo}/check-runs',
  'GET /repos/{owner}/{repo}/compare/{basehead}',
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  'Blobs',
  'AddComment',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
];

function callsOf(github: GitHubDouble): readonly string[] {
  return github.requests
    .map((r) => r.operation ?? r.route)
    .filter((r) => !r.includes('access_tokens') && r !== 'GET /app');
}

it('names every call', async () => {
  const at = await world();
  const service = await at.start();
  at.github.requests.length = 0;
  open(at.repo, LEAKY);
  await at.settle(service);
  expect(callsOf(at.github)).toEqual(CALLS);
});

describe('a head that is hinted at ten times at once, by a process that dies', () => {
  for (const dies of ['before', 'after'] as const)
    it.each(CALLS.map((call, i) => [call, i + 1] as const))(
      `${dies} %s (call %i) leaves one check, one review, one checklist`,
      async (_, last) => {
        const at = await world();
        let calls = 0;
        let isDead = false;
        const mortal: typeof globalThis.fetch = async (input, init) => {
          if (!/access_tokens|\/app$/.test(String(input)) && !isDead && ++calls === last) {
            if (dies === 'after') await globalThis.fetch(input, init);
            isDead = true;
          }
          if (isDead) throw new TypeError('fetch failed');
          return globalThis.fetch(input, init);
        };
        const first = await at.start({ fetch: mortal });
        calls = 0;
        const pull = hinted(at);
        await at.settle(first);
        expect(isDead).toBe(true);
        await first.close();
        // The next start has no webhook to go by.
        const second = await at.start();
        await at.settle(second);
        expect(shown(at.repo, pull)).toEqual(REVIEWED);
      },
    );
});

const FAULTS: Readonly<Record<string, Fault>> = {
  '401': { status: 401, body: { message: 'Bad credentials' } },
  '403': { status: 403, body: { message: 'Resource not accessible by integration' } },
  '404': { status: 404, body: { message: 'Not Found' } },
  '406': { status: 406, body: { message: 'Sorry, the diff exceeded the maximum number of files' } },
  '422 for a line': {
    status: 422,
    body: { message: 'Unprocessable Entity', errors: ['Line could not be resolved'] },
  },
  '422 for abuse': {
    status: 422,
    headers: { 'retry-after': '0' },
    body: { message: 'was submitted too quickly', errors: [{ code: 'abuse' }] },
  },
  '429': { status: 429, headers: { 'retry-after': '0' }, body: { message: 'Too many requests' } },
  '502 after the effect': { status: 502, afterEffect: true },
  'a connection that breaks after the effect': { disconnect: true, afterEffect: true },
  'an answer that never comes': { hang: true, afterEffect: true },
  'half an answer': { truncateBody: true },
};

describe.each([...new Set(CALLS)])('once, instead of the answer of %s', (call) => {
  it.each(Object.entries(FAULTS))('%s: nothing is lost, nothing is said twice', async (_, fault) => {
    const at = await world();
    const impatient: typeof globalThis.fetch = (input, init = {}) => {
      const patience = AbortSignal.timeout(fault.hang === true ? 3_000 : 60_000);
      return globalThis.fetch(input, {
        ...init,
        signal: init.signal ? AbortSignal.any([init.signal, patience]) : patience,
      });
    };
    const service = await at.start({ fetch: impatient });
    const struck = call.includes(' ')
      ? at.github.faults.on(call, { ...fault, times: 1 })
      : at.github.faults.on('POST /graphql', { ...fault, operation: call, times: 1 });
    const pull = open(at.repo, LEAKY);
    await at.settle(service);
    expect(struck.hits).toBe(1);
    const { checks, reviews, threads, comments } = shown(at.repo, pull);
    // Whatever it says by now, the check is not left hanging.
    expect(checks.every((c) => c !== 'queued' && c !== 'in_progress')).toBe(true);
    expect(new Set(threads).size).toBe(threads.length);
    // A review that is refused for a line comes in two halves.
    expect(reviews).toBeLessThanOrEqual(2);
    expect(comments).toBeLessThanOrEqual(1);
    // Somebody presses the button, or the next sweep comes.
    const run = at.repo.checkRuns(pull.headSha).at(-1);
    if (run === undefined) await service.sweep();
    else at.repo.rerequestCheck(run.id, 'dev');
    await at.settle(service);
    const end = shown(at.repo, pull);
    expect(end.checks.at(-1)).toBe('failure');
    expect(end).toMatchObject({ comments: 1 });
    const said = at.repo.checkRuns(pull.headSha).at(-1)?.output;
    const words = [
      said?.text ?? '',
      said?.summary ?? '',
      ...pull.threads.flatMap((t) => t.comments.map((c) => c.body)),
    ].join('\n');
    for (const name of ['x', 'y']) expect(words).toContain(`The context of ${name} is never cancelled`);
    expect(new Set(end.threads).size).toBe(end.threads.length);
  });
});
