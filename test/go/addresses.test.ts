import { expect, it } from 'vitest';
import { constantString, isLocalListener, isLoopback, networkOf } from '../../src/go/addresses.ts';
import { fileFrom } from './source.ts';

const DECLARATIONS = `
const host, other = "localhost", "example.com"

func use(port, addr string, lc net.ListenConfig, ctx context.Context, cfg *tls.Config) {
	const own = "127.0.0.1"
	one := "::1"
	two := one
	two = addr
	EXTRA
	values(EXPR)
}

func values(...any) {}
`;

function at<T>(
  expression: string,
  ask: (file: ReturnType<typeof fileFrom>, e: Argument) => T,
  extra = '',
): T {
  const file = fileFrom(DECLARATIONS.replace('EXTRA', extra).replace('EXPR', expression));
  for (const call of file.tree.root.descendants('call_expression')) {
    const [argument] = call.field('arguments').children;
    if (call.field('function').text === 'values' && argument !== undefined) return ask(file, argument);
  }
  throw new Error('no values()');
}

type Argument = Parameters<typeof isLoopback>[1];

it.each([
  ['"a" + `b`', 'ab'],
  ['host + ":80"', 'localhost:80'],
  ['(other)', 'example.com'],
  ['fmt.Sprintf("unix")', 'unix'],
  ['fmt.Sprintf("%s", host)', null],
  ['"a\\tb"', null],
  ['port', null],
  ['two', null],
  ['host + port', null],
])('%s is the string %s', (expression, value) => {
  expect(at(expression, constantString)).toBe(value);
});

it.each([
  ['"localhost:80"', true],
  ['"LOCALHOST"', true],
  ['"127.0.0.53:53"', true],
  ['"[::1]:80"', true],
  ['own + ":" + port', true],
  ['net.JoinHostPort(one, port)', true],
  ['net.JoinHostPort("localhost", "80")', true],
  ['fmt.Sprintf("127.0.0.1:%s", port)', true],
  ['"localhost.example.com:80"', false],
  ['"127.0.0.1.example.com:80"', false],
  ['fmt.Sprintf("%s:%s", host, port)', false],
  ['":80"', false],
  ['addr', false],
  ['net.JoinHostPort(addr, port)', false],
])('%s is a loopback address: %s', (expression, value) => {
  expect(at(expression, isLoopback)).toBe(value);
});

it.each([
  ['l', 'l, _ := net.Listen("unix", addr)', true],
  ['l', 'l, _ := net.Listen("tcp", "localhost:0")', true],
  ['l', 'l, _ := net.Listen("tcp", addr)', false],
  ['l', 'l, _ := tls.Listen("tcp", "127.0.0.1:443", cfg)', true],
  ['tls.NewListener(l, cfg)', 'l, _ := lc.Listen(ctx, "unix", addr)', true],
  ['l', 'l, _ := lc.Listen(ctx, "tcp", addr)', false],
  ['l', 'l, _ := net.ListenUnix("unix", nil)', true],
  ['l', 'var l net.Listener\n_ = l', false],
])('%s of %s hears the same machine only: %s', (expression, extra, value) => {
  expect(at(expression, isLocalListener, extra)).toBe(value);
});

it('knows a network by the case around it', () => {
  const inCase = (cases: string) => {
    const file = fileFrom(`func f(n, m string) { switch n { ${cases} } }\n`);
    for (const call of file.tree.root.descendants('call_expression'))
      return networkOf(file, call.field('arguments').children[0]);
    throw new Error('no call');
  };
  expect(inCase('case "unix": dial(n)')).toBe('unix');
  expect(inCase('case "unix": switch m { case "a": dial(n) }')).toBe('unix');
  expect(inCase('case "unix": dial(m)')).toBeNull();
  expect(inCase('case "tcp", "unix": dial(n)')).toBeNull();
  expect(inCase('default: dial(n)')).toBeNull();
  expect(inCase('case "unix": dial("tcp")')).toBe('tcp');
});
