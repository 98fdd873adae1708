import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hunkOnRight } from '../../src/review/hunks.ts';
import { carriesSuggestion, indexDiff, place } from '../../src/review/place.ts';
import { added, finding, someFiles, someFinding } from './samples.ts';

const PATH = 'pay/client.go';

describe('place', () => {
  it('prefers the site', () => {
    const diff = indexDiff([added(PATH, 5, 20)]);
    expect(place(finding({ trace: [{ path: PATH, line: 12, label: 'x' }] }), diff, true)).toEqual({
      kind: 'line',
      side: 'RIGHT',
      path: PATH,
      line: 10,
      startLine: null,
      exact: true,
    });
  });

  it('spans a site of several lines only within one hunk', () => {
    const inside = indexDiff([added(PATH, 5, 20)]);
    const across = indexDiff([added(PATH, 5, 11)]);
    const site = finding({ endLine: 12 });
    expect(place(site, inside, true)).toMatchObject({ startLine: 10, line: 12 });
    expect(place(site, across, true)).toMatchObject({ startLine: null, line: 10, exact: true });
  });

  it('then takes a line of the trace, of its own file first', () => {
    const diff = indexDiff([added(PATH, 30, 40), added('other.go', 1, 9)]);
    const site = finding({
      trace: [
        { path: 'other.go', line: 3, label: 'x' },
        { path: PATH, line: 33, label: 'y' },
      ],
    });
    expect(place(site, diff, true)).toMatchObject({ side: 'RIGHT', path: PATH, line: 33, exact: false });
  });

  it('then the deleted safeguard, under the name the diff has for the file', () => {
    const patch = '@@ -7,2 +7,1 @@\n-\tdefer cancel()\n a';
    const renamed = { path: 'pay/new.go', previousPath: 'pay/old.go', status: 'renamed' as const, patch };
    const site = finding({
      path: 'pay/new.go',
      line: 90,
      endLine: 90,
      removed: { path: 'pay/old.go', line: 7 },
    });
    expect(place(site, indexDiff([renamed]), true)).toMatchObject({
      side: 'LEFT',
      path: 'pay/new.go',
      line: 7,
    });
    const context = { ...site, removed: { path: 'pay/old.go', line: 8 } };
    expect(place(context, indexDiff([renamed]), true)).toEqual({ kind: 'file', path: 'pay/new.go' });
  });

  it('then the file, when the diff has it at head', () => {
    const binary = { path: PATH, previousPath: null, patch: null };
    expect(place(finding(), indexDiff([{ ...binary, status: 'modified' }]), true)).toEqual({
      kind: 'file',
      path: PATH,
    });
    for (const status of ['removed', 'unchanged'] as const) {
      expect(place(finding(), indexDiff([{ ...binary, status }]), true)).toMatchObject({ kind: 'summary' });
    }
  });

  it('and the summary in the end', () => {
    expect(place(finding(), indexDiff([]), true)).toEqual({ kind: 'summary', because: 'outside-diff' });
  });

  it('anchors exactly the lines a suggestion replaces', () => {
    const diff = indexDiff([added(PATH, 5, 20)]);
    const site = finding({ suggestion: { startLine: 12, endLine: 13, lines: ['x'] } });
    const placement = place(site, diff, true);
    expect(placement).toMatchObject({ startLine: 12, line: 13, exact: false });
    expect(carriesSuggestion(site, placement)).toBe(true);
    const without = place(site, diff, false);
    expect(without).toMatchObject({ startLine: null, line: 10, exact: true });
    expect(carriesSuggestion(site, without)).toBe(false);
  });

  it('never anchors outside a hunk, and always says where', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(someFiles, someFinding, fc.boolean(), (files, site, suggestions) => {
        const diff = indexDiff(files);
        const placement = place(site, diff, suggestions);
        seen.add(placement.kind === 'line' ? placement.side : placement.kind);
        if (placement.kind === 'summary') {
          expect(diff.files.get(site.path)?.removed ?? true).toBe(true);
          return;
        }
        const file = diff.files.get(placement.path);
        expect(file).toBeDefined();
        if (placement.kind !== 'line' || !file) return;
        const { line, startLine, side } = placement;
        if (startLine !== null) expect(startLine).toBeLessThan(line);
        if (side === 'RIGHT') expect(hunkOnRight(file.hunks, startLine ?? line, line)).not.toBeNull();
        else expect(file.hunks.some((hunk) => hunk.deleted.has(line))).toBe(true);
        if (placement.exact) {
          expect(placement.path).toBe(site.path);
          expect((startLine ?? line) <= site.line && site.line <= line).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    // A generator that misses a kind would prove nothing about it.
    expect([...seen].sort()).toEqual(['LEFT', 'RIGHT', 'file', 'summary']);
  });
});
