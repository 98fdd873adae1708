import { expect, it } from 'vitest';
import { toSuggestion } from '../../src/engine/suggest.ts';
import { addElement, elementOf } from '../../src/go/literals.ts';
import { fileFrom } from './source.ts';

function literalIn(lines: string) {
  const file = fileFrom(`var server = http.Server{${lines}}\n`);
  for (const literal of file.tree.root.descendants('composite_literal')) return literal;
  throw new Error('no literal');
}

function added(lines: string): readonly string[] | null {
  const literal = literalIn(lines);
  const edits = addElement(literal, 'ReadTimeout', 'time.Second');
  return edits === null ? null : (toSuggestion(literal.tree, edits)?.lines ?? null);
}

it('finds what a field gets', () => {
  expect(elementOf(literalIn('Addr: a, Handler: h'), 'Handler')?.text).toBe('h');
  expect(elementOf(literalIn('Addr: a'), 'Handler', 1)).toBeNull();
  expect(elementOf(literalIn('a, h'), 'Handler', 1)?.text).toBe('h');
  expect(elementOf(literalIn('a, h'), 'Handler')).toBeNull();
});

it('adds a field in the column of the ones above it', () => {
  expect(added('\n\tAddr:    a,\n\tHandler: h,\n')).toEqual([
    '\tAddr:        a,',
    '\tHandler:     h,',
    '\tReadTimeout: time.Second,',
  ]);
  expect(added('\n\tMaxHeaderBytes: 1,\n')).toEqual([
    '\tMaxHeaderBytes: 1,',
    '\tReadTimeout:    time.Second,',
  ]);
});

it('ends the column at an empty line and at a value of several lines', () => {
  expect(added('\n\tAddr: a,\n\n\tHandler: h,\n')).toEqual([
    '\tHandler:     h,',
    '\tReadTimeout: time.Second,',
  ]);
  expect(added('\n\tAddr: a,\n\tHandler: wrap(\n\t\th,\n\t),\n')).toEqual([
    '\t),',
    '\tReadTimeout: time.Second,',
  ]);
});

it('leaves literals alone that have no line for each field', () => {
  expect(added('Addr: a')).toBeNull();
  expect(added('')).toBeNull();
  expect(added('Addr: a,\n\tHandler: h}')).toBeNull();
  expect(added('\n\tAddr: a, Handler: h,\n')).toBeNull();
  expect(added('\n\tAddr: a, // all\n\tHandler: h,\n')).toBeNull();
});
