import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(async () => {
  const { invalidResponses } = scene.github;
  await scene.github.close();
  expect(invalidResponses).toEqual([]);
});

type Comment = { path: string; body: string; line: number; side?: string; start_line?: number };

function review(comments: Comment[], commit_id = scene.pull.headSha) {
  const { octokit, onPull } = scene;
  return octokit.rest.pulls.createReview({ ...onPull, commit_id, event: 'COMMENT', body: 'Look', comments });
}

const GOOD: Comment = { path: 'pay/new.go', line: 3, side: 'RIGHT', body: 'here' };

describe('a review', () => {
  it('is published with all its comments where they belong', async () => {
    const { repo, octokit, onPull } = scene;
    await review([
      GOOD,
      { path: 'pay/client.go', line: 10, side: 'LEFT', body: 'this was the safeguard' },
      { path: 'pay/client.go', line: 9, start_line: 7, side: 'RIGHT', body: 'these lines' },
    ]);
    expect(repo.reviews(1)).toHaveLength(1);
    const { data } = await octokit.rest.pulls.listReviewComments(onPull);
    expect(data.map((c) => [c.path, c.side, c.start_line, c.line, c.position])).toEqual([
      ['pay/new.go', 'RIGHT', null, 3, 3],
      ['pay/client.go', 'LEFT', null, 10, 4],
      ['pay/client.go', 'RIGHT', 7, 9, 3],
    ]);
    expect(data[1]?.diff_hunk.split('\n').at(-1)).toBe('-\tdefer resp.Body.Close()');
    expect(scene.github.violations).toEqual([]);
  });

  it.each<[string, Comment, string]>([
    [
      'a line outside every hunk',
      { ...GOOD, path: 'pay/client.go', line: 40 },
      "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank",
    ],
    [
      'a deleted line on the wrong side',
      { ...GOOD, path: 'pay/client.go', line: 30, side: 'LEFT' },
      "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank",
    ],
    [
      'both ends outside',
      { ...GOOD, path: 'pay/client.go', start_line: 38, line: 40 },
      "Pull request review thread line must be part of the diff, Pull request review thread start line must be part of the same hunk as the line., and Pull request review thread diff hunk can't be blank",
    ],
    [
      'a start after the end',
      { ...GOOD, line: 1, start_line: 3 },
      'Pull request review thread start line must precede the end line.',
    ],
    ['a file that did not change', { ...GOOD, path: 'go.mod', line: 1 }, 'Path could not be resolved'],
  ])('is refused as a whole for %s', async (_name, bad, message) => {
    const { status, message: text } = await failure(review([GOOD, bad, GOOD]));
    expect(status).toBe(422);
    expect(text).toContain(message);
    expect(scene.repo.pull(1).reviews).toEqual([]);
    expect(scene.repo.threads(1)).toEqual([]);
  });

  it('needs a commit of the pull request', async () => {
    const { repo, pull } = scene;
    const old = pull.headSha;
    expect((await failure(review([GOOD], 'b'.repeat(40)))).message).toContain('not part of the pull request');
    expect((await failure(review([GOOD], repo.sha('main')))).status).toBe(422);
    repo.push('feature', { files: { 'pay/other.go': 'package pay\n' } });
    expect((await review([GOOD], old)).status).toBe(200);
    repo.push('feature', { parent: 'main', files: { 'pay/new.go': 'package pay\n\nvar Y = 1\n' } });
    expect((await failure(review([GOOD], old))).status).toBe(422);
  });

  it('takes no keys that only single comments have', async () => {
    const { octokit, onPull, github } = scene;
    const comments = [{ path: 'pay/new.go', body: 'x', subject_type: 'file' }];
    const call = octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
      ...onPull,
      event: 'COMMENT',
      body: 'x',
      comments,
    });
    expect((await failure(call)).message).toContain('subject_type is not a permitted key');
    expect(github.violations).toHaveLength(1);
  });

  it('is limited to 65,536 characters and to unlocked conversations', async () => {
    expect((await failure(review([{ ...GOOD, body: 'x'.repeat(65_537) }]))).status).toBe(422);
    scene.repo.lock(1);
    expect((await failure(review([GOOD]))).status).toBe(403);
    scene.repo.setPermission('reefpilot[bot]', 'write');
    expect((await review([GOOD])).status).toBe(200);
  });
});

describe('an anchor', () => {
  it('moves with its line, is outdated when the line changes, and comes back', async () => {
    const { repo } = scene;
    await review([{ path: 'pay/client.go', line: 9, side: 'RIGHT', body: 'x' }]);
    const [thread] = repo.threads(1);
    const before = repo.read('feature', 'pay/client.go') ?? '';
    repo.push('feature', { files: { 'pay/client.go': `// Package pay charges.\n\n${before}` } });
    expect(thread).toMatchObject({ line: 11, outdated: false, originalLine: 9 });
    repo.push('feature', {
      files: { 'pay/client.go': before.replace('\t}\n\treturn nil', '\t} // end\n\treturn nil') },
    });
    expect(thread).toMatchObject({ line: null, position: null, outdated: true, originalLine: 9 });
    repo.push('feature', { files: { 'pay/client.go': before } });
    expect(thread).toMatchObject({ line: 9, outdated: false });
  });

  it('on a deleted line or a file lasts as long as the diff has them', async () => {
    const { repo, octokit, onPull, pull } = scene;
    await review([{ path: 'pay/client.go', line: 10, side: 'LEFT', body: 'x' }]);
    const file = { commit_id: pull.headSha, path: 'pay/new.go', body: 'file', subject_type: 'file' as const };
    await octokit.rest.pulls.createReviewComment({ ...onPull, ...file });
    const [left, onFile] = repo.threads(1);
    expect(onFile).toMatchObject({ subjectType: 'FILE', line: null, outdated: false });
    repo.push('feature', { files: { 'docs/a.md': '# C\n' } });
    expect(left).toMatchObject({ line: 10, outdated: false });
    repo.push('feature', {
      files: { 'pay/client.go': repo.read('main', 'pay/client.go') ?? '', 'pay/new.go': null },
    });
    expect([left?.outdated, onFile?.outdated]).toEqual([true, true]);
  });
});

describe('comments', () => {
  it('are edited with history, reacted to once, and deleted', async () => {
    const { repo, octokit, at } = scene;
    const { data } = await octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'one' });
    expect(data.id).toBeGreaterThan(2 ** 31);
    await octokit.rest.issues.updateComment({ ...at, comment_id: data.id, body: 'two' });
    const react = () =>
      octokit.rest.reactions.createForIssueComment({ ...at, comment_id: data.id, content: 'eyes' });
    expect([(await react()).status, (await react()).status]).toEqual([201, 200]);
    expect(repo.comments(1)).toMatchObject([
      { body: 'two', history: [{ body: 'one' }], reactions: [{ content: 'eyes' }] },
    ]);
    await octokit.rest.issues.deleteComment({ ...at, comment_id: data.id });
    expect(repo.comments(1)).toEqual([]);
    expect((await failure(octokit.rest.issues.getComment({ ...at, comment_id: data.id }))).status).toBe(404);
    const tooLong = octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'é'.repeat(65_537) });
    expect((await failure(tooLong)).message).toContain('body is too long');
  });

  it("of other people cannot be edited, and a reply goes to the thread's first comment", async () => {
    const { repo, octokit, at, onPull, github } = scene;
    const human = repo.reviewComment(1, 'bob', { path: 'pay/new.go', line: 1, body: 'hm' });
    expect(
      (await failure(octokit.rest.pulls.updateReviewComment({ ...at, comment_id: human.id, body: 'x' })))
        .status,
    ).toBe(403);
    const { data } = (await octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/comments', {
      ...onPull,
      body: 'answer',
      in_reply_to: human.id,
    } as never)) as { data: { in_reply_to_id: number; id: number } };
    expect(data.in_reply_to_id).toBe(human.id);
    expect(repo.threads(1)[0]?.comments).toHaveLength(2);
    const nested = octokit.rest.pulls.createReviewComment({
      ...onPull,
      body: 'x',
      in_reply_to: data.id,
      commit_id: 'a',
      path: 'p',
    });
    expect((await failure(nested)).status).toBe(422);
    expect(github.violations).toEqual([]);
  });

  it('are listed in pages with links', async () => {
    const { repo, octokit, at } = scene;
    for (let i = 0; i < 5; i++) repo.comment(1, 'bob', `comment ${i}`);
    const page = await octokit.rest.issues.listComments({ ...at, issue_number: 1, per_page: 2, page: 2 });
    expect(page.data.map((c) => c.body)).toEqual(['comment 2', 'comment 3']);
    expect(page.headers.link).toMatch(/rel="prev".*rel="next".*rel="last".*rel="first"/);
    const all = await octokit.paginate(octokit.rest.issues.listComments, {
      ...at,
      issue_number: 1,
      per_page: 2,
    });
    expect(all).toHaveLength(5);
  });
});

it('tells what a user may do', async () => {
  const { repo, octokit, at } = scene;
  repo.setPermission('carol', 'maintain');
  repo.comment(1, 'stranger', 'hello');
  const role = async (username: string) => {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username });
    return [data.permission, data.role_name];
  };
  expect(await role('carol')).toEqual(['write', 'maintain']);
  expect(await role('stranger')).toEqual(['none', 'none']);
  expect((await failure(role('nobody-knows'))).status).toBe(404);
});
