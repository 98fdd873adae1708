import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { bodies, programOf } from './programs.ts';
import { fileFrom } from './source.ts';

describe('the graph of a function', () => {
  it('holds every simple statement once, and finds it', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { cfg, nodes } = programOf(body);
        const inBlocks = cfg.blocks.flatMap((b) => b.nodes);
        const held = new Set(inBlocks);
        expect(held.size).toBe(inBlocks.length);
        expect(nodes.filter((node) => !held.has(node))).toEqual([]);
        const lost = cfg.blocks.flatMap((block) =>
          block.nodes.filter((node, index) => {
            const place = cfg.find(node);
            return place?.block !== block || place.index !== index;
          }),
        );
        expect(lost).toEqual([]);
        expect(cfg.find(cfg.func)).toBeNull();
      }),
    );
  });

  it('has edges between its own blocks only, and none out of a block that leaves the function', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { cfg } = programOf(body);
        cfg.blocks.forEach((block, i) => {
          expect(block.id).toBe(i);
          for (const { to } of block.edges) expect(cfg.blocks[to.id]).toBe(to);
          if (block.exit !== null) expect(block.edges).toEqual([]);
          if (block.exit === 'return') expect(block.nodes.at(-1)?.kind).toBe('return_statement');
          for (const { condition } of block.edges)
            if (condition !== null) expect(condition.expr).toBe(block.nodes.at(-1));
        });
        expect(cfg.blocks).toContain(cfg.entry);
      }),
    );
  });

  it('lets control come to what the language lets it come to', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { code, cfg, live } = programOf(body, false);
        const walked = new Set([cfg.entry]);
        for (const block of walked) for (const { to } of block.edges) walked.add(to);
        const calls = [...walked]
          .flatMap((b) => b.nodes.map((n) => n.text))
          .filter((t) => /^f\d+\(\)$/.test(t));
        expect(new Set(calls), code).toEqual(live.calls);
        expect(
          [...walked].some((b) => b.exit === 'end'),
          code,
        ).toBe(live.end);
      }),
    );
  });

  it.each([
    ['f()\ngoto a\na:\ng()', ['f (goto)']],
    ['_ = func() {\na:\ngoto a\n}', []],
    ['for {\nbreak\n}', []],
  ])('leaves a function with goto undecided when it is asked for: %j', (body, wanted) => {
    const file = fileFrom(`package p\nfunc f() {\n${body}\n}\n`);
    const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
    const cfg = file.get(flow).of(func);
    expect(cfg?.hasGoto).toBe(wanted.length > 0);
    expect(file.undecided.map(({ name, why }) => `${name} (${why})`)).toEqual(wanted);
  });
});
