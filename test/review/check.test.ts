import { describe, expect, it } from 'vitest';
import { type CheckInput, checkOutcome } from '../../src/review/check.ts';
import { joinWithin } from '../../src/review/limits.ts';
import { linksFor } from '../../src/review/links.ts';
import { finding, OPTIONS, obligation, observation, verdict } from './samples.ts';

const outcome = (over: Partial<CheckInput>): ReturnType<typeof checkOutcome> =>
  checkOutcome({
    verdict: verdict(),
    links: linksFor(observation().pr, OPTIONS.docsUrl),
    language: 'en',
    failOn: 'error',
    notices: [],
    attest: [],
    ...over,
  });
const bytes = (text: string): number => new TextEncoder().encode(text).length;
const asked = (required: boolean, by: string | null) => ({
  obligation: obligation({ verdict: 'unknown' }),
  key: 'k',
  required,
  by,
});

describe('checkOutcome', () => {
  it.each([
    ['success', verdict(), 'success', 'No findings'],
    ['nothing to do', verdict({ ledger: [] }), 'success', 'No Go changes: nothing to review'],
    [
      'failure',
      verdict({ findings: [finding(), finding({ severity: 'warning' })] }),
      'failure',
      '1 blocking finding',
    ],
    [
      'advice',
      verdict({ findings: [finding({ severity: 'warning' })] }),
      'success',
      '1 finding, none blocking',
    ],
    [
      'neutral',
      verdict({ findings: [finding()], conclusion: 'neutral' }),
      'neutral',
      '1 finding, none blocking',
    ],
    ['incomplete', verdict({ conclusion: 'incomplete' }), 'failure', 'Could not evaluate this change'],
    [
      'incomplete and empty',
      verdict({ conclusion: 'incomplete', ledger: [] }),
      'failure',
      'Could not evaluate this change',
    ],
  ] as const)('concludes %s', (_, given, conclusion, title) => {
    expect(outcome({ verdict: given })).toMatchObject({ conclusion, title });
  });

  it.each([
    ['is only asked for', [asked(false, null)], 'success', 'No findings; 1 item for a human to confirm'],
    [
      'is waited for',
      [asked(true, null), asked(false, null)],
      'failure',
      '1 item to be confirmed by a human',
    ],
    ['has come', [asked(true, 'kim'), asked(false, 'kim')], 'success', 'No findings'],
  ])('says whether a confirmation %s', (_, attest, conclusion, title) => {
    expect(outcome({ attest })).toMatchObject({ conclusion, title });
  });

  it('counts what blocks by the threshold', () => {
    const findings = [finding(), finding({ severity: 'warning' }), finding({ severity: 'info' })];
    const titles = (['error', 'warning', 'info', 'never'] as const).map(
      (failOn) => outcome({ verdict: verdict({ findings }), failOn }).title,
    );
    expect(titles).toEqual([
      '1 blocking finding',
      '2 blocking findings',
      '3 blocking findings',
      '3 blocking findings',
    ]);
  });

  it('blames itself when it could not evaluate, and says what to do', () => {
    const { summary } = outcome({ verdict: verdict({ conclusion: 'incomplete' }) });
    expect(summary).toMatch(/could not evaluate.*fault of Reefpilot, not of the change.*Re-run the check/);
  });

  it('annotates the findings of the change, in plain text', () => {
    const one = finding({
      endLine: 12,
      severity: 'warning',
      trace: [
        { path: 'pay/client.go', line: 17, label: 'returns\n' },
        { path: 'b.go', line: 2, label: 'x' },
      ],
    });
    const old = finding({ introduced: false, fingerprint: 'b' });
    expect(outcome({ verdict: verdict({ findings: [old, one] }) }).annotations).toEqual([
      {
        path: 'pay/client.go',
        startLine: 10,
        endLine: 12,
        level: 'warning',
        title: 'Warning: lost-cancel',
        message: 'The context of `Charge` is never cancelled.\nPath: L17 returns → b.go:2 x',
      },
    ]);
  });

  it('shows notices, waivers and the ledger', () => {
    const ledger = [
      { path: 'gen.go', status: 'skipped' as const, reason: 'generated', functionsSkipped: [] },
    ];
    const obligations = [
      obligation({ verdict: 'waived', evidence: { path: 'a.go', line: 1, text: 'ok until May' } }),
    ];
    const { text } = outcome({
      verdict: verdict({ ledger, obligations }),
      notices: ['.github/reefpilot.yml:3: unknown key `x`, ask @you'],
    });
    expect(text).toContain('- .github/reefpilot.yml:3: unknown key `x`, ask @\u200byou');
    expect(text).toContain('- `gen.go` skipped: generated');
    expect(text).toContain('ok until May');
    expect(outcome({}).text).toContain('1 file analysed, none left out.');
  });

  it('fits into the limits in bytes, whatever the script', () => {
    const findings = Array.from({ length: 3000 }, (_, index) =>
      finding({ path: `深/${index}.go`, message: '深'.repeat(300), fingerprint: `${index}` }),
    );
    const ledger = findings.map(({ path }) => ({
      path,
      status: 'failed' as const,
      reason: '大'.repeat(200),
      functionsSkipped: [],
    }));
    const result = outcome({ verdict: verdict({ findings, ledger }) });
    for (const text of [result.summary, result.text]) {
      expect(bytes(text)).toBeLessThanOrEqual(65_535);
      expect(bytes(text)).toBeGreaterThan(60_000);
      expect(text).toMatch(/… and \d+ more$/);
    }
    expect(result.annotations).toHaveLength(500);
    expect(result.text).toContain('2500 findings without an annotation');
  });
});

describe('joinWithin', () => {
  const more = (missing: number): string => `+${missing}`;

  it('keeps everything that fits', () => {
    expect(joinWithin(['a', 'b'], 4, more)).toBe('a\nb');
  });

  it('counts what does not', () => {
    const text = joinWithin(
      Array.from({ length: 100 }, () => '深深深'),
      500,
      more,
    );
    expect(text).toMatch(/^(深深深\n){30}\+70$/);
  });
});
