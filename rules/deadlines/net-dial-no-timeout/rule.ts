import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, calleeOf, unparen } from '../../../src/go/calls.ts';
import { constantInt } from '../../../src/go/constants.ts';
import { givenAt } from '../../../src/go/contexts.ts';
import { dialerLimits, dialTarget, withTimeout } from '../../../src/go/dials.ts';
import { isTestCode, isTool } from '../../../src/go/places.ts';
import { type GoType, isNamed } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import { flowOf, flowOfVariable } from '../../../src/go/valueflow.ts';
import { zeroVariables } from '../../../src/go/values.ts';
import type { Node } from '../../../src/syntax/tree.ts';

type Call = Node<'call_expression'>;
type Literal = Node<'composite_literal'>;

const texts = {
  plain: {
    en: '`{callee}` has no time limit: when the address does not answer, it waits until the kernel gives up, about two minutes on Linux',
    'zh-CN': '`{callee}` 没有时限：对端地址无响应时，它会一直等到内核放弃连接，在 Linux 上约两分钟',
  },
  context: {
    en: '`{callee}` knows nothing of `{context}`: when the address does not answer, it waits about two minutes on Linux, also after the caller has given up',
    'zh-CN':
      '`{callee}` 不受 `{context}` 控制：对端地址无响应时，即使调用方已经放弃，它在 Linux 上仍会等待约两分钟',
  },
  dialer: {
    en: 'this dialer has neither `Timeout` nor `Deadline`: when the address does not answer, `{callee}` waits until the kernel gives up, about two minutes on Linux',
    'zh-CN':
      '该 dialer 既没有 `Timeout` 也没有 `Deadline`：对端地址无响应时，`{callee}` 会一直等到内核放弃连接，在 Linux 上约两分钟',
  },
  dials: { en: 'dials without a limit', 'zh-CN': '无时限地拨号' },
  offered: { en: '`{context}` could end the dial', 'zh-CN': '`{context}` 可以终止这次拨号' },
  network: { en: 'the network is not a constant', 'zh-CN': '网络类型不是常量' },
  uses: { en: 'some uses of the dialer are out of sight', 'zh-CN': '此处看不到该 dialer 的全部使用' },
} as const;

export default defineRule({
  id: 'net-dial-no-timeout',
  group: 'deadlines',
  severity: 'info',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: { en: 'connection set up without a time limit', 'zh-CN': '没有时限的建连' },
  checklist: {
    en: 'Does every dial have a timeout or a context?',
    'zh-CN': '每次拨号都有超时或 context 吗？',
  },
  aliases: ['noctx'],
  texts,
  calls: /^(?:new|Dial(?:Timeout)?)$/,
  on: {
    call_expression(call, pass) {
      const callee = calleeOf(pass.file, call);
      const [first] = call.field('arguments').children;
      if (callee.kind === 'builtin' && callee.name === 'new' && first !== undefined) {
        const type = pass.get(types).of(call);
        if (type.kind === 'pointer' && isDialer(type.elem)) judgeDialer(first, call, null, pass);
      } else if (callee.kind === 'func' && /^(?:net\.Dial(?:Timeout)?|crypto\/tls\.Dial)$/.test(callee.name))
        judgeCall(call, callee.name, pass);
    },
    composite_literal(literal, pass) {
      if (isDialer(pass.get(types).of(literal))) judgeDialer(literal.field('type'), literal, literal, pass);
    },
    var_spec(spec, pass) {
      const type = spec.field('type');
      if (type === null || !isDialer(pass.get(types).read(type))) return;
      for (const name of zeroVariables(pass.file, spec)) judgeDialer(name, name, null, pass);
    },
  },
});

const isDialer = (type: GoType) => isNamed(type, 'net', 'Dialer');
const isExempt = (site: Node, { file }: Pass) =>
  isTestCode(file, site) || /(?:^|\/)_?examples?(?:\/|$)/.test(file.pkg.dir);

/** `net.Dial(network, address)`, `tls.Dial(…)`, `net.DialTimeout(…)` */
function judgeCall(call: Call, name: string, pass: Pass<typeof texts>): void {
  const [network, address, timeout] = call.field('arguments').children;
  const target = dialTarget(pass.file, network, address);
  const site = unparen(call.field('function'));
  if (target === 'instant' || isExempt(site, pass)) return;
  if (name === 'net.DialTimeout') {
    if (timeout !== undefined && constantInt(pass.file, timeout) !== 0) pass.met(site, timeout);
  } else if (target === 'unknown') pass.unknown(site, 'network');
  else report(call, site, pass);
}

function report(call: Call, site: Node, pass: Pass<typeof texts>): void {
  const callee = site.text;
  const context = isTool(pass.file) ? null : givenAt(pass.file, call);
  if (context !== null) {
    const args = { callee, context: context.expression };
    const trace = [{ at: context.definition.node, text: 'offered', args }] as const;
    pass.violated(site, { message: 'context', args, trace, severity: 'warning' });
  } else {
    const fix = withTimeout(pass.file, call);
    pass.violated(site, { message: 'plain', args: { callee }, ...(fix === null ? {} : { fix }) });
  }
}

/** `net.Dialer{…}`, `new(net.Dialer)`, `var d net.Dialer`: `site` is the type as it is written there, or the name. */
function judgeDialer(site: Node, made: Node, literal: Literal | null, pass: Pass<typeof texts>): void {
  if (isExempt(site, pass)) return;
  const flow = site === made ? flowOfVariable(pass.file, made) : flowOf(pass.file, made);
  const limits = dialerLimits(pass.file, literal, flow);
  if (limits.kind === 'met') pass.met(site, limits.proof);
  else if (limits.kind === 'unknown') pass.unknown(site, limits.why);
  if (limits.kind !== 'bare') return;
  const { dial } = limits;
  const file = pass.pkg.fileOf(dial);
  const callee = calleeName(file, dial).startsWith('crypto/tls.') ? 'tls.DialWithDialer' : 'Dialer.Dial';
  const trace = [{ at: dial, text: 'dials' }] as const;
  const isWarning = !isTool(file) && givenAt(file, dial) !== null;
  const weight = isWarning ? ({ severity: 'warning' } as const) : {};
  pass.violated(site, { message: 'dialer', args: { callee }, trace, ...weight });
}
