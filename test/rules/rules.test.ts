import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { analyse } from '../../src/engine/analyse.ts';
import type { Rule } from '../../src/engine/rule.ts';
import { DEFAULT_SETTINGS, type Snapshot } from '../../src/engine/snapshot.ts';
import { type Finding, LANGUAGES, type Verdict } from '../../src/engine/verdict.ts';
import { loadGoParser } from '../../src/parser.ts';
import { examplesOf } from './fixtures.ts';
import { type Example, type GoFile, marksOf, wantsOf } from './snippet.ts';

const parser = await loadGoParser();
const HEADINGS = ['What', 'Why', 'What to do', 'Reported', 'Not reported', 'Known limits'];

function snapshotOf(example: Example, head: readonly GoFile[] = example.head): Snapshot {
  const sources = (files: readonly GoFile[]) =>
    [...files, { path: 'go.mod', text: `module example.com/fixture\n\ngo ${example.go}\n` }].map((f) => ({
      ...f,
      oid: '',
    }));
  return {
    repo: 'fixture',
    base: example.base === null ? null : 'base',
    head: 'head',
    today: '2026-06-15',
    changes: head.map((f) => ({ path: f.path, previousPath: null, status: 'modified' })),
    headFiles: sources(head),
    baseFiles: example.base === null ? [] : sources(example.base),
    partialPackages: [],
    skipped: [],
    settings: DEFAULT_SETTINGS,
  };
}

const run = (rule: Rule, snapshot: Snapshot): Verdict =>
  analyse(snapshot, { parser, rules: [rule], version: 'test' });
const introduced = (v: Verdict) => v.findings.filter((f) => f.introduced);

describe.each(rules.map((rule) => ({ rule, id: rule.id })))('$id', ({ rule }) => {
  const dir = join('rules', rule.group, rule.id);
  const examples = examplesOf(dir);

  it('has a page with every heading, and both kinds of examples', () => {
    const page = readFileSync(join(dir, 'README.md'), 'utf8');
    for (const heading of HEADINGS) expect(page, `## ${heading}`).toContain(`\n## ${heading}\n`);
    expect(page).toContain(`# ${rule.id}`);
    const wants = examples.flatMap((e) => e.head.flatMap(wantsOf));
    expect(wants.length, 'flagged lines').toBeGreaterThanOrEqual(6);
    expect(examples.filter((e) => e.section === 'Not reported').length).toBeGreaterThan(0);
  });

  it('speaks every language', () => {
    for (const text of [rule.title, rule.checklist, ...Object.values(rule.texts)]) {
      const names = LANGUAGES.map((l) =>
        [...text[l].matchAll(/\{(\w+)\}/g)]
          .map((m) => m[1])
          .sort()
          .join(),
      );
      expect(new Set(names).size, text.en).toBe(1);
      for (const language of LANGUAGES) expect(text[language].length).toBeGreaterThan(0);
    }
  });

  it.each(examples)('$section: $name', (example) => {
    const verdict = run(rule, snapshotOf(example));
    expect(verdict.ledger.filter((e) => e.status !== 'analysed')).toEqual([]);
    const got = introduced(verdict).map((f) => `${f.path}:${f.line} ${f.severity} ${f.message}`);
    const wants = example.head.flatMap((f) => wantsOf(f).map((w) => ({ ...w, path: f.path })));
    for (const want of wants) {
      const start = `${want.path}:${want.line} ${want.severity ?? ''}`;
      const index = got.findIndex((g) => g.startsWith(start) && g.includes(want.text));
      expect(index, `wanted ${start} "${want.text}" among\n${got.join('\n')}`).toBeGreaterThanOrEqual(0);
      got.splice(index, 1);
    }
    expect(got, 'findings that no line wants').toEqual([]);
    if (example.section === 'Reported') expect(wants.length).toBeGreaterThan(0);
    if (example.section === 'Not reported') expect(wants).toEqual([]);
    for (const f of example.head)
      for (const mark of marksOf(f)) {
        const here = verdict.obligations.filter((o) => o.path === f.path && o.line === mark.line);
        expect(
          here.map((o) => o.verdict),
          `${f.path}:${mark.line}`,
        ).toContain(mark.verdict);
      }
  });

  it('offers only suggestions that parse, keep tabs, and cure', () => {
    for (const example of examples)
      for (const finding of run(rule, snapshotOf(example)).findings) {
        if (finding.suggestion === undefined) continue;
        const head = example.head.map((f) => (f.path === finding.path ? apply(f, finding) : f));
        const cured = run(rule, snapshotOf(example, head));
        expect(
          cured.ledger.filter((e) => e.status !== 'analysed'),
          example.name,
        ).toEqual([]);
        expect(
          cured.findings.map((f) => f.fingerprint),
          example.name,
        ).not.toContain(finding.fingerprint);
        for (const line of finding.suggestion.lines) expect(line).not.toMatch(/^ +\S/);
      }
  });

  it('gives findings an identity that blank lines do not change', () => {
    for (const example of examples) {
      const spread = example.head.map((f) => ({
        ...f,
        text: f.text.replace(/\n(?=func |type |var )/g, '\n\n\n'),
      }));
      const ids = (files: readonly GoFile[]) =>
        run(rule, snapshotOf(example, files)).findings.map((f) => f.fingerprint);
      expect(ids(spread)).toEqual(ids(example.head));
      expect(new Set(ids(example.head)).size).toBe(ids(example.head).length);
    }
  });
});

function apply(file: GoFile, finding: Finding): GoFile {
  const lines = file.text.split('\n');
  const s = finding.suggestion;
  if (s === undefined) return file;
  lines.splice(s.startLine - 1, s.endLine - s.startLine + 1, ...s.lines);
  return { ...file, text: lines.join('\n') };
}

describe('the folder of rules', () => {
  it('is the list that runs', () => {
    for (const rule of rules)
      expect(existsSync(join('rules', rule.group, rule.id, 'README.md')), rule.id).toBe(true);
    expect(new Set(rules.map((r) => r.id)).size).toBe(rules.length);
  });
});
