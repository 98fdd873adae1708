import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  describeProblem,
  MAX_CONFIG_BYTES,
  parseConfig,
} from '../../src/policy/config.ts';

const RULES = ['lost-cancel', 'sql-rows-leak', 'defer-in-loop'];
const problems = (text: string): readonly string[] => parseConfig(text, RULES).problems.map(describeProblem);

describe('parseConfig', () => {
  it('reads everything', () => {
    const text = [
      'rules:',
      '  only: [lost-cancel, sql-rows-leak]',
      '  exclude:',
      '    - defer-in-loop',
      'fail-on: warning',
      'language: zh-CN',
      'tests: true',
      'suggestions: false',
      'ignore: ["gen/**", third_party/*.go]',
      'attest: [context, finalizers]',
    ].join('\n');
    expect(parseConfig(text, RULES)).toEqual({
      settings: {
        rules: ['lost-cancel', 'sql-rows-leak'],
        excludeRules: ['defer-in-loop'],
        failOn: 'warning',
        language: 'zh-CN',
        tests: true,
        suggestions: false,
        ignore: ['gen/**', 'third_party/*.go'],
        attest: ['context', 'finalizers'],
      },
      problems: [],
    });
  });

  it.each(['', '# only a comment\n', 'rules:\nignore:\n', 'rules: {only: [], exclude: []}', '{}'])(
    'takes %j for the defaults',
    (text) => {
      expect(parseConfig(text, RULES)).toEqual({ settings: DEFAULT_REPOSITORY_SETTINGS, problems: [] });
    },
  );

  it.each([
    [
      '# a\nruels:\n  only: []',
      '.github/reefpilot.yml:2: unknown key `ruels` in the configuration; did you mean `rules`?',
    ],
    [
      'zzz: 1',
      '.github/reefpilot.yml:1: unknown key `zzz` in the configuration; the known keys are rules, fail-on, language, tests, ignore, suggestions, attest',
    ],
    [
      'rules:\n  exclud: []',
      '.github/reefpilot.yml:2: unknown key `exclud` in rules; did you mean `exclude`?',
    ],
    [
      'rules:\n  only:\n    - lost-cancel\n    - lost-cansel',
      '.github/reefpilot.yml:4: unknown rule `lost-cansel` in rules.only; did you mean `lost-cancel`?',
    ],
    [
      'rules: {exclude: [x]}',
      '.github/reefpilot.yml:1: unknown rule `x` in rules.exclude; `reefpilot rules` lists them all',
    ],
    [
      'fail-on: eror',
      '.github/reefpilot.yml:1: fail-on must be one of error, warning, info, never, not `eror`; did you mean `error`?',
    ],
    ['tests: "yes"', '.github/reefpilot.yml:1: tests must be true or false, not `yes`'],
    [
      'tests: true\nlanguage: en\ntests: false',
      '.github/reefpilot.yml:3: key `tests` is there twice, first in line 1; keep one',
    ],
    [
      'ignore: gen/**',
      '.github/reefpilot.yml:1: ignore must be a list; write [a, b], or one "- item" on each line',
    ],
    ['ignore:\n  - 7', '.github/reefpilot.yml:2: every item of ignore must be a text; quote it'],
    [
      'ignore: [/etc/*]',
      '.github/reefpilot.yml:1: ignore pattern `/etc/*` leaves the repository; write it relative to the root, as in `gen/**`',
    ],
    [
      'ignore: [a/../../b]',
      '.github/reefpilot.yml:1: ignore pattern `a/../../b` leaves the repository; write it relative to the root, as in `gen/**`',
    ],
    [
      'ignore: ["!a"]',
      '.github/reefpilot.yml:1: ignore pattern `!a` is a negation, which is not supported; list what is to be ignored',
    ],
    [
      '- a',
      '.github/reefpilot.yml:1: the configuration must be a mapping with the keys rules, fail-on, language, tests, ignore, suggestions, attest',
    ],
    ['rules: [lost-cancel]', '.github/reefpilot.yml:1: rules must be a mapping with the keys only, exclude'],
    [
      'tests: &a true\nsuggestions: *a',
      '.github/reefpilot.yml:2: suggestions must be a single value, not an alias; write the value itself',
    ],
    [
      '__proto__: 1',
      '.github/reefpilot.yml:1: unknown key `__proto__` in the configuration; the known keys are rules, fail-on, language, tests, ignore, suggestions, attest',
    ],
    ['language: "a`b\\u202e"', '.github/reefpilot.yml:1: language must be one of en, zh-CN, not `a?b?`'],
  ])('explains %j', (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  it.each(['a: [', 'a: b: c', '\t- x', '---\na: 1\n---\nb: 2', 'tests: !!js/function "x"', '%YAML 9'])(
    'takes %j for bad syntax, with a line',
    (text) => {
      expect(problems(text)[0]).toMatch(/^\.github\/reefpilot\.yml:\d+: /);
    },
  );

  it('applies nothing of a file that has a mistake', () => {
    expect(parseConfig('tests: true\nfail-on: x', RULES).settings).toEqual(DEFAULT_REPOSITORY_SETTINGS);
  });

  it('names another file when it comes from one', () => {
    expect(parseConfig('x: 1', RULES, 'acme/.github/reefpilot.yml').problems[0]?.path).toBe(
      'acme/.github/reefpilot.yml',
    );
  });

  it('refuses a large file by its bytes', () => {
    expect(parseConfig(`#${'x'.repeat(MAX_CONFIG_BYTES - 1)}`, RULES).problems).toEqual([]);
    expect(problems(`#${'x'.repeat(MAX_CONFIG_BYTES)}`)).toEqual([
      '.github/reefpilot.yml:1: larger than 32768 bytes; shorten it',
    ]);
    expect(problems(`#${'深'.repeat(MAX_CONFIG_BYTES / 2)}`)).toHaveLength(1);
  });

  it('bounds the patterns', () => {
    expect(problems(`ignore: [${'a,'.repeat(201)}]`)[0]).toContain('at most 200');
    expect(problems(`ignore: [${'a'.repeat(201)}]`)[0]).toContain('longer than 200');
  });

  it.each(['[', '{a: ', '- ', '? ', '&a ', 'a:\n', '*a ', '"', '{? '])(
    'is quick with a file full of %j',
    (part) => {
      const start = process.cpuUsage();
      expect(
        parseConfig(part.repeat(Math.floor(MAX_CONFIG_BYTES / part.length)), RULES).problems,
      ).not.toEqual([]);
      expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
    },
  );

  it('never throws', () => {
    const token = fc.constantFrom(
      'rules',
      'only',
      'tests',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '*a',
      '&a',
      '!t',
      '"',
      "'",
      '|',
      '>',
      '#',
      ',',
      '? ',
      '<<',
      'lost-cancel',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(token, fc.string({ maxLength: 3 })), { maxLength: 30 }), (parts) => {
        const { settings, problems: found } = parseConfig(parts.join(''), RULES);
        if (found.length > 0) expect(settings).toEqual(DEFAULT_REPOSITORY_SETTINGS);
        for (const { line } of found) expect(line).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
