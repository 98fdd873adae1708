import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anchorProblems, atPosition, followLine, numberLines, positionOf } from './anchors.ts';
import { parseHunks } from './diff.ts';
import { GitStore } from './git.ts';
import { GITHUB_LIMITS } from './state.ts';

const dir = mkdtempSync(join(tmpdir(), 'anchors-'));
let git: GitStore;
beforeAll(() => {
  git = GitStore.create(join(dir, 'x.git'), 'main');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const line = fc.constantFrom('a', 'b', '-c', '+d', '', '@@ -1 +1 @@', 'diff --git a/f b/f', '\\ x');
const file = fc.array(line, { minLength: 1, maxLength: 25 });

it('agrees with git about every line of any two files', () => {
  fc.assert(
    fc.property(file, file, (before, after) => {
      const commit = (lines: string[]): string =>
        git.commit('main', { files: { f: lines.map((l) => `${l}\n`).join('') }, replaceTree: true }, 0);
      const diff = git.diff(commit(before), commit(after), GITHUB_LIMITS);
      const kept = new Set<number>();
      before.forEach((text, i) => {
        const place = followLine(diff, 'f', i + 1);
        if (place === null) return;
        expect(after[place.line - 1]).toBe(text);
        expect(kept.has(place.line)).toBe(false);
        kept.add(place.line);
      });
      const [changed] = diff;
      expect(before.length - kept.size).toBe(changed?.deletions ?? 0);
      expect(after.length - kept.size).toBe(changed?.additions ?? 0);
      for (const { text, left, right } of parseHunks(changed?.patch ?? null).flatMap(numberLines)) {
        for (const [side, number, lines] of [
          ['LEFT', left, before],
          ['RIGHT', right, after],
        ] as const) {
          if (number === null) continue;
          expect(lines[number - 1]).toBe(text.slice(1));
          expect(anchorProblems(diff, { path: 'f', line: number, side })).toEqual([]);
          const position = positionOf(diff, 'f', number, side) ?? 0;
          const back = atPosition(diff, 'f', position);
          expect(back?.side === side ? back.line : number).toBe(number);
        }
      }
    }),
    { numRuns: 25 },
  );
});
