/** Failures on demand: what a network or a bad day at GitHub does to one request or to all. */
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from './http.ts';

/** What happens to a matching request. Without `status`, `body` or `hang` it is answered normally. */
export interface Fault {
  /** Only the n-th match from now on, from 1; default: every match. */
  nth?: number;
  /** At most so many matches. */
  times?: number;
  /** Only this GraphQL operation, by name. */
  operation?: string;
  /** Only requests for which this holds. */
  when?: (request: {
    method: string;
    path: string;
    headers: IncomingHttpHeaders;
    body: JsonObject;
  }) => boolean;
  status?: number;
  headers?: Record<string, string>;
  /** JSON unless a string. */
  body?: unknown;
  /** The request takes effect first, then fails: what a lost answer looks like from outside. */
  afterEffect?: boolean;
  /** Milliseconds before anything happens. */
  delayMs?: number;
  /** Never answer; the connection stays open until the client or `close()` ends it. */
  hang?: boolean;
  /** Cut the connection in the middle of the answer's body. */
  truncateBody?: boolean;
  /** Cut the connection before any answer. */
  disconnect?: boolean;
  /** Runs before the request takes effect (with `afterEffect`: after it), to push or stop something just then. */
  effect?: () => void | Promise<void>;
}

interface Armed {
  route: string;
  fault: Fault;
  seen: number;
  struck: number;
}

/** A registered fault; `hits` counts how often it struck. */
export interface FaultHandle {
  readonly hits: number;
  remove(): void;
}

export class FaultInjector {
  private armed: Armed[] = [];

  /** @param route `METHOD /path/{template}` as in the request log, `POST /graphql`, or `*` for all */
  on(route: string, fault: Fault): FaultHandle {
    const entry: Armed = { route, fault, seen: 0, struck: 0 };
    this.armed.push(entry);
    return {
      get hits() {
        return entry.struck;
      },
      remove: () => {
        this.armed = this.armed.filter((other) => other !== entry);
      },
    };
  }

  /** GitHub's answer to too many writes at once. */
  secondaryLimit(route: string, retryAfterSeconds: number, fault: Fault = {}): FaultHandle {
    return this.on(route, {
      status: 403,
      headers: { 'retry-after': String(retryAfterSeconds) },
      body: {
        message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        documentation_url:
          'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
      },
      ...fault,
    });
  }

  clear(): void {
    this.armed = [];
  }

  /** The first fault that strikes this request. Every matching one counts it as seen. */
  strike(
    route: string,
    operation: string | undefined,
    request: Parameters<NonNullable<Fault['when']>>[0],
  ): Fault | undefined {
    let struck: Fault | undefined;
    for (const entry of this.armed) {
      const { fault } = entry;
      if (entry.route !== '*' && entry.route !== route) continue;
      if (fault.operation !== undefined && fault.operation !== operation) continue;
      if (fault.when && !fault.when(request)) continue;
      entry.seen++;
      const due = fault.nth === undefined || entry.seen === fault.nth;
      if (!due || entry.struck >= (fault.times ?? Number.POSITIVE_INFINITY) || struck) continue;
      entry.struck++;
      struck = fault;
    }
    return struck;
  }
}
