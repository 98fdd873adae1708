import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, calleeOf, unparen } from '../../../src/go/calls.ts';
import {
  clientLimits,
  defaultClientSet,
  isDefaultClient,
  limitOf,
  SENDS,
} from '../../../src/go/httpclient.ts';
import { isLasting, isTestCode, isTestServer, isTool } from '../../../src/go/places.ts';
import { type GoType, isNamed } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  call: {
    en: '`{callee}` goes out without a context through a client without a timeout: it blocks for as long as the server does not answer',
    'zh-CN': '`{callee}` 不带 context，经由没有超时的客户端发出：服务器不响应多久，它就阻塞多久',
  },
  client: {
    en: 'this client has no `Timeout`, and `{method}` sends without a context: the call blocks for as long as the server does not answer',
    'zh-CN':
      '该客户端没有设置 `Timeout`，而 `{method}` 不带 context 发送请求：服务器不响应多久，该调用就阻塞多久',
  },
  mayWait: {
    en: 'this client has no `Timeout`: unless the request brings a deadline of its own, `{method}` blocks for as long as the server does not answer',
    'zh-CN': '该客户端没有设置 `Timeout`：除非请求自带截止时间，否则服务器不响应多久，`{method}` 就阻塞多久',
  },
  sends: { en: 'sends without a deadline', 'zh-CN': '无截止时间地发送请求' },
  request: { en: 'the request comes from elsewhere', 'zh-CN': '请求来自别处' },
  uses: { en: 'some uses of the client are out of sight', 'zh-CN': '此处看不到该客户端的全部使用' },
  zero: { en: '`Timeout` is zero on purpose', 'zh-CN': '`Timeout` 被显式设为零' },
  transport: { en: 'the transport may have its own limits', 'zh-CN': 'transport 可能自带时限' },
} as const;

export default defineRule({
  id: 'http-client-no-timeout',
  group: 'deadlines',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: { en: 'outbound HTTP call that nothing ends', 'zh-CN': '没有任何时限的出站 HTTP 调用' },
  checklist: {
    en: 'Does every outbound HTTP call have a timeout or a context?',
    'zh-CN': '每个出站 HTTP 调用都有超时或 context 吗？',
  },
  aliases: ['noctx'],
  texts,
  calls: /^(?:new|Do|Get|Head|Post|PostForm)$/,
  on: {
    call_expression(call, pass) {
      const callee = calleeOf(pass.file, call);
      const [first] = call.field('arguments').children;
      if (callee.kind === 'builtin' && callee.name === 'new' && first !== undefined) {
        const type = pass.get(types).of(call);
        if (type.kind === 'pointer' && isClient(type.elem)) judgeClient(first, call, null, pass);
        return;
      }
      const target = unparen(call.field('function'));
      if (!target.is('selector_expression') || !SENDS.test(target.field('field').text)) return;
      const name = calleeName(pass.file, call);
      const isDefault = /^net\/http\.\w+$/.test(name) || isDefaultClient(pass.file, target.field('operand'));
      if (isDefault && first !== undefined) judgeCall(target, first, pass);
    },
    composite_literal(literal, pass) {
      if (isClient(pass.get(types).of(literal))) judgeClient(literal.field('type'), literal, literal, pass);
    },
  },
});

type Literal = Node<'composite_literal'>;
const isClient = (type: GoType) => isNamed(type, 'net/http', 'Client');
const isExempt = (site: Node, pass: Pass) => isTestCode(pass.file, site) || isLasting(pass.file, site);
/** Somebody sits in front of a tool and can stop it. */
const level = (pass: Pass) => (isTool(pass.file) ? ({ severity: 'info' } as const) : {});

/** `http.Get(url)`, `http.DefaultClient.Do(req)`. */
function judgeCall(target: Node<'selector_expression'>, first: Node, pass: Pass<typeof texts>): void {
  if (isExempt(target, pass) || isTestServer(pass.file, first)) return;
  const set = pass.pkg.get(defaultClientSet);
  const request = limitOf(pass.file, target.field('field').text, first);
  if (set !== null) pass.met(target, set);
  else if (request.kind === 'bound') pass.met(target, request.proof);
  else if (request.kind === 'unknown') pass.unknown(target, 'request');
  else pass.violated(target, { message: 'call', args: { callee: target.text }, ...level(pass) });
}

/** `http.Client{…}` and `new(http.Client)`: `site` is the type as it is written there. */
function judgeClient(site: Node, value: Node, literal: Literal | null, pass: Pass<typeof texts>): void {
  const limits = isExempt(site, pass) ? null : clientLimits(pass.file, value, literal);
  if (limits?.kind === 'met') pass.met(site, limits.proof);
  else if (limits?.kind === 'unknown') pass.unknown(site, limits.why);
  if (limits?.kind !== 'bare') return;
  pass.violated(site, {
    message: limits.certain ? 'client' : 'mayWait',
    args: { method: `Client.${limits.method}` },
    trace: [{ at: limits.call, text: 'sends' }],
    confidence: 'medium',
    ...level(pass),
  });
}
