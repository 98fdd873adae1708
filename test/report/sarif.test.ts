import { describe, expect, it } from 'vitest';
import { defineRule, type Rule } from '../../src/engine/rule.ts';
import { toSarif } from '../../src/report/sarif.ts';
import { FINDING, HOSTILE, VERDICT } from './verdict.ts';

const text = { en: 'a', 'zh-CN': '甲' };
const rule = (id: string): Rule =>
  defineRule({
    id,
    group: 'context',
    severity: 'error',
    confidence: 'high',
    tests: false,
    since: '0.1.0',
    title: text,
    checklist: text,
    aliases: [],
    texts: {},
    on: {},
  });
const options = { rules: [rule('zeta'), rule('lost-cancel')], version: '1.2.3', language: 'en' } as const;

interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: Readonly<Record<string, number>>;
  };
}

interface Log {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly rules: readonly { readonly id: string }[]; readonly version: string };
      };
      readonly columnKind: string;
      readonly invocations: readonly [
        {
          readonly executionSuccessful: boolean;
          readonly toolExecutionNotifications: readonly {
            readonly level: string;
            readonly locations: readonly Location[];
          }[];
        },
      ];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly baselineState?: string;
        readonly locations: readonly Location[];
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly codeFlows?: readonly {
          readonly threadFlows: readonly { readonly locations: readonly unknown[] }[];
        }[];
        readonly fixes?: readonly {
          readonly artifactChanges: readonly {
            readonly replacements: readonly {
              readonly deletedRegion: Readonly<Record<string, number>>;
              readonly insertedContent: { readonly text: string };
            }[];
          }[];
        }[];
      }[];
    },
  ];
}

const parse = (verdict: typeof VERDICT): Log => JSON.parse(toSarif(verdict, options)) as Log;

describe('sarif', () => {
  it('is a 2.1.0 log whose results refer to the rule table', () => {
    const log = parse(VERDICT);
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.tool.driver.rules.map((r) => r.id)).toEqual(['lost-cancel', 'zeta']);
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(Object.keys(result.partialFingerprints)).toHaveLength(1);
      for (const { physicalLocation } of result.locations) {
        expect(physicalLocation.region?.startLine).toBeGreaterThan(0);
        expect(physicalLocation.region?.endLine).toBeGreaterThanOrEqual(
          physicalLocation.region?.startLine ?? 0,
        );
      }
    }
    expect(run.results[0]?.codeFlows?.[0]?.threadFlows[0]?.locations).toHaveLength(2);
    expect(run.results[0]?.baselineState).toBe('new');
  });

  it('offers suggestions as fixes that replace whole lines', () => {
    const [replace] = parse(VERDICT).runs[0].results[0]?.fixes?.[0]?.artifactChanges[0]?.replacements ?? [];
    expect(replace?.deletedRegion).toEqual({ startLine: 3, startColumn: 1, endLine: 3 });
    expect(replace?.insertedContent.text.split('\n')).toHaveLength(2);
    const deletion = { ...FINDING, suggestion: { startLine: 3, endLine: 4, lines: [] } };
    const [remove] =
      parse({ ...VERDICT, findings: [deletion] }).runs[0].results[0]?.fixes?.[0]?.artifactChanges[0]
        ?.replacements ?? [];
    expect(remove?.deletedRegion).toEqual({ startLine: 3, startColumn: 1, endLine: 5, endColumn: 1 });
  });

  it('tells what was not analysed', () => {
    const [invocation] = parse({ ...HOSTILE, conclusion: 'incomplete' }).runs[0].invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications.map((n) => n.level)).toEqual(['error']);
    expect(parse(VERDICT).runs[0].invocations[0].toolExecutionNotifications.map((n) => n.level)).toEqual([
      'warning',
      'note',
    ]);
  });

  it('writes paths as relative URIs', () => {
    const log = parse({ ...VERDICT, findings: [{ ...FINDING, path: 'a b/ü#?.go' }] });
    const { uri } = log.runs[0].results[0]?.locations[0]?.physicalLocation.artifactLocation ?? { uri: '' };
    expect(uri).toBe('a%20b/%C3%BC%23%3F.go');
    expect(new URL(uri, 'file:///root/').pathname).toBe('/root/a%20b/%C3%BC%23%3F.go');
  });

  it('has no baseline for a scan', () => {
    expect(parse({ ...VERDICT, base: null }).runs[0].results[0]?.baselineState).toBeUndefined();
  });
});
