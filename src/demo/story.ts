import type {
  CheckRun,
  GitHubDouble,
  PullRequest,
  RepoHandle,
  ReviewThread,
} from '../../test/github/index.ts';
import { serve } from '../serve.ts';
import { sample } from './sample.ts';

/** What can be seen of the pull request after one push. */
export interface Scene {
  readonly push: string;
  readonly headSha: string;
  readonly check: CheckRun | null;
  readonly reviews: number;
  readonly stickies: number;
  readonly sticky: string;
  /** Threads that stand, and threads that were taken back. */
  readonly open: readonly ReviewThread[];
  readonly fixed: readonly ReviewThread[];
  readonly milliseconds: number;
}

export interface Story {
  readonly pull: PullRequest;
  readonly repo: RepoHandle;
  readonly page: string;
  push(step: 'feature' | 'fixes'): Promise<Scene>;
  close(): Promise<void>;
}

const PUSHES = {
  feature: 'Add refunds with a fraud score',
  fixes: 'Cancel on every path, buffer the score',
} as const;

/** The variables of `.env.example` for an app that a double has made. */
export function environmentFor(github: GitHubDouble): Record<string, string> {
  return {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'error',
    SWEEP_MINUTES: '0',
  };
}

/** Starts the app beside the double and tells it nothing but where GitHub is. */
export async function startStory(github: GitHubDouble): Promise<Story> {
  const repo = github.createRepository({ owner: 'acme', name: 'payments' });
  repo.commit({ branch: 'main', files: sample('base'), message: 'Charge cards' });
  const service = await serve(
    environmentFor(github),
    // The double asks for no second between writes.
    { pace: { spacingMs: 0, retryBaseMs: 50, backoffMs: 200 }, signals: false },
  );
  github.deliverWebhooksTo(`${service.url}/api/github/webhooks`);
  repo.createBranch('refunds');
  repo.commit({ branch: 'refunds', files: sample('feature'), message: PUSHES.feature });
  let pull: PullRequest | null = null;

  const settle = async () => {
    await github.idle();
    await service.idle();
  };
  return {
    repo,
    get pull() {
      if (pull === null) throw new Error('the pull request is opened by the first push');
      return pull;
    },
    get page() {
      return `${github.url}/acme/payments/pull/${pull?.number ?? 1}`;
    },
    async push(step) {
      const started = Date.now();
      if (pull === null)
        pull = repo.openPullRequest({ title: PUSHES.feature, head: 'refunds', author: 'dana' });
      else repo.push('refunds', { files: sample(step), message: PUSHES[step] }, { by: 'dana' });
      await settle();
      return { ...see(repo, pull), push: PUSHES[step], milliseconds: Date.now() - started };
    },
    close: () => service.close(),
  };
}

function see(repo: RepoHandle, pull: PullRequest): Omit<Scene, 'push' | 'milliseconds'> {
  const stickies = repo.comments(pull).filter((c) => c.author.kind === 'Bot');
  const threads = repo.threads(pull).filter((t) => t.comments[0]?.author.kind === 'Bot');
  const isFixed = (t: ReviewThread) => t.comments[0]?.minimized !== null;
  return {
    headSha: pull.headSha,
    check: repo.checkRuns(pull.headSha).find((c) => c.name === 'reefpilot') ?? null,
    reviews: repo.reviews(pull).filter((r) => r.author.kind === 'Bot' && !r.implicit).length,
    stickies: stickies.length,
    sticky: stickies[0]?.body ?? '',
    open: threads.filter((t) => !isFixed(t)),
    fixed: threads.filter(isFixed),
  };
}
