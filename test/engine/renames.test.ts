import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRenames } from '../../src/engine/renames.ts';

const body = (name: string, n: number) =>
  `package p\n\n${Array.from({ length: n }, (_, i) => `func ${name}${i}() {\n}\n`).join('\n')}`;

describe('findRenames', () => {
  it('pairs a file that moved and changed a little', () => {
    const from = { path: 'a/x.go', text: body('F', 10) };
    const to = { path: 'b/y.go', text: `${body('F', 9)}\nfunc New() {}\n` };
    expect(findRenames([from], [to])).toEqual([{ from: 'a/x.go', to: 'b/y.go', similarity: 10 / 11 }]);
  });

  it('does not pair files that share only braces and the package clause', () => {
    expect(
      findRenames([{ path: 'a.go', text: body('F', 10) }], [{ path: 'b.go', text: body('G', 10) }]),
    ).toEqual([]);
  });

  it('prefers the better pair, then the one that keeps its name', () => {
    const text = body('F', 10);
    const deleted = [
      { path: 'a/x.go', text },
      { path: 'a/y.go', text },
    ];
    const added = [
      { path: 'b/y.go', text },
      { path: 'b/z.go', text },
    ];
    expect(findRenames(deleted, added).map((r) => [r.from, r.to])).toEqual([
      ['a/y.go', 'b/y.go'],
      ['a/x.go', 'b/z.go'],
    ]);
  });

  it('pairs nothing with an empty file', () => {
    expect(findRenames([{ path: 'a.go', text: '' }], [{ path: 'b.go', text: '' }])).toEqual([]);
  });

  it('is an injection that does not depend on the order of its input', () => {
    const text = fc.array(
      fc.constantFrom('package p', 'func A() {', 'x := 1', '}', 'return x', 'type T int'),
      {
        maxLength: 8,
      },
    );
    const files = (prefix: string) =>
      fc
        .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), text), { selector: ([name]) => name })
        .map((list) =>
          list.map(([name, lines]) => ({ path: `${prefix}/${name}.go`, text: lines.join('\n') })),
        );
    fc.assert(
      fc.property(files('old'), files('new'), (deleted, added) => {
        const renames = findRenames(deleted, added);
        expect(new Set(renames.map((r) => r.from)).size).toBe(renames.length);
        expect(new Set(renames.map((r) => r.to)).size).toBe(renames.length);
        for (const r of renames) expect(r.similarity).toBeGreaterThanOrEqual(0.6);
        expect(findRenames([...deleted].reverse(), [...added].reverse())).toEqual(renames);
      }),
    );
  });
});
