import { describe, expect, it } from 'vitest';
import lostCancel from '../../rules/context/lost-cancel/rule.ts';
import { inspect } from '../../src/engine/inspect.ts';
import { loadPackages } from '../../src/engine/packages.ts';
import { DEFAULT_SETTINGS, type Snapshot } from '../../src/engine/snapshot.ts';
import { loadGoParser } from '../../src/parser.ts';

const parser = await loadGoParser('wasm');

function snapshotOf(files: Readonly<Record<string, string>>, more: Partial<Snapshot> = {}): Snapshot {
  return {
    repo: 'acme/pay',
    base: null,
    head: 'head',
    today: '2026-06-15',
    changes: [],
    headFiles: Object.entries(files).map(([path, text]) => ({ path, text, oid: '' })),
    baseFiles: [],
    partialPackages: [],
    skipped: [],
    settings: DEFAULT_SETTINGS,
    ...more,
  };
}

function load(files: Readonly<Record<string, string>>, more: Partial<Snapshot> = {}) {
  const snapshot = snapshotOf(files, more);
  return loadPackages(snapshot.headFiles, snapshot, 'head', parser).packages;
}

const IGNORED = '//go:build ignore\n\npackage main\n';

describe('files that no build takes', () => {
  const packages = load({
    'p/a.go': 'package p\n',
    'p/gen.go': `${IGNORED}func main() {}\n`,
    'p/gen2.go': '// +build ignore\n\npackage main\nfunc main() {}\n',
    'p/part.go': `${IGNORED}func help() {}\n`,
    'p/odd.go': '//go:build ignore && linux\n\npackage p\n',
    'p/not.go': '//go:build !ignore\n\npackage p\n',
    'p/late.go': 'package p\n\n//go:build ignore\n',
  });

  it('are packages of their own', () => {
    expect(packages.map((p) => `${p.name}: ${p.files.map((f) => f.path.slice(2)).join(' ')}`)).toEqual([
      'p: a.go late.go not.go',
      'main: gen.go',
      'main: gen2.go',
      'p: odd.go',
      'main: part.go',
    ]);
  });

  it('are complete when they are programs, whatever is missing around them', () => {
    const complete = (files: Readonly<Record<string, string>>, partial: string[]) =>
      load(files, { partialPackages: partial }).map((p) => p.complete);
    expect(packages.map((p) => p.complete)).toEqual([true, true, true, false, false]);
    const files = { 'p/a.go': 'package p\n', 'p/gen.go': `${IGNORED}func main() {}\n` };
    expect(complete(files, ['p'])).toEqual([false, true]);
  });

  it('do not make the module a program', () => {
    const files = { 'go.mod': 'module m\n', 'gen.go': `${IGNORED}func main() {}\n`, 'a.go': 'package p\n' };
    expect(load(files).map((p) => p.moduleHasMain)).toEqual([false, true]);
  });

  it('with the same code have findings of their own', () => {
    const leak = 'import "context"\nfunc f(p context.Context) {\n\t_, _ = context.WithCancel(p)\n}\n';
    const snapshot = snapshotOf({ 'p/gen.go': IGNORED + leak, 'p/gen2.go': IGNORED + leak });
    const { sites } = inspect(snapshot, 'head', parser, [lostCancel]);
    expect(sites).toHaveLength(2);
    expect(new Set(sites.map((s) => s.fingerprint)).size).toBe(2);
  });
});

describe('the module of a package', () => {
  const files = {
    'go.mod': 'module m\n',
    'go.work': 'use .\n',
    'a/a.go': 'package a\n',
    'sub/go.mod': 'module s\n',
    'sub/b/b.go': 'package b\n',
    'sub/main.go': 'package main\n',
  };
  const facts = (more: Partial<Snapshot> = {}) =>
    load(files, more).map((p) => [p.dir, p.goMod?.path, p.goWork?.path, p.moduleHasMain]);

  it('has the nearest go.mod and go.work, and a program only if one is in the same module', () => {
    expect(facts()).toEqual([
      ['a', 'go.mod', 'go.work', false],
      ['sub/b', 'sub/go.mod', 'go.work', true],
      ['sub', 'sub/go.mod', 'go.work', true],
    ]);
  });

  it('has a program that only the listing told of', () => {
    expect(facts({ programs: [''] })[0]).toEqual(['a', 'go.mod', 'go.work', true]);
  });
});
