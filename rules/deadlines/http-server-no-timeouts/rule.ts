import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { isLocalListener, isLoopback } from '../../../src/go/addresses.ts';
import { calleeOf, unparen } from '../../../src/go/calls.ts';
import { serverLimits } from '../../../src/go/httpserver.ts';
import { imports } from '../../../src/go/imports.ts';
import { addElement, elementOf } from '../../../src/go/literals.ts';
import { isTestCode, isTool } from '../../../src/go/places.ts';
import { enclosingFunction } from '../../../src/go/scope.ts';
import { type GoType, isNamed } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import { flowOf, flowOfVariable } from '../../../src/go/valueflow.ts';
import { zeroVariables } from '../../../src/go/values.ts';
import type { Node } from '../../../src/syntax/tree.ts';

type Call = Node<'call_expression'>;
type Literal = Node<'composite_literal'>;

const SERVES = /^net\/http\.(?:ListenAndServe|Serve)(?:TLS)?$/;

const texts = {
  call: {
    en: '`{callee}` serves without any time limit: a client that sends its request headers slowly, or not at all, keeps a connection and its goroutine for as long as it likes',
    'zh-CN':
      '`{callee}` 提供服务时没有任何时限：客户端只要缓慢发送或不发送请求头，就能一直占住一个连接及其 goroutine',
  },
  server: {
    en: 'this server has neither `ReadHeaderTimeout` nor `ReadTimeout`: a client that sends its request headers slowly, or not at all, keeps a connection and its goroutine for as long as it likes',
    'zh-CN':
      '该服务器既没有 `ReadHeaderTimeout` 也没有 `ReadTimeout`：客户端只要缓慢发送或不发送请求头，就能一直占住一个连接及其 goroutine',
  },
  served: { en: 'accepts connections', 'zh-CN': '在此接受连接' },
  zero: { en: 'the limit is zero on purpose', 'zh-CN': '时限被显式设为零' },
  conn: {
    en: 'a connection type of the package sets a deadline when it is read',
    'zh-CN': '该包的某个连接类型会在读取时设置截止时间',
  },
  uses: { en: 'some uses of the server are out of sight', 'zh-CN': '此处看不到该服务器的全部使用' },
} as const;

export default defineRule({
  id: 'http-server-no-timeouts',
  group: 'deadlines',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'HTTP server that waits for request headers without limit',
    'zh-CN': '无限期等待请求头的 HTTP 服务器',
  },
  checklist: {
    en: 'Does every HTTP server limit the time for reading request headers?',
    'zh-CN': '每个 HTTP 服务器都限制了读取请求头的时间吗？',
  },
  aliases: ['gosec', 'G112', 'G114'],
  texts,
  calls: /^(?:new|(?:ListenAndServe|Serve)(?:TLS)?)$/,
  on: {
    call_expression(call, pass) {
      const callee = calleeOf(pass.file, call);
      const [first] = call.field('arguments').children;
      if (first === undefined) return;
      if (callee.kind === 'builtin' && callee.name === 'new') {
        const type = pass.get(types).of(call);
        if (type.kind === 'pointer' && isServer(type.elem)) judge(first, call, null, pass);
      } else if (callee.kind === 'func' && SERVES.test(callee.name))
        judgeCall(call, callee.name, first, pass);
    },
    composite_literal(literal, pass) {
      if (isServer(pass.get(types).of(literal))) judge(literal.field('type'), literal, literal, pass);
    },
    var_spec(spec, pass) {
      const type = spec.field('type');
      if (type === null || !isServer(pass.get(types).read(type))) return;
      for (const name of zeroVariables(pass.file, spec)) judge(name, name, null, pass);
    },
  },
});

const isServer = (type: GoType) => isNamed(type, 'net/http', 'Server');
/** Strangers seldom reach a loopback address, a Unix socket, a profiler, or a tool that is started by hand. */
function level(isLocal: boolean, site: Node, address: Node | null, pass: Pass): { severity?: 'info' } {
  const func = enclosingFunction(site);
  const name = func?.is('function_declaration', 'method_declaration') ? func.field('name').text : '';
  const isProfiler = /pprof|profil|debug/i.test(`${name} ${address?.text ?? ''}`);
  return isLocal || isProfiler || isTool(pass.file) ? { severity: 'info' } : {};
}

/** `http.ListenAndServe(addr, h)`, `http.Serve(listener, h)` */
function judgeCall(call: Call, name: string, first: Node, pass: Pass<typeof texts>): void {
  if (isTestCode(pass.file, call)) return;
  const isLocal = (name.includes('Listen') ? isLoopback : isLocalListener)(pass.file, first);
  const target = unparen(call.field('function'));
  pass.violated(target, {
    message: 'call',
    args: { callee: target.text },
    ...level(isLocal, call, first, pass),
  });
}

/** `http.Server{…}`, `new(http.Server)`, `var srv http.Server`: `site` is the type as it is written there, or the name. */
function judge(site: Node, made: Node, literal: Literal | null, pass: Pass<typeof texts>): void {
  if (isTestCode(pass.file, site)) return;
  const flow = site === made ? flowOfVariable(pass.file, made) : flowOf(pass.file, made);
  const limits = serverLimits(pass.file, made, literal, flow);
  if (limits.kind === 'met') pass.met(site, limits.proof);
  else if (limits.kind === 'unknown') pass.unknown(site, limits.why);
  if (limits.kind !== 'bare') return;
  const time = pass.get(imports).nameOf('time');
  const value = `10 * ${time}.Second`;
  const fix = literal === null || time === null ? null : addElement(literal, 'ReadHeaderTimeout', value);
  pass.violated(site, {
    message: 'server',
    trace: [{ at: limits.served, text: 'served' }],
    ...(fix === null ? {} : { fix }),
    ...level(limits.isLocal, site, literal === null ? null : elementOf(literal, 'Addr'), pass),
  });
}
