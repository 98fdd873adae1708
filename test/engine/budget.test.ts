import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { analyse } from '../../src/engine/analyse.ts';
import { declarationOf } from '../../src/engine/fingerprint.ts';
import { defineRule, type Rule } from '../../src/engine/rule.ts';
import { DECLARATION_STEPS, FILE_STEPS } from '../../src/engine/run.ts';
import { DEFAULT_SETTINGS } from '../../src/engine/snapshot.ts';
import { loadGoParser } from '../../src/parser.ts';
import { Meter, OverBudget } from '../../src/syntax/budget.ts';
import { DEAR } from './dear.ts';

const engine = { parser: await loadGoParser('wasm'), rules, version: 'test' };
const SIBLING =
  'package p\n\nimport "context"\n\nfunc g(c context.Context) {\n\t_, _ = context.WithCancel(c)\n}\n';

/** Slow machines take long to build and parse these files; that the run ends is all that is asked of its time. */
const TIMEOUT = 120_000;

function verdictOf(files: Readonly<Record<string, string>>, only: readonly Rule[] = rules) {
  const headFiles = Object.entries(files).map(([path, text]) => ({ path, oid: path, text }));
  return analyse(
    {
      repo: 'r',
      base: null,
      head: 'worktree',
      today: '2026-01-01',
      changes: [],
      headFiles,
      baseFiles: [],
      partialPackages: [],
      skipped: [],
      settings: DEFAULT_SETTINGS,
    },
    { ...engine, rules: only },
  );
}

describe('a file over its budget', () => {
  const whole = ['(whole file)'];
  it.each([
    ['100,000 nested parentheses', /nested deeper than \d+ levels/, whole],
    ['5 MB of one expression', /longer than 2 MB/, whole],
    ['1 MB of elements', /more than \d+ steps to parse/, whole],
    ['brackets that read in many ways', /more than \d+ steps to parse/, whole],
    ['2 MB of nested closures', /more than \d+ steps to parse|nested deeper than \d+ levels/, whole],
    ['20,000 functions', /more than \d+ steps to parse/, whole],
    ['50,000 identical lines', /more than \d+ steps to parse/, whole],
  ] as const)(
    'is left out and named, its sibling is analysed: %s',
    (name, reason, functionsSkipped) => {
      const verdict = verdictOf({ 'dear.go': (DEAR[name] as () => string)(), 'z.go': SIBLING });
      const [dear, sibling] = verdict.ledger;
      expect(dear).toMatchObject({ path: 'dear.go', status: 'partial', functionsSkipped });
      expect(dear?.reason).toMatch(reason);
      expect(sibling).toMatchObject({ path: 'z.go', status: 'analysed' });
      expect(verdict.findings.map((f) => [f.path, f.rule])).toEqual([['z.go', 'lost-cancel']]);
      expect(verdict.conclusion).toBe('failure');
    },
    TIMEOUT,
  );

  it(
    'is analysed in whole where it is only long',
    () => {
      const dear = (DEAR['8,000 functions'] as () => string)();
      expect(verdictOf({ 'dear.go': dear }).ledger[0]).toMatchObject({ status: 'analysed', reason: '' });
    },
    TIMEOUT,
  );

  // What these cost depends on the rules: whichever way it goes, the run ends and says so.
  it.each(['10,000 identical lines', 'closures in 150 levels', 'a function with 20,000 ifs'])(
    'ends: %s',
    (name) => {
      const { ledger, findings } = verdictOf({ 'dear.go': (DEAR[name] as () => string)(), 'z.go': SIBLING });
      if (ledger[0]?.status !== 'analysed')
        expect(ledger[0]).toMatchObject({
          status: 'partial',
          reason: `more than ${DECLARATION_STEPS} steps to analyse`,
          functionsSkipped: ['f'],
        });
      expect(ledger[1]).toMatchObject({ path: 'z.go', status: 'analysed' });
      expect(findings.some((f) => f.path === 'z.go')).toBe(true);
    },
    TIMEOUT,
  );
});

describe('a rule that asks too much', () => {
  /** Compares every name of the file with every other. */
  const greedy = defineRule({
    ...(rules[0] as Rule),
    id: 'greedy',
    on: {
      identifier(name, pass) {
        const declaration = declarationOf(name) ?? name;
        for (const other of declaration.descendants('identifier'))
          if (other === name && name.text === 'bad') pass.met(name, name);
      },
    },
  });
  const long = (name: string, uses: number) => `func ${name}() {\n${'\tbad(a, b, c)\n'.repeat(uses)}}\n\n`;

  it('loses the functions that are too dear and no other, at the same place every time', () => {
    const files = { 'a.go': `package p\n\n${long('short', 5)}${long('dear', 1_500)}${long('last', 5)}` };
    const first = verdictOf(files, [greedy]);
    expect(first.ledger[0]).toMatchObject({
      status: 'partial',
      reason: `more than ${DECLARATION_STEPS} steps to analyse`,
      functionsSkipped: ['dear'],
    });
    expect(first.obligations.map((o) => o.line)).toEqual([4, 5, 6, 7, 8, 1515, 1516, 1517, 1518, 1519]);
    expect(JSON.stringify(verdictOf(files, [greedy]))).toBe(JSON.stringify(first));
  });

  it('ends with the budget of the file, and the next file has its own', () => {
    const dear = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => long(name, 1_000)).join('');
    const { ledger } = verdictOf({ 'a.go': `package p\n\n${dear}`, 'z.go': `package p\n\n${long('z', 5)}` }, [
      greedy,
    ]);
    expect(ledger[0]?.reason).toContain(`more than ${FILE_STEPS} steps to analyse the file`);
    expect(ledger[0]?.functionsSkipped).toContain('g');
    expect(ledger[1]).toMatchObject({ path: 'z.go', status: 'analysed' });
  });
});

describe('the meter', () => {
  it('gives a declaration less than its file', () => {
    expect(DECLARATION_STEPS).toBeLessThan(FILE_STEPS);
  });

  it('stops for good at its limit, and starts anew with the next', () => {
    const meter = new Meter();
    meter.limit(3);
    meter.spend(3);
    expect(() => meter.spend(1)).toThrow(OverBudget);
    expect(() => meter.spend(1)).toThrow(OverBudget);
    expect(meter.spent).toBe(3);
    meter.limit(1);
    meter.spend(1);
    expect(meter.spent).toBe(1);
    meter.lift();
    meter.spend(1_000_000);
  });
});
