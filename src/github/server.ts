import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WEBHOOK_BYTES } from './limits.ts';

/** Probot's middleware: it answers what is posted to the webhook path and calls `next` for the rest. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly webhookPath: string;
  readonly middleware: Middleware;
  /** Throws, or gives false, while no work can be taken on. */
  readonly isReady: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Who does not finish a request in time is cut off; GitHub itself waits for ten seconds only. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const MAX_CONNECTIONS = 500;
/** Longer than the 60 s after which common load balancers give up an idle connection: whoever closes it must not be us. */
const KEEP_ALIVE_MS = 65_000;

export async function listen(
  options: ServerOptions,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    (request, response) => {
      handle(request, response, options).catch((error: unknown) => {
        options.onError(error);
        if (!response.headersSent) answer(response, 500, { error: 'internal error' });
        else response.destroy();
      });
    },
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host === '0.0.0.0' || options.host === '::' ? 'localhost' : options.host;
  return { url: `http://${host}:${port}`, server };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  if (path === '/healthz') return answer(response, 200, { status: 'ok' });
  if (path === '/readyz') return answer(response, ...(await readiness(options)));
  if (path !== options.webhookPath) return answer(response, 404, { error: 'not found' });
  if (request.method !== 'POST') return answer(response, 405, { error: 'only POST' });
  const body = await read(request);
  if (body === null) {
    // The rest of the body is not read, so the connection cannot be used again.
    response.setHeader('connection', 'close');
    return answer(response, 413, { error: `larger than ${WEBHOOK_BYTES} bytes` });
  }
  // Probot would read without a limit, before it has looked at the signature; a body that is there it takes as it is.
  Object.assign(request, { body: {}, rawBody: body });
  await options.middleware(request, response, () => answer(response, 404, { error: 'not found' }));
}

async function readiness({ isReady, onError }: ServerOptions): Promise<[number, object]> {
  try {
    return (await isReady()) ? [200, { status: 'ready' }] : [503, { status: 'closing' }];
  } catch (error) {
    onError(error);
    return [503, { status: 'not ready' }];
  }
}

/** Null when there is more than a webhook may have. */
async function read(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > WEBHOOK_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > WEBHOOK_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  response.end(JSON.stringify(body));
}
