import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hunkOnRight, parseHunks } from '../../src/review/hunks.ts';
import { patched } from './samples.ts';

const lines = (range: { start: number; end: number }): number[] =>
  Array.from({ length: Math.max(0, range.end - range.start + 1) }, (_, index) => range.start + index);

describe('parseHunks', () => {
  it('numbers both sides', () => {
    const [hunk, ...rest] = parseHunks('@@ -3,4 +3,4 @@ func f() {\n a\n-b\n-c\n+d\n+e\n f');
    expect(rest).toEqual([]);
    expect(hunk).toEqual({
      right: { start: 3, end: 6 },
      left: { start: 3, end: 6 },
      deleted: new Set([4, 5]),
    });
  });

  it('takes a missing count for one', () => {
    expect(parseHunks('@@ -1 +1 @@\n-a\n+b')[0]).toEqual({
      right: { start: 1, end: 1 },
      left: { start: 1, end: 1 },
      deleted: new Set([1]),
    });
  });

  it('ignores the remark on a missing line break', () => {
    const patch = '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file';
    expect(parseHunks(patch)[0]?.right).toEqual({ start: 1, end: 1 });
  });

  it('counts only what a truncated patch shows', () => {
    expect(parseHunks('@@ -1,9 +1,9 @@\n a\n b')[0]?.right).toEqual({ start: 1, end: 2 });
  });

  it('ends a hunk where its header says so', () => {
    expect(parseHunks('@@ -1,1 +1,1 @@\n a\n')[0]?.right).toEqual({ start: 1, end: 1 });
  });

  it('reads context lines that lost their blank', () => {
    expect(parseHunks('@@ -1,3 +1,3 @@\n a\n\n b')[0]?.right).toEqual({ start: 1, end: 3 });
  });

  it.each([null, '', 'Binary files differ', '@@ nonsense @@\n+a'])('finds no hunk in %j', (patch) => {
    expect(parseHunks(patch)).toEqual([]);
  });

  it('keeps a hunk without lines empty', () => {
    const hunks = parseHunks('@@ -0,0 +1,3 @@');
    expect(hunkOnRight(hunks, 1, 1)).toBeNull();
  });

  it('agrees with the generator of the patch', () => {
    fc.assert(
      fc.property(patched, ({ patch, right, deleted }) => {
        const hunks = parseHunks(patch);
        expect(new Set(hunks.flatMap((hunk) => lines(hunk.right)))).toEqual(right);
        expect(new Set(hunks.flatMap((hunk) => [...hunk.deleted]))).toEqual(deleted);
        for (const hunk of hunks) {
          for (const line of hunk.deleted) expect(lines(hunk.left)).toContain(line);
        }
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (patch) => Array.isArray(parseHunks(`@@ -1,2 +1,2 @@\n${patch}`))));
  });
});

describe('hunkOnRight', () => {
  const hunks = parseHunks('@@ -1,2 +1,2 @@\n a\n b\n@@ -3,2 +3,2 @@\n c\n d');

  it('does not join neighbouring hunks', () => {
    expect(hunkOnRight(hunks, 1, 2)).not.toBeNull();
    expect(hunkOnRight(hunks, 2, 3)).toBeNull();
  });

  it('refuses a range that ends before it starts', () => {
    expect(hunkOnRight(hunks, 2, 1)).toBeNull();
  });
});
