import type { Octokit } from '@octokit/rest';
import Bottleneck from 'bottleneck';
import { ProbotOctokit } from 'probot';
import { API_VERSION, REQUEST_TIMEOUT_MS } from './limits.ts';
import { Trouble } from './trouble.ts';

/** What `await probot.auth(installationId)` gives. */
export type Client = InstanceType<typeof ProbotOctokit>;

/** For every call that creates something: plugin-retry would send a POST again after a 502 that had its effect. */
export const ONCE = { retries: 0 } as const;

export interface OctokitTuning {
  /** Unit of the pauses between retries of reads; tests make it small. */
  readonly retryBaseMs?: number;
  /** Least time between two requests that may write, per installation. */
  readonly spacingMs?: number;
}

/**
 * Octokit with the defaults that have been measured to be wrong for a worker set right:
 * - 429 is not retried (plugin-retry tries again every second, whatever `retry-after` says);
 * - a rate limit is never waited out inside a request (that can be an hour): it goes to the queue, which pauses the lane;
 * - the write group is ours, because the stock one sends every GraphQL query of a process at one per second.
 *
 * Use it through `probot.auth(installationId)` only: `context.octokit` puts all installations into one throttle group.
 */
export function appOctokit(tuning: OctokitTuning = {}): typeof ProbotOctokit {
  const spacing = tuning.spacingMs ?? 250;
  const write = new Bottleneck.Group({ id: 'reefpilot-write', maxConcurrent: 1, minTime: spacing });
  const notifications = new Bottleneck.Group({
    id: 'reefpilot-notify',
    maxConcurrent: 1,
    minTime: 4 * spacing,
  });
  return ProbotOctokit.plugin(wholeAnswers).defaults((given: Record<string, unknown>) => ({
    ...given,
    ...sameHost(given),
    retry: {
      ...section(given, 'retry'),
      doNotRetry: [400, 401, 403, 404, 409, 410, 413, 422, 429, 451],
      retryAfterBaseValue: tuning.retryBaseMs ?? 1000,
    },
    throttle: {
      ...section(given, 'throttle'),
      onRateLimit: () => false,
      onSecondaryRateLimit: () => false,
      write,
      notifications,
    },
  })) as typeof ProbotOctokit;
}

/** Octokit takes a body that was cut off for an empty one, and says nothing. */
function wholeAnswers(octokit: Pick<Octokit, 'hook'>): object {
  octokit.hook.wrap('request', async (request, options) => {
    const response = await request(options);
    const isCut = response.data === '' && response.status !== 204 && options.method !== 'HEAD';
    if (isCut) throw new Trouble('retry', `${options.method} ${options.url}: the answer was cut off`);
    return response;
  });
  return {};
}

/** Left alone, `octokit.auth()` mints its token at api.github.com, also for an Octokit that talks to another host. */
function sameHost(given: Record<string, unknown>): object {
  const auth = section(given, 'auth');
  if (typeof given.baseUrl !== 'string' || !('request' in auth) || typeof auth.request !== 'function')
    return {};
  const request = auth.request as unknown as { defaults(to: object): unknown };
  return { auth: { ...auth, request: request.defaults({ baseUrl: given.baseUrl }) } };
}

function section(given: Record<string, unknown>, name: string): object {
  const value = given[name];
  return typeof value === 'object' && value !== null ? value : {};
}

/** `fetch` that gives up, and that pins the version of the API; also used for minting tokens. */
export function politeFetch(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  timeoutMs: number = REQUEST_TIMEOUT_MS,
): typeof globalThis.fetch {
  return (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('x-github-api-version', API_VERSION);
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    return fetch(input, { ...init, headers, signal });
  };
}
