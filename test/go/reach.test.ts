import { expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import { reachable } from '../../src/go/reach.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { fileFrom } from './source.ts';

function reach(body: string, from: string | null) {
  const file = fileFrom(`package p\nfunc f(a bool) {\n${body}\n}\n`);
  const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
  const start = [...func.descendants('expression_statement')].find((s) => s.text === from) ?? null;
  const cfg = file.get(flow).of(func);
  if (cfg === null) throw new Error('no body');
  const { nodes, exits } = reachable(cfg, start, (node) => node.text === 'stop()');
  return `${[...nodes].map((n) => n.text).join(' ')} ${exits ? 'exits' : 'stays'}`;
}

it.each([
  ['one()\nstop()\ntwo()', null, 'one() stop() stays'],
  ['one()\nif a {\nstop()\n}\ntwo()', null, 'one() a two() stop() exits'],
  ['one()\ntwo()', 'one()', 'two() exits'],
  ['for {\none()\ntwo()\n}', 'one()', 'two() one() stays'],
  ['if a {\nstop()\n} else {\npanic(1)\n}', null, 'a panic(1) stop() stays'],
])('control goes on until it is stopped: %j from %s', (body, from, wanted) => {
  expect(reach(body, from)).toBe(wanted);
});
