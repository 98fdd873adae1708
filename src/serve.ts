import { createHmac, randomBytes } from 'node:crypto';
import { createNodeMiddleware, Probot } from 'probot';
import { rules } from '../rules/index.ts';
import { Analyst } from './analyst.ts';
import { reefpilot } from './app.ts';
import { rulesetDigest } from './engine/analyse.ts';
import { blobFetcher } from './git/fetch.ts';
import { type RawEnvironment, readEnvironment } from './github/environment.ts';
import { Gateway } from './github/gateway.ts';
import type { GitBlobs } from './github/git-blobs.ts';
import { createLog } from './github/log.ts';
import { appOctokit, politeFetch } from './github/octokit.ts';
import { listen } from './github/server.ts';
import { Trouble } from './github/trouble.ts';
import { describeProblem, parseConfig } from './policy/config.ts';
import { MemoryQueue } from './queue/memory.ts';
import { type Hint, isUrgent, keyOf, laneOf, mergeHints } from './reconcile/hint.ts';
import type { Ports, RepositoryConfig } from './reconcile/ports.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { decide } from './review/plan.ts';
import { VERSION } from './version.ts';

/** What a test or a demo may put in place of the real thing. */
export interface Parts {
  readonly analyse?: Ports['analyse'];
  readonly fetch?: typeof globalThis.fetch;
  /** Null: everything comes over the API. */
  readonly gitBlobs?: GitBlobs | null;
  /** Milliseconds between writes, between tries of a read, and before a job's second try. */
  readonly pace?: { readonly spacingMs: number; readonly retryBaseMs: number; readonly backoffMs: number };
  readonly log?: (line: string) => void;
  /** False leaves SIGTERM and SIGINT alone. */
  readonly signals?: boolean;
}

export interface Service {
  readonly url: string;
  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void>;
  /** Looks for pull requests without a check now. */
  sweep(): Promise<void>;
  /** Takes on nothing more, finishes what runs, lets go of everything. */
  close(): Promise<void>;
}

const DRAIN_MS = 25_000;
const ANALYSIS_MS = 10 * 60_000;

/**
 * Runs the GitHub App until it is closed or the process is told to stop.
 * @throws EnvironmentError, or what keeps the port from being opened.
 */
export async function serve(raw: RawEnvironment, parts: Parts = {}): Promise<Service> {
  const environment = readEnvironment(raw);
  const { appId, apiUrl } = environment;
  const log = createLog(environment.logLevel, parts.log);
  const probot = new Probot({
    appId,
    privateKey: environment.privateKey,
    secret: environment.webhookSecret,
    Octokit: appOctokit(parts.pace),
    request: { fetch: politeFetch(parts.fetch) },
    log,
    ...(apiUrl === null ? {} : { baseUrl: apiUrl }),
  });
  const gateway = new Gateway({
    auth: (installationId) => probot.auth(installationId),
    appId,
    log,
    ruleset: rulesetDigest({ version: VERSION }, rules),
    gitBlobs: parts.gitBlobs === undefined ? blobFetcher() : parts.gitBlobs,
    ...(parts.pace === undefined ? {} : { spacingMs: parts.pace.spacingMs }),
  });
  const queue = new MemoryQueue<Hint>({
    merge: mergeHints,
    onError: (err, { key }) => log.error({ err, key }, 'a job threw'),
    ...(parts.pace === undefined ? {} : { backoffMs: parts.pace.backoffMs }),
  });
  const enqueue = (hint: Hint) =>
    queue.enqueue({ key: keyOf(hint), lane: laneOf(hint), urgent: isUrgent(hint), payload: hint });
  const analyst = parts.analyse === undefined ? new Analyst() : null;
  let isClosing = false;
  const ports: Ports = {
    github: gateway,
    async analyse(snapshot) {
      try {
        return await (parts.analyse?.(snapshot) ?? (analyst as Analyst).analyse(snapshot));
      } catch (cause) {
        // Cut off by us: the check stays open, and the sweep at the next start takes it up.
        if (isClosing) throw new Trouble('retry', 'stopping in the middle of an analysis', { cause });
        throw cause;
      }
    },
    decide,
    readConfig,
    docsUrl: environment.docsUrl,
    seal: (text) => createHmac('sha256', environment.webhookSecret).update(text).digest('hex').slice(0, 32),
    enqueue,
    now: () => new Date(),
    correlation: () => randomBytes(6).toString('hex'),
    log,
    analysisTimeoutMs: ANALYSIS_MS,
  };
  const { webhookPath } = environment;
  const { url, server } = await listen({
    ...environment,
    middleware: await createNodeMiddleware(
      reefpilot({ appId, hint: enqueue, waits: (hint) => queue.waits(keyOf(hint)) }),
      {
        probot,
        webhooksPath: webhookPath,
      },
    ),
    isReady: async () => !isClosing && (await gateway.identity()).id === appId,
    onError: (err) => log.error({ err }, 'a request failed'),
  });
  queue.work((hint, turn) => reconcile(hint, ports, turn));
  await enqueue({ kind: 'sweep' });
  const sweeper =
    environment.sweepMs === 0
      ? null
      : setInterval(() => void enqueue({ kind: 'sweep' }), environment.sweepMs);
  log.info({ url, webhookPath }, 'listening');

  const close = async (): Promise<void> => {
    if (isClosing) return;
    isClosing = true;
    if (sweeper !== null) clearInterval(sweeper);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const drained = await queue.close(DRAIN_MS);
    if (!drained) log.warn(queue.stats(), 'stopping in the middle of work; the next start takes it up');
    await analyst?.close();
    server.closeAllConnections();
    await closed;
    log.info({}, 'stopped');
  };
  if (parts.signals !== false) stopOnSignals(close);
  return { url, close, idle: () => queue.idle(), sweep: () => enqueue({ kind: 'sweep' }) };
}

/** No configuration is an empty one; one with a mistake is reported and not followed at all. */
function readConfig(text: string | null): RepositoryConfig {
  const known = rules.map((rule) => rule.id);
  const { settings, problems } = parseConfig(text ?? '', known);
  const { suggestions, attest } = settings;
  return { settings, suggestions, attest, notices: problems.map(describeProblem) };
}

/** Probot would listen for SIGINT only, and containers are stopped by SIGTERM. A second signal does not wait. */
function stopOnSignals(close: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
