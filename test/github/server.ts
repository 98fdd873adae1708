/** The HTTP side: one request from socket to answer, in the order GitHub checks things. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { allows, type Caller } from './auth.ts';
import type { Fault, FaultInjector } from './faults.ts';
import { answerGit, gitCall } from './git-http.ts';
import { documentProblems, type GraphqlRequest, readRequest, run } from './graphql.ts';
import { type Call, HttpError, type JsonObject, notFound, type Reply, type RequestLog } from './http.ts';
import { documentationOf, requestProblems, responseProblems } from './openapi.ts';
import { renderPage } from './page.ts';
import type { RateLimiter } from './rate.ts';
import type { Route, Router } from './router.ts';
import type { Parts } from './routes/shared.ts';

const GRAPHQL_ROUTE = 'POST /graphql';
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What the server reports to the owner of the double. */
export interface Journal {
  requests: RequestLog[];
  violations: string[];
  invalidResponses: string[];
}

export class ApiServer {
  private readonly server: Server;

  constructor(
    private readonly parts: Parts,
    private readonly router: Router,
    private readonly faults: FaultInjector,
    private readonly rate: RateLimiter,
    private readonly journal: Journal,
    private readonly validateResponses: boolean,
  ) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        this.journal.invalidResponses.push(`${request.method} ${request.url}: ${String(error)}`);
        response.destroy();
      });
    });
    // A client that was busy for some seconds must not find its connection closed just as it uses it again.
    this.server.keepAliveTimeout = 600_000;
  }

  /** @returns the port on 127.0.0.1 */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const { method = 'GET', url: target = '/', headers } = request;
    const url = new URL(target, this.parts.world.url);
    const rawBody = await readBody(request);
    const page = method === 'GET' && headers.authorization === undefined ? renderPage(this.parts, url) : null;
    if (page !== null) return sendPage(response, page);

    const git = gitCall(method, url);
    const body = git === null ? parseBody(rawBody) : {};
    const graphql = method === 'POST' && url.pathname === '/graphql' ? readRequest(body ?? {}) : null;
    const match = graphql || git ? undefined : this.router.match(method, url.pathname);
    const route = graphql
      ? GRAPHQL_ROUTE
      : (git?.route ?? match?.route.operation ?? `${method} ${url.pathname}`);
    const log: RequestLog = {
      at: this.parts.world.clock.now(),
      method,
      route,
      path: target,
      status: 0,
      ...(graphql ? { operation: graphql.name } : {}),
      isWrite: graphql
        ? graphql.operation?.operation === 'mutation'
        : git === null && method !== 'GET' && method !== 'HEAD',
      bytes: { request: rawBody.length, response: 0 },
      durationMs: 0,
      userAgent: headers['user-agent'] ?? '',
      body: body ?? {},
      faulted: false,
    };
    this.journal.requests.push(log);
    const fault = this.faults.strike(route, graphql?.name, {
      method,
      path: target,
      headers,
      body: body ?? {},
    });
    log.faulted = fault !== undefined;
    const call: Call = {
      method,
      target,
      headers,
      params: match?.params ?? {},
      query: url.searchParams,
      body: body ?? {},
      rawBody,
      caller: { kind: 'none' },
    };
    const answer = (): Promise<Reply> => {
      if (git !== null) return answerGit(this.parts, git, headers, rawBody);
      return body === null ? Promise.resolve(badJson()) : this.answer(call, match?.route, graphql);
    };

    if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault && !fault.afterEffect) await fault.effect?.();
    let reply = (fault && !fault.afterEffect ? failureOf(fault) : null) ?? (await answer());
    if (fault?.afterEffect) {
      await fault.effect?.();
      reply = failureOf(fault) ?? reply;
    }
    log.durationMs = performance.now() - started;
    if (fault?.hang) return;
    if (fault?.disconnect) {
      response.destroy();
      return;
    }
    log.status = reply.status;
    this.send(response, reply, call, log, fault);
  }

  private async answer(call: Call, route: Route | undefined, graphql: GraphqlRequest | null): Promise<Reply> {
    try {
      if (!call.headers['user-agent']) {
        throw new HttpError(
          403,
          'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
        );
      }
      call.caller = this.parts.auth.identify(call.headers.authorization);
      if (graphql) return await this.answerGraphql(call, graphql);
      if (!route) {
        this.journal.violations.push(`${call.method} ${call.target}: the double has no such operation`);
        throw notFound();
      }
      this.authenticate(call, route);
      if (call.caller.kind === 'installation' && route.operation !== 'GET /rate_limit')
        this.rate.spend('core', 1, call.method !== 'GET');
      this.checkAgainstDescription(call, route);
      this.authorize(call, route);
      const reply = await route.handle(call);
      if (this.validateResponses && !Buffer.isBuffer(reply.body)) {
        const shown: unknown = reply.body === undefined ? undefined : JSON.parse(JSON.stringify(reply.body));
        this.journal.invalidResponses.push(...responseProblems(route.operation, reply.status, shown));
      }
      return reply;
    } catch (error) {
      if (error instanceof HttpError) return errorReply(error, route);
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.journal.invalidResponses.push(`${call.method} ${call.target}: ${text}`);
      return { status: 500, body: { message: 'Server Error' } };
    }
  }

  private async answerGraphql(call: Call, request: GraphqlRequest): Promise<Reply> {
    if (call.caller.kind === 'none') {
      throw new HttpError(401, 'This endpoint requires you to be authenticated.');
    }
    if (call.caller.kind === 'app') throw new HttpError(403, 'Resource not accessible by integration');
    const problems = documentProblems(request).map(
      (problem) => `${GRAPHQL_ROUTE} ${request.name}: ${problem}`,
    );
    this.journal.violations.push(...problems);
    if (this.rate.state('graphql').remaining === 0) {
      return { status: 200, body: { errors: [{ type: 'RATE_LIMITED', message: this.rate.exceeded() }] } };
    }
    const isWrite = request.operation?.operation === 'mutation';
    const body = await run(this.parts, call.caller.token, request, {
      spend: (points) => this.rate.spend('graphql', points, isWrite),
      state: () => this.rate.state('graphql'),
    });
    return { status: 200, body };
  }

  private authenticate({ caller }: Call, { auth }: Route): void {
    if (auth === 'any' || caller.kind === auth) return;
    if (caller.kind === 'none') {
      throw auth === 'app' ? new HttpError(401, 'A JSON web token could not be decoded') : notFound();
    }
    if (auth === 'app') throw new HttpError(401, 'A JSON web token could not be decoded');
    throw new HttpError(403, 'Resource not accessible by integration');
  }

  /** Malformed requests never reach a handler; every one is a mistake of the client. */
  private checkAgainstDescription(call: Call, { operation }: Route): void {
    const body = call.rawBody.length === 0 ? undefined : call.body;
    const problems = requestProblems(operation, { params: call.params, query: call.query, body });
    if (problems.length === 0) return;
    this.journal.violations.push(...problems.map((problem) => `${operation}: ${problem}`));
    throw new HttpError(422, `Invalid request.\n\n${problems.join('\n')}`);
  }

  private authorize(call: Call, { needs }: Route): void {
    const { params, caller } = call;
    if (caller.kind !== 'installation') return;
    const { permissions, repositoryIds } = caller.token;
    if (params.owner !== undefined && params.repo !== undefined) {
      const repo = this.parts.world.repository(params.owner, params.repo);
      const covered = repo?.installed && (repositoryIds === null || repositoryIds.includes(repo.id));
      // Anybody may read a public repository; a private one the token does not cover does not exist.
      if (!repo || (!covered && repo.private)) throw notFound();
      if (!covered && call.method === 'GET') return;
      if (!covered) throw new HttpError(403, 'Resource not accessible by integration');
    }
    if (needs.length > 0 && !needs.some(([name, access]) => allows(permissions, name, access))) {
      const accepted = needs.map(([name, access]) => `${name}=${access}`).join('; ');
      throw new HttpError(403, 'Resource not accessible by integration', undefined, {
        'x-accepted-github-permissions': accepted,
      });
    }
  }

  private send(
    response: ServerResponse,
    reply: Reply,
    call: Call,
    log: RequestLog,
    fault: Fault | undefined,
  ): void {
    const payload = encode(reply.body);
    const bucket = log.route === GRAPHQL_ROUTE ? 'graphql' : 'core';
    const headers: Record<string, string> = {
      date: new Date(this.parts.world.clock.now()).toUTCString(),
      'content-type': 'application/json; charset=utf-8',
      'x-github-request-id': randomBytes(8).toString('hex').toUpperCase(),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': '2022-11-28',
      ...(isAuthenticated(call.caller) ? this.rate.headers(bucket) : {}),
      ...reply.headers,
      ...(payload === null ? {} : { 'content-length': String(payload.length) }),
    };
    log.bytes.response = payload?.length ?? 0;
    response.writeHead(reply.status, headers);
    if (fault?.truncateBody && payload) {
      response.write(payload.subarray(0, Math.ceil(payload.length / 2)), () => response.destroy());
    } else response.end(payload ?? undefined);
  }
}

function isAuthenticated(caller: Caller): boolean {
  return caller.kind === 'installation';
}

/** A fault's own answer, or null when it only delays or cuts the real one. */
function failureOf(fault: Fault): Reply | null {
  if (fault.hang || fault.disconnect) return { status: 0 };
  if (fault.status === undefined && fault.body === undefined)
    return fault.afterEffect ? { status: 502, body: { message: 'Server Error' } } : null;
  const status = fault.status ?? 200;
  const body = fault.body ?? {
    message: status >= 500 ? 'Server Error' : 'Injected fault',
    status: String(status),
  };
  return {
    status,
    body: typeof body === 'string' ? Buffer.from(body) : body,
    ...(fault.headers ? { headers: fault.headers } : {}),
  };
}

function errorReply(error: HttpError, route: Route | undefined): Reply {
  const documentation = route ? documentationOf(route.operation) : 'https://docs.github.com/rest';
  return {
    status: error.status,
    headers: { ...error.headers },
    body: {
      message: error.message,
      ...(error.errors ? { errors: error.errors } : {}),
      documentation_url: documentation,
      status: String(error.status),
    },
  };
}

function badJson(): Reply {
  return {
    status: 400,
    body: {
      message: 'Problems parsing JSON',
      documentation_url: 'https://docs.github.com/rest',
      status: '400',
    },
  };
}

function encode(body: unknown): Buffer | null {
  if (body === undefined) return null;
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** Null when the body is not a JSON object. */
function parseBody(raw: Buffer): JsonObject | null {
  if (raw.length === 0) return {};
  try {
    const value: unknown = JSON.parse(raw.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Error('request body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(html);
}
