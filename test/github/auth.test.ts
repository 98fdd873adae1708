import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure, openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.github.close());

function jwt(claims: object, key = scene.github.app.privateKey): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
}

async function getApp(token: string): Promise<{ status: number; message: string }> {
  const response = await fetch(`${scene.github.url}/app`, { headers: { authorization: `Bearer ${token}` } });
  const { message = '' } = (await response.json()) as { message?: string };
  return { status: response.status, message };
}

it('accepts a JWT signed with the key of the app, and only that', async () => {
  const now = Math.floor(Date.now() / 1000);
  const iss = scene.github.app.id;
  const good = { iat: now - 30, exp: now + 540, iss };
  expect(await getApp(jwt(good))).toMatchObject({ status: 200 });
  expect(await getApp(jwt({ ...good, iss: scene.github.app.clientId }))).toMatchObject({ status: 200 });

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused = {
    'another key': jwt(good, other.export({ type: 'pkcs1', format: 'pem' }).toString()),
    expired: jwt({ ...good, exp: now - 120 }),
    'too long': jwt({ ...good, exp: now + 3600 }),
    'from the future': jwt({ ...good, iat: now + 300 }),
    'no JWT': 'nonsense',
  };
  for (const [why, token] of Object.entries(refused)) {
    expect((await getApp(token)).status, why).toBe(401);
  }
  expect(await getApp(jwt({ ...good, iss: 7 }))).toEqual({ status: 404, message: 'Integration not found' });
});

it('mints tokens of the long format, for chosen repositories and fewer permissions', async () => {
  const { github, asApp, at, repo } = scene;
  const other = github.createRepository({ owner: 'acme', name: 'other' });
  const { data } = await asApp.rest.apps.createInstallationAccessToken({
    installation_id: github.app.installationId,
    repository_ids: [repo.id],
    permissions: { contents: 'read' },
  });
  expect(data.token).toMatch(/^ghs_424242_[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(data.token.length).toBeGreaterThan(100);
  expect(data.permissions).toEqual({ metadata: 'read', contents: 'read' });

  const call = (path: string): Promise<Response> =>
    fetch(`${github.url}${path}`, { headers: { authorization: `token ${data.token}` } });
  expect((await call(`/repos/acme/pay/git/trees/main`)).status).toBe(200);
  expect((await call(`/repos/acme/pay/pulls/1`)).status).toBe(403);
  expect((await call(`/repos/acme/${other.name}/git/trees/main`)).status).toBe(404);
  const tooMuch = asApp.rest.apps.createInstallationAccessToken({
    installation_id: github.app.installationId,
    permissions: { contents: 'write' },
  });
  expect((await failure(tooMuch)).status).toBe(422);
  expect((await asApp.rest.apps.getRepoInstallation(at)).data.id).toBe(github.app.installationId);
  expect(github.invalidResponses).toEqual([]);
});

it('lets tokens expire after an hour, and all at once on demand', async () => {
  const { github, asApp } = scene;
  const mint = async (): Promise<string> => {
    const installation_id = github.app.installationId;
    return (await asApp.rest.apps.createInstallationAccessToken({ installation_id })).data.token;
  };
  const status = async (token: string): Promise<number> =>
    (await fetch(`${github.url}/repos/acme/pay`, { headers: { authorization: `token ${token}` } })).status;
  const first = await mint();
  expect(await status(first)).toBe(200);
  expect(github.expireTokens()).toBe(1);
  expect(await status(first)).toBe(401);
  const second = await mint();
  github.clock.advance(3_599_000);
  expect(await status(second)).toBe(200);
  github.clock.advance(2000);
  expect(await status(second)).toBe(401);
});

it('refuses a suspended installation and forgets a removed one', async () => {
  const { github, octokit, asApp, at } = scene;
  github.suspend();
  expect(await failure(octokit.rest.repos.get(at))).toMatchObject({ status: 403 });
  github.suspend(false);
  expect((await octokit.rest.repos.get(at)).status).toBe(200);
  github.uninstall();
  expect((await failure(asApp.rest.apps.getRepoInstallation(at))).status).toBe(404);
  const installation_id = github.app.installationId;
  expect((await failure(asApp.rest.apps.createInstallationAccessToken({ installation_id }))).status).toBe(
    404,
  );
});

it('counts the hourly limit down and then refuses', async () => {
  const { github, octokit, at } = scene;
  const first = await octokit.rest.repos.get(at);
  expect(first.headers['x-ratelimit-remaining']).toBe('4999');
  github.limits.ratePerHour = 1;
  const refused = await failure(octokit.rest.repos.get(at));
  expect(refused).toMatchObject({ status: 403, message: expect.stringContaining('API rate limit exceeded') });
  await expect(octokit.graphql('{viewer{login}}')).resolves.toMatchObject({
    viewer: { login: 'reefpilot[bot]' },
  });
});
