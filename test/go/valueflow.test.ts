import { describe, expect, it } from 'vitest';
import { flowOf, flowOfVariable } from '../../src/go/valueflow.ts';
import { packageFrom } from './source.ts';

/** What becomes of the value that the first call of `made()` gives. */
function flow(...codes: readonly string[]) {
  const pkg = packageFrom(Object.fromEntries(codes.map((code, i) => [`f${i}.go`, code])));
  for (const file of pkg.files)
    for (const call of file.tree.root.descendants('call_expression')) {
      if (call.field('function').text !== 'made') continue;
      const found = flowOf(file, call);
      return {
        writes: found.writes.map((w) => w.field),
        calls: found.calls.map((c) => c.method),
        passed: found.passed.map((c) => c.field('function').text),
        leaves: found.leaves.length,
      };
    }
  throw new Error('no call of made()');
}

const nothing = { writes: [], calls: [], passed: [], leaves: 0 };

describe('flowOf', () => {
  it('sees what is done with a local variable, also in a closure', () => {
    expect(flow('func f() { c := made(); c.A = 1; func() { c.Do() }() }')).toEqual({
      ...nothing,
      writes: ['A'],
      calls: ['Do'],
    });
    expect(flow('func f() { c := &(*made()); if c != nil { other.Use(c) } }')).toEqual({
      ...nothing,
      passed: ['other.Use'],
    });
    expect(flow('func f() { c := made(); flag.DurationVar(&c.Timeout, "t", 0, "") }')).toEqual({
      ...nothing,
      writes: ['Timeout'],
    });
    expect(flow('func f() { _, err := http.Get(""), made(); _ = err }')).toEqual(nothing);
  });

  it('follows fields of own structs through every file', () => {
    expect(
      flow(
        'type api struct{ client *http.Client }\nfunc newAPI() *api { return &api{client: made()} }',
        'func (a *api) get() { a.client.Get("") }\nfunc (a *api) limit() { a.client.Timeout = 1 }',
      ),
    ).toEqual({ ...nothing, calls: ['Get'], writes: ['Timeout'] });
  });

  it('keeps fields of the same name apart, but lets a write on an unknown value count', () => {
    const code = 'type a struct{ c *http.Client }\ntype b struct{ c *http.Client }\n';
    expect(
      flow(`${code}func f(x *a, y *b) { x.c = made(); y.c.Get(""); y.c.Timeout = 1; unknown().c.Jar = nil }`),
    ).toEqual({ ...nothing, writes: ['Jar'] });
  });

  it('follows results, parameters and package variables', () => {
    expect(
      flow(
        'var shared = build()\nfunc build() *http.Client { return made() }',
        'func f() { use(shared) }\nfunc use(c *http.Client) { c.Post() }',
      ),
    ).toEqual({ ...nothing, calls: ['Post'] });
    expect(
      flow('func two() (*http.Client, error) { return made(), nil }\nfunc f() { c, _ := two(); c.Head() }'),
    ).toEqual({ ...nothing, calls: ['Head'] });
  });

  it('says where the value gets out of sight', () => {
    expect(flow('func F() *http.Client { return made() }').leaves).toBe(1);
    expect(flow('type T struct{ C *http.Client }\nfunc f(t *T) { t.C = made() }').leaves).toBe(1);
    expect(flow('type t struct{ *http.Client }\nfunc f() t { return t{Client: made()} }').leaves).toBe(1);
    expect(flow('func f(m map[string]*http.Client) { m["a"] = made() }').leaves).toBe(1);
    expect(
      flow('func made() *http.Client { return nil }\nfunc f() { do := made().Do; do(nil) }').leaves,
    ).toBe(1);
  });

  it('ends with recursive functions and fields', () => {
    expect(
      flow(
        'func f(c *http.Client) *http.Client { return f(g(made())) }\nfunc g(c *http.Client) *http.Client { return f(c) }',
      ),
    ).toEqual(nothing);
  });
});

describe('flowOfVariable', () => {
  const of = (code: string) => {
    const pkg = packageFrom({ 'f.go': code });
    for (const file of pkg.files)
      for (const spec of file.tree.root.descendants('var_spec'))
        for (const name of spec.fields('name')) {
          const { writes, calls, leaves } = flowOfVariable(file, name);
          return [writes.map((w) => w.field), calls.map((c) => c.method), leaves.length];
        }
    throw new Error('no variable');
  };

  it('follows a variable that is declared without a value', () => {
    expect(of('func f() { var d net.Dialer; d.Timeout = 1; d.Dial("tcp", "a") }')).toEqual([
      ['Timeout'],
      ['Dial'],
      0,
    ]);
    expect(of('func f() any { var d net.Dialer; return &d }').at(2)).toBe(0);
    expect(of('func F() any { var d net.Dialer; return &d }').at(2)).toBe(1);
  });

  it('follows one of the package', () => {
    expect(of('var d net.Dialer\nfunc f() { d.Dial("tcp", "a") }')).toEqual([[], ['Dial'], 0]);
    expect(of('var D net.Dialer')).toEqual([[], [], 1]);
  });
});
