import { describe, expect, it } from 'vitest';
import lostCancel from '../../rules/context/lost-cancel/rule.ts';
import { analyse } from '../../src/engine/analyse.ts';
import { concludeFrom } from '../../src/engine/conclude.ts';
import { defineRule, type Rule } from '../../src/engine/rule.ts';
import { DEFAULT_SETTINGS, type Settings, type Snapshot } from '../../src/engine/snapshot.ts';
import type { Verdict } from '../../src/engine/verdict.ts';
import { loadGoParser } from '../../src/parser.ts';

const parser = await loadGoParser('wasm');

interface Change {
  readonly head: Readonly<Record<string, string>>;
  readonly base?: Readonly<Record<string, string>>;
  readonly renames?: Readonly<Record<string, string>>;
  readonly settings?: Partial<Settings>;
  readonly rules?: readonly Rule[];
  readonly today?: string;
}

function verdictOf(change: Change): Verdict {
  const sources = (files: Readonly<Record<string, string>>) =>
    Object.entries(files).map(([path, text]) => ({ path, text, oid: '' }));
  const snapshot: Snapshot = {
    repo: 'acme/pay',
    base: change.base === undefined ? null : 'base',
    head: 'head',
    today: change.today ?? '2026-06-15',
    changes: Object.keys(change.head).map((path) => ({
      path,
      previousPath: change.renames?.[path] ?? null,
      status: change.renames?.[path] === undefined ? 'modified' : 'renamed',
    })),
    headFiles: sources(change.head),
    baseFiles: sources(change.base ?? {}),
    partialPackages: [],
    skipped: [],
    settings: { ...DEFAULT_SETTINGS, ...change.settings },
  };
  return analyse(snapshot, { parser, rules: change.rules ?? [lostCancel], version: 'test' });
}

const HEADER = 'package pay\n\nimport "context"\n\n';
const LEAK = 'func leak(p context.Context) {\n\t_, _ = context.WithCancel(p)\n}\n';
const CLEAN =
  'func clean(p context.Context) error {\n\tctx, cancel := context.WithCancel(p)\n\tdefer cancel()\n\treturn ctx.Err()\n}\n';
const BROKEN = CLEAN.replace(
  '\tdefer cancel()\n',
  '\tif ctx.Err() != nil {\n\t\treturn nil\n\t}\n\tcancel()\n',
);

const lines = (v: Verdict) => v.findings.map((f) => `${f.path}:${f.line}${f.introduced ? '' : ' old'}`);
const print = (v: Verdict) => v.findings.map((f) => f.fingerprint);

describe('what a change introduces', () => {
  it('is what the merge base does not have', () => {
    const v = verdictOf({ base: { 'a.go': HEADER + LEAK }, head: { 'a.go': HEADER + CLEAN + LEAK } });
    expect(lines(v)).toEqual(['a.go:11 old']);
    expect(v.conclusion).toBe('success');
    expect(v.obligations.map((o) => o.verdict)).toEqual(['met']);
  });

  it('includes a leak whose own line was not touched', () => {
    const v = verdictOf({ base: { 'a.go': HEADER + CLEAN }, head: { 'a.go': HEADER + BROKEN } });
    expect(lines(v)).toEqual(['a.go:6']);
    expect(v.findings[0]?.removed).toEqual({ path: 'a.go', line: 7 });
    expect(v.conclusion).toBe('failure');
    expect(v.checklist.find((c) => c.group === 'context')).toMatchObject({ violated: 1, state: 'fail' });
  });

  it.each([
    ['moved down', { 'a.go': HEADER + CLEAN.replace('clean', 'other') + LEAK }, undefined],
    ['moved to another file of the package', { 'b.go': HEADER + LEAK }, undefined],
    ['moved with its folder', { 'x/a.go': HEADER + LEAK }, { 'x/a.go': 'a.go' }],
    [
      'reformatted',
      { 'a.go': HEADER + LEAK.replace('WithCancel(p)', 'WithCancel(\n\t\tp, // parent\n\t)') },
      undefined,
    ],
  ])('does not include what was %s', (_, head, renames) => {
    const v = verdictOf({
      base: { 'a.go': HEADER + LEAK },
      head,
      ...(renames === undefined ? {} : { renames }),
    });
    expect(v.findings.map((f) => f.introduced)).toEqual([false]);
  });

  it('counts a second equal site as new', () => {
    const twice = LEAK.replace('\n}', '\n\t_, _ = context.WithCancel(p)\n}');
    const v = verdictOf({ base: { 'a.go': HEADER + LEAK }, head: { 'a.go': HEADER + twice } });
    expect(v.findings.map((f) => f.introduced)).toEqual([false, true]);
    expect(new Set(print(v)).size).toBe(2);
  });
});

describe('suppressions', () => {
  const withComment = (comment: string) =>
    verdictOf({ head: { 'a.go': HEADER + LEAK.replace('\t_, _', `\t${comment}\n\t_, _`) } });

  it.each([
    '//reef:ignore lost-cancel -- parent ends with the request',
    '// reef:ignore lost-cancel until=2026-06-15 -- this sprint',
    '//nolint',
    '//nolint:govet // checked by hand',
    '//nolint:errcheck,lostcancel',
    '//lint:ignore lostcancel checked by hand',
    '//nolint:reefpilot',
  ])('%s is honoured', (comment) => {
    const v = withComment(comment);
    expect(v.findings).toEqual([]);
    expect(v.obligations[0]).toMatchObject({ verdict: 'waived', evidence: { line: 6 } });
  });

  it.each([
    ['//reef:ignore lost-cancel', 'give a reason'],
    ['//reef:ignore -- because', 'name the rule'],
    ['//reef:ignore lost-cancel until=soon -- because', 'not a date'],
    ['//reef:ignore lost-cancel until=2026-02-30 -- because', 'not a date'],
    ['//reef:ignore response-body-leak -- other rule', ''],
    ['//reef:ignore lost-cancel until=2026-06-14 -- too late', ''],
    ['//nolint:errcheck', ''],
    ['// nothing about nolint here', ''],
  ])('%s is not', (comment, problem) => {
    const v = withComment(comment);
    expect(lines(v)).toEqual(['a.go:7']);
    expect(v.ledger[0]?.reason).toContain(problem);
  });

  it('covers a whole declaration when it stands above it, and a line when it stands behind it', () => {
    const above = verdictOf({ head: { 'a.go': `${HEADER}// leak is fine.\n//nolint:lostcancel\n${LEAK}` } });
    expect(above.findings).toEqual([]);
    const behind = verdictOf({
      head: { 'a.go': HEADER + LEAK.replace('(p)\n', '(p) //nolint:lostcancel\n') },
    });
    expect(behind.findings).toEqual([]);
  });

  it('asks a person to vouch for what the change silences itself', () => {
    const silenced = HEADER + LEAK.replace('(p)\n', '(p) //reef:ignore lost-cancel -- trust me\n');
    const added = verdictOf({ base: { 'a.go': HEADER }, head: { 'a.go': silenced } });
    expect(added.checklist.find((c) => c.group === 'context')).toMatchObject({ waived: 1, state: 'attest' });
    const old = verdictOf({ base: { 'a.go': silenced }, head: { 'a.go': silenced } });
    expect(old.checklist.find((c) => c.group === 'context')?.state).toBe('pass');
  });
});

describe('what could not be analysed', () => {
  it('is listed by function, and the rest goes on', () => {
    const v = verdictOf({ head: { 'a.go': `${HEADER}func bad() { x := := 1 }\n\n${LEAK}` } });
    expect(lines(v)).toEqual(['a.go:8']);
    expect(v.ledger).toEqual([
      { path: 'a.go', status: 'partial', reason: 'syntax error near line 5', functionsSkipped: ['bad'] },
    ]);
  });

  it('makes a clean verdict neutral', () => {
    const v = verdictOf({ head: { 'a.go': `${HEADER}func bad() { x := := 1 }\n` } });
    expect(v.conclusion).toBe('neutral');
  });

  it('contains a rule that throws, names it, and is never green', () => {
    const crash = defineRule({
      ...lostCancel,
      id: 'crash',
      on: {
        function_declaration: () => {
          throw new Error('boom');
        },
      },
    });
    const v = verdictOf({ head: { 'a.go': HEADER + LEAK }, rules: [crash, lostCancel] });
    expect(lines(v)).toEqual(['a.go:6']);
    expect(v.ledger[0]).toMatchObject({ status: 'failed', reason: 'rule crash failed (boom)' });
    const quiet = verdictOf({ head: { 'a.go': HEADER + CLEAN }, rules: [crash] });
    expect(quiet.conclusion).toBe('incomplete');
  });

  it.each([
    ['generated', 'success'],
    ['vendored code', 'success'],
    ['not valid UTF-8', 'neutral'],
    ['larger than 2 MB', 'neutral'],
  ])('is %s when left out before: %s', (reason, conclusion) => {
    const skipped = [{ path: 'b.go', status: 'skipped' as const, reason, functionsSkipped: [] }];
    expect(concludeFrom([], skipped, 'error')).toBe(conclusion);
  });

  it('names a file over budget', () => {
    const deep = `package p\n\nvar x = ${'('.repeat(5_000)}1${')'.repeat(5_000)}\n`;
    const v = verdictOf({ head: { 'deep.go': deep } });
    expect(v.ledger[0]).toMatchObject({ status: 'partial' });
    expect(v.conclusion).toBe('neutral');
    expect(v.ledger[0]?.reason).toContain('nested deeper');
  });
});

describe('settings', () => {
  const head = { 'a.go': HEADER + LEAK, 'a_test.go': HEADER + LEAK.replace('leak', 'leakToo') };

  it('choose rules, tests, language and the threshold', () => {
    expect(verdictOf({ head }).findings).toHaveLength(2);
    const quiet: Rule = { ...lostCancel, tests: false };
    expect(lines(verdictOf({ head, rules: [quiet] }))).toEqual(['a.go:6']);
    expect(lines(verdictOf({ head, rules: [quiet], settings: { tests: true } }))).toHaveLength(2);
    expect(verdictOf({ head, settings: { excludeRules: ['lost-cancel'] } }).findings).toEqual([]);
    expect(verdictOf({ head, settings: { rules: ['other'] } }).findings).toEqual([]);
    expect(verdictOf({ head, settings: { language: 'zh-CN' } }).findings[0]?.message).toContain('被丢弃');
    expect(verdictOf({ head, settings: { failOn: 'never' } }).conclusion).toBe('success');
  });

  it('do not change fingerprints, and the same input gives the same bytes', () => {
    const english = verdictOf({ head });
    expect(print(verdictOf({ head, settings: { language: 'zh-CN' } }))).toEqual(print(english));
    expect(JSON.stringify(verdictOf({ head }))).toBe(JSON.stringify(english));
  });
});

it('shows a rule the calls it has named, and those whose function has no name', () => {
  const named = defineRule({
    ...lostCancel,
    id: 'named',
    tests: true,
    texts: { seen: { en: '{call}', 'zh-CN': '{call}' } },
    calls: /^(?:Get|größe)$/,
    on: {
      call_expression(call, pass) {
        pass.violated(call, { message: 'seen', args: { call: call.field('function').text } });
      },
    },
  });
  const calls =
    'Get() Got() s.Get() s.Getter() s.\nGet() größe() größer() Get[int]() Got[int]() Get()() (Get)() func() {}()';
  const body = calls.replace(/\) /g, ')\n');
  const { findings } = verdictOf({ head: { 'a.go': `package p\nfunc f() {\n${body}\n}\n` }, rules: [named] });
  expect(findings.map((f) => f.message.replace(/\s/g, ''))).toEqual([
    'Get',
    's.Get',
    's.Get',
    'größe',
    'Get[int]',
    'Got[int]',
    'Get()',
    'Get',
    '(Get)',
    'func(){}',
  ]);
});
