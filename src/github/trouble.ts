import { SECONDARY_WAIT_MS } from './limits.ts';

/**
 * What can go wrong with GitHub, by what to do about it.
 *
 * - `rate-limited`: leave the whole installation alone for `retryAfterMs`.
 * - `retry`: a 5xx or a broken connection. A write may have happened: look again before writing again.
 * - `moved`: the head is not the one that was analysed, or the pull request was closed. The plan is stale.
 * - `vanished`: a commit is not there any more (force push, deleted fork).
 * - `gone`: the installation, repository or pull request cannot be reached any more.
 * - `forbidden`: the app lacks a permission.
 */
export type TroubleKind = 'rate-limited' | 'retry' | 'moved' | 'vanished' | 'gone' | 'forbidden';

export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly kind: TroubleKind;
  readonly retryAfterMs: number | null;

  constructor(kind: TroubleKind, message: string, more: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** Says what an error of a GitHub call means; null when it means that this program is wrong. */
export function explain(error: unknown, now: number = Date.now()): Trouble | null {
  if (error instanceof Trouble) return error;
  if (!(error instanceof Error)) return null;
  const status = statusOf(error);
  const message = error.message;
  if (isRateLimit(error, status)) {
    return new Trouble('rate-limited', message, { cause: error, retryAfterMs: waitOf(error, now) });
  }
  // A token that cannot be had is the end of the job: uninstalled (404), suspended (403), or a wrong key (401).
  const minting = String(get(get(error, 'request'), 'url') ?? '').includes('/access_tokens');
  if (status === 401 || (minting && (status === 403 || status === 404))) {
    return new Trouble('gone', message, { cause: error });
  }
  if (status === 404 || status === 410 || status === 451 || graphqlTypes(error).includes('NOT_FOUND')) {
    return new Trouble('gone', message, { cause: error });
  }
  if (status === 403 || graphqlTypes(error).includes('FORBIDDEN')) {
    return new Trouble('forbidden', message, { cause: error });
  }
  if (status >= 500 || status === 408 || isGraphqlOverload(error)) {
    return new Trouble('retry', message, { cause: error });
  }
  return null;
}

/** HTTP status of an Octokit error, or 0. */
export function statusOf(error: unknown): number {
  const status = get(error, 'status');
  return typeof status === 'number' ? status : 0;
}

/** GraphQL answers 200 with `errors`; these are their types. */
export function graphqlTypes(error: unknown): readonly string[] {
  const errors = get(error, 'errors') ?? get(get(get(error, 'response'), 'data'), 'errors');
  if (!Array.isArray(errors)) return [];
  return errors.map((e: unknown) => String(get(e, 'type') ?? ''));
}

/** What came with the errors: GraphQL answers the parts it could. */
export function partialData(error: unknown): unknown {
  return get(error, 'data') ?? null;
}

function isRateLimit(error: Error, status: number): boolean {
  const limited = /secondary rate|rate limit exceeded|abuse detection|submitted too quickly/i;
  if (status === 429) return true;
  if (status === 403) {
    const remaining = headerOf(error, 'x-ratelimit-remaining');
    return headerOf(error, 'retry-after') !== null || remaining === '0' || limited.test(error.message);
  }
  if (status === 422) {
    // Content creation that is too fast has been answered with 422 and `code: abuse` (plugin-throttling.js#775).
    const errors = get(get(get(error, 'response'), 'data'), 'errors');
    const codes = Array.isArray(errors) ? errors.map((e: unknown) => get(e, 'code')) : [];
    return codes.includes('abuse') || limited.test(error.message);
  }
  // Over GraphQL the limit comes as 200 with an error type, or as Octokit's own error without a status.
  return status < 400 && (graphqlTypes(error).includes('RATE_LIMITED') || limited.test(error.message));
}

function waitOf(error: unknown, now: number): number {
  const retryAfter = Number(headerOf(error, 'retry-after') ?? Number.NaN);
  if (Number.isFinite(retryAfter)) return Math.max(0, retryAfter * 1000);
  const reset = Number(headerOf(error, 'x-ratelimit-reset') ?? Number.NaN);
  if (headerOf(error, 'x-ratelimit-remaining') === '0' && Number.isFinite(reset)) {
    return Math.max(0, reset * 1000 - now) + 1000;
  }
  return SECONDARY_WAIT_MS;
}

function isGraphqlOverload(error: Error): boolean {
  return /something went wrong while executing|timed ?out|resource limits for this query/i.test(
    error.message,
  );
}

function headerOf(error: unknown, name: string): string | null {
  const headers = get(get(error, 'response'), 'headers') ?? get(error, 'headers');
  const value = get(headers, name);
  return value === undefined || value === null ? null : String(value);
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
