import { describe, expect, it } from 'vitest';
import { atMost, turnsOf } from '../../src/go/turns.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { fileFrom } from './source.ts';

function loopOf(header: string, expression = '0') {
  const file = fileFrom(
    `func f(n int, names []string) {\n\tstep := 20\n\tgrows := 1\n\tgrows *= 2\n\tfor ${header} {\n\t\tuse(${expression})\n\t}\n\t_, _ = step, grows\n}\nfunc use(any) {}\n`,
  );
  const loop = [...file.tree.root.descendants('for_statement')][0] as Node<'for_statement'>;
  const call = [...loop.descendants('call_expression')].find((c) => c.field('function').text === 'use');
  const argument = call?.field('arguments').children[0];
  if (argument === undefined) throw new Error('no argument');
  return { file, loop, argument };
}

describe('how often a loop turns', () => {
  it.each<[string, number | null]>([
    ['i := 0; i < 5; i++', 5],
    ['i := 1; i <= 5; i++', 5],
    ['i := 5; i < 5; i++', 0],
    ['i := 5; i > 0; i--', 5],
    ['i := 5; i >= 2; i--', 4],
    ['i := 5; i > 0; i++', null],
    ['i := range 7', 7],
    ['range 7', 7],
    ['i := 0; i < n; i++', null],
    ['i := 0; i < 5; i += 0', null],
    ['i := n; i < 5; i++', null],
    ['i := 0; ; i++', null],
    ['_, name := range names', null],
    ['n < 5', null],
    ['', null],
  ])('for %s: %s', (header, most) => {
    const { file, loop } = loopOf(header);
    expect(turnsOf(file, loop)?.most ?? null).toBe(most);
  });
});

describe('the greatest value in a loop', () => {
  it.each<[string, number | null]>([
    ['3', 3],
    ['step', 20],
    ['grows', null],
    ['n', null],
    ['i', 4],
    ['10*i + step', 60],
    ['time.Duration(1<<i) * time.Millisecond', 16e6],
    ['time.Duration(rand.Intn(50)) * time.Millisecond', 50e6],
    ['time.Duration(rand.Intn(n)) * time.Millisecond', null],
    ['step - n', null],
    ['len(names)', null],
  ])('%s: %s', (expression, most) => {
    const { file, loop, argument } = loopOf('i := range 4', expression);
    expect(atMost(file, argument, turnsOf(file, loop))).toBe(most);
  });
});
