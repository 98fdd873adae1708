import { describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../src/engine/snapshot.ts';
import { open, shown, world } from './harness.ts';
import { analyse, goFile } from './verdict.ts';

const LEAKY = { 'pay.go': goFile('safe("a")', 'leak("x")') };
const RUN = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';

/** Far more findings than GitHub takes at a time. */
const MANY = { 'many.go': goFile(...Array.from({ length: 120 }, (_, i) => `leak("n${i}")`)) };

describe('re-running', () => {
  it.each(['button of the run', 'button below it', 'button for all'])(
    'by the %s makes a new run',
    async (how) => {
      const { repo, start, settle } = await world();
      const service = await start();
      const pull = open(repo, LEAKY);
      await settle(service);
      const id = repo.state.checkRuns[0]?.id ?? 0;
      if (how === 'button of the run') repo.rerequestCheck(id, 'dev');
      else if (how === 'button below it') repo.requestAction(id, 'rerun', 'dev');
      else repo.rerequestSuite(pull.headSha, 'dev');
      await settle(service);
      expect(shown(repo, pull)).toMatchObject({ checks: ['failure', 'failure'], reviews: 1, comments: 1 });
    },
  );

  it('works for a fork, whose events name no pull request', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const fork = repo.fork('stranger');
    fork.commit({ branch: 'main', files: LEAKY });
    const pull = repo.openPullRequest({ title: 'Afar', head: 'main', from: fork, author: 'stranger' });
    await settle(service);
    repo.rerequestSuite(pull.headSha, 'dev');
    await settle(service);
    expect(shown(repo, pull).checks).toEqual(['failure', 'failure']);
  });
});

describe('a pull request that has to wait for others', () => {
  it('shows a queued check at once, and gets its verdict when its turn comes', async () => {
    const { github, repo, start, settle } = await world();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const service = await start({
      analyse: async (snapshot) => {
        await held;
        return analyse(snapshot);
      },
    });
    const busy = ['one', 'two'].map((head) => open(repo, { [`${head}.go`]: goFile('safe("x")') }, { head }));
    await vi.waitUntil(() => busy.every((pull) => shown(repo, pull).checks[0] === 'in_progress'), {
      timeout: 60_000,
    });
    const pull = open(repo, LEAKY);
    await vi.waitUntil(() => shown(repo, pull).checks[0] === 'queued', { timeout: 60_000 });
    await github.idle();
    release();
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 1 });
    expect(busy.map((one) => shown(repo, one).checks)).toEqual([['success'], ['success']]);
  });
});

describe('annotations', () => {
  it('come in as many requests as they need, each of them once', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, MANY);
    await settle(service);
    expect(repo.state.checkRuns[0]?.annotations.map((a) => a.start_line)).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 4),
    );
    expect(github.requests.filter((r) => r.route === RUN).length).toBe(3);
    expect(shown(repo, pull).checks).toEqual(['failure']);
  });

  it('are continued after a crash between two requests', async () => {
    const { github, repo, start, settle } = await world();
    github.faults.on(RUN, { nth: 2, afterEffect: true, disconnect: true });
    const service = await start();
    const pull = open(repo, MANY);
    await settle(service);
    expect(repo.state.checkRuns[0]?.annotations.length).toBe(120);
    expect(shown(repo, pull).checks).toEqual(['failure']);
  });

  it('are given up before the check is', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.faults.on(RUN, {
      when: ({ body }) => JSON.stringify(body).includes('"annotations":[{'),
      status: 422,
      body: { message: 'Invalid request.' },
    });
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 1 });
  });
});

describe('a merge group', () => {
  async function queued(files: Record<string, string>) {
    const at = await world();
    const service = await at.start();
    const pull = open(at.repo, files);
    await at.settle(service);
    return { ...at, service, pull };
  }

  it.each([
    ['leaky', LEAKY, 'failure'],
    ['clean', { 'pay.go': goFile('safe("z")') }, 'success'],
    ['Go-free', { 'README.md': '#\n' }, 'success'],
  ])('that is %s gets the check and no word anywhere else', async (_, files, conclusion) => {
    const { github, repo, service, settle, pull } = await queued(files);
    const before = shown(repo, pull);
    github.requests.length = 0;
    const group = repo.mergeGroup(pull);
    await settle(service);
    expect(repo.checkRuns(group.headSha).map((r) => [r.name, r.conclusion])).toEqual([
      ['reefpilot', conclusion],
    ]);
    expect(shown(repo, pull)).toEqual(before);
    const writes = github.requests.filter((r) => r.isWrite).map((r) => r.route.split(' ')[1]);
    expect(writes.every((route) => route?.includes('check-runs'))).toBe(true);
    expect(repo.checkRuns(group.headSha)[0]?.actions).toEqual([]);
  });

  it('on top of another one answers for its own pull request only', async () => {
    const { repo, service, settle, pull } = await queued(LEAKY);
    const clean = open(repo, { 'other.go': goFile('safe("o")') }, { head: 'other' });
    const first = repo.mergeGroup(pull);
    const second = repo.mergeGroup(clean, { onto: first });
    await settle(service);
    expect(repo.checkRuns(first.headSha).map((r) => r.conclusion)).toEqual(['failure']);
    expect(repo.checkRuns(second.headSha).map((r) => r.conclusion)).toEqual(['success']);
  });

  it('is let through without reading anything where the pull request passed with the same blobs', async () => {
    const { github, repo, service, settle, pull } = await queued({ 'new.go': goFile('safe("n")') });
    // Somebody else's package has moved on meanwhile.
    repo.commit({ branch: 'main', files: { 'far/away.go': goFile('safe("f")') } });
    github.requests.length = 0;
    const group = repo.mergeGroup(pull);
    await settle(service);
    const [run] = repo.checkRuns(group.headSha);
    expect(run?.conclusion).toBe('success');
    expect(run?.output.summary).toContain(`reviewed in #${pull.number}`);
    expect(github.requests.some((r) => r.operation === 'Blobs')).toBe(false);
  });

  it('is judged anew where its package has moved on', async () => {
    const { github, repo, service, settle, pull } = await queued({ 'new.go': goFile('safe("n")') });
    repo.commit({ branch: 'main', files: { 'pay.go': goFile('safe("other")') } });
    github.requests.length = 0;
    const group = repo.mergeGroup(pull);
    await settle(service);
    const [run] = repo.checkRuns(group.headSha);
    expect(run?.conclusion).toBe('success');
    expect(run?.output.summary).not.toContain('reviewed in');
    expect(github.requests.some((r) => r.operation === 'Blobs')).toBe(true);
  });

  it('with a name that nobody understands is not let through', async () => {
    const { repo, service, settle, pull } = await queued({ 'README.md': '#\n' });
    const group = repo.mergeGroup(pull, { headRef: 'gh-readonly-queue/main/something-else' });
    await settle(service);
    const [run] = repo.checkRuns(group.headSha);
    expect(run?.conclusion).toBe('failure');
    expect(run?.output.summary).toContain('gh-readonly-queue/main/something-else');
  });

  it('can be run again', async () => {
    const { repo, service, settle, pull } = await queued(LEAKY);
    const group = repo.mergeGroup(pull);
    await settle(service);
    repo.rerequestCheck(repo.checkRuns(group.headSha)[0]?.id ?? 0, 'dev');
    await settle(service);
    expect(repo.checkRuns(group.headSha).map((r) => r.conclusion)).toEqual(['failure', 'failure']);
  });
});

describe('large changes', () => {
  it('of more files than a comparison lists are anchored all the same', async () => {
    const { github, repo, start, settle } = await world({ limits: { compareFiles: 300 } });
    const service = await start();
    const files = Object.fromEntries(
      Array.from({ length: 320 }, (_, i) => [`p${String(i).padStart(3, '0')}/a.go`, goFile('safe("x")')]),
    );
    const pull = open(repo, { ...files, 'p319/a.go': goFile('leak("last")') });
    await settle(service);
    expect(shown(repo, pull).threads).toEqual(['p319/a.go:4']);
    expect(github.requests.filter((r) => r.route.endsWith('/files')).length).toBe(4);
    expect(github.requests.filter((r) => r.operation === 'Blobs').length).toBeLessThan(10);
  });

  it('in a repository whose tree is cut are read directory by directory', async () => {
    const { github, repo, start, settle } = await world({ limits: { treeEntries: 4 } });
    for (let i = 0; i < 6; i++)
      repo.commit({ branch: 'main', files: { [`lib/p${i}/a.go`]: goFile('safe("x")') } });
    const seen: Snapshot[] = [];
    const service = await start({
      analyse: (snapshot) => {
        seen.push(snapshot);
        return analyse(snapshot);
      },
    });
    const pull = open(repo, { 'lib/p3/a.go': goFile('leak("x")') });
    await settle(service);
    expect(shown(repo, pull).threads).toEqual(['lib/p3/a.go:4']);
    expect(seen[0]?.headFiles.map((f) => f.path)).toEqual(['go.mod', 'lib/p3/a.go']);
    expect(github.requests.filter((r) => r.route.includes('/git/trees/')).length).toBeLessThan(12);
  });

  it('of calls keeps a cold review small', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.requests.length = 0;
    open(repo, LEAKY);
    await settle(service);
    const calls = github.requests
      .map((r) => r.operation ?? r.route)
      // Once an hour, and once in the life of the process.
      .filter((r) => !r.includes('access_tokens') && r !== 'GET /app');
    expect(calls).toEqual([
      'Boot',
      'POST /repos/{owner}/{repo}/check-runs',
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      'Blobs',
      'AddComment',
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    ]);
  });
});

describe('a conversation that is closed to us', () => {
  it('leaves everything to the check', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    repo.createBranch('topic');
    repo.commit({ branch: 'topic', files: LEAKY });
    const pull = repo.openPullRequest({ title: 'Locked', head: 'topic', draft: true });
    await settle(service);
    repo.lock(pull);
    repo.markReady(pull);
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ reviews: 0, threads: [] });
    expect(new Set(shown(repo, pull).checks)).toEqual(new Set(['failure']));
  });
});
