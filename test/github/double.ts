/**
 * A GitHub that runs on this machine: a real HTTP server over real git repositories that enforces what
 * GitHub enforces, for tests, for the demo and for replays.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actions } from './actions.ts';
import { Authenticator, appPrivateKey, DEFAULT_PERMISSIONS, type Permissions } from './auth.ts';
import type { Clock } from './clock.ts';
import { DEFAULT_EVENTS, Events } from './events.ts';
import { FaultInjector } from './faults.ts';
import type { RequestLog } from './http.ts';
import { webhookProblems } from './openapi.ts';
import { type AppProfile, clientId, Present } from './present.ts';
import { RateLimiter } from './rate.ts';
import { RepoHandle } from './repo-handle.ts';
import { Router } from './router.ts';
import { appRoutes } from './routes/app.ts';
import { checkRoutes } from './routes/checks.ts';
import { codeRoutes } from './routes/code.ts';
import { reviewRoutes } from './routes/reviews.ts';
import type { Parts } from './routes/shared.ts';
import { ApiServer, type Journal } from './server.ts';
import { GITHUB_LIMITS, type Limits } from './state.ts';
import { Webhooks } from './webhooks.ts';
import { World } from './world.ts';

/** A running double. */
export interface GitHubDouble {
  /** REST base such as `http://127.0.0.1:40123`; GraphQL is at `${url}/graphql`, pages at `/owner/repo/pull/1`, git at `/owner/repo.git`. */
  readonly url: string;
  readonly app: {
    id: number;
    slug: string;
    /** PEM, PKCS#1. */
    privateKey: string;
    webhookSecret: string;
    installationId: number;
    clientId: string;
  };
  readonly clock: Clock;
  readonly webhooks: Webhooks;
  readonly faults: FaultInjector;
  /** Every API call and every request of git, oldest first. */
  readonly requests: RequestLog[];
  /** Requests that GitHub's descriptions forbid: mistakes of the client. */
  readonly violations: string[];
  /** Answers and webhooks of the double that GitHub's descriptions forbid: mistakes of the double. */
  readonly invalidResponses: string[];
  /** May be changed at any time. */
  readonly limits: Limits;

  /** `ownerType` counts when the owner is mentioned first here; `installed: false` leaves it out of the app's reach. */
  createRepository(o: {
    owner: string;
    name: string;
    private?: boolean;
    defaultBranch?: string;
    ownerType?: 'User' | 'Organization';
    installed?: boolean;
  }): RepoHandle;
  deliverWebhooksTo(url: string | null): void;
  /** Resolves once no webhook is on its way. */
  idle(): Promise<void>;
  /** All tokens given out so far stop working; returns how many. */
  expireTokens(): number;
  /** Changes what the installation may do, for tokens minted from now on. */
  setPermissions(permissions: Permissions): void;
  suspend(suspended?: boolean): void;
  uninstall(): void;
  close(): Promise<void>;
}

export interface DoubleOptions {
  /** Default: a temporary directory, removed by `close()`. */
  dir?: string;
  /** Default: any free port. */
  port?: number;
  slug?: string;
  webhookSecret?: string;
  permissions?: Permissions;
  /** Events the app subscribes to. */
  events?: readonly string[];
  limits?: Partial<Limits>;
  /** Check answers and webhooks against GitHub's descriptions; default true, off for speed. */
  validateResponses?: boolean;
}

const APP_ID = 424_242;
const INSTALLATION_ID = 51_000_001;
const HOOK_ID = 900_001;

/** Starts a double on 127.0.0.1. The installation belongs to the owner of the first repository. */
export async function createGitHubDouble(o: DoubleOptions = {}): Promise<GitHubDouble> {
  const dir = o.dir ?? mkdtempSync(join(tmpdir(), 'github-double-'));
  const limits: Limits = { ...GITHUB_LIMITS, ...o.limits };
  const validateResponses = o.validateResponses ?? true;
  const slug = o.slug ?? 'reefpilot';
  const webhookSecret = o.webhookSecret ?? 'a-webhook-secret-of-the-double-only';
  const privateKey = appPrivateKey();
  const world = new World(dir, 'http://127.0.0.1', limits);
  const app: AppProfile = {
    id: APP_ID,
    slug,
    installationId: INSTALLATION_ID,
    owner: world.account('app-owner'),
    bot: world.account(`${slug}[bot]`),
    permissions: o.permissions ?? DEFAULT_PERMISSIONS,
    events: o.events ?? DEFAULT_EVENTS,
    suspended: false,
    uninstalled: false,
  };
  const journal: Journal = { requests: [], violations: [], invalidResponses: [] };
  const show = new Present(world, app);
  const webhooks = new Webhooks(webhookSecret, world.clock, HOOK_ID);
  const events = new Events(show, webhooks, (name, payload) => {
    if (validateResponses) journal.invalidResponses.push(...webhookProblems(name, payload));
  });
  const auth = new Authenticator({ id: APP_ID, privateKey, clientId: clientId(APP_ID) }, world.clock);
  const rate = new RateLimiter(world.clock, limits, INSTALLATION_ID);
  const actions = new Actions(world, events);
  const parts: Parts = {
    world,
    app,
    auth,
    show,
    events,
    actions,
    webhooks,
    rate: (bucket) => rate.state(bucket),
  };
  const routes = [appRoutes, codeRoutes, reviewRoutes, checkRoutes].flatMap((make) => make(parts));
  const faults = new FaultInjector();
  const server = new ApiServer(parts, new Router(routes), faults, rate, journal, validateResponses);
  const port = await server.listen(o.port ?? 0);
  world.url = `http://127.0.0.1:${port}`;

  return {
    url: world.url,
    app: {
      id: APP_ID,
      slug,
      privateKey,
      webhookSecret,
      installationId: INSTALLATION_ID,
      clientId: clientId(APP_ID),
    },
    clock: world.clock,
    webhooks,
    faults,
    limits,
    ...journal,
    createRepository(repository) {
      const owner = world.account(repository.owner, repository.ownerType ?? 'Organization');
      if (world.repositories.length === 0) app.owner = owner;
      const state = world.createRepository({
        owner,
        name: repository.name,
        private: repository.private ?? true,
        defaultBranch: repository.defaultBranch ?? 'main',
        parent: null,
        installed: repository.installed ?? true,
      });
      return new RepoHandle(parts, state);
    },
    deliverWebhooksTo: (url) => webhooks.deliverTo(url),
    idle: () => webhooks.idle(),
    expireTokens: () => auth.revokeAll(),
    setPermissions(permissions) {
      app.permissions = permissions;
    },
    suspend(suspended = true) {
      app.suspended = suspended;
      events.installation(suspended ? 'suspend' : 'unsuspend', app.owner);
    },
    uninstall() {
      events.installation('deleted', app.owner);
      app.uninstalled = true;
      auth.revokeAll();
    },
    async close() {
      await server.close();
      if (o.dir === undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
