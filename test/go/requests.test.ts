import { describe, expect, it } from 'vitest';
import { callersOf } from '../../src/go/callers.ts';
import { namesLasting, wordsOf } from '../../src/go/places.ts';
import { requestContext } from '../../src/go/requests.ts';
import { fileFrom } from './source.ts';

/** What bounds the argument of the first call of `send`. */
function bound(code: string): string {
  const file = fileFrom(code);
  for (const call of file.tree.root.descendants('call_expression')) {
    const argument = call.field('arguments').children[0];
    if (call.field('function').text === 'send' && argument !== undefined)
      return requestContext(file, argument).kind;
  }
  throw new Error('no call of send');
}

const MAKE = 'req, _ := http.NewRequest("GET", u, nil)';

describe('requestContext', () => {
  it('reads how the request was made', () => {
    expect(bound(`func f(u string) { ${MAKE}; send(req) }`)).toBe('bare');
    expect(
      bound('func f(ctx context.Context) { r, _ := http.NewRequestWithContext(ctx, "", "", nil); send(r) }'),
    ).toBe('bound');
    expect(
      bound('func f() { r, _ := http.NewRequestWithContext(context.TODO(), "", "", nil); send(r) }'),
    ).toBe('bare');
    expect(bound('func f(s *job) { send(s.req) }')).toBe('unknown');
  });

  it('sees a context that is attached later', () => {
    expect(bound(`func f(ctx context.Context) { ${MAKE}; req = req.WithContext(ctx); send(req) }`)).toBe(
      'bound',
    );
    expect(bound(`func f(ctx context.Context) { ${MAKE}; send(req.Clone(ctx)) }`)).toBe('bound');
    expect(bound(`func f(ctx context.Context) { ${MAKE}; *req = *req.WithContext(ctx); send(req) }`)).toBe(
      'bound',
    );
  });

  it('looks into the functions that make it, and at all callers that hand it in', () => {
    const make = 'func make(u string) (*http.Request, error) { return http.NewRequest("GET", u, nil) }';
    expect(bound(`func f(u string) { req, _ := make(u); send(req) }\n${make}`)).toBe('bare');
    expect(bound(`func f(req *http.Request) { send(req) }\nfunc g(u string) { ${MAKE}; f(req) }`)).toBe(
      'bare',
    );
    expect(bound(`func F(req *http.Request) { send(req) }\nfunc g(u string) { ${MAKE}; F(req) }`)).toBe(
      'unknown',
    );
  });
});

describe('callersOf', () => {
  const callers = (code: string) => {
    const file = fileFrom(code);
    for (const func of file.tree.root.descendants('function_declaration', 'method_declaration'))
      if (/^wanted$/i.test(func.field('name').text)) {
        const { calls, all } = callersOf(file.pkg, func);
        return { calls: calls.length, all };
      }
    throw new Error('no function called wanted');
  };

  it('tells whether the calls are all there are', () => {
    expect(callers('func wanted() {}\nfunc f() { wanted(); wanted() }')).toEqual({ calls: 2, all: true });
    expect(callers('func wanted() {}\nfunc f() { g(wanted) }')).toEqual({ calls: 0, all: false });
    expect(callers('func Wanted() {}\nfunc f() { Wanted() }')).toEqual({ calls: 1, all: false });
    expect(
      callers(
        'type t struct{}\ntype u interface{ wanted() }\nfunc (t) wanted() {}\nfunc f(a t, b u) { a.wanted(); b.wanted() }',
      ),
    ).toEqual({ calls: 1, all: false });
  });
});

describe('names of places', () => {
  it('splits words and knows lasting traffic by them', () => {
    expect(wordsOf('newSSEClient_v2')).toEqual(['new', 'sse', 'client', 'v', '2']);
    expect(['watchPods', 'LogStream', 'SSE', 'dockerClient', 'longPoll'].every(namesLasting)).toBe(true);
    expect(['message', 'session', 'upstream', 'assets', 'Swatch'].some(namesLasting)).toBe(false);
  });
});
