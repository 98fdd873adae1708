import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/engine/source.ts';
import { calleeOf } from '../../src/go/calls.ts';
import { typeString } from '../../src/go/type.ts';
import { types } from '../../src/go/types.ts';
import { fileFrom, packageFrom } from './source.ts';

/** Each `_ = expression // type` line: the inferred type against the comment. */
function check(file: SourceFile): void {
  let checked = 0;
  for (const statement of file.tree.root.descendants('assignment_statement')) {
    const wanted = /\/\/ (.*)$/.exec(file.tree.lineText(statement.line))?.[1];
    if (wanted === undefined || statement.field('left').text !== '_') continue;
    const value = statement.field('right').children[0];
    expect(value && typeString(file.get(types).of(value)), `line ${statement.line}: ${statement.text}`).toBe(
      wanted,
    );
    checked++;
  }
  expect(checked).toBeGreaterThan(0);
}

describe('types of expressions', () => {
  it('reads declarations, literals, new, make and conversions', () => {
    check(
      fileFrom(`
type point struct{ x, y int; next *point }
var global = &http.Client{Timeout: time.Second}
func f(a int, names ...string) (err error) {
	var c http.Client
	p := &c
	m := make(map[string][]byte)
	ch := make(chan error, 1)
	buf := new(bytes.Buffer)
	q := point{}
	_ = a // int
	_ = names // []string
	_ = err // error
	_ = c // net/http.Client
	_ = p // *net/http.Client
	_ = *p // net/http.Client
	_ = p.Timeout // time.Duration
	_ = m["k"] // []byte
	_ = ch // chan error
	_ = <-ch // error
	_ = buf // *bytes.Buffer
	_ = q.next.next // *point
	_ = global // *net/http.Client
	_ = time.Duration(3) // time.Duration
	_ = []byte("x") // []byte
	_ = a == 3 // bool
	_ = 2 * time.Second // time.Duration
	_ = (*http.Client)(nil) // *net/http.Client
	_ = func(int) error { return nil } // func(int) (error)
	return nil
}`),
    );
  });

  it('takes calls of the standard library, of the package and of methods apart', () => {
    check(
      fileFrom(`
type store struct{ db *sql.DB; http.Client }
func (s *store) open() (*os.File, error) { return os.Open("x") }
func f(ctx context.Context, s *store, r *http.Request) {
	resp, err := http.Get("u")
	rows, _ := s.db.QueryContext(ctx, "q")
	file, ferr := s.open()
	cmd := exec.CommandContext(ctx, "ls")
	sub, cancel := context.WithTimeout(ctx, time.Second)
	_ = resp // *net/http.Response
	_ = resp.Body // io.ReadCloser
	_ = err // error
	_ = rows // *database/sql.Rows
	_ = file // *os.File
	_ = ferr // error
	_ = cmd.Process // *os.Process
	_ = sub // context.Context
	_ = cancel // context.CancelFunc
	_ = s.Client // net/http.Client
	_ = s.Timeout // time.Duration
	_ = r.Context() // context.Context
	_ = r.URL.Query() // net/url.Values
	_ = http.DefaultClient // *net/http.Client
	_ = http.DefaultTransport // net/http.RoundTripper
	_ = time.Now().Sub(time.Now()) // time.Duration
	_ = ctx.Done() // <-chan struct
}`),
    );
  });

  it('follows range, receive, assertion and shadowing', () => {
    check(
      fileFrom(`
func f(m map[string]*http.Client, in chan *http.Response, v any) {
	for k, c := range m {
		_ = k // string
		_ = c // *net/http.Client
	}
	for i := range 10 {
		_ = i // int
	}
	for r := range in {
		_ = r // *net/http.Response
	}
	select {
	case got, ok := <-in:
		_ = got // *net/http.Response
		_ = ok // bool
	}
	t, ok := v.(*time.Timer)
	_ = t // *time.Timer
	_ = ok // bool
	{
		t := 3
		_ = t // untyped
	}
}`),
    );
  });

  it('says unknown instead of guessing', () => {
    check(
      fileFrom(
        `
import (
	"net/http"
	"github.com/acme/lib"
)
func f(c lib.Client, v any) {
	http := lib.New()
	_ = c // github.com/acme/lib.Client
	_ = c.Do() // ?
	group, ctx := lib.WithContext(nil)
	_ = group // ?
	_ = ctx // ?
	_ = http.Get("x") // ?
	_ = undeclared // ?
}`.replace(/^/, 'package example\n'),
      ),
    );
  });

  it('reads fields and methods that other files of the package declare, under their imports', () => {
    const pkg = packageFrom({
      'a.go':
        'package p\nimport h "net/http"\ntype api struct { client *h.Client }\nfunc (a *api) get() *h.Client { return a.client }\n',
      'b.go':
        'package p\nfunc use(a *api) {\n\t_ = a.client // *net/http.Client\n\t_ = a.get() // *net/http.Client\n\t_ = a.get().Timeout // time.Duration\n}\n',
    });
    check(pkg.files[1] as SourceFile);
  });

  it('gives the variable of a type switch the type of the clause around the use', () => {
    check(
      fileFrom(`
func f(v any, r io.Reader) {
	switch t := v.(type) {
	case *http.Client:
		_ = t // *net/http.Client
		func() {
			_ = t.Timeout // time.Duration
		}()
	case int, string:
		_ = t // any
	case nil:
		_ = t // any
	default:
		_ = t // any
	}
	switch c := r.(type) {
	case io.ReadCloser:
		switch c := c.(type) {
		case *os.File:
			_ = c // *os.File
		}
		_ = c // io.ReadCloser
	}
}`),
    );
  });

  it('instantiates generic types, functions and methods', () => {
    check(
      fileFrom(`
type List[T any] struct { head *node[T]; all []T }
type node[E any] struct { value E; next *node[E] }
type Table[K comparable, V any] map[K]V
func (l *List[X]) Get(i int) X {
	_ = l.all // []X
	_ = l.head.value // X
	return l.all[i]
}
func (l *List[T]) Each() iter.Seq2[int, T] { return nil }
func first[T any](in []T) (T, bool) { return in[0], true }
func grow[S ~[]E, E any](s S) (S, E) { return s, s[0] }
func parse[T any](s string) T { var t T; return t }
func must[T any](v T, err error) T { return v }
func pair[A, B any](a A, b B) map[A]B { return nil }
type names []*http.Request
func use[H hash.Hash](l *List[*http.Client], t Table[string, time.Duration], p *atomic.Pointer[http.Server], n names, h H) {
	_ = l.Get(0) // *net/http.Client
	_ = l.head.next.value // *net/http.Client
	_ = l.all[0].Timeout // time.Duration
	_ = t["x"] // time.Duration
	_ = p.Load() // *net/http.Server
	c, ok := first(l.all)
	_ = c // *net/http.Client
	_ = ok // bool
	s, e := grow(n)
	_ = s // names
	_ = e // *net/http.Request
	_ = parse[http.Client]("x") // net/http.Client
	_ = parse[time.Time] // func(string) (time.Time)
	_ = parse("x") // ?
	_ = must(os.Open("x")) // *os.File
	_ = pair(c, e) // map[*net/http.Client]*net/http.Request
	_ = slices.Clone(n) // names
	_ = slices.Collect(maps.Values(t)) // []time.Duration
	_ = h.Sum(nil) // []uint8
	for i, v := range l.Each() {
		_ = i // int
		_ = v // *net/http.Client
	}
	for v := range slices.Values(n) {
		_ = v // *net/http.Request
	}
}`),
    );
  });

  it('knows method values and expressions, and a call of an element', () => {
    check(
      fileFrom(`
type server struct{ http.Server }
func (s *server) run(n int) error { return nil }
func (s server) name() string { return "" }
func use(s *server, handlers []func(int) *http.Client, i int) {
	_ = s.run // func(int) (error)
	_ = (*server).run // func(*server, int) (error)
	_ = server.name // func(server) (string)
	_ = time.Time.Unix // func(time.Time) (int64)
	_ = s.Shutdown // func(context.Context) (error)
	_ = handlers[i](3) // ?
	_ = handlers[0] // func(int) (*net/http.Client)
}`),
    );
  });

  it('promotes what embedded types lend, at the shallowest depth', () => {
    check(
      fileFrom(
        `
import (
	"io"
	"net/http"
	"sync"
	"github.com/acme/lib"
)
type base struct{ *http.Client; mu sync.Mutex }
type api struct { base; io.ReadCloser }
type stream interface { io.ReadCloser; Flush() error }
type deep struct { stream }
type alien struct { lib.Base; deeper }
type deeper struct { *http.Request }
type near struct { lib.Base; http.Header }
type twice struct { *http.Client; other }
type other struct { Timeout string }
type handler http.Server
type loop interface { loop }
func use(a *api, d deep, x alien, n near, t twice, h *handler, l loop) {
	_ = a.Timeout // time.Duration
	_ = a.Client // *net/http.Client
	_ = a.mu // sync.Mutex
	_ = a.Close() // error
	_ = d.Close() // error
	_ = d.Flush() // error
	_ = x.Method // ?
	_ = n.Get("a") // string
	_ = t.Timeout // ?
	_ = h.Addr // string
	_ = h.Close() // ?
	_ = l.Close() // ?
}`.replace(/^/, 'package example\n'),
      ),
    );
  });

  it('reads types that a function declares, elided literals, repeated constants and parameters named like a package', () => {
    check(
      fileFrom(`
type level time.Duration
type alias = http.Client
const (
	low time.Duration = iota
	high
)
var pairs = map[string]*http.Client{"a": {Timeout: 3}}
func use(url *url.URL, n int64, a alias) {
	type row struct { c http.Client; next *row }
	type table []row
	type old http.Server
	var t table
	var r row
	_ = t[0].c // net/http.Client
	_ = r.next.next.c.Timeout // time.Duration
	var o old
	_ = o.Addr // ?
	_ = high // time.Duration
	_ = url // *net/url.URL
	_ = url.Host // string
	_ = a // net/http.Client
	_ = alias{} // net/http.Client
	_ = level(3) // level
	for i := range n {
		_ = i // int64
	}
	_ = n << uint(3) // int64
	_ = undeclared << n // ?
	_ = min(2*time.Second, 3) // time.Duration
}`),
    );
  });

  it('comes to an end where declarations go round in a circle', () => {
    check(
      fileFrom(`
type a = []a
type b = *c
type c = *b
type d e
type e d
type s struct { s; *t }
type t struct { s }
type i interface { j }
type j interface { i }
type g[P g[P]] interface { m(P) }
const x, y = y, x
var v = w()
func w() = v
func use[Q g[Q]](va a, vb b, vd d, vs s, vi i, q Q) {
	_ = va.x // ?
	_ = vb.x // ?
	_ = vd.x // ?
	_ = vs.x // ?
	_ = vi.x // ?
	_ = q.x // ?
	_ = y // ?
	_ = v // ?
}`),
    );
  });

  it('leaves names that build tags declare twice unknown', () => {
    const pkg = packageFrom({
      'a_linux.go': 'package p\ntype conn struct{ fd int }\n',
      'a_windows.go': 'package p\ntype conn struct{ fd uintptr }\n',
      'b.go': 'package p\nfunc use(c conn) {\n\t_ = c.fd // ?\n}\n',
    });
    check(pkg.files[2] as SourceFile);
  });
});

describe('callees', () => {
  it.each([
    ['http.Get("x")', 'func net/http.Get'],
    ['http.DefaultClient.Do(nil)', 'method (*net/http.Client).Do'],
    ['new(http.Client).Get("x")', 'method (*net/http.Client).Get'],
    ['ctx.Done()', 'method (context.Context).Done'],
    ['helper()', 'local helper'],
    ['s.Lock()', 'method (*sync.Mutex).Lock'],
    ['s.run()', 'local service.run'],
    ['len("x")', 'builtin len'],
    ['f()', 'unknown '],
    ['func() {}()', 'literal '],
    ['c.Close()', 'method (io.ReadCloser).Close'],
    ['c.Flush()', 'unknown '],
    ['(*service).run(s)', 'unknown '],
    ['parse[int]()', 'local parse'],
    ['errors.AsType[*net.OpError]()', 'func errors.AsType'],
    ['table[0]()', 'unknown '],
  ])('%s is %s', (code, wanted) => {
    const file = fileFrom(`
type conn interface { io.ReadCloser; Flush() error }
func parse[T any]() T { var t T; return t }
var table []func()
var c conn
type service struct{ sync.Mutex }
func (s *service) run() {}
func helper() {}
func use(ctx context.Context, s *service, f func(), _ *http.Client) {
	${code}
}`);
    const [call] = [...file.tree.root.descendants('call_expression')];
    const callee = call && calleeOf(file, call);
    expect(`${callee?.kind} ${callee !== undefined && 'name' in callee ? callee.name : ''}`).toBe(wanted);
  });

  it('takes len for a local function when the package declares one', () => {
    const file = fileFrom('func len(x int) int { return x }\nfunc use() { len(3) }\n');
    const call = [...file.tree.root.descendants('call_expression')][0];
    expect(call && calleeOf(file, call).kind).toBe('local');
  });
});
