import { describe, expect, it } from 'vitest';
import { channels, selectOf, sharedLoop, startOf } from '../../src/go/channels.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { fileFrom } from './source.ts';

function channelsOf(body: string, declarations = '') {
  const file = fileFrom(`package p\n${declarations}\nfunc f(n int, use func(chan int)) {\n${body}\n}\n`);
  const func = [...file.tree.root.descendants('function_declaration')].at(-1) as FuncNode;
  return file.get(channels).of(func);
}

/** `ch/0: send go, receive`: name, capacity, and the uses with where they run. */
function summary(body: string, declarations?: string): readonly string[] {
  return channelsOf(body, declarations).map((c) => {
    const uses = c.uses.map((u) => {
      const where = startOf(u.by) !== null ? ' go' : u.by === c.func ? '' : ' closure';
      return `${u.kind}${where}${u.deferred ? ' deferred' : ''}${selectOf(u) === null ? '' : ' select'}`;
    });
    return `${c.definition.name}/${c.capacity ?? '?'}: ${uses.join(', ')}`;
  });
}

describe('local channels', () => {
  it.each([
    [
      'operations',
      'ch := make(chan int)\nch <- 1\n<-ch\nclose(ch)\n_ = len(ch)',
      ['ch/0: send, receive, close, measure'],
    ],
    ['range', 'ch := make(chan int)\nfor range ch {\n}', ['ch/0: range']],
    ['a goroutine', 'ch := make(chan int)\ngo func() { ch <- 1 }()\n<-ch', ['ch/0: send go, receive']],
    [
      'an argument of a literal',
      'ch := make(chan int)\ngo func(c chan<- int) { c <- 1 }(ch)',
      ['ch/0: send go'],
    ],
    ['a deferred literal', 'ch := make(chan int)\ndefer func() { <-ch }()', ['ch/0: receive deferred']],
    [
      'a deferred close',
      'ch := make(chan int)\ngo func() { defer close(ch) }()',
      ['ch/0: close go deferred'],
    ],
    ['a literal called in place', 'ch := make(chan int)\nfunc() { <-ch }()', ['ch/0: receive']],
    ['another closure', 'ch := make(chan int)\ng := func() { <-ch }\ng()', ['ch/0: receive closure']],
    ['an escape', 'ch := make(chan int)\nuse(ch)\nx := ch\n_ = x', ['ch/0: escape, escape']],
    [
      'a select',
      'a, b := make(chan int), make(chan int)\nselect {\ncase <-a:\ncase b <- 1:\n}',
      ['a/0: receive select', 'b/0: send select'],
    ],
    [
      'a select of one case',
      'ch := make(chan int)\nselect {\ncase v, ok := <-ch:\n_, _ = v, ok\n}',
      ['ch/0: receive'],
    ],
    ['declared before it is made', 'var ch chan int\nch = make(chan int)\n<-ch', ['ch/0: receive']],
    ['replaced by another', 'ch := make(chan int)\nch = make(chan int, 1)\n<-ch', []],
    ['no channel', 'ch := make([]int, n)\n_ = ch', []],
  ])('%s', (_, body, wanted) => {
    expect(summary(body)).toEqual(wanted);
  });

  it('folds constants of the capacity', () => {
    const sizes = ['0', '0x10', '1_000', 'small', 'small*2+1', '(big - 1)', 'next', 'n', 'len("a")'];
    const body = `const big = 5\n${sizes.map((s, i) => `c${i} := make(chan int, ${s})\n_ = cap(c${i})`).join('\n')}`;
    const found = channelsOf(body, 'const small = 3\nconst (\n\tfirst = iota\n\tnext\n)').map(
      (c) => c.capacity,
    );
    expect(found).toEqual([0, 16, 1000, 3, 7, 4, null, null, null]);
  });

  it('knows whether a loop shares the channel', () => {
    const [outside, inside] = channelsOf('a := make(chan int)\nfor {\n<-a\nb := make(chan int)\n<-b\n}').map(
      (c) => sharedLoop(c.uses[0]?.at ?? c.make, c) !== null,
    );
    expect([outside, inside]).toEqual([true, false]);
  });
});
