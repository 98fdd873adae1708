import { describe, expect, it } from 'vitest';
import { contextAt } from '../../src/go/contexts.ts';
import { fileFrom } from './source.ts';

/** The context at each call of `here()`, in source order. */
function contextsAt(code: string): readonly (string | null)[] {
  const file = fileFrom(code);
  return [...file.tree.root.descendants('call_expression')]
    .filter((call) => call.field('function').text === 'here')
    .map((call) => contextAt(file, call)?.expression ?? null);
}

describe('contextAt', () => {
  it('finds parameters, local variables and requests by their type', () => {
    expect(contextsAt('func f(parent context.Context) { here() }')).toEqual(['parent']);
    expect(contextsAt('func f(w http.ResponseWriter, r *http.Request) { here() }')).toEqual(['r.Context()']);
    expect(contextsAt('func f(r *http.Request) { ctx := r.Context(); here(); _ = ctx }')).toEqual(['ctx']);
    expect(contextsAt('func f(r http.Request, ctx string) { here() }')).toEqual([null]);
  });

  it('sees no name before its declaration, behind another of the same name, or without a name', () => {
    expect(contextsAt('func f(r *http.Request) { here(); ctx := r.Context(); _ = ctx }')).toEqual([
      'r.Context()',
    ]);
    expect(contextsAt('func f(ctx context.Context) { if ctx := 1; ctx > 0 { here() } }')).toEqual([null]);
    expect(contextsAt('func f(_ context.Context) { here() }')).toEqual([null]);
  });

  it('takes a context that nobody can cancel for none', () => {
    expect(contextsAt('func f() { ctx := context.Background(); here(); _ = ctx }')).toEqual([null]);
    expect(
      contextsAt('func f() { ctx := context.WithValue(context.TODO(), "k", 1); ctx = with(ctx); here() }'),
    ).toEqual([null]);
    expect(
      contextsAt(
        'func f() { ctx := context.Background(); ctx, cancel := context.WithCancel(ctx); defer cancel(); here() }',
      ),
    ).toEqual(['ctx']);
  });

  it('knows the context of an errgroup, which ends', () => {
    const inside = (make: string) =>
      contextsAt(
        `package p\nimport (\n"context"\neg "golang.org/x/sync/errgroup"\n)\nfunc f() { ${make}; here() }`,
      );
    expect(inside('g, sub := eg.WithContext(context.Background())')).toEqual(['sub']);
    expect(inside('ctx := context.Background(); g, ctx := eg.WithContext(ctx)')).toEqual(['ctx']);
    expect(inside('g := new(eg.Group)')).toEqual([null]);
  });

  it('goes out of a literal only where it runs in place', () => {
    const inside = (body: string) => contextsAt(`func f(ctx context.Context) { ${body} }`)[0];
    expect(inside('func() { here() }()')).toBe('ctx');
    expect(inside('g.Go(func() error { here(); return nil })')).toBe('ctx');
    expect(inside('run := func() { here() }; run()')).toBe('ctx');
    expect(inside('go func() { here() }()')).toBeNull();
    expect(inside('defer func() { here() }()')).toBeNull();
    expect(inside('time.AfterFunc(1, func() { here() })')).toBeNull();
    expect(inside('run := func() { here() }; go run()')).toBeNull();
    expect(inside('s.run = func() { here() }')).toBeNull();
  });

  it('takes a context that is already done for none', () => {
    const inside = (body: string) => contextsAt(`func f(ctx context.Context) { ${body} }`);
    expect(inside('<-ctx.Done(); here()')).toEqual([null]);
    expect(inside('here(); <-ctx.Done()')).toEqual(['ctx']);
    expect(inside('for { select { case <-ctx.Done(): here(); case <-work: here() } }')).toEqual([
      null,
      'ctx',
    ]);
  });

  it('takes a context that is nil for none', () => {
    const inside = (body: string) => contextsAt(`func f(ctx context.Context) { ${body} }`);
    expect(inside('if ctx != nil { here() } else { here() }')).toEqual(['ctx', null]);
    expect(inside('if ctx == nil { here() }; here()')).toEqual([null, 'ctx']);
  });
});
