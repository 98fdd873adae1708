import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import { mayHold } from '../../src/go/held.ts';
import { reachable } from '../../src/go/reach.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { solve } from '../../src/go/solver.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { bodies, programOf } from './programs.ts';
import { fileFrom } from './source.ts';

function graphOf(body: string) {
  const file = fileFrom(`package p\nfunc f(a, b bool, n int) {\n${body}\n}\n`);
  const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
  const cfg = file.get(flow).of(func);
  if (cfg === null) throw new Error('no body');
  const at = (text: string) => {
    const found = cfg.blocks.flatMap((b) => b.nodes).find((node) => node.text === text);
    if (found === undefined) throw new Error(`no ${text}`);
    return found;
  };
  return { file, cfg, at };
}

describe('the solver', () => {
  /** Which calls of one letter come before, on some way; on `a` only those behind `if a` are known to. */
  const calls = {
    start: '',
    after: (node: Node, before: string) => {
      const name = /^([a-z])\(\)$/.exec(node.text)?.[1];
      return name === undefined ? before : union(before, name);
    },
    join: union,
    same: (x: string, y: string) => x === y,
  };

  it.each([
    ['x()\nif a {\ny()\n}\nz()', 'z()', 'xy'],
    ['for n > 0 {\nx()\ny()\n}', 'x()', 'xy'],
    ['for {\nfor a {\nfor b {\nx()\n}\ny()\n}\nz()\n}', 'x()', 'xyz'],
    ['return\nx()', 'x()', null],
    ['if a {\nx()\nreturn\n}\ny()', 'y()', ''],
    ['if a {\nx()\npanic(1)\n}\ny()', 'y()', ''],
  ])('%j before %s: %j', (body, node, wanted) => {
    const { file, cfg, at } = graphOf(body);
    expect(solve(file, cfg, calls)?.before(at(node))).toBe(wanted);
    expect(solve(file, cfg, calls)?.before(cfg.func)).toBeNull();
  });

  it('says what holds at every exit', () => {
    const { file, cfg } = graphOf('x()\nif a {\ny()\nreturn\n}\nif b {\npanic(1)\n}\nz()');
    const exits = solve(file, cfg, calls)?.exits.map((e) => `${e.exit} ${e.last.line} ${e.state}`);
    expect(exits).toEqual(['return 6 xy', 'end 2 xz']);
  });

  it('asks the problem about conditions, which may rule a branch out', () => {
    const { file, cfg, at } = graphOf('if a {\nx()\n} else {\ny()\n}\nz()');
    const only = (value: boolean) => ({
      ...calls,
      branch: (condition: { expr: Node; value: boolean }, state: string) =>
        condition.value === value ? union(state, condition.expr.text) : null,
    });
    expect(solve(file, cfg, only(true))?.before(at('z()'))).toBe('ax');
    expect(solve(file, cfg, only(false))?.before(at('z()'))).toBe('ay');
    expect(solve(file, cfg, only(true))?.before(at('y()'))).toBeNull();
  });

  it('gives up on states that never settle, and leaves the function undecided', () => {
    const { file, cfg } = graphOf('for a {\nx()\n}');
    const counting = { start: 0, after: (_: Node, n: number) => n + 1, join: Math.max, same: Object.is };
    expect(solve(file, cfg, counting)).toBeNull();
    expect(file.undecided).toEqual([{ name: 'f', why: ['budget'] }]);
  });
});

describe('what may be held', () => {
  const locks = {
    takes: (node: Node) => node.text === 'lock()',
    gives: (by: Node) => by.text === 'unlock()',
  };
  const held = (body: string) => {
    const { file, cfg } = graphOf(body);
    const solution = mayHold(file, cfg, locks);
    const again = cfg.blocks
      .flatMap((b) => b.nodes)
      .filter((node) => locks.takes(node) && solution?.before(node)?.length)
      .map((node) => `again ${node.line}`);
    const left =
      solution?.exits.filter((e) => e.state.length > 0).map((e) => `${e.exit} ${e.last.line}`) ?? [];
    return [...again, ...left].join(', ');
  };

  it.each([
    ['lock()\nunlock()', ''],
    ['lock()', 'end 2'],
    ['lock()\nif a {\nreturn\n}\nunlock()', 'return 5'],
    ['lock()\nlock()\nunlock()', 'again 4'],
    ['for a {\nlock()\nif b {\ncontinue\n}\nunlock()\n}', 'again 4, end 2'],
    ['for {\nlock()\nif b {\nbreak\n}\nunlock()\n}\nunlock()', ''],
    ['lock()\nif a {\nunlock()\n} else {\nunlock()\n}', ''],
    ['lock()\npanic(1)', ''],
  ])('%j: %s', (body, wanted) => {
    expect(held(body)).toBe(wanted);
  });

  it('is held where control comes from the taking without a giving back', () => {
    fc.assert(
      fc.property(bodies, fc.nat(3), (body, seed) => {
        const { cfg, file, nodes, code } = programOf(body);
        const takes = (node: Node) => nodes.includes(node) && (node.id + seed) % 4 === 0;
        const gives = (by: Node, taken: Node) => by !== taken && (by.id + taken.id + seed) % 5 === 0;
        const solution = mayHold(file, cfg, { takes, gives });
        const live = reachable(cfg, null, () => false).nodes;
        for (const taken of nodes.filter((node) => takes(node) && live.has(node))) {
          const { nodes: behind } = reachable(cfg, taken, (by) => gives(by, taken));
          const wrong = [...live].filter(
            (node) => solution?.before(node)?.includes(taken) !== behind.has(node),
          );
          expect(wrong, `${taken.text} in\n${code}`).toEqual([]);
        }
      }),
    );
  });
});

function union(a: string, b: string): string {
  return [...new Set([...a, ...b])].sort().join('');
}
