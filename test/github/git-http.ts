/**
 * The git side of GitHub: smart HTTP at `/<owner>/<name>.git`, for reading. What it sends is `git upload-pack`'s own,
 * from the repository that the API answers from.
 */
import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { allows } from './auth.ts';
import { HttpError, type Reply } from './http.ts';
import type { Parts } from './routes/shared.ts';
import type { Repository } from './state.ts';

/** One request of git, as routes and faults name it. */
export interface GitCall {
  readonly route:
    | 'GET /{owner}/{repo}.git/info/refs'
    | 'POST /{owner}/{repo}.git/git-upload-pack'
    | 'POST /{owner}/{repo}.git/git-receive-pack';
  readonly owner: string;
  readonly name: string;
  readonly service: string | null;
}

const GIT_PATH = /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const UPLOAD_PACK = 'git-upload-pack';

/** Null for requests that are not git's. */
export function gitCall(method: string, url: URL): GitCall | null {
  const [, owner = '', name = '', what = ''] = GIT_PATH.exec(url.pathname) ?? [];
  if (what === 'info/refs' && method === 'GET') {
    const service = url.searchParams.get('service');
    return { route: 'GET /{owner}/{repo}.git/info/refs', owner, name, service };
  }
  if (method !== 'POST' || (what !== UPLOAD_PACK && what !== 'git-receive-pack')) return null;
  return { route: `POST /{owner}/{repo}.git/${what}`, owner, name, service: what };
}

export async function answerGit(
  parts: Parts,
  call: GitCall,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Reply> {
  try {
    const repo = readable(parts, call, headers.authorization);
    // The dumb protocol, which names no service, has not been served for years.
    if (call.service !== UPLOAD_PACK) throw new HttpError(403, 'Please upgrade your git client.');
    const isAdvertisement = call.route.endsWith('info/refs');
    const input = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const output = await uploadPack(repo, isAdvertisement, input, headers['git-protocol']);
    // What precedes the advertisement says which service it is of; upload-pack itself does not.
    const preamble = isAdvertisement ? '001e# service=git-upload-pack\n0000' : '';
    const kind = isAdvertisement ? 'advertisement' : 'result';
    return {
      status: 200,
      headers: { 'content-type': `application/x-${UPLOAD_PACK}-${kind}`, 'cache-control': 'no-cache' },
      body: Buffer.concat([Buffer.from(preamble), output]),
    };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const headersToo = { 'content-type': 'text/plain', ...error.headers };
    return { status: error.status, headers: headersToo, body: Buffer.from(`${error.message}\n`) };
  }
}

/** @throws HttpError as GitHub refuses: what may not be seen does not exist, and git asks for a password first. */
function readable(parts: Parts, { owner, name }: GitCall, authorization: string | undefined): Repository {
  const repo = parts.world.repository(owner, name);
  if (authorization === undefined) {
    if (repo && !repo.private) return repo;
    throw new HttpError(401, 'Repository not found.', undefined, {
      'www-authenticate': 'Basic realm="GitHub"',
    });
  }
  const { permissions, repositoryIds } = tokenOf(parts, authorization);
  const { suspended, uninstalled } = parts.app;
  const isCovered = repo?.installed && (repositoryIds === null || repositoryIds.includes(repo.id));
  if (!repo || suspended || uninstalled || (!isCovered && repo.private))
    throw new HttpError(404, 'Repository not found.');
  if (!allows(permissions, 'contents', 'read')) throw new HttpError(403, 'Write access not granted.');
  return repo;
}

/** Git logs in with a user name and a password; for an installation they are `x-access-token` and its token. */
function tokenOf({ auth }: Parts, authorization: string) {
  const [, encoded] = /^basic ([\w+/]+=*)$/i.exec(authorization) ?? [];
  const [user, password] =
    /^([^:]*):(.*)$/.exec(Buffer.from(encoded ?? '', 'base64').toString())?.slice(1) ?? [];
  try {
    const caller = user === 'x-access-token' ? auth.identify(`token ${password}`) : null;
    if (caller?.kind === 'installation') return caller.token;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
  throw new HttpError(
    401,
    'Invalid username or token. Password authentication is not supported.',
    undefined,
    {
      'www-authenticate': 'Basic realm="GitHub"',
    },
  );
}

function uploadPack(
  repo: Repository,
  isAdvertisement: boolean,
  input: Buffer,
  protocol: string | string[] | undefined,
): Promise<Buffer> {
  const child = spawn(
    'git',
    [
      // As on GitHub: a partial clone works, and any object can be asked for by its name.
      '-c',
      'uploadpack.allowFilter=true',
      '-c',
      'uploadpack.allowAnySHA1InWant=true',
      'upload-pack',
      '--strict',
      '--stateless-rpc',
      ...(isAdvertisement ? ['--advertise-refs'] : []),
      '.',
    ],
    {
      cwd: repo.git.dir,
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        LC_ALL: 'C',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  // It ends early when it refuses what is asked for; its answer says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(chunks)));
  });
}
