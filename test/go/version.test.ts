import { describe, expect, it } from 'vitest';
import { GoPackage, SourceFile } from '../../src/engine/source.ts';
import { goVersion, versionOf } from '../../src/go/version.ts';
import { loadGoParser } from '../../src/parser.ts';

const parser = await loadGoParser('wasm');

interface Setup {
  readonly mod?: string | null;
  readonly modAt?: string;
  readonly work?: string;
  readonly name?: string;
  /** The module has a program. */
  readonly main?: boolean;
  readonly header?: string;
}

function version({ mod = 'go 1.22', modAt = '', work, name = 'p', main, header = '' }: Setup) {
  const at = (path: string, text: string) => ({ path, oid: '', text });
  const pkg = new GoPackage({
    dir: '',
    name,
    complete: true,
    goMod: mod === null ? null : at(modAt === '' ? 'go.mod' : `${modAt}/go.mod`, `module m\n${mod}\n`),
    goWork: work === undefined ? null : at('go.work', work),
    ...(main === undefined ? {} : { moduleHasMain: main }),
  });
  const file = new SourceFile('a.go', parser.parse(`${header}\npackage ${name}\n`), pkg);
  pkg.files.push(file);
  return versionOf(file);
}

describe('the language of a file', () => {
  it.each<[string, Setup, number | null]>([
    ['the go line', { mod: 'go 1.21' }, 21],
    ['a patch release', { mod: 'go 1.21.4' }, 21],
    ['a release candidate', { mod: 'go 1.23rc1' }, 23],
    ['a comment behind it', { mod: 'go 1.9 // old' }, 9],
    ['no go line', { mod: '' }, 16],
    ['no go.mod', { mod: null }, null],
    ['a workspace does not change it', { mod: 'go 1.21', work: 'go 1.23\nuse .\n', main: true }, 21],
    ['a build line raises it', { mod: 'go 1.21', header: '//go:build go1.22\n' }, 22],
    ['a build line lowers it', { mod: 'go 1.24', header: '//go:build go1.21\n' }, 21],
    ['never below 1.21', { mod: 'go 1.24', header: '//go:build go1.18\n' }, 21],
    ['both sides of && count', { mod: 'go 1.20', header: '//go:build linux && go1.23\n' }, 23],
    ['the lesser of ||', { mod: 'go 1.20', header: '//go:build (linux && go1.24) || go1.22\n' }, 22],
    ['|| without a version implies none', { mod: 'go 1.20', header: '//go:build linux || go1.24\n' }, 20],
    ['a negation implies none', { mod: 'go 1.20', header: '//go:build !go1.24\n' }, 20],
    ['a double negation does', { mod: 'go 1.20', header: '//go:build !(!go1.24 || windows)\n' }, 24],
    ['+build lines set none', { mod: 'go 1.20', header: '// +build go1.22\n' }, 20],
    ['below the package clause nothing counts', { mod: 'go 1.20', header: '/*\n//go:build go1.22\n*/' }, 20],
  ])('%s', (_, setup, wanted) => {
    expect(version(setup).language).toBe(wanted);
  });

  it.each<[string, Setup, boolean | null]>([
    ['1.21', { mod: 'go 1.21' }, false],
    ['1.22', { mod: 'go 1.22' }, true],
    ['1.21 with a file of 1.22', { mod: 'go 1.21', header: '//go:build go1.22\n' }, true],
    ['1.22 with a file of 1.21', { mod: 'go 1.22', header: '//go:build go1.21\n' }, false],
    ['1.22 with a file of 1.17', { mod: 'go 1.22', header: '//go:build go1.17\n' }, false],
    ['unknown', { mod: null }, null],
  ])('decides whether iterations share variables: %s', (_, setup, wanted) => {
    expect(version(setup).loopVarPerIteration).toBe(wanted);
  });

  it.each<[Setup, string, string, boolean]>([
    [{ mod: 'go 1.20' }, 'context', 'WithoutCancel', false],
    [{ mod: 'go 1.21' }, 'context', 'WithoutCancel', true],
    [{ mod: 'go 1.20', header: '//go:build go1.21\n' }, 'context', 'WithoutCancel', true],
    [{ mod: 'go 1.24' }, 'sync', 'WaitGroup.Go', false],
    [{ mod: 'go 1.25' }, 'sync', 'WaitGroup.Go', true],
    [{ mod: 'go 1.25' }, 'sync', 'NoSuchThing', false],
    [{ mod: null }, 'sync', 'Mutex', false],
  ])('decides which API there is: %j %s.%s', (setup, path, name, wanted) => {
    expect(version(setup).has(path, name)).toBe(wanted);
  });
});

describe('the runtime, which the main module decides', () => {
  const work = (text: string): Setup => ({ mod: 'go 1.22', main: true, work: text });
  it.each<[string, Setup, number | null, boolean]>([
    ['a program', { mod: 'go 1.22', main: true }, 22, true],
    ['a main package', { mod: 'go 1.22', name: 'main' }, 22, true],
    ['a library', { mod: 'go 1.22' }, 22, false],
    ['a workspace', work('go 1.23\nuse .\n'), 23, true],
    [
      'a workspace that joins the directory by a block',
      work('go 1.23\nuse (\n\t./a\n\t"./" // here\n)\n'),
      23,
      true,
    ],
    ['a workspace without a go line', { ...work('use .\n'), mod: 'go 1.17' }, 18, true],
    ['a workspace that does not use the module', work('go 1.23\nuse ./other\n'), 22, true],
    ['a workspace of subdirectories', { ...work('go 1.24\nuse ./sub/x\n'), modAt: 'sub/x' }, 24, true],
    ['a library in a workspace', { ...work('go 1.23\nuse .\n'), main: false }, 22, false],
    ['no go.mod', { mod: null, main: true }, null, false],
  ])('%s', (_, setup, wanted, certain) => {
    expect(version(setup).runtime).toEqual({ version: wanted, certain });
  });

  it.each<[string, Setup, number | null]>([
    ['the go line', { mod: 'go 1.22', main: true }, 22],
    ['the toolchain line of a program', { mod: 'go 1.22\ntoolchain go1.24.1', main: true }, 24],
    ['a toolchain with a suffix', { mod: 'go 1.22\ntoolchain go1.24.1-acme', main: true }, 24],
    ['toolchain default', { mod: 'go 1.22\ntoolchain default', main: true }, 22],
    ['not the toolchain line of a library', { mod: 'go 1.22\ntoolchain go1.24.1' }, 22],
    ['the workspace', work('go 1.23\ntoolchain go1.25.0\nuse .\n'), 25],
    ['the file', { mod: 'go 1.22', header: '//go:build go1.26\n' }, 26],
    ['nothing', { mod: null }, null],
  ])('is built by a toolchain of at least: %s', (_, setup, wanted) => {
    expect(version(setup).toolchain).toBe(wanted);
  });
});

describe('timers', () => {
  const debug = (text: string): Setup => ({ name: 'main', header: `//go:debug ${text}\n` });
  it.each<[string, Setup, boolean | null | 'main module decides']>([
    ['a program of 1.22', { mod: 'go 1.22', main: true }, false],
    ['a program of 1.23', { mod: 'go 1.23', main: true }, true],
    ['a library of 1.22', { mod: 'go 1.22' }, 'main module decides'],
    ['a library of 1.23 needs a main module of 1.23', { mod: 'go 1.23' }, true],
    [
      'a program of 1.22 in a workspace of 1.23',
      { mod: 'go 1.22', main: true, work: 'go 1.23\nuse .\n' },
      true,
    ],
    ['godebug asynctimerchan=1', { mod: 'go 1.23\ngodebug asynctimerchan=1', main: true }, false],
    [
      'a godebug block',
      { mod: 'go 1.24\ngodebug (\n\tpanicnil=1\n\tasynctimerchan=1\n)', main: true },
      false,
    ],
    ['godebug asynctimerchan=0', { mod: 'go 1.22\ngodebug asynctimerchan=0', main: true }, true],
    ['godebug default', { mod: 'go 1.24\ngodebug default=go1.21', main: true }, false],
    ['godebug of a library is ignored', { mod: 'go 1.23\ngodebug asynctimerchan=1' }, true],
    [
      'the workspace takes the place of the godebug of go.mod',
      { mod: 'go 1.23\ngodebug asynctimerchan=1', main: true, work: 'go 1.23\nuse .\n' },
      true,
    ],
    [
      'godebug of the workspace',
      { mod: 'go 1.23', main: true, work: 'go 1.23\nuse .\ngodebug asynctimerchan=1\n' },
      false,
    ],
    ['//go:debug in a main package', { ...debug('asynctimerchan=1'), mod: 'go 1.23' }, false],
    [
      '//go:debug wins over go.mod',
      { ...debug('asynctimerchan=0'), mod: 'go 1.23\ngodebug asynctimerchan=1' },
      true,
    ],
    ['//go:debug default', { ...debug('default=go1.22'), mod: 'go 1.25' }, false],
    [
      '//go:debug outside of main',
      { ...debug('asynctimerchan=1'), name: 'p', mod: 'go 1.23', main: true },
      true,
    ],
    ['another setting', { ...debug('panicnil=1'), mod: 'go 1.23' }, true],
    ['a program of 1.27', { mod: 'go 1.27', main: true }, true],
    ['toolchain 1.27 whatever the go line', { mod: 'go 1.21\ntoolchain go1.27.0', main: true }, true],
    [
      'toolchain 1.27 knows no asynctimerchan',
      { mod: 'go 1.23\ntoolchain go1.27.0\ngodebug asynctimerchan=1', main: true },
      true,
    ],
    ['a library of 1.27', { mod: 'go 1.27' }, true],
    [
      "a library cannot choose its users' toolchain",
      { mod: 'go 1.22\ntoolchain go1.27.0' },
      'main module decides',
    ],
    ['no go.mod', { mod: null, main: true }, null],
  ])('%s', (_, setup, wanted) => {
    expect(version(setup).synchronousTimers).toBe(wanted);
  });
});

it('keeps what go.mod says for whoever asks for the package', () => {
  const text = 'module "acme.example/pay" // ours\n\ngo 1.24\ntoolchain go1.25.1\ngodebug http2client=0\n';
  const pkg = new GoPackage({ dir: '', name: 'p', complete: true, goMod: { path: 'go.mod', oid: '', text } });
  const known = pkg.get(goVersion);
  expect([known.language, known.toolchain, known.modulePath]).toEqual([24, 25, 'acme.example/pay']);
  expect([...known.godebug]).toEqual([['http2client', '0']]);
});
