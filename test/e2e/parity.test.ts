import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Analyst } from '../../src/analyst.ts';
import { sample } from '../../src/demo/sample.ts';
import { environmentFor } from '../../src/demo/story.ts';
import type { Verdict } from '../../src/engine/verdict.ts';
import { toJson } from '../../src/report/json.ts';
import { serve } from '../../src/serve.ts';
import { createGitHubDouble } from '../github/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'reefpilot-parity-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('one commit, one verdict', () => {
  it('is the same bytes from the app and, twice, from the command line on a clone', async () => {
    const github = await createGitHubDouble();
    const repo = github.createRepository({ owner: 'acme', name: 'payments' });
    repo.commit({ branch: 'main', files: sample('base') });
    repo.createBranch('refunds');
    repo.commit({ branch: 'refunds', files: sample('feature') });
    // The base moves on: what counts is the merge base.
    repo.commit({ branch: 'main', files: { 'gateway/other.go': 'package gateway\n' } });
    const analyst = new Analyst();
    const verdicts: Verdict[] = [];
    const service = await serve(environmentFor(github), {
      signals: false,
      pace: { spacingMs: 0, retryBaseMs: 20, backoffMs: 100 },
      analyse: async (snapshot) => {
        const verdict = await analyst.analyse(snapshot);
        verdicts.push(verdict);
        return verdict;
      },
    });
    try {
      github.deliverWebhooksTo(`${service.url}/api/github/webhooks`);
      repo.openPullRequest({ title: 'Refunds', head: 'refunds' });
      await github.idle();
      await service.idle();
    } finally {
      await service.close();
      await analyst.close();
    }
    const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' });
    git('init', '--quiet');
    git('fetch', '--quiet', repo.gitDir, 'main:refs/heads/main', 'refunds:refs/heads/refunds');
    git('remote', 'add', 'origin', 'https://github.invalid/acme/payments.git');
    const cli = () =>
      spawnSync(
        process.execPath,
        ['dist/cli.js', 'check', '--repo', dir, '--base', 'main', '--head', 'refunds', '--format', 'json'],
        { encoding: 'utf8' },
      );
    const [first, second] = [cli(), cli()];
    await github.close();

    // The sweep at the start may have come to the pull request before the webhook did.
    const [verdict, ...again] = verdicts as [Verdict, ...Verdict[]];
    for (const other of again) expect(toJson(other)).toBe(toJson(verdict));
    expect(verdict.findings.length).toBeGreaterThan(0);
    expect(verdict.findings.every((f) => f.introduced)).toBe(true);
    expect(first.status).toBe(1);
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout.trim()).toBe(toJson(verdict).trim());
  });
});
