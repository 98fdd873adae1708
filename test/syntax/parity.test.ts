import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { loadGoParser } from '../../src/parser.ts';
import { OverBudget } from '../../src/syntax/budget.ts';
import type { Parser } from '../../src/syntax/parse.ts';
import { examplesOf } from '../rules/fixtures.ts';

const wasm = await loadGoParser('wasm');
// The prebuilt binary needs GLIBCXX_3.4.31; CI compiles it (npm run native) and runs this file again.
const native = await loadGoParser('native').catch(() => null);

const texts = rules.flatMap((rule) =>
  examplesOf(join('rules', rule.group, rule.id)).flatMap((e) => e.head.map((f) => f.text)),
);
const tricky = [
  '',
  'package p\nvar é, 日本 = "😀", new(f(3))\n',
  'package p\nfunc bad() { x := := 1 }\nfunc ok() {}\n',
  `package p\nvar s = "${'x'.repeat(40_000)}"\nfunc f() {}\n`,
  `package p\nvar x = ${'('.repeat(5_000)}1${')'.repeat(5_000)}\n`,
  readFileSync('rules/context/lost-cancel/README.md', 'utf8'),
];

describe('native and WASM bindings', () => {
  it.skipIf(native === null)('give identical arrays', () => {
    for (const text of [...tricky, ...texts])
      expect(arrays(native as Parser, text)).toEqual(arrays(wasm, text));
  });

  it('say plainly when the native one cannot be loaded', async () => {
    if (native === null) await expect(loadGoParser('native')).rejects.toThrow('does not load here');
    else expect(native.binding).toBe('native');
    expect(wasm.binding).toBe('wasm');
  });
});

function arrays(parser: Parser, text: string): unknown {
  try {
    return parser.parse(text).flat;
  } catch (error) {
    if (error instanceof OverBudget) return error.message;
    throw error;
  }
}
