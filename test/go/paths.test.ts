import { describe, expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import { findOpenPath } from '../../src/go/paths.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { fileFrom } from './source.ts';

/**
 * Whether control can leave the function behind `open()` without passing `done()`: the line of the exit, 'none' when
 * every path passes it, 'unknown' when that is not decided.
 */
function leaves(body: string, signature = 'func f(a, b bool, n int, err error, c chan int)'): string {
  const file = fileFrom(
    `package p; import "errors"; import "os"; import "time"\n${signature} {\n${body}\n}\n`,
  );
  const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
  const cfg = file.get(flow).of(func);
  const from = [...func.descendants('expression_statement')].find((s) => s.text === 'open()');
  if (cfg === null || from === undefined) throw new Error('no open() in the body');
  const path = findOpenPath({ file, cfg, from, ends: (node) => node.text.includes('done()') });
  return path.kind === 'path' ? `${path.exit} ${path.last.line}` : path.kind;
}

describe('paths to an exit', () => {
  it.each([
    ['a straight line', 'open()\ndone()', 'none'],
    ['nothing', 'open()', 'end 2'],
    ['defer', 'open()\ndefer done()\nif a {\nreturn\n}', 'none'],
    ['one branch', 'open()\nif a {\nreturn\n}\ndone()', 'return 5'],
    ['both branches', 'open()\nif a {\ndone()\n} else {\ndone()\n}', 'none'],
    ['an endless loop', 'open()\nfor {\nn++\n}', 'none'],
    ['break out of an endless loop', 'open()\nfor {\nif a {\nbreak\n}\n}', 'end 2'],
    ['a loop that may run zero times', 'open()\nfor n > 0 {\ndone()\n}', 'end 2'],
    ['a labelled break', 'open()\nouter:\nfor {\nfor {\nbreak outer\n}\n}', 'end 2'],
    ['continue', 'open()\nfor {\nif a {\ncontinue\n}\ndone()\nreturn\n}', 'none'],
    ['a switch without default', 'open()\nswitch n {\ncase 1:\ndone()\n}', 'end 2'],
    ['a switch with default', 'open()\nswitch n {\ncase 1:\ndone()\ndefault:\ndone()\n}', 'none'],
    ['fallthrough', 'open()\nswitch n {\ncase 1:\nfallthrough\ncase 2:\ndone()\ndefault:\ndone()\n}', 'none'],
    ['select', 'open()\nselect {\ncase <-c:\ndone()\ncase c <- 1:\n}', 'end 2'],
    ['select that blocks for ever', 'open()\nselect {}', 'none'],
    ['panic', 'open()\nif a {\npanic("x")\n}\ndone()', 'none'],
    ['os.Exit', 'open()\nif a {\nos.Exit(1)\n}\ndone()', 'none'],
    ['short circuit', 'open()\nif a && b {\ndone()\nreturn\n}', 'end 2'],
    ['range', 'open()\nfor range c {\nreturn\n}\ndone()', 'return 5'],
    ['range that is over', 'open()\nfor range c {\ndone()\n}', 'end 2'],
    ['range over a channel that nobody closes', 'open()\nfor range time.Tick(1) {\nn++\n}', 'none'],
    ['the same in a variable', 't := time.NewTicker(1)\nk := t.C\nopen()\nfor range k {\nn++\n}', 'none'],
    [
      'a break out of one',
      't := time.NewTicker(1)\nopen()\nfor range t.C {\nif a {\nbreak\n}\n}\nreturn',
      'return 10',
    ],
    ['a variable that gets another channel', 'k := time.Tick(1)\nk = nil\nopen()\nfor range k {\n}', 'end 2'],
    ['if true', 'open()\nif true {\ndone()\n}', 'none'],
  ])('%s', (_, body, wanted) => {
    expect(leaves(body)).toBe(wanted);
  });

  it.each([
    ['the same question twice', 'if a {\nopen()\n}\nif a {\ndone()\n}', 'none'],
    ['its negation', 'if a {\nopen()\n}\nif !a {\nreturn\n}\ndone()', 'none'],
    [
      'a comparison spelt the other way',
      'if err == nil {\nopen()\n}\nif err != nil {\nreturn\n}\ndone()',
      'none',
    ],
    ['an answer that is written in between', 'if a {\nopen()\n}\na = b\nif a {\ndone()\n}', 'end 2'],
    [
      'an answer that somebody else may change',
      'go func() { a = b }()\nif a {\nopen()\n}\nif a {\ndone()\n}',
      'end 2',
    ],
    ['a different question', 'if a {\nopen()\n}\nif b {\ndone()\n}', 'end 2'],
    [
      'errors.Is on a nil error',
      'if err == nil {\nopen()\nif errors.Is(err, os.ErrClosed) {\nreturn\n}\ndone()\n}',
      'none',
    ],
    [
      'errors.Is that asks for nil',
      'if err == nil {\nopen()\nif !errors.Is(err, nil) {\nreturn\n}\ndone()\n}',
      'none',
    ],
    [
      'errors.Is that finds nil',
      'if err == nil {\nopen()\nif errors.Is(err, nil) {\nreturn\n}\ndone()\n}',
      'return 6',
    ],
    ['conditions in a row', 'open()\nif n > 3 {\ndone()\n}\nif n <= 3 {\ndone()\n}', 'none'],
  ])('%s', (_, body, wanted) => {
    expect(leaves(body)).toBe(wanted);
  });

  it('may be asked for one place alone', () => {
    const file = fileFrom('package p\nfunc f(a bool) {\nopen()\nif a {\nreturn\n}\nlose()\n}\n');
    const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
    const [from, last] = [...func.descendants('expression_statement')];
    const cfg = file.get(flow).of(func);
    if (cfg === null || from === undefined || last === undefined) throw new Error('no body');
    const query = { file, cfg, from, ends: () => false, lost: (node: Node) => node === last };
    expect(findOpenPath(query)).toMatchObject({ kind: 'path', exit: 'return' });
    expect(findOpenPath({ ...query, mayLeave: true })).toMatchObject({ kind: 'path', exit: 'lost', last });
    expect(findOpenPath({ ...query, lost: () => false, mayLeave: true })).toEqual({ kind: 'none' });
  });

  it('gives up on more states than it can afford', () => {
    const many = Array.from({ length: 14 }, (_, i) => `if x${i} {\nn++\n}`).join('\n');
    const names = Array.from({ length: 14 }, (_, i) => `x${i}`).join(', ');
    expect(leaves(`open()\n${many}\n${many}\ndone()`, `func f(n int, ${names} bool)`)).toBe('unknown');
  });
});
