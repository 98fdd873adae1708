import { describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../src/engine/snapshot.ts';
import { open, shown, world } from './harness.ts';
import { analyse, goFile } from './verdict.ts';

const LEAKY = { 'pay.go': goFile('safe("a")', 'leak("x")', 'leak("y")') };
const REVIEWED = { checks: ['failure'], reviews: 1, threads: ['pay.go:5', 'pay.go:6'], comments: 1 };

const REVIEWS = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
const COMPARE = 'GET /repos/{owner}/{repo}/compare/{basehead}';

describe('many hints at once', () => {
  it('make one of each', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.webhooks.hold();
    const pull = open(repo, LEAKY);
    const opened = github.webhooks.deliveries.find((d) => d.event === 'pull_request');
    for (let i = 0; i < 9; i++) github.webhooks.redeliver(opened?.id ?? 0);
    github.webhooks.release('last-in-first-out');
    await settle(service);
    expect(shown(repo, pull)).toEqual(REVIEWED);
    expect(github.webhooks.deliveries.every((d) => d.statusCode === 200)).toBe(true);
  });
});

describe('being told to slow down', () => {
  it.each([
    ['429', { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too many requests' } }],
    [
      '422 abuse',
      {
        status: 422,
        headers: { 'retry-after': '1' },
        body: { message: 'was submitted too quickly', errors: [{ code: 'abuse' }] },
      },
    ],
    [
      '403',
      {
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
    ],
  ])('by %s pauses the whole installation for as long', async (_, answer) => {
    const { github, repo, start, settle, log } = await world();
    const service = await start();
    github.faults.on(REVIEWS, { ...answer, times: 1 });
    const pull = open(repo, LEAKY);
    await vi.waitUntil(() => log.some((line) => line.includes('left alone')), { timeout: 30_000 });
    const other = open(repo, { 'README.md': '#\n' }, { head: 'other' });
    await settle(service);
    const [limited, ...later] = github.requests.slice(github.requests.findIndex((r) => r.faulted));
    expect(limited?.route).toBe(REVIEWS);
    expect(later.length).toBeGreaterThan(2);
    // Timers may be a little early; nothing else may be.
    const waited = later.map(({ at }) => at - (limited?.at ?? 0)).filter((ms) => ms < 950);
    expect(waited).toEqual([]);
    expect(shown(repo, pull)).toEqual(REVIEWED);
    expect(shown(repo, other).checks).toEqual(['success']);
  });
});

describe('a refused anchor', () => {
  it('costs no other comment its place, and is not lost itself', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    // Only this much is known to GitHub: whatever comes with a comment on line 5 is refused.
    const hasBadLine = (body: object) =>
      'comments' in body &&
      Array.isArray(body.comments) &&
      body.comments.some((c: { readonly line: number }) => c.line === 5);
    const fault = github.faults.on(REVIEWS, {
      when: ({ body }) => hasBadLine(body),
      status: 422,
      body: { message: 'Unprocessable Entity', errors: ['Line could not be resolved'] },
    });
    const pull = open(repo, { 'pay.go': goFile('leak("a")', 'leak("b")', 'leak("c")') });
    await settle(service);
    expect(shown(repo, pull)).toEqual({
      checks: ['failure'],
      reviews: 2,
      threads: ['pay.go:4', 'pay.go:6', 'pay.go:file'],
      comments: 1,
    });
    // The whole, the half with the offender, the offender alone.
    expect(fault.hits).toBe(3);
    expect(pull.threads[2]?.comments[0]?.body).toContain('The context of b is never cancelled');
    // Nothing is posted a second time by the next pass.
    for (const d of github.webhooks.deliveries.filter((one) => one.event === 'pull_request')) {
      github.webhooks.redeliver(d.id);
    }
    await settle(service);
    expect(pull.threads.length).toBe(3);
  });

  it('goes into the check when not even the file takes it', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.faults.on(REVIEWS, { status: 422, body: { message: 'Unprocessable Entity', errors: ['no'] } });
    github.faults.on('POST /repos/{owner}/{repo}/pulls/{pull_number}/comments', {
      status: 422,
      body: { message: 'Validation Failed', errors: ['no'] },
    });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], threads: [] });
    const text = repo.state.checkRuns[0]?.output.text ?? '';
    expect(text).toContain('The context of x is never cancelled');
    expect(text).toContain('The context of y is never cancelled');
  });
});

describe('a head that moves', () => {
  it('during the analysis makes the plan stale: nothing of it is written', async () => {
    const { repo, start, settle } = await world();
    let pushed = false;
    const slow = async (snapshot: Snapshot) => {
      if (!pushed && snapshot.headFiles.some((f) => f.text.includes('leak'))) {
        pushed = true;
        repo.push('topic', { files: { 'pay.go': goFile('safe("a")', 'leak("z")') } });
      }
      return analyse(snapshot);
    };
    const service = await start({ analyse: slow });
    const pull = open(repo, LEAKY);
    const oldHead = pull.headSha;
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 1, threads: ['pay.go:5'] });
    const stale = repo.state.checkRuns.filter((run) => run.headSha === oldHead);
    expect(stale.map((run) => run.conclusion)).toEqual(['cancelled']);
  });

  it('that vanishes is said so, not left hanging', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.faults.on(COMPARE, { status: 404, body: { message: 'Not Found' } });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 0 });
    expect(repo.state.checkRuns[0]?.output.title).toContain('the commit is gone');
    expect(github.requests.filter((r) => r.route === COMPARE).length).toBe(2);
  });

  it('that was only not there yet is reviewed', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.faults.on(COMPARE, { status: 404, body: { message: 'Not Found' }, times: 1 });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toEqual(REVIEWED);
  });
});

describe('trouble of our own', () => {
  it('ends the check with a word that is in the log as well, and no stack', async () => {
    const { repo, start, settle, log } = await world();
    const service = await start({
      analyse: async () => {
        throw new Error('the secret plan failed');
      },
    });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toEqual({ checks: ['failure'], reviews: 0, threads: [], comments: 0 });
    const { output } = repo.state.checkRuns[0] ?? {};
    expect(output?.title).toBe('Could not evaluate this change');
    expect(output?.summary).not.toContain('secret plan');
    const word = /`([0-9a-f]{12})`/.exec(output?.summary ?? '')?.[1] ?? 'none';
    expect(log.some((line) => line.includes(word) && line.includes('secret plan'))).toBe(true);
  });

  it('is over when GitHub keeps failing, and the check says whose fault it was not', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.faults.on(COMPARE, { status: 502 });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull).checks).toEqual(['failure']);
    expect(repo.state.checkRuns[0]?.output.title).toContain('GitHub did not answer');
    github.faults.clear();
    repo.rerequestCheck(repo.state.checkRuns[0]?.id ?? 0, 'dev');
    await settle(service);
    expect(shown(repo, pull).checks).toEqual(['failure', 'failure']);
    expect(shown(repo, pull)).toMatchObject({ reviews: 1, comments: 1 });
  });

  it('does not outlive an uninstallation', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.webhooks.hold();
    const pull = open(repo, LEAKY);
    github.uninstall();
    github.webhooks.release();
    await settle(service);
    expect(shown(repo, pull).checks).toEqual([]);
  });

  it('gets another token when the one in the cache was revoked', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    expect(github.expireTokens()).toBeGreaterThan(0);
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toEqual(REVIEWED);
  });
});

describe('lost webhooks', () => {
  it('of a suspension are made up for when it ends', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.webhooks.hold();
    github.suspend(true);
    const pull = open(repo, LEAKY);
    github.webhooks.release();
    await settle(service);
    expect(shown(repo, pull).checks).toEqual([]);
    github.suspend(false);
    await settle(service);
    expect(shown(repo, pull)).toEqual(REVIEWED);
  });

  it('are made up for by the next sweep', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.webhooks.dropNext();
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull).checks).toEqual([]);
    await service.sweep();
    await settle(service);
    expect(shown(repo, pull)).toEqual(REVIEWED);
    // What is known to be done is not asked for again.
    github.requests.length = 0;
    await service.sweep();
    await settle(service);
    const heads = github.requests.filter((r) => r.route.endsWith('/check-runs'));
    expect(heads.length).toBeLessThanOrEqual(1);
    github.requests.length = 0;
    await service.sweep();
    await settle(service);
    expect(github.requests.filter((r) => r.route.endsWith('/check-runs'))).toEqual([]);
  });
});
