/** Code and checks as GraphQL objects: refs, commits, trees, blobs, check runs. */
import { allows, type InstallationToken } from './auth.ts';
import type { CommitInfo, GitObject } from './git.ts';
import { connection, databaseId, forbidden, githubError, type Page, type View } from './graphql-basics.ts';
import { commitNodeId } from './present.ts';
import { latestRuns, suiteState } from './present-review.ts';
import type { Parts } from './routes/shared.ts';
import type { Account, CheckRun, CheckSuite, Repository } from './state.ts';

/** The views one caller gets: refusals depend on its token. */
export class CodeViews {
  private waiting: { repo: Repository; name: string; done: (object: GitObject | null) => void }[] = [];

  constructor(
    protected readonly parts: Parts,
    private readonly token: InstallationToken,
  ) {}

  may(permission: string, access: 'read' | 'write'): boolean {
    return allows(this.token.permissions, permission, access);
  }

  /** Whether the token covers a repository. */
  covers(repo: Repository): boolean {
    const ids = this.token.repositoryIds;
    return !this.parts.app.uninstalled && repo.installed && (ids === null || ids.includes(repo.id));
  }

  actor(account: Account): View {
    return {
      __typename: account.kind,
      id: account.nodeId,
      databaseId: account.id,
      // A bot's login is its slug here, and `slug[bot]` in REST.
      login: account.login.replace(/\[bot\]$/, ''),
      name: null,
      url: `${this.parts.world.url}/${account.login}`,
      avatarUrl: `${this.parts.world.url}/avatars/${account.id}`,
    };
  }

  protected ref(repo: Repository, name: string): View | null {
    const sha = repo.git.branch(name);
    if (sha === null) return null;
    return {
      id: `REF_${Buffer.from(`${repo.id}:refs/heads/${name}`).toString('base64url')}`,
      name,
      prefix: 'refs/heads/',
      target: () => this.commit(repo, repo.git.commitInfo(sha)),
    };
  }

  /** All objects that one step of a query asks for are read by one git process. */
  protected load(repo: Repository, name: string): Promise<GitObject | null> {
    return new Promise((done) => {
      this.waiting.push({ repo, name, done });
      if (this.waiting.length === 1) queueMicrotask(() => this.readWaiting());
    });
  }

  private readWaiting(): void {
    const batch = this.waiting;
    this.waiting = [];
    for (const repo of new Set(batch.map((request) => request.repo))) {
      const requests = batch.filter((request) => request.repo === repo);
      const objects = repo.git.objects(requests.map((request) => request.name));
      requests.forEach((request, i) => {
        request.done(objects[i] ?? null);
      });
    }
  }

  protected gitObject(repo: Repository, object: GitObject | null): View | null {
    if (object === null) return null;
    const { oid, type, body } = object;
    const common = { oid, abbreviatedOid: oid.slice(0, 7) };
    switch (type) {
      case 'commit':
        return this.commit(repo, repo.git.commitInfo(oid));
      case 'tree':
        return {
          __typename: 'Tree',
          id: `T_${Buffer.from(`${repo.id}:${oid}`).toString('base64url')}`,
          ...common,
          entries: () =>
            repo.git.tree(oid, false).map((entry) => ({
              name: entry.path,
              path: entry.path,
              mode: Number.parseInt(entry.mode, 8),
              type: entry.type,
              oid: entry.oid,
              size: entry.size ?? 0,
              object: async () => this.gitObject(repo, await this.load(repo, entry.oid)),
            })),
        };
      case 'blob': {
        const limit = this.parts.world.limits.blobTextBytes;
        const isBinary = body.subarray(0, 8000).includes(0);
        return {
          __typename: 'Blob',
          id: `B_${Buffer.from(`${repo.id}:${oid}`).toString('base64url')}`,
          ...common,
          byteSize: body.length,
          isBinary,
          isTruncated: !isBinary && body.length > limit,
          text: isBinary ? null : body.toString('utf8', 0, Math.min(limit, body.length)),
        };
      }
      case 'tag':
        return {
          __typename: 'Tag',
          id: `TA_${Buffer.from(`${repo.id}:${oid}`).toString('base64url')}`,
          ...common,
          name: /^tag (.*)$/m.exec(body.toString())?.[1] ?? '',
          target: () => this.gitObject(repo, repo.git.object(`${oid}^{}`)),
        };
    }
  }

  commit(repo: Repository, info: CommitInfo): View {
    const person = ({ name, email }: { name: string; email: string }): View => ({ name, email, user: null });
    return {
      __typename: 'Commit',
      id: commitNodeId(repo, info.sha),
      oid: info.sha,
      abbreviatedOid: info.sha.slice(0, 7),
      message: info.message,
      messageHeadline: info.message.split('\n')[0],
      committedDate: info.committer.date,
      authoredDate: info.author.date,
      author: person(info.author),
      committer: person(info.committer),
      tree: () => this.gitObject(repo, repo.git.object(info.tree)),
      parents: (page: Page) =>
        connection(info.parents, page, (sha) => this.commit(repo, repo.git.commitInfo(sha))),
      checkSuites: (page: Page & { filterBy?: CheckFilter }) => {
        if (!this.may('checks', 'read')) throw forbidden();
        const runs = repo.checkRuns.filter(
          (run) => run.headSha === info.sha && filtered(run, page.filterBy ?? {}),
        );
        return connection([...new Set(runs.map((run) => run.suite))], page, (suite) =>
          this.checkSuite(suite),
        );
      },
      statusCheckRollup: () => this.rollup(repo, info.sha),
    };
  }

  private rollup(repo: Repository, sha: string): View | null {
    const runs = latestRuns(repo.checkRuns.filter((run) => run.headSha === sha));
    if (runs.length === 0) return null;
    const bad = ['failure', 'timed_out', 'cancelled', 'action_required', 'stale'];
    const failed = runs.some((run) => bad.includes(run.conclusion ?? ''));
    const pending = runs.some((run) => run.status !== 'completed');
    return {
      id: `SCR_${Buffer.from(`${repo.id}:${sha}`).toString('base64url')}`,
      state: failed ? 'FAILURE' : pending ? 'PENDING' : 'SUCCESS',
      contexts: (page: Page) => {
        if (!this.may('checks', 'read')) throw forbidden();
        return connection(runs, page, (run) => this.checkRun(run));
      },
    };
  }

  private checkSuite(suite: CheckSuite): View {
    const { app } = this.parts;
    const { repo } = suite;
    const state = suiteState(suite);
    return {
      __typename: 'CheckSuite',
      id: suite.nodeId,
      databaseId: databaseId(suite.id),
      status: state.status.toUpperCase(),
      conclusion: state.conclusion?.toUpperCase() ?? null,
      app: { id: 'A_double', databaseId: app.id, slug: app.slug, name: app.slug },
      commit: () => this.commit(repo, repo.git.commitInfo(suite.headSha)),
      checkRuns: (page: Page & { filterBy?: CheckFilter }) => {
        const own = repo.checkRuns.filter((run) => run.suite === suite && filtered(run, page.filterBy ?? {}));
        const runs = page.filterBy?.checkType === 'ALL' ? own : latestRuns(own);
        return connection(runs, page, (run) => this.checkRun(run));
      },
    };
  }

  protected checkRun(run: CheckRun): View {
    const { show } = this.parts;
    const { repo, suite } = run;
    return {
      __typename: 'CheckRun',
      id: run.nodeId,
      databaseId: databaseId(run.id),
      name: run.name,
      status: run.status.toUpperCase(),
      conclusion: run.conclusion?.toUpperCase() ?? null,
      externalId: run.externalId,
      ...run.output,
      detailsUrl: run.detailsUrl ?? 'https://example.com',
      url: show.web(repo, `/runs/${run.id}`),
      startedAt: run.startedAt,
      completedAt: run.completedAt,
      isRequired: ({
        pullRequestNumber,
        pullRequestId,
      }: {
        pullRequestNumber?: number;
        pullRequestId?: string;
      }) => {
        if (pullRequestNumber === undefined && pullRequestId === undefined) {
          throw githubError('UNPROCESSABLE', 'A pull request ID or pull request number is required.');
        }
        return repo.requiredChecks.some(
          ({ context, appId }) => context === run.name && (appId === null || appId === run.appId),
        );
      },
      checkSuite: () => this.checkSuite(suite),
      annotations: (page: Page) =>
        connection(run.annotations, page, (a) => ({
          path: a.path,
          message: a.message,
          title: a.title ?? null,
          annotationLevel: a.annotation_level.toUpperCase(),
          rawDetails: a.raw_details ?? null,
          location: {
            start: { line: a.start_line, column: a.start_column ?? null },
            end: { line: a.end_line, column: a.end_column ?? null },
          },
        })),
    };
  }
}

interface CheckFilter {
  appId?: number;
  checkName?: string;
  checkType?: 'ALL' | 'LATEST';
}

function filtered(run: CheckRun, { appId, checkName }: CheckFilter): boolean {
  return (appId === undefined || run.appId === appId) && (checkName === undefined || run.name === checkName);
}
