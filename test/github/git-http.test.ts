import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScene, type Scene } from './testing.ts';

/** What git says of a 401 when it may not ask for a password. */
const REFUSED = 'could not read Username';

let scene: Scene;
let dir: string;
beforeEach(async () => {
  scene = await openScene();
  dir = mkdtempSync(join(tmpdir(), 'git-http-'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await scene.github.close();
});

async function git(token: string | null, ...args: readonly string[]): Promise<string> {
  const login = Buffer.from(`x-access-token:${token}`).toString('base64');
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: token === null ? '0' : '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${login}`,
  };
  return (await promisify(execFile)('git', args, { cwd: dir, env })).stdout.trim();
}

async function token(permissions?: { contents?: 'read'; checks?: 'write' }): Promise<string> {
  const { data } = await scene.asApp.rest.apps.createInstallationAccessToken({
    installation_id: scene.github.app.installationId,
    ...(permissions === undefined ? {} : { permissions }),
  });
  return data.token;
}

it('clones with the token of an installation, whole or without blobs, and hands out blobs by name', async () => {
  const { github, repo } = scene;
  const url = `${github.url}/acme/pay.git`;
  const secret = await token();
  await git(secret, 'clone', '-q', url, 'whole');
  expect(readFileSync(join(dir, 'whole/go.mod'), 'utf8')).toContain('module acme/pay');
  const blob = await git(null, '-C', 'whole', 'rev-parse', 'HEAD:go.mod');
  await git(secret, 'clone', '-q', '--bare', '--filter=blob:none', url, 'partial');
  expect(await git(null, '-C', 'partial', 'count-objects', '-v')).toContain('in-pack');
  await git(null, 'init', '-q', '--bare', 'one');
  await git(secret, '-C', 'one', 'fetch', '-q', '--no-write-fetch-head', url, blob);
  expect(await git(null, '-C', 'one', 'cat-file', 'blob', blob)).toBe(repo.read('main', 'go.mod')?.trim());
  // It is not the API: no such call, and no rate limit.
  expect(github.violations).toEqual([]);
  expect(new Set(github.requests.map((r) => r.route).filter((r) => r.includes('.git/')))).toEqual(
    new Set(['GET /{owner}/{repo}.git/info/refs', 'POST /{owner}/{repo}.git/git-upload-pack']),
  );
});

it('shows nobody a private repository who may not read it', async () => {
  const { github } = scene;
  github.createRepository({ owner: 'acme', name: 'away', installed: false });
  const read = (secret: string | null, name = 'pay') =>
    git(secret, 'ls-remote', `${github.url}/acme/${name}.git`);
  expect(await read(await token())).toContain('refs/heads/main');
  await expect(read(null)).rejects.toThrow(REFUSED);
  await expect(read('ghs_of_somebody_else')).rejects.toThrow(REFUSED);
  await expect(read(await token(), 'away')).rejects.toThrow('not found');
  await expect(read(await token(), 'nowhere')).rejects.toThrow('not found');
  await expect(read(await token({ checks: 'write' }))).rejects.toThrow('403');
  const kept = await token();
  github.expireTokens();
  await expect(read(kept)).rejects.toThrow(REFUSED);
});

it('fails as it is told to', async () => {
  const { github } = scene;
  const url = `${github.url}/acme/pay.git`;
  const secret = await token();
  github.faults.on('POST /{owner}/{repo}.git/git-upload-pack', { truncateBody: true });
  await expect(git(secret, 'clone', '-q', url, 'cut')).rejects.toThrow();
  github.faults.clear();
  github.faults.on('GET /{owner}/{repo}.git/info/refs', { status: 503 });
  await expect(git(secret, 'clone', '-q', url, 'away')).rejects.toThrow('503');
});

it('takes no pushes', async () => {
  const { github, repo } = scene;
  const before = repo.read('main', 'go.mod');
  const secret = await token();
  await git(secret, 'clone', '-q', `${github.url}/acme/pay.git`, 'own');
  await expect(git(secret, '-C', 'own', 'push', '-q', 'origin', 'HEAD:refs/heads/new')).rejects.toThrow(
    '403',
  );
  expect(repo.read('main', 'go.mod')).toBe(before);
});
