import fc from 'fast-check';
import type { SourceFile } from '../../src/engine/source.ts';
import { type Cfg, flow } from '../../src/go/cfg.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { fileFrom } from './source.ts';

/** A statement of a generated function. Every call is of a function of its own: the text finds the node. */
export type Statement =
  | { readonly kind: 'call' | 'return' | 'panic' }
  | { readonly kind: 'block'; readonly body: Body }
  | { readonly kind: 'goto'; readonly target: number }
  /** `up` counts the statements around it that can be left, resolved modulo their number. */
  | { readonly kind: 'break' | 'continue'; readonly up: number }
  | {
      readonly kind: 'if';
      readonly consequence: Body;
      readonly otherwise: Body | null;
      readonly operator: string;
    }
  | { readonly kind: 'for'; readonly form: 'ever' | 'while' | 'clause' | 'range'; readonly body: Body }
  | {
      readonly kind: 'switch' | 'tag' | 'type' | 'select';
      readonly cases: readonly Body[];
      /** Index of the default, which may stand anywhere; none when there are not so many cases. */
      readonly fallback: number;
      readonly fallthrough: boolean;
    };
export type Body = readonly Statement[];

const leaf: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('call' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('return' as const, 'panic' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('break' as const, 'continue' as const), up: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goto' as const), target: fc.nat(20) }) },
);

const { body } = fc.letrec<{ body: Body; statement: Statement }>((tie) => ({
  body: fc.array(tie('statement'), { minLength: 1, maxLength: 4, size: 'max' }),
  statement: fc.oneof(
    { depthSize: 'medium', maxDepth: 3 },
    { weight: 6, arbitrary: leaf },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('block' as const), body: tie('body') }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('if' as const),
        consequence: tie('body'),
        otherwise: fc.option(tie('body')),
        operator: fc.constantFrom('', '!', '&&', '||'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('for' as const),
        form: fc.constantFrom('ever' as const, 'while' as const, 'clause' as const, 'range' as const),
        body: tie('body'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('switch' as const, 'tag' as const, 'type' as const, 'select' as const),
        cases: fc.array(tie('body'), { maxLength: 3, size: 'max' }),
        fallback: fc.nat(4),
        fallthrough: fc.boolean(),
      }),
    },
  ),
}));

/** Bodies with loops, jumps and goto. */
export const bodies: fc.Arbitrary<Body> = body;

/** What can be left around a statement, the innermost last. */
type Around = readonly { readonly label: string; readonly loop: boolean }[];

/** What a jump leaves or repeats; null where Go has nothing for it to leave: a call stands there then. */
function targetOf(s: { kind: 'break' | 'continue'; up: number }, around: Around): Around[number] | null {
  const able = s.kind === 'break' ? around : around.filter((a) => a.loop);
  return able.length === 0 ? null : (able[able.length - 1 - (s.up % able.length)] ?? null);
}

/** Writes the Go of a body, and works out on the way which calls control can reach, without goto. */
class Writer {
  readonly lines: string[] = [];
  readonly live = new Set<string>();
  readonly #labels: string[] = [];
  readonly #gotos: { readonly line: number; readonly target: number }[] = [];
  #names = 0;
  readonly #left = new Set<string>();

  /** Jumps wherever there is a label, also backwards and into other blocks; what would jump is a return so far. */
  jump(): void {
    if (this.#labels.length === 0) return;
    for (const { line, target } of this.#gotos)
      this.lines[line] = `goto ${this.#labels[target % this.#labels.length]}`;
  }

  #label(): string {
    const label = this.#name('L');
    this.#labels.push(label);
    this.lines.push(`${label}:`);
    return label;
  }

  /** Whether control comes out behind the statements. */
  body(statements: Body, around: Around, live: boolean): boolean {
    return statements.reduce((at, s) => this.#statement(s, around, at), live);
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #call(live: boolean): boolean {
    const call = `${this.#name('f')}()`;
    if (live) this.live.add(call);
    this.lines.push(call);
    return live;
  }

  #statement(s: Statement, around: Around, live: boolean): boolean {
    switch (s.kind) {
      case 'call':
        return this.#call(live);
      case 'block': {
        this.lines.push('{');
        const out = this.body(s.body, around, live);
        this.lines.push('}');
        return out;
      }
      case 'return':
      case 'panic':
        this.lines.push(s.kind === 'return' ? 'return' : 'panic(1)');
        return false;
      case 'goto':
        this.#gotos.push({ line: this.lines.length, target: s.target });
        this.lines.push('return');
        return false;
      case 'break':
      case 'continue': {
        const target = targetOf(s, around);
        if (target === null) return this.#call(live);
        if (live && s.kind === 'break') this.#left.add(target.label);
        this.lines.push(`${s.kind} ${target.label}`);
        return false;
      }
      case 'if':
        return this.#if(s, around, live);
      case 'for':
        return this.#for(s, around, live);
      default:
        return this.#cases(s, around, live);
    }
  }

  #if(s: Statement & { kind: 'if' }, around: Around, live: boolean): boolean {
    const [a, b] = [this.#name('c'), this.#name('c')];
    this.lines.push(
      `if ${s.operator === '!' ? `!${a}` : s.operator === '' ? a : `${a} ${s.operator} ${b}`} {`,
    );
    const yes = this.body(s.consequence, around, live);
    if (s.otherwise !== null) this.lines.push('} else {');
    const no = this.body(s.otherwise ?? [], around, live);
    this.lines.push('}');
    return yes || no;
  }

  #for(s: Statement & { kind: 'for' }, around: Around, live: boolean): boolean {
    const label = this.#label();
    const [c, p] = [this.#name('c'), this.#name('p')];
    const head = { ever: '', while: c, clause: `; ${c}; ${p}++`, range: `range ${c}` }[s.form];
    this.lines.push(`for ${head} {`);
    this.body(s.body, [...around, { label, loop: true }], live);
    this.lines.push('}');
    return (live && s.form !== 'ever') || this.#left.has(label);
  }

  #cases(
    s: Statement & { kind: 'switch' | 'tag' | 'type' | 'select' },
    around: Around,
    live: boolean,
  ): boolean {
    const label = this.#label();
    const head = {
      switch: 'switch',
      tag: `switch ${this.#name('c')}`,
      type: 'switch c.(type)',
      select: 'select',
    };
    this.lines.push(`${head[s.kind]} {`);
    const mayFall = s.fallthrough && (s.kind === 'switch' || s.kind === 'tag');
    let falls = false;
    let out = false;
    s.cases.forEach((body, i) => {
      const isLast = i === s.cases.length - 1;
      const value = { switch: '', tag: '', type: 'T', select: '<-' }[s.kind] + this.#name('c');
      this.lines.push(i === s.fallback ? 'default:' : `case ${value}:`);
      const ends = this.body(body, [...around, { label, loop: false }], live || falls);
      if (mayFall && !isLast) this.lines.push('fallthrough');
      falls = mayFall && !isLast && ends;
      out ||= ends && !falls;
    });
    this.lines.push('}');
    const none = s.kind !== 'select' && s.fallback >= s.cases.length;
    return out || (live && none) || this.#left.has(label);
  }
}

export interface Program {
  readonly code: string;
  readonly file: SourceFile;
  readonly cfg: Cfg;
  /** Simple statements and conditions of the function itself. */
  readonly nodes: readonly Node[];
  /** Calls that control can reach by the rules of the language, and whether the end is; says nothing about goto. */
  readonly live: { readonly calls: ReadonlySet<string>; readonly end: boolean };
}

export function programOf(statements: Body, jumps = true): Program {
  const writer = new Writer();
  const end = writer.body(statements, [], true);
  if (jumps) writer.jump();
  const code = `package p\nfunc f() {\n${writer.lines.join('\n')}\n}\n`;
  const file = fileFrom(code);
  const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
  const cfg = file.get(flow).of(func);
  if (cfg === null || func.broken) throw new Error(`no graph of\n${code}`);
  const nodes = [...func.descendants('expression_statement', 'return_statement', 'inc_statement')];
  return { code, file, cfg, nodes, live: { calls: writer.live, end } };
}
