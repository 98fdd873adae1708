/** The shapes requests and answers have inside the double. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './auth.ts';

export type JsonObject = Record<string, unknown>;

/** An error GitHub would answer with; `errors` as in its body. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly unknown[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** GitHub's 422 for one bad field. */
export function invalidField(resource: string, field: string, message: string, code = 'custom'): HttpError {
  return new HttpError(422, 'Validation Failed', [{ resource, code, field, message }]);
}

export function notFound(): HttpError {
  return new HttpError(404, 'Not Found');
}

/** A request after routing. */
export interface Call {
  method: string;
  /** Path with query, as sent. */
  target: string;
  headers: IncomingHttpHeaders;
  /** Path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: JsonObject;
  rawBody: Buffer;
  caller: Caller;
}

export interface Reply {
  status: number;
  /** JSON unless a Buffer or undefined (no content). */
  body?: unknown;
  headers?: Record<string, string>;
}

/** One request the double answered: of the API, or of git. */
export interface RequestLog {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  /** `METHOD /path/{template}`, or `METHOD /the/path` when no such operation is known. */
  route: string;
  path: string;
  /** What was answered; 0 when the connection was cut. */
  status: number;
  /** GraphQL operation name, or its kind when it has none. */
  operation?: string;
  /** Changes state: a REST method other than GET, or a GraphQL mutation. */
  isWrite: boolean;
  /** Bytes of the request's and the answer's body. */
  bytes: { request: number; response: number };
  durationMs: number;
  userAgent: string;
  body: JsonObject;
  /** Answered by an injected fault. */
  faulted: boolean;
}

/** A path parameter that the route guarantees. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** A numeric path parameter; not a number is not found, as with GitHub. */
export function numberParam(call: Call, name: string): number {
  const value = Number(call.params[name]);
  if (!Number.isSafeInteger(value)) throw notFound();
  return value;
}

/** The validated body as the handler's input type. */
export function input<T>(call: Call): T {
  return call.body as T;
}

/** A route's handler result, `200` with a JSON body. */
export function ok(body: unknown, headers?: Record<string, string>): Reply {
  return headers ? { status: 200, body, headers } : { status: 200, body };
}

/** One page of a list with GitHub's `Link` header. */
export function paginate<T, R = T>(
  call: Call,
  base: string,
  items: readonly T[],
  show: (item: T) => R,
): Reply {
  const { page, perPage } = pageOf(call);
  const start = (page - 1) * perPage;
  return ok(items.slice(start, start + perPage).map(show), linkHeader(call, base, items.length));
}

export function pageOf(call: Call): { page: number; perPage: number } {
  const perPage = Math.min(100, Math.max(1, Number(call.query.get('per_page')) || 30));
  return { page: Math.max(1, Number(call.query.get('page')) || 1), perPage };
}

export function linkHeader(call: Call, base: string, total: number): Record<string, string> {
  const { page, perPage } = pageOf(call);
  const last = Math.max(1, Math.ceil(total / perPage));
  const links: string[] = [];
  const add = (rel: string, number: number): void => {
    const url = new URL(call.target, base);
    url.searchParams.set('page', String(number));
    links.push(`<${url}>; rel="${rel}"`);
  };
  if (page > 1) add('prev', page - 1);
  if (page < last) {
    add('next', page + 1);
    add('last', last);
  }
  if (page > 1) add('first', 1);
  return links.length > 0 ? { link: links.join(', ') } : {};
}
