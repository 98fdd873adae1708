import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { GitError } from './errors.ts';

/** Variables that git sets for hooks: they would make `-C DIR` mean another repository or another index. */
const LOCATION_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_EXTERNAL_DIFF',
  'GIT_TRACE',
];

/**
 * Only plumbing that reads objects is called, and even that is told not to run anything the repository under review
 * configures, not to fetch what a partial clone lacks, and not to write.
 */
const HARDENING = [
  '--no-replace-objects',
  '--literal-pathspecs',
  '--no-optional-locks',
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.allow=never',
];

function gitEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const clean = { ...environment };
  for (const name of LOCATION_VARIABLES) delete clean[name];
  return {
    ...clean,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  };
}

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export interface GitOptions {
  /** All of it; by default what `gitEnvironment` makes of ours. */
  readonly environment?: NodeJS.ProcessEnv;
  /** In a process group of its own, so that the helpers git starts can be ended with it. */
  readonly detached?: boolean;
}

/** Starts git in `directory`. The caller owns the process and its streams. */
export function startGit(directory: string, args: readonly string[], options: GitOptions = {}): GitProcess {
  return spawn('git', [...HARDENING, '-C', directory, ...args], {
    env: options.environment ?? gitEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    detached: options.detached ?? false,
  });
}

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git to its end; for commands with short output. A non-zero exit is a result, not an error. */
export function runGit(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const child = startGit(directory, args, options);
  child.stdin.end();
  return gitResult(child);
}

/** What a git that runs already comes to. Its standard input is the caller's. */
export async function gitResult(child: GitProcess): Promise<GitResult> {
  const [code, stdout, stderr] = await Promise.all([
    ended(child),
    collect(child.stdout),
    collect(child.stderr),
  ]);
  return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** The NUL-terminated records that git prints, as they arrive. */
export async function* gitRecords(directory: string, args: readonly string[]): AsyncGenerator<string> {
  const child = startGit(directory, args);
  child.stdin.end();
  const end = ended(child);
  const stderr = collect(child.stderr);
  // Both are awaited below; until then a failure to start must not count as unhandled.
  end.catch(() => undefined);
  stderr.catch(() => undefined);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let nul = rest.indexOf(0); nul >= 0; nul = rest.indexOf(0, start)) {
        yield rest.toString('utf8', start, nul);
        start = nul + 1;
      }
      rest = rest.subarray(start);
    }
    const code = await end;
    if (code !== 0) throw new GitError('failed', `git ${args[0]}: ${(await stderr).toString('utf8').trim()}`);
  } finally {
    child.kill();
  }
}

function ended(child: GitProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startFailure(error)));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** An error event of a child process means that it could not be started (or signalled, which nobody awaits). */
export function startFailure(error: NodeJS.ErrnoException): GitError {
  return error.code === 'ENOENT'
    ? new GitError('git-missing', 'git was not found on the PATH; install git 2.30 or later', {
        cause: error,
      })
    : new GitError('failed', `git could not be started: ${error.message}`, { cause: error });
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
