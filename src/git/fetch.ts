import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitError } from './errors.ts';
import { ObjectReader } from './objects.ts';
import { type GitProcess, gitResult, runGit, startGit } from './process.ts';

/** Blobs of a repository on a host, by name. */
export interface FetchSource {
  /** `https://host/owner/name.git`, or `http:` on this machine. */
  readonly url: string;
  readonly token: string;
  readonly oids: readonly string[];
}

export interface FetchLimits {
  /** For the transfer; reading what has arrived is a matter of this machine alone. */
  readonly timeoutMs: number;
  /** On disk, as packed by the other side. Looked at a few times a second, so a fast line may overshoot a little. */
  readonly maxBytes: number;
}

/** What a large change needs takes seconds; after this long the API would have been quicker. */
const DEFAULTS: FetchLimits = { timeoutMs: 60_000, maxBytes: 256 * 1024 * 1024 };
const WATCH_MS = 200;
/** Asked of `cat-file` at a time, so that no more than this lies in memory undecoded. */
const READ_AHEAD = 64;
const COMPLAINT_CHARACTERS = 300;
const PREFIX = 'reefpilot-fetch-';
/** No fetch takes nearly as long, so what is this old was left behind by a process that was killed. */
const LEFT_BEHIND_MS = 60 * 60_000;

/**
 * Variables of our environment that git gets. Not `HOME`, not `GIT_*` that make it trace, ask or look elsewhere, and
 * above all not the secrets of the service.
 */
const PASSED_ON = [
  'PATH',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'GIT_EXEC_PATH',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

/**
 * Makes a reader of blobs over the git protocol: one `git fetch` into a temporary bare repository, which is removed
 * when the reader is done with or let go of. The blobs are asked for by their own names, as a partial clone asks for
 * what it lacks: two commits at depth 1 would bring every file of both trees, and a filter would make the repository a
 * partial one. Nothing is checked out, so hooks, filters (LFS) and submodules have no part in it.
 *
 * It throws GitError, and may leave blobs out; what it gives still has to be held against its name.
 */
export function blobFetcher(
  limits: Partial<FetchLimits> = {},
): (source: FetchSource) => AsyncGenerator<readonly [oid: string, bytes: Uint8Array], void, undefined> {
  const { timeoutMs, maxBytes } = { ...DEFAULTS, ...limits };
  return async function* (source) {
    const { url } = source;
    const isLocal = isLoopback(url);
    const { protocol } = new URL(url);
    if (protocol !== 'https:' && !(isLocal && protocol === 'http:'))
      throw new GitError('failed', `${url} is not https`);
    // What goes to git's standard input could otherwise be any refspec.
    if (!source.oids.every((oid) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(oid)))
      throw new GitError('failed', 'not a git object id');
    await removeLeftBehind();
    const directory = await mkdtemp(join(tmpdir(), PREFIX));
    let child: GitProcess | null = null;
    // The service may be told to stop in the middle of this.
    const onExit = () => {
      if (child !== null) killGroup(child);
      rmSync(directory, { recursive: true, force: true });
    };
    process.once('exit', onExit);
    let reader: ObjectReader | null = null;
    try {
      const environment = cleanEnvironment(directory, isLocal);
      const format = source.oids[0]?.length === 64 ? ['--object-format=sha256'] : [];
      const init = await runGit(directory, ['init', '--bare', '--quiet', '--template=', ...format], {
        environment,
      });
      if (init.code !== 0) throw new GitError('failed', `git init: ${complaint(init.stderr, source)}`);
      child = startFetch(directory, source, { ...environment, ...configuration(source, isLocal) });
      await finished(child, directory, source, { timeoutMs, maxBytes });
      reader = new ObjectReader(directory, { environment });
      for (let at = 0; at < source.oids.length; at += READ_AHEAD) {
        const oids = source.oids.slice(at, at + READ_AHEAD);
        for (const [oid, bytes] of await readAll(reader, oids)) if (bytes !== null) yield [oid, bytes];
      }
    } finally {
      reader?.close();
      if (child !== null) killGroup(child);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
      process.off('exit', onExit);
    }
  };
}

async function removeLeftBehind(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  // Another process may be doing the same, and what another user has left is not ours to remove.
  await Promise.allSettled(
    names.map(async (name) => {
      const directory = join(tmpdir(), name);
      const { mtimeMs } = await stat(directory);
      if (mtimeMs < Date.now() - LEFT_BEHIND_MS) await rm(directory, { recursive: true, force: true });
    }),
  );
}

function startFetch(directory: string, source: FetchSource, environment: NodeJS.ProcessEnv): GitProcess {
  const child = startGit(
    directory,
    [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--recurse-submodules=no',
      '--stdin',
      source.url,
    ],
    { environment, detached: process.platform !== 'win32' },
  );
  // A git that ends before it has read everything says why on its standard error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${source.oids.join('\n')}\n`);
  return child;
}

/** Waits for the end of the transfer and brings it about where it goes on for too long or becomes too much. */
async function finished(
  child: GitProcess,
  directory: string,
  source: FetchSource,
  { timeoutMs, maxBytes }: FetchLimits,
): Promise<void> {
  let stopped: string | null = null;
  const stop = (reason: string) => {
    stopped ??= reason;
    killGroup(child);
  };
  const deadline = setTimeout(() => stop(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
  const watch = setInterval(async () => {
    if ((await packedBytes(directory)) > maxBytes) stop(`brought more than ${maxBytes} bytes`);
  }, WATCH_MS);
  try {
    const { code, stderr } = await gitResult(child);
    // One that arrived between two looks is too large all the same.
    if (stopped === null && (await packedBytes(directory)) > maxBytes)
      stopped = `brought more than ${maxBytes} bytes`;
    if (stopped !== null) throw new GitError('failed', `git fetch ${stopped}`);
    if (code !== 0) throw new GitError('failed', `git fetch: ${complaint(stderr, source)}`);
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
  }
}

async function packedBytes(directory: string): Promise<number> {
  const packs = join(directory, 'objects', 'pack');
  try {
    // Files come and go, and are renamed when they are complete.
    const sizes = (await readdir(packs)).map((name) => stat(join(packs, name)).then((s) => s.size));
    const found = await Promise.allSettled(sizes);
    return found.reduce((sum, size) => sum + (size.status === 'fulfilled' ? size.value : 0), 0);
  } catch {
    return 0;
  }
}

function readAll(reader: ObjectReader, oids: readonly string[]) {
  return Promise.all(oids.map(async (oid) => [oid, await reader.bytes(oid)] as const));
}

/** Ends git and the helpers it has started: one that waits for the network does not notice that git is gone. */
function killGroup(child: GitProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

/** No configuration but ours, no home directory (`.netrc`), no prompt; the transports that the address needs. */
function cleanEnvironment(directory: string, isLocal: boolean): NodeJS.ProcessEnv {
  const passed = PASSED_ON.map((name) => [name, process.env[name]] as const);
  return {
    ...Object.fromEntries(passed.filter(([, value]) => value !== undefined)),
    HOME: directory,
    XDG_CONFIG_HOME: directory,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: isLocal ? 'http:https' : 'https',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    LC_ALL: 'C',
  };
}

/**
 * Configuration of the one `git fetch`, as variables: arguments can be seen by every process of the machine. The token
 * is for this host only, and is never carried on to where the host may point.
 */
function configuration({ url, token }: FetchSource, isLocal: boolean): NodeJS.ProcessEnv {
  const settings: readonly (readonly [string, string])[] = [
    [`http.${new URL(url).origin}/.extraHeader`, `Authorization: Basic ${basic(token)}`],
    ['http.followRedirects', 'false'],
    // An hour of silence is not noticed otherwise, should nobody be left to keep the time.
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    ['credential.helper', ''],
    ['protocol.version', '2'],
    ['fetch.unpackLimit', '1'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...(isLocal ? [['http.proxy', ''] as const] : []),
  ];
  const variables = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(variables) };
}

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

/** What git said, in short. The other side has a say in it, so the token is looked for even here. */
function complaint(stderr: string, { token }: FetchSource): string {
  const text = stderr.replaceAll(token, '[token]').replaceAll(basic(token), '[token]');
  return text.replace(/\s+/g, ' ').trim().slice(-COMPLAINT_CHARACTERS);
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
}
