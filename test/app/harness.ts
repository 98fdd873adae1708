import { afterEach, expect } from 'vitest';
import { environmentFor } from '../../src/demo/story.ts';
import { type Parts, type Service, serve } from '../../src/serve.ts';
import {
  createGitHubDouble,
  type DoubleOptions,
  type GitHubDouble,
  type PullRequest,
  type RepoHandle,
} from '../github/index.ts';
import { analyse, goFile } from './verdict.ts';

export interface World {
  readonly github: GitHubDouble;
  readonly repo: RepoHandle;
  /** Lines of the app's log. */
  readonly log: string[];
  readonly environment: Record<string, string>;
  /** Starts the app; webhooks go to it from then on. */
  start(parts?: Parts): Promise<Service>;
  /** Waits until every webhook is delivered and the app has done what it made of them. */
  settle(service: Service): Promise<void>;
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** `acme/pay` with one harmless Go package on `main`, on a GitHub of its own. */
export async function world(options: DoubleOptions = {}): Promise<World> {
  const github = await createGitHubDouble(options);
  closing.push(async () => {
    await github.close();
    expect(github.violations).toEqual([]);
    expect(github.invalidResponses).toEqual([]);
  });
  const repo = github.createRepository({ owner: 'acme', name: 'pay' });
  repo.commit({
    branch: 'main',
    files: { 'go.mod': 'module acme.dev/pay\n\ngo 1.24\n', 'pay.go': goFile('safe("a")', 'safe("b")') },
  });
  const log: string[] = [];
  const environment = { ...environmentFor(github), LOG_LEVEL: 'debug' };
  return {
    github,
    repo,
    log,
    environment,
    async start(parts = {}) {
      const service = await serve(environment, {
        analyse,
        pace: { spacingMs: 0, retryBaseMs: 1, backoffMs: 5 },
        log: (line) => log.push(line),
        signals: false,
        ...parts,
      });
      closing.push(() => service.close());
      github.deliverWebhooksTo(`${service.url}/api/github/webhooks`);
      await service.idle();
      return service;
    },
    async settle(service) {
      // Work makes events, and events make work.
      for (let quiet = 0; quiet < 2; quiet++) {
        await github.idle();
        await service.idle();
      }
    },
  };
}

/** Opens a pull request that brings `files`. */
export function open(
  repo: RepoHandle,
  files: Record<string, string>,
  more: { readonly draft?: boolean; readonly head?: string } = {},
): PullRequest {
  const head = more.head ?? 'topic';
  repo.createBranch(head);
  repo.commit({ branch: head, files });
  return repo.openPullRequest({ title: 'Charge cards', head, draft: more.draft ?? false });
}

/** What a pull request shows, in numbers and words that a test can compare at a glance. */
export function shown(repo: RepoHandle, pull: PullRequest) {
  const ours = (c: { readonly author: { readonly login: string } }) => c.author.login === 'reefpilot[bot]';
  return {
    checks: repo.state.checkRuns
      .filter((run) => run.headSha === pull.headSha)
      .map((run) => run.conclusion ?? run.status),
    reviews: pull.reviews.filter((review) => ours(review) && !review.implicit).length,
    threads: pull.threads.map(
      (t) => `${t.path}:${t.line ?? (t.subjectType === 'FILE' ? 'file' : 'outdated')}`,
    ),
    comments: pull.comments.filter(ours).length,
  };
}
