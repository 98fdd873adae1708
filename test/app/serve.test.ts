import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readEnvironment, VARIABLES } from '../../src/github/environment.ts';
import { createLog, redact } from '../../src/github/log.ts';
import { open, shown, world } from './harness.ts';
import { goFile } from './verdict.ts';

const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIB\nAAAA\n-----END RSA PRIVATE KEY-----';
const GOOD = { APP_ID: '12', PRIVATE_KEY: KEY, WEBHOOK_SECRET: 'x'.repeat(32) };

function problems(environment: Record<string, string>): string {
  try {
    readEnvironment(environment);
  } catch (error) {
    return String(error);
  }
  return '';
}

describe('the environment', () => {
  it('names everything that is missing at once', () => {
    expect(problems({})).toMatch(/APP_ID[\s\S]*PRIVATE_KEY[\s\S]*WEBHOOK_SECRET/);
  });

  it.each([
    ['', 'missing'],
    ['development', 'everybody knows'],
    ['x'.repeat(31), 'fewer than 32'],
  ])('refuses the webhook secret %j', (secret, word) => {
    expect(problems({ ...GOOD, WEBHOOK_SECRET: secret })).toContain(word);
  });

  it.each([
    ['PEM', KEY],
    ['PEM with written-out line breaks', KEY.replaceAll('\n', '\\n')],
    ['base64', Buffer.from(KEY).toString('base64')],
  ])('takes a key as %s', (_, key) => {
    expect(readEnvironment({ ...GOOD, PRIVATE_KEY: key }).privateKey).toBe(KEY);
  });

  it('never repeats what it refuses', () => {
    const secret = 'hunter2hunter2hunter2';
    const all = Object.fromEntries(VARIABLES.map((name) => [name, secret]));
    expect(problems(all)).not.toContain(secret);
    expect(problems({ ...GOOD, PRIVATE_KEY: secret })).toContain('does not hold a private key');
  });

  it.each([
    [{ PORT: '70000' }, 'PORT'],
    [{ APP_ID: 'x' }, 'APP_ID'],
    [{ GHE_HOST: 'http://git' }, 'GHE_HOST'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ PRIVATE_KEY_PATH: '/nowhere.pem' }, 'only one of'],
    [{ DOCS_URL: 'javascript:x' }, 'DOCS_URL'],
  ])('refuses %j', (bad, word) => {
    expect(problems({ ...GOOD, ...bad })).toContain(word);
  });

  it('knows an enterprise server by its host', () => {
    expect(readEnvironment({ ...GOOD, GHE_HOST: 'git.acme.dev' }).apiUrl).toBe('https://git.acme.dev/api/v3');
    expect(readEnvironment(GOOD).apiUrl).toBeNull();
  });

  it('is what .env.example explains, in that order', () => {
    const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map((m) => m[1]);
    expect(named).toEqual([...VARIABLES]);
    const defaults = Object.fromEntries(
      [...text.matchAll(/^# ([A-Z_]+)=(.+)$/gm)]
        .map((m) => [m[1], m[2]])
        .filter(([name]) => name !== 'PRIVATE_KEY_PATH' && name !== 'GITHUB_API_URL'),
    );
    expect(readEnvironment({ ...GOOD, ...defaults })).toEqual(readEnvironment(GOOD));
  });
});

describe('the manifest', () => {
  const manifest = parse(readFileSync(new URL('../../app.yml', import.meta.url), 'utf8'));
  const app = readFileSync(new URL('../../src/app.ts', import.meta.url), 'utf8');

  it('asks for the least that works', () => {
    expect(manifest.default_permissions).toEqual({
      metadata: 'read',
      contents: 'read',
      checks: 'write',
      pull_requests: 'write',
      issues: 'read',
      merge_queues: 'read',
    });
  });

  it('subscribes to exactly the events that are listened to', () => {
    const heard = new Set([...app.matchAll(/'([a-z_]+)\.[a-z_]+'/g)].map((m) => m[1] ?? ''));
    // These are sent to every app.
    const unasked = ['installation', 'installation_repositories'];
    expect([...heard].filter((event) => !unasked.includes(event)).sort()).toEqual(
      [...manifest.default_events].sort(),
    );
  });
});

describe('the server', () => {
  const post = (url: string, secret: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/github/webhooks`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'pull_request',
        'x-github-delivery': 'd-1',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        ...headers,
      },
    });

  it('believes nobody who cannot sign, and tells them nothing', async () => {
    const { github, start, log } = await world();
    const { url } = await start();
    github.requests.length = 0;
    const body = JSON.stringify({ action: 'opened', secretWord: 'swordfish' });
    for (const secret of ['development', 'another secret']) {
      const response = await post(url, secret, body);
      expect(response.status).toBe(400);
      expect(await response.text()).not.toMatch(/\bat .*:\d+|node_modules/);
    }
    const unsigned = await fetch(`${url}/api/github/webhooks`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(unsigned.status).toBe(400);
    expect(github.requests).toEqual([]);
    expect(log.join('\n')).not.toContain('swordfish');
  });

  it('takes what is signed, and survives what is signed but senseless', async () => {
    const { github, start } = await world();
    const { url } = await start();
    const { webhookSecret } = github.app;
    expect((await post(url, webhookSecret, 'not json')).status).toBe(400);
    expect((await post(url, webhookSecret, '{}', { 'x-github-event': 'ping' })).status).toBe(200);
    const odd = await post(url, webhookSecret, '{"action":"opened"}');
    expect(odd.status).toBeGreaterThanOrEqual(400);
    expect(await odd.text()).not.toMatch(/\bat .*:\d+|node_modules/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('reads no more than a webhook may have', async () => {
    const { start } = await world();
    const { url } = await start();
    const HUGE = 26_214_401;
    const declared = await speak(url, `Content-Length: ${HUGE}`, () => '');
    expect(declared).toMatch(/^HTTP\/1.1 413/);
    let sent = 0;
    const megabyte = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const endless = await speak(url, 'Transfer-Encoding: chunked', () => {
      sent += megabyte.length;
      return megabyte;
    });
    // The answer may be lost with the connection it closes; that the app stops reading may not.
    expect(endless).toMatch(/^(HTTP\/1.1 413|$)/);
    expect(sent).toBeGreaterThan(HUGE);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says whether it works, and has no other pages', async () => {
    const { github, start } = await world();
    const { url } = await start();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    for (const path of ['/', '/probot', '/probot/setup', '/ping']) {
      expect((await fetch(url + path)).status).toBe(404);
    }
    expect((await fetch(`${url}/api/github/webhooks`)).status).toBe(405);
    expect(github.violations).toEqual([]);
  });

  it('is not ready with a key that GitHub does not know', async () => {
    const { github, start } = await world();
    github.faults.on('GET /app', { status: 401, body: { message: 'A JSON web token could not be decoded' } });
    const { url } = await start();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('finishes what it has begun before it stops', async () => {
    const { github, repo, start } = await world();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { analyse } = await import('./verdict.ts');
    let isAnalysing = () => {};
    const analysing = new Promise<void>((resolve) => {
      isAnalysing = resolve;
    });
    const service = await start({
      analyse: async (snapshot) => {
        isAnalysing();
        await held;
        return analyse(snapshot);
      },
    });
    const pull = open(repo, { 'pay.go': goFile('leak("x")') });
    await analysing;
    await github.idle();
    const closing = service.close();
    await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();
    release();
    await closing;
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], reviews: 1, comments: 1 });
  });
});

describe('the log', () => {
  it.each([
    ['an installation token', 'ghs_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['a token of the new kind', `ghs_12345_eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(400)}.sig`],
    ['an app token', 'bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjF9.abc-def_123'],
    ['a key', KEY],
  ])('does not show %s', (_, secret) => {
    const lines: string[] = [];
    const log = createLog('info', (line) => lines.push(line));
    log.info({ headers: { authorization: secret } }, `sent ${secret}`);
    const middle = secret.slice(12, 30);
    expect(redact(secret)).not.toContain(middle);
    expect(lines.join('')).not.toContain(middle);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30 });
  });

  it('of a whole review shows no token and no key', async () => {
    const { github, repo, start, settle, log } = await world();
    const service = await start();
    open(repo, { 'pay.go': goFile('leak("x")') });
    await settle(service);
    expect(log.length).toBeGreaterThan(5);
    expect(log.join('\n')).not.toMatch(/ghs_|PRIVATE KEY|eyJ/);
    expect(log.join('\n')).not.toContain(github.app.webhookSecret);
  });
});

/** Posts in plain HTTP what `next` gives, for as long as the other side takes it; resolves with its answer. */
function speak(url: string, header: string, next: () => string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const more = (): void => {
      const body = next();
      if (body !== '' && !socket.destroyed && socket.write(body)) setImmediate(more);
    };
    socket.on('connect', () => {
      socket.write(`POST /api/github/webhooks HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
      more();
    });
    socket.on('drain', more);
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}
