import { describe, expect, it } from 'vitest';
import { loadGoParser } from '../../src/parser.ts';
import { OverBudget } from '../../src/syntax/budget.ts';
import type { Tree } from '../../src/syntax/tree.ts';

const parser = await loadGoParser('wasm');

describe('parse', () => {
  it('copies a file into arrays that know parents, ends and fields', () => {
    const { root } = parser.parse('package p\n\nfunc f(a int) error {\n\treturn g(a)\n}\n');
    const [func] = [...root.descendants('function_declaration')];
    expect(func?.field('name').text).toBe('f');
    expect(func?.field('result')?.text).toBe('error');
    expect(func?.line).toBe(3);
    expect(func?.endLine).toBe(5);
    const [call] = [...root.descendants('call_expression')];
    expect(call?.column).toBe(9);
    expect(call?.ancestor('function_declaration')).toBe(func);
    expect(func?.contains(call ?? root)).toBe(true);
    expect(call?.fieldName).toBeNull();
    expect(call?.field('function').fieldName).toBe('function');
  });

  it('keeps operators, and leaves comments out of children', () => {
    const { root } = parser.parse('package p\n\nvar x = a /* c */ + b\n');
    const [sum] = [...root.descendants('binary_expression')];
    expect(sum?.field('operator').text).toBe('+');
    expect(sum?.children.map((c) => c.text)).toEqual(['a', '+', 'b']);
    expect([...root.descendants('comment')].map((c) => c.text)).toEqual(['/* c */']);
  });

  it('counts columns and offsets in UTF-16 units', () => {
    const text = 'package p\n\nvar é, 日本, x = "😀", 2, f(3)\n';
    const { root } = parser.parse(text);
    const [call] = [...root.descendants('call_expression')];
    expect(call?.start).toBe(text.indexOf('f(3)'));
    expect(call?.text).toBe('f(3)');
    expect(call?.column).toBe((text.split('\n')[2] ?? '').indexOf('f(3)') + 1);
  });

  it('reads the new(expr) of Go 1.26 although the grammar does not know it', () => {
    const text =
      'package p\n\nfunc f() {\n\ta := new(f(3))\n\tb := new("s")\n\tc := new([]int)\n\td := new([]string{"a"})\n\te := new(map[string]int{"a": 1})\n}\n';
    const tree = parser.parse(text);
    expect(tree.root.broken).toBe(false);
    expect([...tree.root.descendants('call_expression')].map((c) => c.text)).toEqual(
      expect.arrayContaining(['new("s")', 'new([]string{"a"})', 'new(map[string]int{"a": 1})']),
    );
  });

  it('marks only what a syntax error touches as broken', () => {
    const { root } = parser.parse(
      'package p\n\nfunc good() {}\n\nfunc bad() { x := := 1 }\n\nfunc fine() {}\n',
    );
    const names = [...root.descendants('function_declaration')]
      .filter((f) => !f.broken)
      .map((f) => f.field('name').text);
    expect(names).toEqual(['good', 'fine']);
  });

  it.each([
    ['nothing', ''],
    ['white space', '\n\n'],
    ['a byte-order mark', '﻿package p\n'],
    ['carriage returns', 'package p\r\n\r\nfunc f() {\r\n}\r\n'],
    ['noise', '}{)(`"\'\\'.repeat(500)],
    ['a lone surrogate', 'package p\n\nvar s = "\ud800"\n'],
  ])('survives %s', (_, text) => {
    checkInvariants(parser.parse(text));
  });

  it.each([
    ['100,000 nested parentheses', `package p\n\nvar x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}\n`],
    ['an endless sum', `package p\n\nvar x = ${'1+'.repeat(50_000)}1\n`],
  ])('refuses %s instead of overflowing later', (_, text) => {
    expect(() => parser.parse(text)).toThrow(OverBudget);
  });

  it('answers for lines beyond the file', () => {
    const tree = parser.parse('package p\r\nvar x int\r\n');
    expect(tree.lineText(1)).toBe('package p');
    expect(tree.lineText(2)).toBe('var x int');
    expect(tree.lineText(99)).toBe('');
  });
});

function checkInvariants(tree: Tree): void {
  const { size, next, parent, start, end } = tree.flat;
  for (let i = 0; i < size; i++) {
    const up = parent[i] as number;
    expect(next[i]).toBeGreaterThan(i);
    expect(up).toBeLessThan(i);
    if (up < 0) continue;
    expect(next[i]).toBeLessThanOrEqual(next[up] as number);
    expect(start[i]).toBeGreaterThanOrEqual(start[up] as number);
    expect(end[i]).toBeLessThanOrEqual(end[up] as number);
  }
}
