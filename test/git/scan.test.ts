import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Snapshot } from '../../src/engine/snapshot.ts';
import { findScanTarget, readPackages } from '../../src/git/scan.ts';
import { removeAll, TestRepo, temporary } from './repo.ts';

afterAll(removeAll);

async function snapshots(...at: readonly string[]): Promise<readonly Snapshot[]> {
  const list: Snapshot[] = [];
  for await (const s of readPackages(await findScanTarget(at), DEFAULT_SETTINGS, '2025-01-01')) list.push(s);
  return list;
}

const files = (list: readonly Snapshot[]) => list.map((s) => s.headFiles.map((f) => f.path));

const TREE = {
  'go.mod': 'module m\n',
  'a.go': 'package m\n',
  'p/a.go': 'package p\n',
  'p/b.go': 'package p\n',
  'p/q/go.mod': 'module q\n',
  'p/q/a.go': 'package q\n',
};

describe('a scan', () => {
  it('reads package by package, each with its module file', async () => {
    const dir = temporary();
    const plain = new TestRepo({ dir });
    plain.write({ ...TREE, '.hidden/x.go': 'package x\n' });
    const expected = [
      ['a.go', 'go.mod'],
      ['go.mod', 'p/a.go', 'p/b.go'],
      ['p/q/a.go', 'p/q/go.mod'],
    ];
    expect(files(await snapshots(dir))).toEqual(expected);
    const repo = new TestRepo();
    repo.write({ ...TREE, '.gitignore': 'ignored.go\n', 'ignored.go': 'package m\n' });
    expect(files(await snapshots(repo.dir))).toEqual(expected);
  });

  it('keeps paths relative to the repository or module when started below it', async () => {
    const repo = new TestRepo();
    repo.write(TREE);
    expect(files(await snapshots(join(repo.dir, 'p')))).toEqual([
      ['go.mod', 'p/a.go', 'p/b.go'],
      ['p/q/a.go', 'p/q/go.mod'],
    ]);
    const dir = temporary();
    new TestRepo({ dir }).write(TREE);
    expect(files(await snapshots(join(dir, 'p', 'q')))).toEqual([['a.go', 'go.mod']]);
  });

  it('reads the siblings of a file without reporting on them', async () => {
    const repo = new TestRepo();
    repo.write(TREE);
    const target = await findScanTarget([join(repo.dir, 'p/a.go')]);
    expect(target.only).toEqual(new Set(['p/a.go']));
    expect([...target.packages]).toEqual([['p', ['p/a.go', 'p/b.go']]]);
  });

  it('knows of every package whether its module has a program', async () => {
    const repo = new TestRepo();
    repo.write({ ...TREE, 'cmd/tool/main.go': 'package main\n', 'p/q/examples/main.go': 'package main\n' });
    const list = await snapshots(repo.dir);
    expect(list.length).toBeGreaterThan(3);
    for (const { programs } of list) expect(programs).toEqual(['']);
  });

  it('scans what git ignores when it is named', async () => {
    const repo = new TestRepo();
    repo.write({ '.gitignore': 'out/\n', 'out/x.go': 'package out\n', 'a.go': 'package a\n' });
    expect(files(await snapshots(join(repo.dir, 'out')))).toEqual([['out/x.go']]);
    expect(files(await snapshots(join(repo.dir, 'out/x.go')))).toEqual([['out/x.go']]);
  });

  it('scans test data and vendored code when it is asked for by name, but not what is below in turn', async () => {
    const repo = new TestRepo();
    repo.write({
      'a.go': 'package a\n',
      'testdata/go.mod': 'module t\n\ngo 1.25\n',
      'testdata/t.go': 'package t\n',
      'testdata/in/t.go': 'package in\n',
      'testdata/vendor/v.go': 'package v\n',
    });
    const scanned = async (path: string) =>
      files(await snapshots(join(repo.dir, path))).filter((list) => list.some((f) => f.endsWith('.go')));
    expect(await scanned('.')).toEqual([['a.go']]);
    const [inner, outer] = [
      ['testdata/go.mod', 'testdata/in/t.go'],
      ['testdata/go.mod', 'testdata/t.go'],
    ];
    expect(await scanned('testdata')).toEqual([inner, outer]);
    expect(await scanned('testdata/t.go')).toEqual([outer]);
    expect(await scanned('testdata/vendor')).toEqual([['testdata/go.mod', 'testdata/vendor/v.go']]);
  });

  it('finds nothing in an empty directory', async () => {
    expect(await snapshots(temporary())).toEqual([]);
  });

  it('refuses what it cannot scan', async () => {
    const [one, two] = [temporary(), temporary()];
    new TestRepo({ dir: one }).write({ 'x.txt': '' });
    mkdirSync(join(two, 'd'));
    await expect(findScanTarget([join(one, 'nope')])).rejects.toThrow('no such file or directory');
    await expect(findScanTarget([join(one, 'x.txt')])).rejects.toThrow('is not a Go file');
    await expect(findScanTarget([one, two])).rejects.toThrow('separate trees');
  });
});
