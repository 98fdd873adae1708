import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlobText, decodeBlob, isGenerated } from '../../src/engine/blobs.ts';
import { MAX_PACKAGE_FILES } from '../../src/engine/context.ts';
import { select, type TreeEntry, toSnapshot } from '../../src/engine/select.ts';
import { DEFAULT_SETTINGS } from '../../src/engine/snapshot.ts';

const file = (path: string, oid = `oid-of-${path}`, size = 100, mode = '100644'): TreeEntry => ({
  path,
  mode,
  oid,
  size,
});
const paths = (list: readonly { readonly path: string }[]) => list.map((entry) => entry.path);
const meta = { repo: 'r', base: 'b', head: 'h', today: '2025-01-01', settings: DEFAULT_SETTINGS };

describe('select', () => {
  it('takes changed files, their siblings and the nearest module files, and nothing else', () => {
    const base = [
      file('go.mod'),
      file('go.work'),
      file('m/go.mod'),
      file('m/a/x.go'),
      file('m/a/y.go'),
      file('m/b/z.go'),
    ];
    const head = [
      ...base.filter((e) => e.path !== 'm/a/x.go'),
      file('m/a/x.go', 'new'),
      file('README.md', 'new'),
    ];
    const selection = select(base, head, DEFAULT_SETTINGS);
    expect(selection.changes).toEqual([{ path: 'm/a/x.go', previousPath: null, status: 'modified' }]);
    expect(paths(selection.head)).toEqual(['go.work', 'm/a/x.go', 'm/a/y.go', 'm/go.mod']);
    expect(paths(selection.base)).toEqual(['go.work', 'm/a/x.go', 'm/a/y.go', 'm/go.mod']);
    expect(selection.skipped).toEqual([]);
  });

  it('reads nothing more than the module file when only that changed', () => {
    const selection = select(
      [file('go.mod'), file('a.go')],
      [file('go.mod', 'n'), file('a.go')],
      DEFAULT_SETTINGS,
    );
    expect(paths(selection.changes)).toEqual(['go.mod']);
    expect(paths(selection.head)).toEqual(['go.mod']);
  });

  it('reads the packages of a deleted and of a moved file at both ends', () => {
    const base = [file('a/x.go', 'X'), file('a/s.go'), file('b/t.go'), file('c/gone.go'), file('c/u.go')];
    const head = [file('a/s.go'), file('b/t.go'), file('b/x.go', 'X'), file('c/u.go')];
    const selection = select(base, head, DEFAULT_SETTINGS);
    expect(selection.changes).toEqual([
      { path: 'b/x.go', previousPath: 'a/x.go', status: 'renamed' },
      { path: 'c/gone.go', previousPath: null, status: 'deleted' },
    ]);
    expect(paths(selection.head)).toEqual(['a/s.go', 'b/t.go', 'b/x.go', 'c/u.go']);
    expect(paths(selection.base)).toEqual(['a/s.go', 'a/x.go', 'b/t.go', 'c/gone.go', 'c/u.go']);
  });

  it.each([
    [file('a.go', 'n', 10, '120000'), 'symbolic link'],
    [file('sub', 'n', 0, '160000'), 'submodule'],
    [file('vendor/x/a.go', 'n'), 'vendored code'],
    [file('x/testdata/a.go', 'n'), 'test data'],
    [file('third_party/a.go', 'n'), 'third-party code'],
    [file('web/node_modules/a.go', 'n'), 'third-party code'],
    [file('api/a.pb.go', 'n'), 'generated'],
    [file('api/zz_generated.deepcopy.go', 'n'), 'generated'],
    [file('gen/a.go', 'n'), 'ignored by the configuration'],
    [file('a.go', 'n', 3_000_000), 'larger than 2 MB'],
    [file('../a.go', 'n'), 'path leaves the repository'],
    [file('a//b.go', 'n'), 'path leaves the repository'],
    [file('/etc/a.go', 'n'), 'path is absolute'],
    [file('C:/a.go', 'n'), 'path is absolute'],
    [file('a\u001b[31m.go', 'n'), 'path contains control characters'],
    [file('a\u202eog.go', 'n'), 'path contains control characters'],
    [file('a\ufffd.go', 'n'), 'path is not valid UTF-8'],
    [file('.GIT/a.go', 'n'), 'path lies inside .git'],
  ])('skips %o', (entry, reason) => {
    const selection = select([], [entry], { ...DEFAULT_SETTINGS, ignore: ['gen/**'] });
    expect(selection.changes).toEqual([]);
    expect(selection.head).toEqual([]);
    expect(selection.skipped).toEqual([
      { path: entry.path, status: 'skipped', reason, functionsSkipped: [] },
    ]);
    expect(select([entry], [entry], DEFAULT_SETTINGS).skipped).toEqual([]);
  });

  it('limits siblings but never changed files', () => {
    const siblings = Array.from({ length: 200 }, (_, i) => file(`p/s${String(i).padStart(3, '0')}.go`));
    const changed = Array.from({ length: 59 }, (_, i) => file(`p/z${String(i).padStart(3, '0')}.go`));
    const selection = select(siblings, [...siblings, ...changed], DEFAULT_SETTINGS);
    expect(selection.changes).toHaveLength(59);
    expect(selection.head).toHaveLength(MAX_PACKAGE_FILES);
    expect(paths(selection.head)).toContain('p/s000.go');
    expect(selection.partialPackages).toEqual(['p']);
    const many = Array.from({ length: 300 }, (_, i) => file(`p/n${i}.go`));
    expect(select(siblings, [...siblings, ...many], DEFAULT_SETTINGS).head).toHaveLength(300);
    const big = siblings.map((s) => ({ ...s, size: 1_000_000 }));
    expect(select(big, [...big, file('p/zz.go')], DEFAULT_SETTINGS).head).toHaveLength(3);
  });

  it('names the packages it does not read wholly', () => {
    const base = [file('p/a.go'), file('p/x.pb.go'), file('q/a.go'), file('r/b.pb.go')];
    const selection = select(base, [...base, file('p/n.go'), file('q/n.go')], DEFAULT_SETTINGS);
    expect(selection.partialPackages).toEqual(['p']);
    expect(selection.skipped).toEqual([]);
    expect(select(null, base, DEFAULT_SETTINGS).partialPackages).toEqual(['p']);
  });

  it('takes everything for a scan', () => {
    const selection = select(
      null,
      [file('a.go'), file('go.mod'), file('vendor/b.go'), file('x.txt')],
      DEFAULT_SETTINGS,
    );
    expect(paths(selection.changes)).toEqual(['a.go', 'go.mod']);
    expect(paths(selection.head)).toEqual(['a.go', 'go.mod']);
    expect(selection.base).toEqual([]);
    expect(paths(selection.skipped)).toEqual(['vendor/b.go']);
  });

  const entry = fc.record({
    path: fc.constantFrom(
      'a.go',
      'b.go',
      'p/a.go',
      'p/b.go',
      'p/c_test.go',
      'p/q/a.go',
      'go.mod',
      'p/go.mod',
      'go.work',
      'vendor/v.go',
      'p/x.pb.go',
      '../e.go',
      'README.md',
      'lib',
      'p/link.go',
      'gen/g.go',
    ),
    mode: fc.constantFrom('100644', '100644', '100755', '120000', '160000'),
    oid: fc.constantFrom('1', '2', '3', '4', '5'),
    size: fc.constantFrom(0, 100, 3_000_000),
  });
  const tree = fc.uniqueArray(entry, { selector: (e) => e.path });
  const settings = { ...DEFAULT_SETTINGS, ignore: ['gen'] };

  it('lists every changed Go file of head exactly once: as a change or as skipped', () => {
    fc.assert(
      fc.property(tree, tree, (base, head) => {
        const selection = select(base, head, settings);
        const told = new Set([
          ...selection.changes.filter((c) => c.status !== 'deleted').map((c) => c.path),
          ...paths(selection.skipped),
        ]);
        expect(told.size).toBe(
          selection.changes.filter((c) => c.status !== 'deleted').length + selection.skipped.length,
        );
        for (const now of head) {
          const before = base.find((e) => e.path === now.path);
          if (!now.path.endsWith('.go') || now.mode === '160000') continue;
          if (before?.oid !== now.oid) expect(told).toContain(now.path);
          if (
            before !== undefined &&
            before.oid === now.oid &&
            before.mode === now.mode &&
            before.size === now.size
          )
            expect(told).not.toContain(now.path);
        }
      }),
    );
  });

  it('wants every blob that a change needs and only regular, reviewable ones', () => {
    fc.assert(
      fc.property(tree, tree, (base, head) => {
        const selection = select(base, head, settings);
        const [now, old] = [new Set(paths(selection.head)), new Set(paths(selection.base))];
        for (const change of selection.changes) {
          if (change.status !== 'deleted') expect(now).toContain(change.path);
          if (change.status !== 'added') expect(old).toContain(change.previousPath ?? change.path);
        }
        for (const wanted of [...selection.head, ...selection.base]) {
          expect(wanted.mode).toMatch(/^100/);
          expect(wanted.path).not.toMatch(/^\.\.|^vendor|^gen|pb\.go$|README/);
        }
      }),
    );
  });

  it('does not depend on the order of the listings and finds nothing between equal trees', () => {
    fc.assert(
      fc.property(tree, tree, (base, head) => {
        expect(select([...base].reverse(), [...head].reverse(), settings)).toEqual(
          select(base, head, settings),
        );
        expect(select(head, head, settings)).toEqual({
          changes: [],
          head: [],
          base: [],
          partialPackages: [],
          programs: [],
          skipped: [],
        });
      }),
    );
  });
});

describe('modules with a program', () => {
  const entries = (...names: string[]) =>
    names.map((path) => ({ path, mode: '100644', oid: `${path}-oid`, size: 10 }));
  const programs = (changed: string, ...others: string[]) =>
    select(entries(...others), entries(...others, changed), DEFAULT_SETTINGS).programs;

  it.each<[string, string[], string[]]>([
    ['one anywhere in the module', ['go.mod', 'cmd/tool/main.go'], ['']],
    ['none', ['go.mod', 'cmd/tool/tool.go'], []],
    ['one in a module below does not count', ['go.mod', 'tools/go.mod', 'tools/main.go'], []],
    ['examples do not count', ['go.mod', 'examples/a/main.go', '_x/main.go', 'vendor/x/main.go'], []],
    ['without a go.mod there is no module', ['main.go'], []],
  ])('%s', (_, others, wanted) => {
    expect(programs('pay/a.go', ...others)).toEqual(wanted);
  });

  it('are those of touched packages alone', () => {
    expect(programs('a/x.go', 'a/go.mod', 'a/main.go', 'b/go.mod', 'b/main.go')).toEqual(['a']);
  });
});

describe('toSnapshot', () => {
  const texts = (entries: Record<string, BlobText>) => new Map(Object.entries(entries));
  const lines = (n: number) =>
    `package p\n${Array.from({ length: n }, (_, i) => `var v${i} = ${i}\n`).join('')}`;

  it('lists generated, unreadable and missing files and keeps them out', () => {
    const head = [
      file('a.go', 'A'),
      file('g.go', 'G'),
      file('u.go', 'U'),
      file('m.go', 'M'),
      file('s.go', 'S'),
    ];
    const snapshot = toSnapshot(
      select([file('s.go', 'S')], head, DEFAULT_SETTINGS),
      texts({
        A: { text: 'package p\n' },
        G: { text: '// Code generated by x. DO NOT EDIT.\n\npackage p\n' },
        U: { unreadable: 'not valid UTF-8' },
        S: { unreadable: 'not valid UTF-8' },
      }),
      meta,
    );
    expect(paths(snapshot.headFiles)).toEqual(['a.go']);
    expect(paths(snapshot.changes)).toEqual(['a.go']);
    expect(snapshot.partialPackages).toEqual(['']);
    expect(snapshot.skipped.map((e) => [e.path, e.status, e.reason])).toEqual([
      ['g.go', 'skipped', 'generated'],
      ['m.go', 'failed', 'content not available'],
      ['u.go', 'skipped', 'not valid UTF-8'],
    ]);
  });

  it('finds a file that was moved and edited', () => {
    const selection = select([file('a/x.go', '1')], [file('b/x.go', '2')], DEFAULT_SETTINGS);
    const snapshot = toSnapshot(selection, texts({ 1: { text: lines(10) }, 2: { text: lines(11) } }), meta);
    expect(snapshot.changes).toEqual([{ path: 'b/x.go', previousPath: 'a/x.go', status: 'renamed' }]);
    expect(paths(snapshot.baseFiles)).toEqual(['a/x.go']);
  });

  it('calls a file new when its past is not Go', () => {
    const selection = select([file('x.go', '1')], [file('x.go', '2')], DEFAULT_SETTINGS);
    const snapshot = toSnapshot(
      selection,
      texts({ 1: { unreadable: 'binary' }, 2: { text: lines(1) } }),
      meta,
    );
    expect(snapshot.changes).toEqual([{ path: 'x.go', previousPath: null, status: 'added' }]);
  });

  it('keeps the past of a generated file that somebody took over', () => {
    const selection = select([file('x.go', '1')], [file('x.go', '2')], DEFAULT_SETTINGS);
    const marker = '// Code generated by x. DO NOT EDIT.\n';
    const snapshot = toSnapshot(
      selection,
      texts({ 1: { text: marker + lines(3) }, 2: { text: lines(3) } }),
      meta,
    );
    expect(snapshot.changes[0]?.status).toBe('modified');
    expect(paths(snapshot.baseFiles)).toEqual(['x.go']);
  });
});

describe('blobs', () => {
  it.each([
    ['// Code generated by x. DO NOT EDIT.\npackage p\n', true],
    ['// Code generated by x. DO NOT EDIT.\r\npackage p\r\n', true],
    ['// license\n\n/*\npackage docs\n*/\n\n// Code generated by x. DO NOT EDIT.\n\npackage p\n', true],
    ['package p\n// Code generated by x. DO NOT EDIT.\n', false],
    ['/*\n// Code generated by x. DO NOT EDIT.\n*/\npackage p\n', false],
    [' // Code generated by x. DO NOT EDIT.\npackage p\n', false],
    ['// Code generated by x. DO NOT EDIT. Really.\npackage p\n', false],
    ['', false],
  ])('isGenerated(%j) is %s', (text, expected) => {
    expect(isGenerated(text)).toBe(expected);
  });

  it('decodes UTF-8 only', () => {
    expect(decodeBlob(Buffer.from('\ufeffpackage é\n'))).toEqual({ text: 'package é\n' });
    expect(decodeBlob(Buffer.from([0x70, 0xff]))).toEqual({ unreadable: 'not valid UTF-8' });
    expect(decodeBlob(Buffer.from('a\0b'))).toEqual({ unreadable: 'binary (contains a NUL byte)' });
    expect(decodeBlob(Buffer.alloc(2 * 1024 * 1024 + 1, 'a'))).toEqual({ unreadable: 'larger than 2 MB' });
  });
});
