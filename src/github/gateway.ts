import { Lru } from './cache.ts';
import { CHECK_NAME, listRuns, pullSubject, queueRun } from './checks.ts';
import { externalId } from './external-id.ts';
import type { GitBlobs } from './git-blobs.ts';
import { Group, type GroupEvent } from './group.ts';
import { PER_PAGE } from './limits.ts';
import type { Client } from './octokit.ts';
import { Pacer } from './pacer.ts';
import { guard, Pull } from './pull.ts';
import { type AppIdentity, at, type Caches, type Log, type Repo } from './repo.ts';
import { statusOf, Trouble } from './trouble.ts';

/** Where something is: names, since every call needs them, and through whom it is reached. */
export interface Where {
  readonly installationId: number;
  readonly owner: string;
  readonly name: string;
}

export interface OpenPull extends Where {
  readonly repositoryId: number;
  readonly number: number;
  readonly headSha: string;
}

export interface GatewayOptions {
  /** `probot.auth`: without an installation it gives the app's own client. */
  readonly auth: (installationId?: number) => Promise<Client>;
  readonly appId: number;
  readonly log: Log;
  /** Digest of the rules that judge here. */
  readonly ruleset: string;
  /** For what is too much for the API; without it everything comes over that. */
  readonly gitBlobs?: GitBlobs | null;
  /** Least time between two writes of an installation. */
  readonly spacingMs?: number;
  /** Most text kept in memory. */
  readonly cacheBytes?: number;
}

/** Pages of a sweep for each listing: 10 × 100 repositories, and as many pull requests in each. */
const SWEEP_PAGES = 10;
/** Tree listings kept, by number of files. */
const CACHED_TREE_ENTRIES = 300_000;
const CACHED_FACTS = 100_000;
const CACHED_RUNS = 1000;

/** The door to GitHub. Everything it hands out throws Trouble, or errors that are bugs. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #pacers = new Map<number, Pacer>();
  readonly #caches: Caches;
  #identity: AppIdentity | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#caches = {
      blobs: new Lru(options.cacheBytes ?? 64 * 1024 * 1024),
      trees: new Lru(CACHED_TREE_ENTRIES),
      runs: new Lru(CACHED_RUNS),
      facts: new Lru(CACHED_FACTS),
    };
  }

  pull(where: Where, number: number): Promise<Pull> {
    return this.#withToken(where, (repo) => Pull.open(repo, number));
  }

  group(where: Where, event: GroupEvent): Promise<Group> {
    return this.#withToken(where, (repo) => Group.open(repo, event));
  }

  /** Shows a queued check on the head of a pull request, unless it has one or is at another commit by now. */
  announce(where: Where, number: number, sha: string): Promise<void> {
    return this.#withToken(where, (repo) =>
      guard(async () => {
        const { data } = await repo.client.rest.pulls.get({ ...at(repo), pull_number: number });
        if (data.state !== 'open' || data.head.sha !== sha) return;
        await queueRun(repo, pullSubject(repo, number, sha), await listRuns(repo, sha));
      }),
    );
  }

  /** Open pull requests whose head is this commit. Events about checks of forks do not say. */
  pullsOf(where: Where, sha: string): Promise<readonly number[]> {
    return guard(async () => {
      const repo = await this.#repo(where);
      const { data } = await repo.client.rest.repos.listPullRequestsAssociatedWithCommit({
        ...at(repo),
        commit_sha: sha,
        per_page: PER_PAGE,
      });
      return data.filter((p) => p.state === 'open' && p.head.sha === sha).map((p) => p.number);
    });
  }

  /** Whether the head of a pull request shows a finished check of ours for it. */
  isConcluded(pull: OpenPull): Promise<boolean> {
    return guard(async () => {
      const repo = await this.#repo(pull);
      const { owner, name, number, headSha: sha } = pull;
      const id = externalId({ kind: 'pull', owner, name, number, sha });
      if (this.#caches.facts.get(id)) return true;
      const newest = (await listRuns(repo, sha)).find((run) => run.externalId === id);
      // One that was cancelled because the head moved on says nothing should the head have come back.
      const isConcluded = newest?.status === 'completed' && newest.conclusion !== 'cancelled';
      if (isConcluded) this.#caches.facts.set(id, true);
      return isConcluded;
    });
  }

  /** Installations that are not suspended. */
  installations(): Promise<readonly number[]> {
    return guard(async () => {
      const app = await this.#options.auth();
      const all = await app.paginate(app.rest.apps.listInstallations, { per_page: PER_PAGE });
      return all.filter((i) => i.suspended_at === null).map((i) => i.id);
    });
  }

  /** Every open pull request of an installation, the most recently touched first in each repository. */
  async *openPulls(installationId: number): AsyncGenerator<OpenPull> {
    const client = await guard(() => this.#options.auth(installationId));
    for (let page = 1; page <= SWEEP_PAGES; page++) {
      const { data } = await guard(() =>
        client.rest.apps.listReposAccessibleToInstallation({ per_page: PER_PAGE, page }),
      );
      for (const { id, name, owner, archived } of data.repositories) {
        if (archived) continue;
        const where = { installationId, owner: owner.login, name };
        for await (const { number, head } of this.#openPullsOf(client, where)) {
          yield { ...where, repositoryId: id, number, headSha: head.sha };
        }
      }
      if (data.repositories.length < PER_PAGE) return;
    }
    this.#options.log.warn({ installationId }, 'the sweep did not reach every repository');
  }

  async *#openPullsOf(client: Client, { owner, name: repo }: Where) {
    for (let page = 1; page <= SWEEP_PAGES; page++) {
      const { data } = await guard(() =>
        client.rest.pulls.list({
          owner,
          repo,
          state: 'open',
          sort: 'updated',
          direction: 'desc',
          per_page: PER_PAGE,
          page,
        }),
      );
      yield* data;
      if (data.length < PER_PAGE) return;
    }
  }

  /** Who the app is; one call in the life of a process. Fails where the app id or the key is wrong. */
  identity(): Promise<AppIdentity> {
    return guard(async () => {
      if (this.#identity === null) {
        const app = await this.#options.auth();
        const { data } = await app.rest.apps.getAuthenticated();
        this.#identity = { id: this.#options.appId, login: `${data?.slug ?? CHECK_NAME}[bot]` };
      }
      return this.#identity;
    });
  }

  /** A token may be revoked long before the cache forgets it (suspension, rotation): one 401 asks for another. */
  async #withToken<T>(where: Where, call: (repo: Repo) => Promise<T>): Promise<T> {
    const repo = await this.#repo(where);
    try {
      return await call(repo);
    } catch (error) {
      if (!(error instanceof Trouble) || statusOf(error.cause) !== 401) throw error;
      return guard(async () => {
        await repo.client.auth({ type: 'installation', refresh: true });
        return call(repo);
      });
    }
  }

  #repo(where: Where): Promise<Repo> {
    const { installationId, owner, name } = where;
    return guard(async () => {
      const client = await this.#options.auth(installationId);
      // The token is cached by Octokit; what comes with it says what the installation has granted.
      const token = (await client.auth({ type: 'installation' })) as {
        readonly permissions?: Readonly<Record<string, string>>;
      };
      return {
        client,
        owner,
        name,
        app: await this.identity(),
        pacer: this.#pacer(installationId),
        caches: this.#caches,
        log: this.#options.log,
        gitBlobs: this.#options.gitBlobs ?? null,
        ruleset: this.#options.ruleset,
        mayResolve: token.permissions?.contents === 'write',
      };
    });
  }

  #pacer(installationId: number): Pacer {
    const known = this.#pacers.get(installationId);
    if (known !== undefined) return known;
    const pacer = new Pacer(this.#options.spacingMs);
    this.#pacers.set(installationId, pacer);
    return pacer;
  }
}
