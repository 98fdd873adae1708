import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/engine/source.ts';
import { flow } from '../../src/go/cfg.ts';
import { declarations } from '../../src/go/declarations.ts';
import { reachable } from '../../src/go/reach.ts';
import { summaryOf } from '../../src/go/summaries.ts';
import type { Node } from '../../src/syntax/tree.ts';
import { fileFrom, packageFrom } from './source.ts';

function func(file: SourceFile, name: string): Node<'function_declaration' | 'method_declaration'> {
  const { funcs, methods } = file.pkg.get(declarations);
  const [type = '', method] = name.split('.');
  const found = method === undefined ? funcs.get(name) : methods.get(type)?.get(method);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.node;
}

describe('a call that never comes back', () => {
  /** Whether control can leave `f` at all when it does nothing but what `body` says. */
  const comesBack = (body: string, more = ''): boolean => {
    const file = fileFrom(`func f(x int) {\n${body}\n}\n${more}`);
    const cfg = file.get(flow).of(func(file, 'f'));
    if (cfg === null) throw new Error('no graph');
    return reachable(cfg, null, () => false).exits;
  };

  it.each([
    ['a helper that ends the process', 'usage()', 'func usage() { fmt.Println("usage"); os.Exit(2) }'],
    ['over two helpers', 'a()', 'func a() { b() }\nfunc b() { log.Fatal("no") }'],
    ['a method', 't{}.die()', 'type t struct{}\nfunc (t) die() { panic("x") }'],
    ['both branches', 'die(x)', 'func die(x int) { if x > 1 { os.Exit(1) } else { os.Exit(2) } }'],
    ['a deferred call behind it', 'die()', 'func die() { defer fmt.Println("bye"); os.Exit(1) }'],
  ])('%s', (_, body, more) => {
    expect(comesBack(body, more)).toBe(false);
  });

  it.each([
    ['a return', 'maybe(x)', 'func maybe(x int) { if x > 0 { return }; os.Exit(1) }'],
    ['one branch', 'maybe(x)', 'func maybe(x int) { if x > 0 { os.Exit(1) } }'],
    ['a recover', 'safe()', 'func safe() { defer func() { recover() }(); panic("x") }'],
    ['a loop of calls', 'a(x)', 'func a(x int) { b(x) }\nfunc b(x int) { a(x - 1) }'],
    ['a local function of that name', 'Fatal()', 'func Fatal() { fmt.Println("not so bad") }'],
    ['a result', 'value()', 'func value() int { os.Exit(1); return 1 }'],
  ])('is not one with %s', (_, body, more) => {
    expect(comesBack(body, more)).toBe(true);
  });
});

describe('what a function of the package does', () => {
  it('starts goroutines itself, or over others, in other files, in circles', () => {
    const pkg = packageFrom({
      'a.go': `
func own() { go work() }
func over() { helper() }
func work() {}
func quiet() { work() }
func ping(n int) { pong(n) }
func inLiteral() { defer func() { go work() }() }
`,
      'b.go': `
func helper() { own() }
func pong(n int) { if n > 0 { ping(n - 1) }; own() }
func round(n int) { round2(n) }
func round2(n int) { round(n) }
`,
    });
    const spawns = (name: string) => {
      const { funcs } = pkg.get(declarations);
      const declared = funcs.get(name);
      return declared !== undefined && summaryOf(declared).spawns;
    };
    expect(['own', 'over', 'helper', 'ping', 'pong', 'inLiteral'].filter((n) => !spawns(n))).toEqual([]);
    expect(['work', 'quiet', 'round', 'round2'].filter(spawns)).toEqual([]);
  });

  it('takes and gives back mutexes of its receiver', () => {
    const file = fileFrom(`
type store struct {
	mu    sync.Mutex
	state struct{ lock *sync.RWMutex }
	door  door
	other *store
}
type door struct{}
func (door) Lock() {}
func (s *store) set(m *sync.Mutex) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.lock.RLock()
	s.door.Lock()
	m.Lock()
	s.other.mu.Lock()
	go func() { s.mu.Lock() }()
	{
		s := &store{}
		s.state.lock.Lock()
	}
}
`);
    const { locks, unlocks } = summaryOf({ file, node: func(file, 'store.set') });
    expect([...locks].sort()).toEqual(['mu', 'other.mu', 'state.lock']);
    expect([...unlocks]).toEqual(['mu']);
  });
});
