import { expect, it } from 'vitest';
import { constantInt } from '../../src/go/constants.ts';
import { fileFrom } from './source.ts';

const DECLARATIONS = `
type size int64
type names []string

const (
	page    = 4 << 10
	timeout = 30 * time.Second
	again   = again
	first   = iota
	half    = timeout / 2

	one, two, three = 1, 2, 3
)

func count(n int) int { return n }

func use(delay time.Duration, n int) {
	const local = 7
	values(EXPR)
}

func values(...any) {}
`;

function folded(expression: string): number | null {
  const file = fileFrom(DECLARATIONS.replace('EXPR', expression));
  const call = [...file.tree.root.descendants('call_expression')].find(
    (c) => c.field('function').text === 'values',
  );
  const argument = call?.field('arguments').children[0];
  if (argument === undefined) throw new Error('no argument');
  return constantInt(file, argument);
}

it.each([
  ['12', 12],
  ['0x_ff', 255],
  ['0644', 420],
  ['5 * time.Second', 5e9],
  ['time.Duration(3) * time.Minute', 180e9],
  ['time.Minute/4 + time.Millisecond', 15_001e6],
  ['-page', -4096],
  ['timeout', 30e9],
  ['half', 15e9],
  ['two', 2],
  ['three', 3],
  ['size(1 << 20)', 1_048_576],
  ['int64(local)', 7],
  ['7 % 4', 3],
  ['1 << 16 >> 3', 8192],
  ['math.MaxInt32', 2_147_483_647],
])('folds %s', (expression, value) => {
  expect(folded(expression)).toBe(value);
});

it.each([
  'delay',
  'n * 2',
  'again',
  'first',
  'count(3)',
  'names(nil)',
  '1 / 0',
  '1 << 60',
  'time.Now().Unix()',
  'len("abc")',
  '2.5',
])('does not guess %s', (expression) => {
  expect(folded(expression)).toBeNull();
});
