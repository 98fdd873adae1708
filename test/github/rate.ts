/** GitHub's hourly limits and, when asked for, its limit on content created within a minute. */
import type { Clock } from './clock.ts';
import { HttpError } from './http.ts';
import type { RateState } from './routes/shared.ts';
import type { Limits } from './state.ts';

type Bucket = 'core' | 'graphql';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export class RateLimiter {
  private readonly used: Record<Bucket, number> = { core: 0, graphql: 0 };
  private resetAt = 0;
  private writes: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly installationId: number,
  ) {}

  state(bucket: Bucket): RateState {
    const now = this.clock.now();
    if (now >= this.resetAt) {
      this.resetAt = now + HOUR_MS;
      this.used.core = 0;
      this.used.graphql = 0;
    }
    const limit = this.limits.ratePerHour;
    const used = Math.min(limit, this.used[bucket]);
    return { limit, used, remaining: limit - used, reset: Math.ceil(this.resetAt / 1000) };
  }

  exceeded(): string {
    return `API rate limit exceeded for installation ID ${this.installationId}.`;
  }

  /** @throws HttpError 403 when the hour's or the minute's limit is used up */
  spend(bucket: Bucket, points: number, isWrite: boolean): void {
    if (this.state(bucket).remaining === 0) throw new HttpError(403, this.exceeded());
    this.used[bucket] += points;
    if (!isWrite) return;
    const now = this.clock.now();
    this.writes = this.writes.filter((at) => at > now - MINUTE_MS);
    if (this.writes.length >= this.limits.contentPerMinute) {
      throw new HttpError(
        403,
        'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
        undefined,
        { 'retry-after': '60' },
      );
    }
    this.writes.push(now);
  }

  headers(bucket: Bucket): Record<string, string> {
    const { limit, remaining, reset, used } = this.state(bucket);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-used': String(used),
      'x-ratelimit-resource': bucket,
    };
  }
}
