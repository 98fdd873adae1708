import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { blobFetcher, type FetchLimits } from '../../src/git/fetch.ts';
import { createGitHubDouble, type FileContent, type GitHubDouble, type RepoHandle } from '../github/index.ts';
import { clients } from '../github/testing.ts';
import { removeAll, temporary } from './repo.ts';

const REFS = 'GET /{owner}/{repo}.git/info/refs';
const PACK = 'POST /{owner}/{repo}.git/git-upload-pack';
const NOWHERE = '0123456789'.repeat(4);
const TEXT = 'package pay\r\n\r\nvar Ä = 1\n';

let github: GitHubDouble;
let repo: RepoHandle;
let token: string;
/** Where temporary directories are made, so that nothing of them can hide. */
let room: string;
/** For what the tests themselves put down. */
let aside: string;

beforeEach(async () => {
  github = await createGitHubDouble();
  repo = github.createRepository({ owner: 'acme', name: 'pay' });
  repo.commit({ branch: 'main', files: { 'pay.go': TEXT, 'other.go': 'package pay\n' } });
  const { data } = await clients(github).asApp.rest.apps.createInstallationAccessToken({
    installation_id: github.app.installationId,
  });
  token = data.token;
  room = temporary('room');
  aside = temporary('aside');
  vi.stubEnv('TMPDIR', room);
});
afterEach(async () => {
  expect(readdirSync(room)).toEqual([]);
  vi.unstubAllEnvs();
  await github.close();
});
afterAll(removeAll);

const url = () => `${github.url}/acme/pay.git`;
const encoded = () => Buffer.from(`x-access-token:${token}`).toString('base64');

function oid(path: string): string {
  return repo.state.git.object(`main:${path}`)?.oid ?? NOWHERE;
}

function commit(files: Record<string, FileContent>): void {
  repo.commit({ branch: 'main', files });
}

async function fetched(
  oids: readonly string[],
  limits: Partial<FetchLimits> = {},
  more: { readonly url?: string; readonly token?: string } = {},
): Promise<ReadonlyMap<string, Buffer>> {
  const all = new Map<string, Buffer>();
  for await (const [name, bytes] of blobFetcher(limits)({ url: url(), token, ...more, oids }))
    all.set(name, Buffer.from(bytes));
  return all;
}

/** A git that writes down what it is called with, and then is git. */
function recordingGit(): { readonly args: () => string; readonly environment: () => string } {
  const dir = aside;
  const real = (process.env.PATH ?? '').split(':').find((path) => existsSync(join(path, 'git')));
  writeFileSync(
    join(dir, 'git'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> '${dir}/args'\nenv >> '${dir}/environment'\nexec '${real}/git' "$@"\n`,
  );
  chmodSync(join(dir, 'git'), 0o755);
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`);
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  return { args: () => read('args'), environment: () => read('environment') };
}

/** The command lines of all processes of this machine; null where there is no /proc. */
function commandLines(): readonly string[] | null {
  if (!existsSync('/proc/self/cmdline')) return null;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
}

describe('fetching blobs', () => {
  it('brings exactly the ones that are asked for, byte by byte', async () => {
    const binary = randomBytes(100_000);
    commit({ 'image.png': binary, 'empty.go': '' });
    const wanted = [oid('pay.go'), oid('image.png'), oid('empty.go')];
    const all = await fetched(wanted);
    expect([...all.keys()].sort()).toEqual([...wanted].sort());
    expect(all.get(oid('pay.go'))?.toString()).toBe(TEXT);
    expect(all.get(oid('image.png'))?.equals(binary)).toBe(true);
    expect(all.get(oid('empty.go'))?.length).toBe(0);
    // One to find out what the other side can do, one for all the blobs.
    expect(github.requests.filter((r) => r.route.includes('.git/')).map((r) => r.route)).toEqual([
      REFS,
      PACK,
    ]);
  });

  it('brings thousands in one go', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`p/f${i}.go`, `package p // ${i}\n`]),
    );
    commit(files);
    const oids = repo.state.git.tree('main:p', false).map((entry) => entry.oid);
    expect((await fetched(oids)).size).toBe(3000);
    expect(github.requests.filter((r) => r.route === PACK).length).toBe(1);
  });

  it('leaves out what is larger than a file may be', async () => {
    commit({ 'large.go': 'x'.repeat(3 * 1024 * 1024) });
    expect([...(await fetched([oid('large.go'), oid('pay.go')])).keys()]).toEqual([oid('pay.go')]);
  });

  it('takes nothing but names of objects', async () => {
    for (const bad of ['refs/heads/main:refs/heads/x', `${NOWHERE}\nmain`, '--upload-pack=sh', ''])
      await expect(fetched([bad])).rejects.toThrow('not a git object id');
  });

  it('removes what it has brought when nobody wants to see the rest', async () => {
    for await (const _ of blobFetcher()({ url: url(), token, oids: [oid('pay.go'), oid('other.go')] })) break;
    expect(readdirSync(room)).toEqual([]);
  });
});

describe('a directory that a killed process has left', () => {
  it('is removed by the next fetch, and that of one that runs is not', async () => {
    const old = join(room, 'reefpilot-fetch-old');
    const young = join(room, 'reefpilot-fetch-young');
    for (const directory of [old, young]) mkdirSync(join(directory, 'objects'), { recursive: true });
    utimesSync(old, 0, Date.now() / 1000 - 7200);
    expect((await fetched([oid('pay.go')])).size).toBe(1);
    expect(readdirSync(room)).toEqual(['reefpilot-fetch-young']);
    rmSync(young, { recursive: true });
  });
});

describe('secrets', () => {
  it('has the token in no argument of any process, and hands on nothing of the service', async () => {
    const git = recordingGit();
    vi.stubEnv('WEBHOOK_SECRET', 'do-not-hand-this-on');
    vi.stubEnv('GIT_TRACE_CURL', join(aside, 'trace'));
    let seen: readonly string[] | null = null;
    github.faults.on(PACK, {
      effect: () => {
        seen = commandLines();
      },
    });
    expect((await fetched([oid('pay.go')])).size).toBe(1);
    const everything = [git.args(), ...(seen ?? [])].join('\n');
    expect(git.args()).toContain(`fetch --quiet`);
    if (existsSync('/proc/self/cmdline')) expect(everything).toContain(`remote-http ${url()}`);
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(encoded());
    expect(everything).not.toMatch(/ghs_|x-access-token/);
    expect(git.environment()).toContain('GIT_TERMINAL_PROMPT=0');
    expect(git.environment()).not.toMatch(/WEBHOOK_SECRET|do-not-hand-this-on|GIT_TRACE_CURL/);
  });

  it('is in no error either, even if the other side sends it back', async () => {
    for (const body of [`no entry for ${token}`, `no entry for ${encoded()}`]) {
      const fault = github.faults.on(REFS, { status: 403, headers: { 'content-type': 'text/plain' }, body });
      const error: unknown = await fetched([oid('pay.go')]).catch((e: unknown) => e);
      expect(String(error)).toContain('no entry for [token]');
      expect(String(error)).not.toContain(token);
      fault.remove();
    }
  });

  it('does not follow to another host', async () => {
    const other = await createGitHubDouble();
    try {
      other.createRepository({ owner: 'acme', name: 'pay', private: false });
      const location = `${other.url}/acme/pay.git/info/refs?service=git-upload-pack`;
      github.faults.on(REFS, { status: 301, headers: { location } });
      await expect(fetched([oid('pay.go')])).rejects.toThrow('301');
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('goes over https only, except to this machine', async () => {
    for (const bad of [
      'http://git.example.com/a/b.git',
      'ssh://git@127.0.0.1/a/b.git',
      'file:///a/b.git',
      'ext::sh',
    ])
      await expect(fetched([oid('pay.go')], {}, { url: bad }), bad).rejects.toThrow(/is not https/);
  });
});

describe('configuration of the user', () => {
  it('and of the system is not read', async () => {
    const home = aside;
    const config = `[url "http://127.0.0.1:1/"]\n\tinsteadOf = "${github.url}/"\n[core]\n\thooksPath = ${home}\n`;
    writeFileSync(join(home, '.gitconfig'), config);
    writeFileSync(join(home, '.netrc'), 'machine 127.0.0.1 login somebody password else\n');
    vi.stubEnv('HOME', home);
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(home, '.gitconfig'));
    vi.stubEnv('GIT_DIR', home);
    vi.stubEnv('GIT_ALLOW_PROTOCOL', 'none');
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    expect((await fetched([oid('pay.go')])).size).toBe(1);
  });
});

describe('trouble', () => {
  it('is an error that says what git said', async () => {
    await expect(fetched([oid('pay.go')], {}, { token: 'ghs_wrong' })).rejects.toThrow(
      /^git fetch: .*Username/,
    );
    await expect(fetched([oid('pay.go'), NOWHERE])).rejects.toThrow(/^git fetch: .*not our ref/);
    github.faults.on(PACK, { truncateBody: true });
    await expect(fetched([oid('pay.go')])).rejects.toThrow(/^git fetch: /);
    github.faults.clear();
    github.faults.on(PACK, { disconnect: true });
    await expect(fetched([oid('pay.go')])).rejects.toThrow(/^git fetch: /);
    github.faults.on(REFS, { status: 503 });
    await expect(fetched([oid('pay.go')])).rejects.toThrow(/^git fetch: .*503/);
  });

  it('is a missing git as well', async () => {
    vi.stubEnv('PATH', room);
    await expect(fetched([oid('pay.go')])).rejects.toMatchObject({ name: 'GitError', kind: 'git-missing' });
  });

  it('is a side that does not answer, after a time, and git does not stay behind', async () => {
    github.faults.on(PACK, { hang: true });
    await expect(fetched([oid('pay.go')], { timeoutMs: 700 })).rejects.toThrow(
      'git fetch took longer than 0.7 s',
    );
    await vi.waitFor(() => expect(commandLines()?.filter((line) => line.includes(url())) ?? []).toEqual([]));
  });

  it('is too much', async () => {
    commit({ 'noise.go': randomBytes(400_000) });
    await expect(fetched([oid('noise.go')], { maxBytes: 300_000 })).rejects.toThrow(
      'brought more than 300000 bytes',
    );
    expect((await fetched([oid('noise.go')], { maxBytes: 500_000 })).size).toBe(1);
  });
});
