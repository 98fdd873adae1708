import { describe, expect, it } from 'vitest';
import { flow } from '../../src/go/cfg.ts';
import { follow, type Held, receiversOf } from '../../src/go/escape.ts';
import { atomAbout, findOpenPath } from '../../src/go/paths.ts';
import { type FuncNode, scopes } from '../../src/go/scope.ts';
import type { Resource } from '../../src/go/uses.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { fileFrom } from './source.ts';

/** A file, the way rules describe one: its number (a method's result) and its name are spoken of, too. */
const FILE: Resource = {
  parts: new Set(['Fd', 'SyscallConn']),
  releases: new Set(['Close', 'syscall.CloseHandle']),
  releaser: /close/i,
  reads: (name) => /^(?:fmt\.|io\.ReadAll$)/.test(name),
  wraps: (name) => name === 'bufio.NewReader',
};

function openIn(
  body: string,
  more: Partial<Held> = {},
  signature = 'func f(name string, a bool) (err error)',
) {
  const file = fileFrom(`${signature} {\n${body}\n}\nfunc use(any) {}\nvar keep any\n`);
  const call = [...file.tree.root.descendants('call_expression')].find((c) => /^os\.\w+\(name/.test(c.text));
  const [value, answer] = call === undefined ? [] : (receiversOf(call) ?? []);
  if (call === undefined || value === undefined) throw new Error('nothing is opened in the body');
  return follow({ file, call, value, answer, resource: FILE, ...more });
}

/** `released by line`, `open until line`, `handedOn` or `unknown`; the body starts on line 2 of the function. */
function outcome(body: string, more: Partial<Held> = {}, signature?: string): string {
  const got = openIn(body, more, signature);
  const line = (node: Node) => node.line - openLine(node) + 1;
  if (got.kind === 'released') return `released ${line(got.by)}`;
  if (got.kind !== 'open') return got.kind;
  return `${got.replaced ? 'replaced' : 'open'} ${got.line - openLine(got.last) + 1}${got.elsewhere ? '' : ', nowhere else'}`;
}

/** Line of the function's head. */
function openLine(node: Node): number {
  let at: Node = node;
  while (at.parent !== null && at.parent.kind !== 'source_file') at = at.parent;
  return at.line;
}

const OPENED = 'f, err := os.Open(name)\nif err != nil {\nreturn err\n}\n';

describe('following a resource', () => {
  it.each([
    ['never released', `${OPENED}return nil`, 'open 6, nowhere else'],
    ['released', `${OPENED}f.Close()\nreturn nil`, 'released 6'],
    [
      'the deferred release proves best',
      `${OPENED}if a {\nf.Close()\n}\ndefer f.Close()\nreturn nil`,
      'released 9',
    ],
    ['released on one path', `${OPENED}if a {\nreturn nil\n}\nf.Close()\nreturn nil`, 'open 7'],
    ['released in a closure', `${OPENED}defer func() { f.Close() }()\nreturn nil`, 'released 6'],
    ['released by a helper', `${OPENED}defer closeAll(f)\nreturn nil`, 'released 6'],
    [
      'read only',
      `${OPENED}io.ReadAll(f)\nfmt.Println(f.Name(), f == nil)\nreturn nil`,
      'open 8, nowhere else',
    ],
    [
      'read through a wrapper',
      `${OPENED}r := bufio.NewReader(f)\nr.ReadByte()\nreturn nil`,
      'open 8, nowhere else',
    ],
    ['given away through a wrapper', `${OPENED}r := bufio.NewReader(f)\nuse(r)\nreturn nil`, 'handedOn'],
    ['under another name', `${OPENED}g := f\ng.Close()\nreturn nil`, 'released 7'],
    ['a part given away', `${OPENED}use(f.Fd())\nreturn nil`, 'handedOn'],
    ['another member given away', `${OPENED}use(f.Name())\nreturn nil`, 'open 7, nowhere else'],
    ['returned', `${OPENED}return f.Close()`, 'released 6'],
    ['a method value', `${OPENED}keep = f.Close\nreturn nil`, 'handedOn'],
    ['stored', `${OPENED}keep = f\nreturn nil`, 'handedOn'],
    ['in a literal', `${OPENED}use([]any{f})\nreturn nil`, 'handedOn'],
    ['in a slice', `${OPENED}var all []*os.File\nall = append(all, f)\nreturn nil`, 'handedOn'],
    ['sent', `${OPENED}c := make(chan any)\nc <- f\nreturn nil`, 'handedOn'],
    ['its address', `${OPENED}use(&f)\nreturn nil`, 'handedOn'],
    ['dropped with a blank', `${OPENED}_ = f\nreturn nil`, 'open 7, nowhere else'],
    ['replaced', `${OPENED}f, err = os.Open("x")\nuse(f)\nreturn nil`, 'replaced 6'],
    [
      'replaced by the next turn',
      `for {\nf, err := os.Open(name)\nif err == nil {\nf.Name()\n}\n}`,
      'replaced 3, nowhere else',
    ],
    [
      'released where an assertion holds',
      `${OPENED}if c, ok := any(f).(io.Closer); ok {\nc.Close()\n}\nreturn nil`,
      'handedOn',
    ],
    [
      'asserted, and released by the other name',
      `${OPENED}var r io.Reader = f\nif c, ok := r.(io.Closer); ok {\nc.Close()\n}\nreturn nil`,
      'released 8',
    ],
    ['goto', `top:\n${OPENED}if a {\ngoto top\n}\nreturn nil`, 'unknown'],
  ])('%s', (_, body, wanted) => {
    expect(outcome(body)).toBe(wanted);
  });

  it.each([
    [
      'a closure made before',
      'var f *os.File\ndefer func() { f.Close() }()\nf, err = os.Open(name)\nreturn nil',
      'released 3',
    ],
    ['a pointer made before', 'var f *os.File\nuse(&f)\nf, err = os.Open(name)\nreturn nil', 'handedOn'],
    ['a call made before', 'var f *os.File\nuse(f)\nf, err = os.Open(name)\nreturn nil', 'open 5'],
  ])('%s', (_, body, wanted) => {
    expect(outcome(body)).toBe(wanted);
  });

  it('counts what was done before when the value is older than the obligation', () => {
    expect(outcome('var f *os.File\nuse(f)\nf, err = os.Open(name)\nreturn nil', { madeEarlier: true })).toBe(
      'handedOn',
    );
  });

  it('lets a return go that is no loss, and waits for the first use', () => {
    const failing = { excused: (node: Node) => node.text === 'return err' };
    expect(outcome(`${OPENED}if a {\nreturn err\n}\nf.Close()\nreturn nil`, failing)).toBe('released 9');
    expect(outcome(`${OPENED}if a {\nreturn nil\n}\nf.Close()\nreturn nil`, failing)).toBe('open 7');
    const used = { onceUsed: true };
    expect(outcome(`${OPENED}if a {\nreturn nil\n}\nf.Close()\nreturn nil`, used)).toBe('released 9');
    expect(outcome(`${OPENED}f.Name()\nif a {\nreturn nil\n}\nf.Close()\nreturn nil`, used)).toBe('open 8');
    expect(outcome(`${OPENED}for a {\nf.Name()\n}\nreturn nil`, used)).toBe('open 9, nowhere else');
  });

  it('knows a result of the function, and leaves variables of others alone', () => {
    const named = 'func f(name string) (f *os.File, err error)';
    expect(outcome('f, err = os.Open(name)\nreturn', {}, named)).toBe('handedOn');
    expect(outcome('f, err = os.Open(name)\nreturn nil, err', {}, named)).toBe('open 3, nowhere else');
    expect(outcome('var f *os.File\nfunc() { f, err = os.Open(name) }()\nreturn nil')).toBe('handedOn');
  });

  it.each([
    ['moved into a variable', 'failed := err != nil\nif failed {\nreturn err\n}'],
    ['asked by a function', 'if bad(err) {\nreturn err\n}'],
    ['switched on', 'switch err {\ncase nil:\ndefault:\nreturn err\n}'],
    ['declared anew', 'var e = err\nif e != nil {\nreturn e\n}'],
  ])('does not judge an error that is %s', (_, check) => {
    expect(outcome(`f, err := os.Open(name)\n${check}\nf.Close()\nreturn nil`)).toMatch(/^released/);
  });

  it('follows the error until it speaks of something else', () => {
    expect(outcome(`${OPENED}err = other()\nif bad(err) {\nreturn err\n}\nf.Close()\nreturn nil`)).toBe(
      'open 8',
    );
    expect(
      outcome(
        'f, err := os.Open(name)\nif errors.Is(err, os.ErrNotExist) {\nreturn nil\n}\nf.Close()\nreturn nil',
      ),
    ).toBe('released 6');
  });

  it('ends on a branch of a condition that says so', () => {
    const endsOn = (condition: Node, value: boolean) => condition.text === 'f.More()' && !value;
    const drained = `${OPENED}for f.More() {\nif a {\nreturn nil\n}\n}\nreturn nil`;
    expect(outcome(drained)).toBe('open 11, nowhere else');
    expect(outcome(drained.replace('return nil\n}\n}', 'f.Close()\n}\n}'), { endsOn })).toBe('released 8');
    expect(outcome(drained, { endsOn })).toBe('open 8, nowhere else');
    expect(outcome(`${OPENED}for f.More() {\n}\nreturn nil`, { endsOn })).toBe('released 6');
    expect(outcome(`${OPENED}if !f.More() {\nreturn nil\n}\nreturn nil`, { endsOn })).toBe(
      'open 9, nowhere else',
    );
  });

  it('tells whether another path hands it on', () => {
    const shared = (body: string) => {
      const got = openIn(`${OPENED}${body}`);
      return got.kind === 'open' && got.shared;
    };
    expect(shared('if a {\nreturn nil\n}\nf.Close()\nreturn nil')).toBe(false);
    expect(shared('if a {\nreturn nil\n}\nkeep = f\nreturn nil')).toBe(true);
  });

  it('asks about functions that nobody knows', () => {
    const body = `${OPENED}unseen(f)\nreturn nil`;
    expect(outcome(body)).toBe('handedOn');
    const resource = { ...FILE, reads: (name: string) => name === '' };
    expect(outcome(body, { resource })).toBe('open 7, nowhere else');
  });

  it.each([
    ['checked', 'if err != nil {\nreturn errors.Wrap(err, "open")\n}', 'released 6'],
    [
      'wrapped first',
      'err = errors.Wrapf(err, "open %s", name)\nif err != nil {\nreturn err\n}',
      'released 7',
    ],
    ['wrapped in the question', 'if errors.WithStack(err) != nil {\nreturn err\n}', 'released 6'],
    [
      'wrapped, then asked by a function',
      'err = errors.Wrap(err, "open")\nif bad(err) {\nreturn err\n}',
      'released 7',
    ],
    ['asked with the same package', 'if errors.Is(err, os.ErrExist) {\nreturn nil\n}', 'released 6'],
    [
      'asked for one error',
      'if errors.Is(errors.WithMessage(err, ""), os.ErrExist) {\nreturn err\n}',
      'released 6',
    ],
    [
      'another error wrapped into it',
      'err = errors.Wrap(other(), "open")\nif err != nil {\nreturn err\n}',
      'open 5',
    ],
    ['wrapped and then forgotten', 'err = errors.Wrap(err, "open")\nif a {\nreturn err\n}', 'open 5'],
  ])('sees through what wraps an error: %s', (_, check, wanted) => {
    const head = 'package p\nimport (\n"os"\n"github.com/pkg/errors"\n)\n';
    const signature = `${head}func f(name string, a bool) error`;
    expect(outcome(`f, err := os.Open(name)\n${check}\nf.Close()\nreturn nil`, {}, signature)).toBe(wanted);
  });

  it('believes what it is told about an empty resource', () => {
    const body = `${OPENED.replace('Open(name)', 'StartProcess(name, nil, nil)')}if f.Pid == 0 {\nreturn nil\n}\nf.Close()\nreturn nil`;
    expect(outcome(body)).toBe('open 7');
    expect(outcome(body, { empty: ['.Pid==0'] })).toBe('released 9');
  });
});

describe('where results go', () => {
  it.each([
    ['f()', []],
    ['go f()', []],
    ['defer f()', []],
    ['a, err := f()', ['a', 'err']],
    ['x.a, _ = f()', ['x.a', '_']],
    ['var a, err = f()', ['a', 'err']],
    ['if _, err := f(); err != nil {\n}', ['_', 'err']],
    ['return f()', null],
    ['use(f())', null],
    ['a, b = f(), 1', null],
  ])('%s', (statement, wanted) => {
    const file = fileFrom(`func g() {\n${statement}\n}\n`);
    const call = [...file.tree.root.descendants('call_expression')].find((c) => c.text === 'f()');
    if (call === undefined) throw new Error('no f()');
    expect(receiversOf(call)?.map((n) => n.text) ?? null).toEqual(wanted);
  });
});

describe('paths on which an obligation is lost', () => {
  it('ends them there, and keeps atoms that are spelt by hand', () => {
    const file = fileFrom('func f(x *T) {\nopen()\nif x.size == 0 {\nreturn\n}\nx = nil\ndone()\n}\n');
    const func = [...file.tree.root.descendants('function_declaration')][0] as FuncNode;
    const cfg = file.get(flow).of(func);
    const from = [...func.descendants('expression_statement')].find((s) => s.text === 'open()');
    const x = [...func.descendants('parameter_declaration')].flatMap((p) => p.fields('name'))[0];
    if (cfg === null || from === undefined || x === undefined) throw new Error('no open()');
    const definition = file.get(scopes).definitionOf(x);
    if (definition === null) throw new Error('no x');
    const query = { file, cfg, from, ends: (n: Node) => n.text === 'done()' };
    const assume = [atomAbout(definition, '.size==0', false)];
    expect(findOpenPath({ ...query, assume }).kind).toBe('none');
    const lost = findOpenPath({ ...query, assume, lost: (n) => n.text === 'x = nil' });
    expect(lost).toMatchObject({ kind: 'path', exit: 'lost' });
    const other = { ...query, ends: () => false, mayLeave: true };
    expect(findOpenPath({ ...other, lost: (n) => n.text === 'x = nil' }).kind).toBe('path');
    expect(findOpenPath({ ...other, lost: (n) => n.text === 'open()' }).kind).toBe('none');
  });
});

describe('given to a function of the package', () => {
  const fate = (helper: string, call = 'helper(f)', resource = FILE) => {
    const file = fileFrom(
      `func f(name string) error {\nf, err := os.Open(name)\nif err != nil {\nreturn err\n}\n${call}\nreturn nil\n}\n${helper}\nvar keep any\n`,
    );
    const open = [...file.tree.root.descendants('call_expression')].find((c) => c.text === 'os.Open(name)');
    const [value, answer] = open === undefined ? [] : (receiversOf(open) ?? []);
    if (open === undefined || value === undefined) throw new Error('nothing is opened');
    return follow({ file, call: open, value, answer, resource }).kind;
  };

  it('that uses it up', () => {
    const helper = 'func helper(x *os.File) { x.Seek(0, io.SeekEnd) }';
    expect(fate(helper)).toBe('open');
    expect(fate(helper, 'helper(f)', { ...FILE, usedUpBy: new Set(['Seek']) })).toBe('handedOn');
  });

  it.each([
    ['looks at it', 'func helper(x *os.File) { fmt.Println(x.Name()) }', 'open'],
    ['ignores it', 'func helper(x *os.File) {}', 'open'],
    ['closes it', 'func helper(x io.Closer) { x.Close() }', 'released'],
    ['closes it by defer', 'func helper(x io.Closer) { defer x.Close(); fmt.Println("done") }', 'released'],
    [
      'lets another one close it',
      'func helper(x io.Closer) { other(x) }\nfunc other(y io.Closer) { y.Close() }',
      'released',
    ],
    ['closes it on one path', 'func helper(x *os.File) { if x.Fd() > 2 { x.Close() } }', 'handedOn'],
    ['keeps it', 'func helper(x *os.File) { keep = x }', 'handedOn'],
    ['replaces it', 'func helper(x *os.File) { x = os.Stdin; x.Close() }', 'handedOn'],
    ['closes it in a goroutine', 'func helper(x *os.File) { go func() { x.Close() }() }', 'released'],
    ['calls itself with it', 'func helper(x *os.File) { helper(x) }', 'handedOn'],
    ['takes it with others', 'func helper(all ...*os.File) {}', 'handedOn'],
    ['is an interface', 'type h interface{ helper(*os.File) }\nvar keeper h', 'handedOn', 'keeper.helper(f)'],
    ['jumps about', 'func helper(x *os.File) {\nagain:\nx.Close()\ngoto again\n}', 'handedOn'],
  ])('that %s', (_, helper, kind, call = 'helper(f)') => {
    expect(fate(helper, call)).toBe(kind);
  });
});
