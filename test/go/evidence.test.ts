import { expect, it } from 'vitest';
import { analyse } from '../../src/engine/analyse.ts';
import { defineRule } from '../../src/engine/rule.ts';
import { DEFAULT_SETTINGS } from '../../src/engine/snapshot.ts';
import { loadGoParser } from '../../src/parser.ts';

const parser = await loadGoParser('wasm');
const text = { en: 'x', 'zh-CN': 'x' };

/** Points from the functions of one file at the last function of the package, which stands in another. */
const rule = defineRule({
  id: 'elsewhere',
  group: 'context',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: text,
  checklist: text,
  aliases: [],
  texts: { step: text },
  on: {
    function_declaration(func, pass) {
      const last = pass.pkg.files.at(-1)?.tree.root.children.at(-1) ?? func;
      if (func.field('name').text === 'good') pass.met(func, last);
      else if (func.field('name').text === 'bad')
        pass.violated(func, { message: 'step', trace: [{ at: last, text: 'step' }] });
    },
  },
});

it('names the file in which evidence and trace steps stand', () => {
  const file = (path: string, code: string) => ({ path, oid: '', text: code });
  const verdict = analyse(
    {
      repo: 'r',
      base: null,
      head: 'worktree',
      today: '2026-01-01',
      changes: [],
      headFiles: [
        file('a.go', 'package p\n\nfunc good() {}\n\nfunc bad() {}\n'),
        file('b.go', 'package p\n\n\n\n\n\nfunc proof() {}\n'),
      ],
      baseFiles: [],
      partialPackages: [],
      skipped: [],
      settings: DEFAULT_SETTINGS,
    },
    { parser, rules: [rule], version: 'test' },
  );
  const proof = { path: 'b.go', line: 7 };
  expect(verdict.obligations.find((o) => o.verdict === 'met')?.evidence).toEqual({
    ...proof,
    text: 'func proof() {}',
  });
  expect(verdict.findings[0]?.trace).toEqual([{ ...proof, label: 'x' }]);
});
