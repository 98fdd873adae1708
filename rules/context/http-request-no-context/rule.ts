import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, unparen } from '../../../src/go/calls.ts';
import { type ContextSource, contextAt, isRootContext } from '../../../src/go/contexts.ts';
import { isTestCode, isTestServer } from '../../../src/go/places.ts';
import { requestFate } from '../../../src/go/requestfate.ts';
import { goVersion } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  bare: {
    en: '`{context}` is at hand, but this request does not carry it: it runs on when the caller has given up or its deadline has passed',
    'zh-CN': '`{context}` 就在手边，但该请求没有携带它：调用方放弃或其截止时间已过之后，请求仍会继续',
  },
  offered: { en: '`{context}` could be passed on', 'zh-CN': '可以传递 `{context}`' },
  together: {
    en: '`{callee}` gets the request together with a context, or makes another request of it',
    'zh-CN': '`{callee}` 同时收到请求和 context，或据此生成另一个请求',
  },
  kept: {
    en: 'the request is kept for later: where it is sent is not visible here',
    'zh-CN': '请求被保存留待以后使用：此处看不到它在哪里发送',
  },
} as const;

export default defineRule({
  id: 'http-request-no-context',
  group: 'context',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'HTTP request that does not carry the context at hand',
    'zh-CN': '没有携带现有 context 的 HTTP 请求',
  },
  checklist: {
    en: 'Does every outgoing request carry the context of its caller?',
    'zh-CN': '每个出站请求都携带调用方的 context 吗？',
  },
  aliases: ['noctx'],
  texts,
  calls: /^NewRequest/,
  on: {
    call_expression(call, pass) {
      const target = unparen(call.field('function'));
      const name = /NewRequest/.test(target.text) ? calleeName(pass.file, call) : '';
      const [first, url] = call.field('arguments').children;
      if (first === undefined || url === undefined || isTestCode(pass.file, call)) return;
      if (name === 'net/http.NewRequestWithContext' && !isRootContext(pass.file, first))
        pass.met(target, first);
      else if (name === 'net/http.NewRequest' && !isTestServer(pass.file, url)) judge(call, target, pass);
    },
  },
});

function judge(call: Node<'call_expression'>, target: Node, pass: Pass<typeof texts>): void {
  const context = contextAt(pass.file, call);
  if (context === null) return;
  const fate = requestFate(pass.file, call);
  if (fate.kind === 'bound') pass.met(target, fate.proof);
  else if (fate.kind === 'kept') pass.unknown(target, 'kept');
  else if (fate.kind === 'together') {
    pass.unknown(target, 'together', { callee: fate.call.field('function').text.slice(0, 60) });
  } else if (fate.kind === 'bare') {
    const args = { context: context.expression };
    const fix = carry(call, target, context, pass);
    pass.violated(target, {
      message: 'bare',
      args,
      trace: [{ at: context.definition.node, text: 'offered', args }],
      ...(fix === null ? {} : { fix }),
    });
  }
}

/** `http.NewRequest(` → `http.NewRequestWithContext(ctx, `, since Go 1.13. */
function carry(call: Node<'call_expression'>, target: Node, context: ContextSource, pass: Pass) {
  if (!context.only || !pass.pkg.get(goVersion).has('net/http', 'NewRequestWithContext')) return null;
  const field = target.is('selector_expression') ? target.field('field') : target;
  const open = call.field('arguments').start + 1;
  const space = /^\s/.test(call.tree.text.slice(open)) ? '' : ' ';
  return [{ start: field.start, end: open, text: `NewRequestWithContext(${context.expression},${space}` }];
}
