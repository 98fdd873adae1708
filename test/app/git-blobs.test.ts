import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../src/engine/snapshot.ts';
import { blobFetcher } from '../../src/git/fetch.ts';
import { gitUrl } from '../../src/github/git-blobs.ts';
import type { Parts } from '../../src/serve.ts';
import { removeAll, temporary } from '../git/repo.ts';
import type { Fault } from '../github/index.ts';
import { open, shown, type World, world } from './harness.ts';
import { analyse, goFile } from './verdict.ts';

const REFS = 'GET /{owner}/{repo}.git/info/refs';
const PACK = 'POST /{owner}/{repo}.git/git-upload-pack';

let room: string;
beforeEach(() => {
  room = temporary('room');
});
afterEach(() => {
  vi.unstubAllEnvs();
  removeAll();
});

/** `count` files of a package of their own each; `text` is what they do. */
function files(count: number, text: string, padding = ''): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`p${i}/f.go`, `${goFile(text)}// ${i}\n${padding}`]),
  );
}

interface Outcome {
  readonly snapshot: Snapshot;
  readonly shown: ReturnType<typeof shown>;
  readonly text: string;
  /** How often git was asked for blobs, and the API. */
  readonly packs: number;
  readonly queries: number;
  readonly log: readonly string[];
}

/** Reviews a pull request of `count` changed files and takes a look at what was read and what came of it. */
async function review(
  count: number,
  parts: Parts = {},
  prepare: (its: World) => void = () => {},
  padding = '',
): Promise<Outcome> {
  const its = await world({ validateResponses: false });
  const { github, repo, log } = its;
  repo.commit({ branch: 'main', files: files(count, 'safe("a")', padding) });
  const snapshots: Snapshot[] = [];
  const service = await its.start({
    analyse: async (snapshot) => {
      snapshots.push(snapshot);
      return analyse(snapshot);
    },
    ...parts,
  });
  // Only now, so that what the double keeps is not in there.
  vi.stubEnv('TMPDIR', room);
  prepare(its);
  const pull = open(repo, { ...files(count, 'safe("b")', padding), 'p0/f.go': goFile('leak("b")') });
  await its.settle(service);
  expect(readdirSync(room).filter((name) => name.startsWith('reefpilot'))).toEqual([]);
  const [snapshot] = snapshots;
  if (snapshot === undefined || snapshots.length !== 1) throw new Error(`${snapshots.length} analyses`);
  return {
    snapshot,
    shown: shown(repo, pull),
    text: [...pull.comments.map((c) => c.body), repo.state.checkRuns[0]?.output.summary].join('\n'),
    packs: github.requests.filter((r) => r.route === PACK).length,
    queries: github.requests.filter((r) => r.operation === 'Blobs').length,
    log,
  };
}

/** What must not depend on how the blobs came. Commits carry the time in their names. */
function verdict({ snapshot, shown: seen, text }: Outcome) {
  const sha = /\b[0-9a-f]{7,40}\b|127\.0\.0\.1:\d+/g;
  return {
    snapshot: { ...snapshot, base: '', head: '' },
    seen,
    text: text.replace(sha, ''),
  };
}

const MANY = 205;

describe('a change that needs very many blobs', () => {
  it('takes them in one git fetch, and comes to the same verdict as by the API', async () => {
    const byGit = await review(MANY);
    expect(byGit).toMatchObject({ packs: 1, queries: 0 });
    expect(byGit.shown).toMatchObject({ checks: ['failure'], threads: ['p0/f.go:4'] });
    expect(byGit.snapshot.headFiles.length).toBeGreaterThanOrEqual(MANY);
    expect(byGit.log.some((line) => line.includes('blobs came over git'))).toBe(true);
    const byApi = await review(MANY, { gitBlobs: null });
    expect(byApi).toMatchObject({ packs: 0, queries: 9 });
    expect(verdict(byGit)).toEqual(verdict(byApi));
  });

  it('is also one of few but large files', async () => {
    const padding = '// a line of a table that somebody keeps in Go\n'.repeat(40_000);
    expect(await review(4, {}, undefined, padding)).toMatchObject({ packs: 1, queries: 0 });
  });

  it('is not an ordinary one', async () => {
    expect(await review(30)).toMatchObject({ packs: 0, queries: 2 });
  });
});

describe('when git does not bring them', () => {
  const faults: Readonly<Record<string, [string, Fault]>> = {
    'is turned away': [REFS, { status: 403, body: 'no' }],
    'is not there': [REFS, { status: 404, body: 'no' }],
    'gets half an answer': [PACK, { truncateBody: true }],
    'gets no answer': [PACK, { hang: true }],
    'gets another answer': [PACK, { status: 200, body: '<html>Sign in</html>' }],
  };
  it.each(Object.entries(faults))('because it %s, the API is asked', async (_, [route, fault]) => {
    const gitBlobs = blobFetcher({ timeoutMs: fault.hang ? 500 : 20_000 });
    const outcome = await review(MANY, { gitBlobs }, ({ github }) => github.faults.on(route, fault));
    expect(outcome.queries).toBe(9);
    expect(outcome.shown).toMatchObject({
      checks: ['failure'],
      reviews: 1,
      threads: ['p0/f.go:4'],
      comments: 1,
    });
    expect(outcome.log.filter((line) => line.includes('git did not bring the blobs')).length).toBe(1);
    expect(outcome.log.join('\n')).not.toMatch(/ghs_\w|x-access-token/);
  });

  it('because it is not installed, the API is asked', async () => {
    const outcome = await review(MANY, {}, () => vi.stubEnv('PATH', room));
    expect(outcome).toMatchObject({ packs: 0, queries: 9, shown: { checks: ['failure'] } });
    expect(outcome.log.some((line) => line.includes('git was not found'))).toBe(true);
  });

  it('but some, or others, the API is asked for the rest', async () => {
    const gitBlobs: Parts['gitBlobs'] = async function* ({ url, token, oids, ...rest }) {
      const all = blobFetcher()({ url, token, oids, ...rest });
      let count = 0;
      for await (const [oid, bytes] of all) {
        count++;
        if (count <= 100) yield [oid, bytes];
        // Never believed: the content is not the one of that name.
        else if (count <= 120) yield [oid, Buffer.from('package wrong\n')];
        else if (count === 150) throw new Error('the line went dead');
      }
    };
    const outcome = await review(MANY, { gitBlobs });
    const whole = await review(MANY, { gitBlobs: null });
    expect(outcome.queries).toBe(7);
    expect(verdict(outcome)).toEqual(verdict(whole));
  });
});

describe('where git finds a repository', () => {
  it.each([
    ['https://api.github.com', 'https://github.com/acme/pay.git'],
    ['https://api.octocorp.ghe.com', 'https://octocorp.ghe.com/acme/pay.git'],
    ['https://git.example.com/api/v3', 'https://git.example.com/acme/pay.git'],
    ['https://api.example.com:8443/api/v3', 'https://api.example.com:8443/acme/pay.git'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000/acme/pay.git'],
  ])('beside the API at %s', (api, git) => {
    expect(gitUrl(api, 'acme', 'pay')).toBe(git);
  });
});
