import { describe, expect, it } from 'vitest';
import { defaultName, imports } from '../../src/go/imports.ts';
import { scopes } from '../../src/go/scope.ts';
import { fileFrom } from './source.ts';

/** Every identifier `x` in source order as `line of use → line of its declaration`. */
function bindings(code: string): readonly string[] {
  const file = fileFrom(code);
  const s = file.get(scopes);
  return [...file.tree.root.descendants('identifier')]
    .filter((n) => n.text === 'x' && s.definitionOf(n)?.node !== n)
    .map((n) => `${n.line}→${s.definitionOf(n)?.node.line ?? '?'}`);
}

describe('scopes', () => {
  it('puts parameters, results and the names of the body into one scope', () => {
    expect(bindings('package p\nfunc f() (x error) {\n\t_, x := g()\n\treturn x\n}\n')).toEqual([
      '3→2',
      '4→2',
    ]);
  });

  it('lets a name be seen only behind its declaration', () => {
    expect(bindings('package p\nvar x = 1\nfunc f() {\n\ty := x\n\tx := x\n\t_ = x\n\t_ = y\n}\n')).toEqual([
      '4→2',
      '5→2',
      '6→5',
    ]);
  });

  it('keeps the initialisers of if, for and switch to their statements', () => {
    expect(
      bindings(
        'package p\nfunc f(x int) {\n\tif x := 1; x > 0 {\n\t\t_ = x\n\t} else if x < 3 {\n\t\t_ = x\n\t}\n\tfor x := 0; x < 1; x++ {\n\t}\n\tswitch x := 3; x {\n\tcase x:\n\t\tx := x\n\t\t_ = x\n\t}\n\t_ = x\n}\n',
      ),
    ).toEqual(['3→3', '4→3', '5→3', '6→3', '8→8', '8→8', '10→10', '11→10', '12→10', '13→12', '15→2']);
  });

  it('gives range, select and type switch clauses their names', () => {
    expect(
      bindings(
        'package p\nfunc f(c chan int, v any) {\n\tfor x := range c {\n\t\t_ = x\n\t}\n\tselect {\n\tcase x := <-c:\n\t\t_ = x\n\t}\n\tswitch x := v.(type) {\n\tcase int:\n\t\t_ = x\n\t}\n\t_ = x\n}\n',
      ),
    ).toEqual(['4→3', '8→7', '12→10', '14→?']);
  });

  it('knows which function a variable belongs to, and who captures it', () => {
    const file = fileFrom('package p\nfunc f() {\n\tx := 1\n\tgo func() { x++ }()\n}\n');
    const s = file.get(scopes);
    const [declared] = [...file.tree.root.descendants('identifier')].filter((n) => n.text === 'x');
    const d = declared && s.definitionOf(declared);
    expect(d?.func?.kind).toBe('function_declaration');
    expect(d?.uses.map((u) => u.ancestor('func_literal', 'function_declaration')?.kind)).toEqual([
      'func_literal',
    ]);
  });

  it('takes a bare key for a field, except in a map literal', () => {
    expect(
      bindings(
        'package p\ntype t struct{ x int }\nfunc f(x int) any {\n\t_ = map[int]int{x: x}\n\treturn t{x: x}\n}\n',
      ),
    ).toEqual(['4→3', '4→3', '5→?', '5→3']);
  });
});

describe('imports', () => {
  it.each([
    ['net/http', 'http'],
    ['github.com/jackc/pgx/v5', 'pgx'],
    ['gopkg.in/yaml.v3', 'yaml'],
    ['github.com/hashicorp/go-multierror', 'multierror'],
    ['github.com/nats-io/nats.go', 'nats'],
    ['github.com/mattn/go-sqlite3', 'sqlite3'],
    ['v2', 'v2'],
  ])('%s is called %s', (path, name) => {
    expect(defaultName(path)).toBe(name);
  });

  it('reads aliases, dots and blanks', () => {
    const file = fileFrom('package p\nimport (\n\th "net/http"\n\t. "fmt"\n\t_ "embed"\n\t"time"\n)\n');
    const i = file.get(imports);
    expect(i.nameOf('net/http')).toBe('h');
    expect(i.dots).toEqual(['fmt']);
    expect(i.has('embed')).toBe(false);
    expect(i.byName.get('time')?.path).toBe('time');
  });
});
