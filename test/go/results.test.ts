import { expect, it } from 'vitest';
import { returnOfError } from '../../src/go/results.ts';
import { fileFrom } from './source.ts';

it.each([
  ['error', 'return err'],
  ['(err error)', 'return err'],
  ['(int, error)', 'return 0, err'],
  ['(*http.Request, []int, map[string]int, error)', 'return nil, nil, nil, err'],
  ['(a, b string, ok bool, err error)', 'return "", "", false, err'],
  ['(func(), any, chan int, float64, error)', 'return nil, nil, nil, 0, err'],
  ['(time.Duration, error)', null],
  ['(error, int)', null],
  ['int', null],
  ['', null],
])('func f() %s: %s', (result, statement) => {
  const [func] = [
    ...fileFrom(`func f() ${result} { panic(0) }\n`).tree.root.descendants('function_declaration'),
  ];
  if (func === undefined) throw new Error('no function');
  expect(returnOfError(func, 'err')).toBe(statement);
});
