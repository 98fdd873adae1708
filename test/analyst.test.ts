import { afterAll, describe, expect, it, vi } from 'vitest';
import { rules } from '../rules/index.ts';
import { AnalysisError, Analyst } from '../src/analyst.ts';
import { analyse } from '../src/engine/analyse.ts';
import { DEFAULT_SETTINGS, type Snapshot } from '../src/engine/snapshot.ts';
import { loadGoParser } from '../src/parser.ts';
import { VERSION } from '../src/version.ts';
import { LEAKS } from './cli/go.ts';

const SNAPSHOT: Snapshot = {
  repo: 'acme/pay',
  base: null,
  head: 'h',
  today: '2025-01-01',
  changes: [{ path: 'a.go', previousPath: null, status: 'added' }],
  headFiles: [{ path: 'a.go', oid: '1', text: LEAKS }],
  baseFiles: [],
  partialPackages: [],
  skipped: [],
  settings: DEFAULT_SETTINGS,
};

/** A worker whose behaviour the snapshot's `repo` chooses. */
const scripted = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    let served = 0;
    parentPort.on('message', ({ repo }) => {
      if (repo === 'hang') for (;;);
      if (repo === 'dies later') setTimeout(() => process.exit(7), 20);
      if (repo === 'exit') process.exit(7);
      if (repo === 'throw') throw new Error('boom');
      if (repo === 'hoard') { const a = []; for (;;) a.push(new Array(1e5).fill(0).map(() => ({}))); }
      if (repo === 'error') return parentPort.postMessage({ kind: 'error', message: 'bug' });
      parentPort.postMessage({ kind: 'verdict', verdict: ++served });
    });
    parentPort.postMessage({ kind: 'ready' });
  `)}`,
);

const analysts: Analyst[] = [];
const make = (...args: ConstructorParameters<typeof Analyst>) => {
  const analyst = new Analyst(...args);
  analysts.push(analyst);
  return analyst;
};
afterAll(() => Promise.all(analysts.map((a) => a.close())));

describe('the analyst', () => {
  it('gives the verdict that analysing in this process gives', async () => {
    const verdict = await make().analyse(SNAPSHOT);
    expect(verdict).toEqual(analyse(SNAPSHOT, { parser: await loadGoParser(), rules, version: VERSION }));
    expect(verdict.findings).not.toEqual([]);
  });

  it.each([
    ['hang', 'timeout'],
    ['exit', 'crash'],
    ['throw', 'crash'],
    ['error', 'crash'],
    ['hoard', 'memory'],
  ])('a worker that does %s rejects with %s, and the next analysis works', async (repo, kind) => {
    const timeoutMs = repo === 'hang' ? 3_000 : 20_000;
    const analyst = make({ worker: scripted, timeoutMs, maxOldGenerationSizeMb: 32 });
    const [failed, after] = await Promise.allSettled([
      analyst.analyse({ ...SNAPSHOT, repo }),
      analyst.analyse(SNAPSHOT),
    ]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { name: 'AnalysisError', kind } });
    expect(after).toEqual({ status: 'fulfilled', value: 1 });
  });

  it('keeps its worker between analyses and refuses work when closed', async () => {
    const analyst = make({ worker: scripted });
    expect([await analyst.analyse(SNAPSHOT), await analyst.analyse(SNAPSHOT)]).toEqual([1, 2]);
    await analyst.close();
    await expect(analyst.analyse(SNAPSHOT)).rejects.toBeInstanceOf(AnalysisError);
  });

  it('replaces a worker that died while it was idle, and leaves nothing behind on many uses', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const analyst = make({ worker: scripted, timeoutMs: 20_000 });
    for (let i = 1; i <= 30; i++) expect(await analyst.analyse(SNAPSHOT)).toBe(i);
    await analyst.analyse({ ...SNAPSHOT, repo: 'dies later' });
    // What it is asked while it dies fails; a new one starts counting from 1.
    await vi.waitUntil(async () => (await analyst.analyse(SNAPSHOT).catch(() => 0)) === 1, {
      timeout: 30_000,
    });
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('fails clearly when the worker cannot start', async () => {
    const analyst = make({ worker: new URL('file:///nonexistent/worker.js') });
    await expect(analyst.analyse(SNAPSHOT)).rejects.toMatchObject({ kind: 'crash' });
  });
});
