import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominance } from '../../src/go/dominators.ts';
import { reachable } from '../../src/go/reach.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { bodies, programOf } from './programs.ts';
import { fileFrom } from './source.ts';

function dominanceOf(body: string) {
  const file = fileFrom(`package p\nfunc f(a bool) {\n${body}\n}\n`);
  const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
  const found = file.get(dominance).of(func);
  const node = (text: string) =>
    [...func.descendants('expression_statement')].find((s) => s.text === text) ?? func;
  return {
    dominates: (a: string, b: string) => found?.dominates(node(a), node(b)),
    postDominates: (a: string, b: string) => found?.postDominates(node(a), node(b)),
  };
}

describe('dominance', () => {
  it.each([
    ['x()\ny()', true, true],
    ['y()\nx()', false, false],
    ['if a {\nx()\n}\ny()', false, true],
    ['x()\nif a {\ny()\n}', true, false],
    ['if a {\nx()\n} else {\nreturn\n}\ny()', true, true],
    ['x()\nif a {\nreturn\n}\ny()', true, false],
    ['x()\nif a {\npanic(1)\n}\ny()', true, true],
    ['for {\nx()\nif a {\nbreak\n}\ny()\n}', true, false],
    ['x()\nreturn\ny()', true, false],
    ['return\nx()\ny()', true, true],
  ])('%j: x() comes before y(): %s, y() comes after x(): %s', (body, before, after) => {
    const { dominates, postDominates } = dominanceOf(body);
    expect([dominates('x()', 'y()'), postDominates('y()', 'x()')]).toEqual([before, after]);
  });

  it('counts a node as before and after itself, and knows nothing of what is no node', () => {
    const { dominates, postDominates } = dominanceOf('x()\ny()');
    expect([dominates('x()', 'x()'), postDominates('x()', 'x()')]).toEqual([true, true]);
    expect([dominates('z()', 'x()'), postDominates('x()', 'z()')]).toEqual([false, false]);
  });

  it('is what its definition says: without the one, control does not come to the other', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { cfg, file, code } = programOf(body);
        const found = file.get(dominance).of(cfg.func);
        const all = cfg.blocks.flatMap((b) => b.nodes);
        const wrong: string[] = [];
        for (const a of all) {
          const around = reachable(cfg, null, (node) => node === a).nodes;
          for (const b of all) {
            if (found?.dominates(a, b) !== (a === b || !around.has(b)))
              wrong.push(`${a.text} dominates ${b.text}`);
            const { exits } = reachable(cfg, b, (node) => node === a);
            if (found?.postDominates(a, b) !== (a === b || !exits))
              wrong.push(`${a.text} post-dominates ${b.text}`);
          }
        }
        expect(wrong, code).toEqual([]);
      }),
    );
  });
});
