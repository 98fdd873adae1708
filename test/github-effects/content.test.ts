import { createHash } from 'node:crypto';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TreeEntry } from '../../src/engine/select.ts';
import { batches, isBlob, readBlobs } from '../../src/github/blobs.ts';
import { listTrees } from '../../src/github/trees.ts';
import { API, repo } from './unit.ts';

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

function oidOf(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function entry(path: string, content: Buffer | string): TreeEntry {
  const bytes = Buffer.from(content);
  return { path, mode: '100644', oid: oidOf(bytes), size: bytes.length };
}

/** Answers blob queries from `contents`, as GitHub would; `refuse` may turn a query down. */
function serveBlobs(contents: readonly Buffer[], refuse: (oids: readonly string[]) => boolean = () => false) {
  const byOid = new Map(contents.map((content) => [oidOf(content), content]));
  const queries: (readonly string[])[] = [];
  nock(API)
    .persist()
    .post('/graphql')
    .reply((_uri, body) => {
      const { query } = body as { query: string };
      const oids = [...query.matchAll(/oid: "([0-9a-f]+)"/g)].map((m) => m[1] ?? '');
      queries.push(oids);
      if (refuse(oids)) return [502, { message: 'timeout' }];
      const answers = oids.map((oid, index) => {
        const bytes = byOid.get(oid);
        if (bytes === undefined) return [`b${index}`, null];
        const isTruncated = bytes.length > 512_000;
        const text = bytes.subarray(0, 512_000).toString('utf8');
        return [`b${index}`, { oid, byteSize: bytes.length, isBinary: false, isTruncated, text }];
      });
      return [200, { data: { repository: Object.fromEntries(answers) } }];
    });
  const rest: string[] = [];
  nock(API)
    .persist()
    .get(/\/repos\/acme\/pay\/git\/blobs\//)
    .reply((uri) => {
      const oid = uri.split('/').at(-1) ?? '';
      rest.push(oid);
      const bytes = byOid.get(oid);
      if (bytes === undefined) return [404, { message: 'Not Found' }];
      return [200, { sha: oid, size: bytes.length, encoding: 'base64', content: bytes.toString('base64') }];
    });
  return { queries, rest };
}

describe('reading blobs', () => {
  it('asks for many at a time, each once, and never again', async () => {
    const contents = Array.from({ length: 120 }, (_, i) => Buffer.from(`package p${i}\n`));
    const { queries, rest } = serveBlobs(contents);
    const wanted = contents.flatMap((c, i) => [entry(`a${i}.go`, c), entry(`copy${i}.go`, c)]);
    const where = repo();
    const texts = await readBlobs(where, 1, wanted);
    expect(queries.map((oids) => oids.length)).toEqual([50, 50, 20]);
    expect(texts.size).toBe(120);
    expect(texts.get(oidOf(Buffer.from('package p7\n')))).toEqual({ text: 'package p7\n' });
    await readBlobs(where, 1, wanted);
    expect(queries.length).toBe(3);
    expect(rest).toEqual([]);
    // Another repository is another tenant, even for the same content.
    await readBlobs(where, 2, wanted.slice(0, 1));
    expect(queries.length).toBe(4);
  });

  it('splits by size too', () => {
    const big = (n: number): TreeEntry => ({ path: `${n}`, mode: '100644', oid: `${n}`, size: 500_000 });
    expect(batches([1, 2, 3, 4].map(big))).toEqual([['1', '2', '3'], ['4']]);
    expect(batches([])).toEqual([]);
    expect(batches([{ path: 'x', mode: '100644', oid: '9', size: 9_000_000 }])).toEqual([['9']]);
  });

  it('halves a batch that GitHub cannot do, and loses nothing', async () => {
    const contents = Array.from({ length: 40 }, (_, i) => Buffer.from(`package p${i}\n`));
    const { queries } = serveBlobs(contents, (oids) => oids.length > 10);
    const texts = await readBlobs(
      repo(),
      1,
      contents.map((c, i) => entry(`a${i}.go`, c)),
    );
    expect(texts.size).toBe(40);
    expect(queries.map((oids) => oids.length)).toEqual([40, 20, 10, 10, 20, 10, 10]);
  });

  it('stops halving when size is not the matter', async () => {
    const contents = Array.from({ length: 8 }, (_, i) => Buffer.from(`package p${i}\n`));
    const { queries } = serveBlobs(contents, () => true);
    const wanted = contents.map((c, i) => entry(`a${i}.go`, c));
    await expect(readBlobs(repo(), 1, wanted)).rejects.toThrow();
    expect(queries.map((oids) => oids.length)).toEqual([8, 4]);
  });

  it('reads what GraphQL cuts or garbles whole, or says why not', async () => {
    const long = Buffer.from(`package p\n//${'x'.repeat(600_000)}\n`);
    const latin = Buffer.from([...Buffer.from('package p // caf'), 0xe9, 0x0a]);
    const { rest } = serveBlobs([long, latin]);
    const unsized = { ...entry('long.go', long), size: null };
    const texts = await readBlobs(repo(), 1, [unsized, entry('latin.go', latin)]);
    expect(texts.get(oidOf(long))).toEqual({ text: long.toString() });
    expect(texts.get(oidOf(latin))).toEqual({ unreadable: 'not valid UTF-8' });
    expect(rest).toEqual([oidOf(long), oidOf(latin)]);
  });

  it('leaves out what GitHub does not have', async () => {
    serveBlobs([]);
    expect((await readBlobs(repo(), 1, [entry('gone.go', 'package p\n')])).size).toBe(0);
  });

  it('believes no text that does not hash to its name', () => {
    const content = Buffer.from('package p\n');
    expect(isBlob(oidOf(content), content)).toBe(true);
    expect(isBlob(oidOf(content), Buffer.from('package q\n'))).toBe(false);
    const sha256 = createHash('sha256').update(`blob ${content.length}\0`).update(content).digest('hex');
    expect(isBlob(sha256, content)).toBe(true);
  });
});

describe('listing trees', () => {
  const file = (path: string, sha: string) => ({ path, mode: '100644', type: 'blob', sha, size: 1 });
  const directory = (path: string, sha: string) => ({ path, mode: '040000', type: 'tree', sha });

  it('keeps only what a review looks at, and remembers a commit for ever', async () => {
    const tree = [directory('p', 't1'), file('p/a.go', 'a1'), file('README.md', 'r'), file('go.mod', 'm')];
    nock(API).get('/repos/acme/pay/git/trees/base?recursive=1').reply(200, { tree, truncated: false });
    nock(API).get('/repos/acme/pay/git/trees/head?recursive=1').reply(200, { tree, truncated: false });
    const where = repo();
    const first = await listTrees(where, 1, 'base', 'head');
    expect(first.head.map((e) => e.path)).toEqual(['p/a.go', 'go.mod']);
    // Both interceptors are used up: a second request would fail.
    expect(await listTrees(where, 1, 'base', 'head')).toEqual(first);
  });

  it('walks a tree that is cut, but only where the two ends differ', async () => {
    const trees: Record<string, readonly object[]> = {
      base: [directory('same', 's'), directory('pay', 'p1'), file('go.mod', 'm')],
      head: [directory('same', 's'), directory('pay', 'p2'), directory('new', 'n'), file('go.mod', 'm')],
      p1: [file('a.go', 'a1'), file('b.go', 'b'), directory('deep', 'd')],
      p2: [file('a.go', 'a2'), file('b.go', 'b'), directory('deep', 'd')],
      n: [file('c.go', 'c')],
    };
    const asked: string[] = [];
    nock(API)
      .persist()
      .get(/\/git\/trees\//)
      .reply((uri) => {
        const { pathname, searchParams } = new URL(uri, API);
        const sha = pathname.split('/').at(-1) ?? '';
        if (searchParams.has('recursive')) return [200, { tree: [], truncated: true }];
        asked.push(sha);
        return [200, { tree: trees[sha] ?? [], truncated: false }];
      });
    const found = await listTrees(repo(), 1, 'base', 'head');
    expect(found.base.map((e) => `${e.path}=${e.oid}`)).toEqual(['go.mod=m', 'pay/a.go=a1', 'pay/b.go=b']);
    expect(found.head.map((e) => `${e.path}=${e.oid}`)).toEqual([
      'go.mod=m',
      'pay/a.go=a2',
      'pay/b.go=b',
      'new/c.go=c',
    ]);
    expect(asked).toEqual(['base', 'head', 'p1', 'p2', 'n']);
  });

  it('says so when a commit is not there', async () => {
    nock(API)
      .persist()
      .get(/\/git\/trees\//)
      .reply(404, { message: 'Not Found' });
    await expect(listTrees(repo(), 1, 'base', 'head')).rejects.toMatchObject({ kind: 'vanished' });
  });
});
