import fc from 'fast-check';
import { expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import { findOpenPath } from '../../src/go/paths.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { fileFrom } from './source.ts';

/** `g()` is a condition that may be either, each time it is asked. */
type Condition =
  | { readonly kind: 'variable'; readonly name: string; readonly value: boolean }
  | { readonly kind: 'any' }
  | { readonly kind: '&&' | '||'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition };
type Statement =
  | { readonly kind: 'done' | 'work' | 'return' | 'panic' }
  /** Leaves the switch around the `up` ones around it. */
  | { readonly kind: 'break'; readonly up: number }
  | { readonly kind: 'write'; readonly name: string }
  /** A constant; of `err` it is nil. */
  | { readonly kind: 'set'; readonly name: string; readonly value: boolean }
  | { readonly kind: 'if'; readonly condition: Condition; readonly bodies: readonly [Body, Body] }
  | {
      readonly kind: 'switch';
      readonly cases: readonly {
        readonly condition: Condition;
        readonly body: Body;
        readonly falls: boolean;
      }[];
      /** The default, which stands at the end. */
      readonly fallback: Body | null;
    };
type Body = readonly Statement[];

const NAMES = ['a', 'b', 'err'];
const name = fc.constantFrom(...NAMES);
const { body } = fc.letrec<{ body: Body; statement: Statement; condition: Condition }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 4, size: 'max' }),
  statement: fc.oneof(
    { depthSize: 'medium', maxDepth: 3 },
    fc.record({ kind: fc.constantFrom('done' as const, 'work' as const) }),
    fc.record({ kind: fc.constantFrom('return' as const, 'panic' as const) }),
    fc.record({ kind: fc.constant('break' as const), up: fc.nat(2) }),
    fc.record({ kind: fc.constant('write' as const), name }),
    fc.record({ kind: fc.constant('set' as const), name, value: fc.boolean() }),
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('if' as const),
        condition: tie('condition'),
        bodies: fc.tuple(tie('body'), tie('body')),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('switch' as const),
        cases: fc.array(fc.record({ condition: tie('condition'), body: tie('body'), falls: fc.boolean() }), {
          maxLength: 3,
        }),
        fallback: fc.option(tie('body')),
      }),
    },
  ),
  condition: fc.oneof(
    { maxDepth: 2 },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('variable' as const), name, value: fc.boolean() }),
    },
    fc.record({ kind: fc.constant('any' as const) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('&&' as const, '||' as const),
      left: tie('condition'),
      right: tie('condition'),
    }),
  ),
}));

function spell(c: Condition): string {
  if (c.kind === 'any') return 'g()';
  if (c.kind === 'not') return `!(${spell(c.of)})`;
  if (c.kind !== 'variable') return `(${spell(c.left)} ${c.kind} ${spell(c.right)})`;
  if (c.name === 'err') return c.value ? 'err == nil' : 'err != nil';
  return c.value ? c.name : `!${c.name}`;
}

/** The switches around a statement that it can leave, by label, the innermost last. */
type Around = readonly string[];

function targetOf({ up }: { up: number }, around: Around): string | undefined {
  return around[around.length - 1 - (up % Math.max(around.length, 1))];
}

/** The lines of a body, and the line of every return. A switch has a label after its number. */
class Writer {
  readonly lines = ['package p', 'func f(a, b bool, err error) {'];
  readonly returns = new Map<Statement, number>();
  readonly labels = new Map<Statement, string>();

  body(statements: Body, around: Around): void {
    for (const s of statements) this.#statement(s, around);
  }

  #statement(s: Statement, around: Around): void {
    const { lines } = this;
    if (s.kind === 'if') {
      lines.push(`if ${spell(s.condition)} {`);
      this.body(s.bodies[0], around);
      lines.push('} else {');
      this.body(s.bodies[1], around);
      lines.push('}');
    } else if (s.kind === 'switch') {
      const label = `L${this.labels.size}`;
      this.labels.set(s, label);
      lines.push(`${label}:`, 'switch {');
      s.cases.forEach(({ condition, body, falls }, i) => {
        lines.push(`case ${spell(condition)}:`);
        this.body(body, [...around, label]);
        if (falls && hasNext(s, i)) lines.push('fallthrough');
      });
      if (s.fallback !== null) lines.push('default:');
      this.body(s.fallback ?? [], [...around, label]);
      lines.push('}');
    } else if (s.kind === 'write') lines.push(`${s.name} = h()`);
    else if (s.kind === 'set') lines.push(s.name === 'err' ? 'err = nil' : `${s.name} = ${s.value}`);
    else if (s.kind === 'break') {
      const target = targetOf(s, around);
      lines.push(target === undefined ? 'work()' : `break ${target}`);
    } else lines.push({ done: 'done()', work: 'work()', return: 'return', panic: 'panic(1)' }[s.kind]);
    if (s.kind === 'return') this.returns.set(s, lines.length);
  }
}

function hasNext(s: Statement & { kind: 'switch' }, i: number): boolean {
  return i < s.cases.length - 1 || s.fallback !== null;
}

/** What is true of the variables at one moment of one run. */
type Run = Readonly<Record<string, boolean>>;
/** How it comes out of some statements: on to the next, with the work done, by a panic, a break or a return. */
interface Outcome {
  readonly how: 'on' | 'done' | 'gone' | { readonly label: string } | Statement;
  readonly run: Run;
}

/** All values that a condition can have in a run. */
function values(c: Condition, run: Run): readonly boolean[] {
  if (c.kind === 'any') return [true, false];
  if (c.kind === 'variable') return [run[c.name] === c.value];
  if (c.kind === 'not') return values(c.of, run).map((v) => !v);
  const decides = c.kind === '||';
  return values(c.left, run).flatMap((v) => (v === decides ? [v] : values(c.right, run)));
}

/** Every way a run can go through the statements, one by one. */
class Machine {
  readonly #labels: ReadonlyMap<Statement, string>;

  constructor(labels: ReadonlyMap<Statement, string>) {
    this.#labels = labels;
  }

  body(statements: Body, run: Run, around: Around): readonly Outcome[] {
    const [first, ...rest] = statements;
    if (first === undefined) return [{ how: 'on', run }];
    return this.#statement(first, run, around).flatMap((o) =>
      o.how === 'on' ? this.body(rest, o.run, around) : [o],
    );
  }

  #statement(s: Statement, run: Run, around: Around): readonly Outcome[] {
    switch (s.kind) {
      case 'done':
        return [{ how: 'done', run }];
      case 'panic':
        return [{ how: 'gone', run }];
      case 'return':
        return [{ how: s, run }];
      case 'work':
        return [{ how: 'on', run }];
      case 'break': {
        const label = targetOf(s, around);
        return [{ how: label === undefined ? 'on' : { label }, run }];
      }
      case 'write':
        return [true, false].map((value) => ({ how: 'on', run: { ...run, [s.name]: value } }));
      case 'set':
        return [{ how: 'on', run: { ...run, [s.name]: s.name === 'err' || s.value } }];
      case 'if': {
        const [yes, no] = s.bodies;
        return values(s.condition, run).flatMap((v) => this.body(v ? yes : no, run, around));
      }
      case 'switch':
        return this.#switch(s, run, around);
    }
  }

  #switch(s: Statement & { kind: 'switch' }, run: Run, around: Around): readonly Outcome[] {
    const label = this.#labels.get(s) ?? '';
    const enter = (i: number, now: Run): readonly Outcome[] => {
      const clause = s.cases[i];
      const outcomes = this.body(clause?.body ?? s.fallback ?? [], now, [...around, label]);
      if (clause?.falls !== true || !hasNext(s, i)) return outcomes;
      return outcomes.flatMap((o) => (o.how === 'on' ? enter(i + 1, o.run) : [o]));
    };
    const choose = (i: number): readonly Outcome[] => {
      const clause = s.cases[i];
      if (clause === undefined) return enter(i, run);
      return values(clause.condition, run).flatMap((v) => (v ? enter(i, run) : choose(i + 1)));
    };
    return choose(0).map((o) =>
      typeof o.how === 'object' && 'label' in o.how && o.how.label === label ? { how: 'on', run: o.run } : o,
    );
  }
}

const runs: readonly Run[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
  Object.fromEntries(NAMES.map((n, i) => [n, ((bits >> i) & 1) === 1])),
);

it('finds a path exactly where one of all runs takes it', () => {
  fc.assert(
    fc.property(body, fc.option(fc.record({ name, value: fc.boolean(), tail: body })), (inner, around) => {
      const tail = around?.tail ?? [];
      const writer = new Writer();
      if (around !== null) writer.lines.push(`if ${spell({ kind: 'variable', ...around })} {`);
      writer.lines.push('open()');
      writer.body(inner, []);
      if (around !== null) writer.lines.push('}');
      writer.body(tail, []);
      const code = `${writer.lines.join('\n')}\n}\n`;

      const exits = runs
        .filter((run) => around === null || run[around.name] === around.value)
        .flatMap((run) => new Machine(writer.labels).body([...inner, ...tail], run, []))
        .flatMap(({ how }) => {
          if (how === 'on') return ['end'];
          return typeof how === 'object' && 'kind' in how ? [`return ${writer.returns.get(how)}`] : [];
        });

      const file = fileFrom(code);
      const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
      const cfg = file.get(flow).of(func);
      const from = [...func.descendants('expression_statement')].find((s) => s.text === 'open()');
      if (cfg === null || from === undefined) throw new Error(code);
      const path = findOpenPath({ file, cfg, from, ends: (node) => node.text === 'done()' });
      if (path.kind !== 'path') expect([path.kind, exits], code).toEqual(['none', []]);
      else {
        expect(exits, code).toContain(path.exit === 'return' ? `return ${path.last.line}` : path.exit);
        expect(path.nodes.map((n) => n.text)).not.toContain('done()');
      }
    }),
    { numRuns: 300 },
  );
});
