import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/engine/source.ts';
import { parseBuildLine } from '../../src/go/buildtags.ts';
import { calleeOf } from '../../src/go/calls.ts';
import { visible } from '../../src/go/declarations.ts';
import { compatible, satisfiable } from '../../src/go/platforms.ts';
import { packageFrom } from './source.ts';

describe('build expressions', () => {
  it.each<[string, boolean]>([
    ['linux', true],
    ['linux && windows', false],
    ['linux && !linux', false],
    ['android && linux', true],
    ['android && !linux', false],
    ['illumos && solaris', true],
    ['ios && darwin && !linux', true],
    ['unix && windows', false],
    ['unix && !linux && !darwin', true],
    ['amd64 && arm64', false],
    ['linux && arm64', true],
    ['go1.21 && !go1.20', false],
    ['go1.20 && !go1.21', true],
    ['!go1.20 && !go1.21', true],
    ['cgo && !cgo', false],
    ['integration && !race', true],
    ['gc && gccgo', false],
    ['ignore', false],
    ['(a || b) && !(a || b)', false],
    ['a || b && c', true],
  ])('%s can be built: %s', (text, wanted) => {
    const parsed = parseBuildLine(`//go:build ${text}`);
    expect(parsed && satisfiable(parsed)).toBe(wanted);
  });

  it.each(['linux &&', '(linux', 'linux)', '&& linux', 'a b', '!', '', 'a & b'])(
    'cannot be read: %j',
    (text) => {
      expect(parseBuildLine(`//go:build ${text}`)).toBeNull();
    },
  );
});

function two(a: readonly [string, string], b: readonly [string, string]): boolean {
  const pkg = packageFrom({ [a[0]]: `${a[1]}\npackage p\n`, [b[0]]: `${b[1]}\npackage p\n` });
  return compatible(pkg.files[0] as SourceFile, pkg.files[1] as SourceFile);
}

describe('files that are compiled together', () => {
  it.each<[string, readonly [string, string], readonly [string, string], boolean]>([
    ['no constraint', ['a.go', ''], ['b.go', ''], true],
    ['one constraint', ['a_linux.go', ''], ['b.go', ''], true],
    ['two systems', ['a_linux.go', ''], ['b_windows.go', ''], false],
    ['a system and its negation', ['a_linux.go', ''], ['b.go', '//go:build !linux\n'], false],
    ['two architectures', ['a_amd64.go', ''], ['b_arm64.go', ''], false],
    ['a system and an architecture', ['a_linux.go', ''], ['b_arm64.go', ''], true],
    ['both in the name', ['a_linux_arm64.go', ''], ['b_linux_amd64.go', ''], false],
    ['tests of systems', ['a_linux_test.go', ''], ['b_windows_test.go', ''], false],
    ['a name that is only a system', ['linux.go', ''], ['windows.go', ''], true],
    ['what stands in the middle does not count', ['a_linux_x.go', ''], ['b_windows.go', ''], true],
    ['a name and a line', ['a_linux.go', '//go:build cgo\n'], ['b_linux.go', '//go:build !cgo\n'], false],
    ['+build lines', ['a.go', '// +build linux,cgo darwin\n'], ['b.go', '// +build windows\n'], false],
    [
      '+build lines hold together',
      ['a.go', '// +build linux\n// +build cgo\n'],
      ['b.go', '// +build !cgo\n'],
      false,
    ],
    [
      '//go:build wins over +build',
      ['a.go', '//go:build unix\n// +build windows\n'],
      ['b_linux.go', ''],
      true,
    ],
    ['a line that cannot be read', ['a.go', '//go:build linux &&\n'], ['b_windows.go', ''], true],
    ['below the package clause', ['a.go', '/* x */'], ['b.go', '/*\n//go:build ignore\n*/'], true],
  ])('%s', (_, a, b, wanted) => {
    expect(two(a, b)).toBe(wanted);
    expect(two(b, a)).toBe(wanted);
  });
});

describe('what a file sees', () => {
  const pkg = packageFrom({
    'any.go': 'package p\nfunc all() {}\n',
    'conn_linux.go': 'package p\ntype fd int\nfunc open() {}\nfunc (c *conn) read() {}\nfunc only() {}\n',
    'conn_other.go':
      '//go:build !linux\n\npackage p\ntype fd uintptr\nfunc open() {}\nfunc (c *conn) read() {}\n',
    'use_linux.go': 'package p\nfunc use(c *conn) { open(); c.read(); helper() }\n',
    'use_windows.go': 'package p\nfunc use(c *conn) { open(); only() }\n',
    'any_test.go': 'package p\nfunc helper() {}\nfunc all2() { helper() }\n',
    'zconn.go': 'package p\ntype conn struct{}\nfunc both(c *conn) { open(); c.read(); helper() }\n',
  });
  const file = (path: string) => pkg.files.find((f) => f.path === path) as SourceFile;
  const home = (path: string, name: string) => file(path).get(visible).func(name)?.file.path ?? null;

  it.each([
    ['use_linux.go', 'open', 'conn_linux.go'],
    ['use_windows.go', 'open', 'conn_other.go'],
    ['any.go', 'open', null],
    ['use_windows.go', 'only', null],
    ['any.go', 'only', 'conn_linux.go'],
    ['any.go', 'helper', null],
    ['any_test.go', 'helper', 'any_test.go'],
    ['any_test.go', 'all', 'any.go'],
  ])('%s takes %s from %s', (from, name, wanted) => {
    expect(home(from, name)).toBe(wanted);
  });

  it('knows that a name is taken although what it is cannot be told', () => {
    expect(file('any.go').get(visible).declares('open')).toBe(true);
    expect(file('any.go').get(visible).declares('nothing')).toBe(false);
  });

  it.each([
    ['use_linux.go', ['local open', 'local conn.read', 'unknown']],
    ['zconn.go', ['unknown', 'unknown', 'unknown']],
    ['any_test.go', ['local helper']],
  ])('calls in %s are %j', (path, wanted) => {
    const calls = [...file(path).tree.root.descendants('call_expression')].map((c) => {
      const callee = calleeOf(file(path), c);
      return 'name' in callee ? `${callee.kind} ${callee.name}` : callee.kind;
    });
    expect(calls).toEqual(wanted);
  });
});
