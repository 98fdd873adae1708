import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure, openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(async () => {
  const { violations, invalidResponses } = scene.github;
  await scene.github.close();
  expect({ violations, invalidResponses }).toEqual({ violations: [], invalidResponses: [] });
});

it('compares three-dot, with renames, binaries, symlinks and submodules', async () => {
  const { repo, octokit, at } = scene;
  repo.createBranch('wide');
  repo.commit({
    branch: 'wide',
    files: {
      'pay/client.go': null,
      'pay/http.go': (repo.read('main', 'pay/client.go') ?? '').replace('Charge', 'Bill'),
      'blob.bin': Buffer.from([0, 1, 2, 3]),
      'with space "q".go': 'package x\n',
      link: { mode: '120000', content: 'go.mod' },
      sub: { mode: '160000', content: 'a'.repeat(40) },
      'docs/a.md': '# B\n',
    },
  });
  repo.commit({ branch: 'main', files: { 'only-on-main.go': 'package main\n' } });
  const { data } = await octokit.rest.repos.compareCommitsWithBasehead({
    ...at,
    basehead: 'main...wide',
    per_page: 1,
  });
  expect(data).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1 });
  const files = new Map((data.files ?? []).map((file) => [file.filename, file]));
  expect([...files.keys()].sort()).toEqual(
    ['blob.bin', 'docs/a.md', 'link', 'pay/http.go', 'sub', 'with space "q".go'].sort(),
  );
  expect(files.get('pay/http.go')).toMatchObject({ status: 'renamed', previous_filename: 'pay/client.go' });
  expect(files.get('blob.bin')?.patch).toBeUndefined();
  expect(files.get('docs/a.md')).toMatchObject({
    additions: 1,
    deletions: 1,
    patch: '@@ -1 +1 @@\n-# A\n+# B',
  });
  expect(files.get('link')?.patch).toContain('\\ No newline at end of file');

  const patch = files.get('pay/http.go')?.patch ?? '';
  const dir = mkdtempSync(join(tmpdir(), 'patch-'));
  writeFileSync(join(dir, 'f'), repo.read('main', 'pay/client.go') ?? '');
  writeFileSync(join(dir, 'p'), `--- a/f\n+++ b/f\n${patch}\n`);
  execFileSync('git', ['apply', 'p'], { cwd: dir });
  const blob = createHash('sha1')
    .update(execFileSync('git', ['hash-object', '-t', 'blob', 'f'], { cwd: dir }))
    .digest('hex');
  const wanted = createHash('sha1')
    .update(`${files.get('pay/http.go')?.sha}\n`)
    .digest('hex');
  expect(blob).toBe(wanted);
  rmSync(dir, { recursive: true });
});

it('cuts comparisons, listings and trees off where GitHub does', async () => {
  const { github, repo, octokit, at, onPull } = scene;
  const many = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`many/f${i}.go`, `package many // ${i}\n`]),
  );
  repo.push('feature', { files: many });
  Object.assign(github.limits, { compareFiles: 3, pullFiles: 5, treeEntries: 4 });
  const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...feature' });
  expect(compared.data.files).toHaveLength(3);
  const second = await octokit.rest.repos.compareCommitsWithBasehead({
    ...at,
    basehead: 'main...feature',
    per_page: 1,
    page: 2,
  });
  expect(second.data.files).toEqual([]);
  const all = await octokit.paginate(octokit.rest.pulls.listFiles, { ...onPull, per_page: 2 });
  expect(all).toHaveLength(5);
  const { data } = await octokit.rest.git.getTree({ ...at, tree_sha: 'feature', recursive: '1' });
  expect(data).toMatchObject({ truncated: true });
  expect(data.tree).toHaveLength(4);
  const diff = octokit.rest.pulls.get({ ...onPull, mediaType: { format: 'diff' } });
  expect((await failure(diff)).status).toBe(406);
});

it('reads trees and blobs by their git hashes', async () => {
  const { octokit, at } = scene;
  const { data } = await octokit.rest.git.getTree({ ...at, tree_sha: 'main', recursive: '1' });
  const entry = data.tree.find((e) => e.path === 'pay/client.go');
  expect(entry).toMatchObject({ mode: '100644', type: 'blob' });
  const sha = entry?.sha ?? '';
  const blob = await octokit.rest.git.getBlob({ ...at, file_sha: sha });
  const text = Buffer.from(blob.data.content, 'base64').toString();
  expect(createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex')).toBe(sha);
  const raw = await octokit.rest.git.getBlob({ ...at, file_sha: sha, mediaType: { format: 'raw' } });
  expect(raw.data).toEqual(expect.anything());
  expect((await failure(octokit.rest.git.getBlob({ ...at, file_sha: 'f'.repeat(40) }))).status).toBe(404);
});

it('serves files, directories and nothing else by path', async () => {
  const { github, octokit, at } = scene;
  const file = await octokit.rest.repos.getContent({ ...at, path: 'pay/client.go', ref: 'feature' });
  expect(file.data).toMatchObject({ type: 'file', encoding: 'base64', path: 'pay/client.go' });
  const dir = await octokit.rest.repos.getContent({ ...at, path: 'pay' });
  expect(dir.data).toMatchObject([{ name: 'client.go', type: 'file' }]);
  expect((await failure(octokit.rest.repos.getContent({ ...at, path: 'nope.go' }))).status).toBe(404);
  github.limits.contentsBytes = 10;
  const large = await octokit.rest.repos.getContent({ ...at, path: 'pay/client.go' });
  expect(large.data).toMatchObject({ content: '', encoding: 'none' });
});

it('finds pull requests by commit, also those from a fork', async () => {
  const { repo, octokit, at } = scene;
  const fork = repo.fork('mallory');
  const sha = fork.push('evil', { parent: 'main', files: { 'x.go': 'package x\n' } });
  const pull = repo.openPullRequest({ title: 'From a fork', head: 'evil', author: 'mallory', from: fork });
  const { data } = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: sha });
  expect(data.map((p) => p.number)).toEqual([pull.number]);
  const shown = await octokit.rest.pulls.get({ ...at, pull_number: pull.number });
  expect(shown.data).toMatchObject({ head: { label: 'mallory:evil' }, changed_files: 1 });
  const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `main...${sha}` });
  expect(compared.data.files).toHaveLength(1);
  const after = fork.push('evil', { files: { 'y.go': 'package x\n' } });
  expect(pull.headSha).toBe(after);
  expect((await octokit.rest.pulls.list({ ...at, state: 'open' })).data).toHaveLength(2);
});
