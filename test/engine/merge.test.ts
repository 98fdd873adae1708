import { describe, expect, it } from 'vitest';
import { mergeVerdicts, narrowVerdict } from '../../src/engine/merge.ts';
import { EMPTY, FINDING, VERDICT } from '../report/verdict.ts';

const [obligation] = VERDICT.obligations;
if (obligation === undefined) throw new Error('the fixture has an obligation');
const part = (path: string, failed = false) => ({
  ...VERDICT,
  findings: [
    { ...FINDING, path },
    { ...FINDING, path, line: 1 },
  ],
  obligations: [{ ...obligation, path }],
  ledger: [
    { path, status: failed ? ('failed' as const) : ('analysed' as const), reason: '', functionsSkipped: [] },
  ],
});

describe('mergeVerdicts', () => {
  it('sorts by path, keeps the order inside a file and sums the checklist', () => {
    const merged = mergeVerdicts([part('b.go'), part('a/x.go'), EMPTY], 'error');
    expect(merged.findings.map((f) => `${f.path}:${f.line}`)).toEqual([
      'a/x.go:3',
      'a/x.go:1',
      'b.go:3',
      'b.go:1',
    ]);
    expect(merged.checklist.find((line) => line.group === 'context')).toMatchObject({
      violated: 2,
      state: 'fail',
    });
    expect(merged.ledger.map((e) => e.path)).toEqual(['a/x.go', 'b.go']);
    expect(merged.conclusion).toBe('failure');
  });

  it('does not depend on the order of the parts', () => {
    const parts = [part('b.go'), part('a.go'), part('c.go')] as const;
    expect(mergeVerdicts([parts[2], parts[0], parts[1]], 'error')).toEqual(mergeVerdicts(parts, 'error'));
  });

  it('concludes by the threshold and by what failed', () => {
    expect(mergeVerdicts([part('a.go')], 'never').conclusion).toBe('success');
    expect(mergeVerdicts([part('a.go', true)], 'never').conclusion).toBe('incomplete');
  });
});

describe('narrowVerdict', () => {
  it('speaks of the wanted files only', () => {
    const both = mergeVerdicts([part('a.go'), part('b.go', true)], 'error');
    const narrow = narrowVerdict(both, (path) => path === 'a.go', 'never');
    expect(new Set(narrow.findings.map((f) => f.path))).toEqual(new Set(['a.go']));
    expect(narrow.conclusion).toBe('success');
    expect(narrow.checklist.find((line) => line.group === 'context')?.violated).toBe(1);
  });
});
