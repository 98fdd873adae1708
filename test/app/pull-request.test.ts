import { describe, expect, it } from 'vitest';
import { open, shown, world } from './harness.ts';
import { goFile } from './verdict.ts';

const LEAKY = { 'pay.go': goFile('safe("a")', 'leak("x")', 'leak("y")') };

describe('a pull request', () => {
  it('gets one check, one review and one checklist', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, LEAKY);
    await settle(service);
    expect(shown(repo, pull)).toEqual({
      checks: ['failure'],
      reviews: 1,
      threads: ['pay.go:5', 'pay.go:6'],
      comments: 1,
    });
    const [run] = repo.state.checkRuns;
    expect(run).toMatchObject({
      name: 'reefpilot',
      externalId: `reefpilot:acme/pay#${pull.number}@${pull.headSha}`,
      actions: [{ identifier: 'rerun' }],
    });
    expect(run?.annotations.map((a) => a.start_line)).toEqual([5, 6]);
    // The check is the first write and the last.
    const writes = github.requests
      .filter((r) => r.isWrite && !r.route.includes('access_tokens'))
      .map((r) => r.operation ?? r.route);
    expect(writes).toEqual([
      'POST /repos/{owner}/{repo}/check-runs',
      'AddComment',
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
      'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    ]);
  });

  it('is left alone when nothing about it has changed', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, LEAKY);
    await settle(service);
    const before = shown(repo, pull);
    github.requests.length = 0;
    for (const delivery of github.webhooks.deliveries.filter((d) => d.event === 'pull_request')) {
      github.webhooks.redeliver(delivery.id);
    }
    await settle(service);
    expect(shown(repo, pull)).toEqual(before);
    expect(github.requests.some((r) => r.operation === 'Boot')).toBe(true);
    expect(github.requests.filter((r) => r.isWrite)).toEqual([]);
  });

  it('has what was fixed marked as fixed and what is new added, on every push', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, LEAKY);
    await settle(service);
    repo.push('topic', { files: { 'pay.go': goFile('safe("a")', 'leak("y")', 'leak("z")') } });
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 2, comments: 1 });
    const byName = (name: string) =>
      pull.threads.find((t) => t.comments[0]?.body.includes(`context of ${name} `));
    expect(byName('x')?.comments.length).toBe(2);
    expect(byName('x')?.comments[0]?.minimized).toBe('resolved');
    expect(byName('y')?.comments.length).toBe(1);
    expect(byName('z')?.comments.length).toBe(1);
    expect(pull.threads.length).toBe(3);

    repo.push('topic', { files: { 'pay.go': goFile('safe("a")') } });
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['success'], reviews: 2, comments: 1 });
    expect(pull.threads.every((t) => t.comments.length === 2)).toBe(true);
  });

  it('passes at once when it has no Go in it', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, { 'README.md': '# Pay\n' });
    await settle(service);
    expect(shown(repo, pull)).toEqual({ checks: ['success'], reviews: 0, threads: [], comments: 0 });
  });

  it('is gated but not commented on while it is a draft', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const pull = open(repo, LEAKY, { draft: true });
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 0 });
    repo.markReady(pull);
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ reviews: 1, threads: ['pay.go:5', 'pay.go:6'] });
    expect(new Set(shown(repo, pull).checks)).toEqual(new Set(['failure']));
  });

  it('from a fork is reviewed like any other', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const fork = repo.fork('stranger');
    fork.commit({ branch: 'main', files: LEAKY });
    const pull = repo.openPullRequest({ title: 'From afar', head: 'main', from: fork, author: 'stranger' });
    await settle(service);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 1, comments: 1 });
  });

  it('is judged against the merge base, not against the tip of its base', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    repo.createBranch('topic');
    // The base branch loses a leak that the topic branch still has: the topic did not introduce it.
    repo.commit({ branch: 'main', files: { 'old.go': goFile('safe("other")') } });
    repo.commit({ branch: 'topic', files: { 'new.go': goFile('leak("mine")') } });
    const pull = repo.openPullRequest({ title: 'Old branch', head: 'topic' });
    await settle(service);
    expect(shown(repo, pull).threads).toEqual(['new.go:4']);
  });

  it('takes its configuration from the base branch and never from itself', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    const own = open(repo, { ...LEAKY, '.github/reefpilot.yml': 'fail-on: never\n' });
    await settle(service);
    expect(shown(repo, own).checks).toEqual(['failure']);
    repo.commit({ branch: 'main', files: { '.github/reefpilot.yml': 'fail-on: never\n' } });
    const other = open(repo, LEAKY, { head: 'other' });
    await settle(service);
    expect(shown(repo, other).checks).toEqual(['success']);
    // A base branch of its own has a configuration of its own.
    repo.createBranch('release');
    repo.commit({ branch: 'release', files: { '.github/reefpilot.yml': null } });
    repo.changeBase(other, 'release');
    await settle(service);
    expect(shown(repo, other).checks.at(-1)).toBe('failure');
  });

  it('that is closed is not worked on', async () => {
    const { github, repo, start, settle } = await world();
    const service = await start();
    github.webhooks.hold();
    const pull = open(repo, LEAKY);
    repo.closePullRequest(pull);
    github.webhooks.release();
    await settle(service);
    expect(shown(repo, pull)).toEqual({ checks: [], reviews: 0, threads: [], comments: 0 });
  });

  it('with the same head as another one does not turn that one green', async () => {
    const { repo, start, settle } = await world();
    const service = await start();
    repo.createBranch('release');
    repo.commit({ branch: 'release', files: LEAKY });
    repo.createBranch('topic', 'release');
    repo.commit({ branch: 'topic', files: { 'more.go': goFile('safe("c")') } });
    const red = repo.openPullRequest({ title: 'Into main', head: 'topic' });
    await settle(service);
    const green = repo.openPullRequest({ title: 'Same head', head: 'topic', base: 'release' });
    await settle(service);
    expect(red.headSha).toBe(green.headSha);
    expect(shown(repo, green).checks).toEqual(['failure', 'failure']);
    expect(repo.state.checkRuns.at(-1)?.output.summary).toContain(`#${red.number}`);
  });
});
