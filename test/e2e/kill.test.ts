import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sample } from '../../src/demo/sample.ts';
import { environmentFor } from '../../src/demo/story.ts';
import { createGitHubDouble, type GitHubDouble } from '../github/index.ts';

let app: ChildProcess | null = null;
let github: GitHubDouble | null = null;

afterEach(async () => {
  app?.kill('SIGKILL');
  await github?.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The process a user runs: `reefpilot serve`. */
async function start(double: GitHubDouble, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['dist/cli.js', 'serve'], {
    env: { ...process.env, ...environmentFor(double), PORT: String(port) },
    stdio: 'inherit',
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.ok === true);
  return child;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('did not happen within a minute');
}

describe('kill -9', { timeout: 240_000 }, () => {
  // The writes of a first pass, in order; the process dies as soon as one of them has taken effect.
  it.each([
    'POST /repos/{owner}/{repo}/check-runs',
    'POST /graphql AddComment',
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
  ])('right after %s leaves one check, one review, one checklist', async (route) => {
    const double = await createGitHubDouble();
    github = double;
    const repo = double.createRepository({ owner: 'acme', name: 'payments' });
    repo.commit({ branch: 'main', files: sample('base') });
    repo.createBranch('refunds');
    repo.commit({ branch: 'refunds', files: sample('feature') });
    const port = await freePort();
    app = await start(double, port);
    double.deliverWebhooksTo(`http://127.0.0.1:${port}/api/github/webhooks`);
    // The write takes effect, and its answer never comes.
    const [method, path, operation] = route.split(' ');
    const fault = double.faults.on(`${method} ${path}`, {
      afterEffect: true,
      hang: true,
      ...(operation === undefined ? {} : { operation }),
    });
    const pull = repo.openPullRequest({ title: 'Refunds', head: 'refunds' });
    await until(() => fault.hits > 0);
    app.kill('SIGKILL');
    await once(app, 'exit');
    double.faults.clear();

    app = await start(double, port);
    await until(() => repo.checkRuns(pull.headSha).some((c) => c.status === 'completed'));
    await until(async () => {
      const before = double.requests.length;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return before === double.requests.length;
    });
    const own = repo.comments(pull).filter((c) => c.author.kind === 'Bot');
    expect(repo.checkRuns(pull.headSha).map((c) => `${c.name} ${c.conclusion}`)).toEqual([
      'reefpilot failure',
    ]);
    expect(repo.reviews(pull)).toHaveLength(1);
    expect(own).toHaveLength(1);
    const places = repo.threads(pull).map((t) => `${t.path}:${t.line}`);
    expect(new Set(places).size).toBe(places.length);
    expect(places.length).toBeGreaterThan(0);
  });
});
