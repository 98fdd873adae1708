import type { Edit, Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { imports } from '../../../src/go/imports.ts';
import { variable } from '../../../src/go/paths.ts';
import { isTestCode } from '../../../src/go/places.ts';
import { type RequestUse, requestUse } from '../../../src/go/requestgoroutine.ts';
import { valuesOf } from '../../../src/go/values.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  cut: {
    en: 'the context of the request is cancelled when the handler returns, and nothing makes the handler wait for this goroutine: `{call}` is cut off wherever it is then',
    'zh-CN':
      '处理函数返回时请求的 context 就会被取消，而处理函数并不等待该 goroutine：`{call}` 会在任意位置被中断',
  },
  request: { en: 'the request comes with its context', 'zh-CN': '请求及其 context 由此传入' },
  started: { en: 'the handler goes on', 'zh-CN': '处理函数继续执行' },
  used: { en: '`{context}` is cancelled while this runs', 'zh-CN': '执行期间 `{context}` 被取消' },
} as const;

export default defineRule({
  id: 'request-ctx-in-goroutine',
  group: 'context',
  severity: 'warning',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'goroutine that outlives the request whose context it uses',
    'zh-CN': '使用请求的 context 却比请求活得更久的 goroutine',
  },
  checklist: {
    en: 'Does no goroutine go on with the context of a request that has been answered?',
    'zh-CN': '没有 goroutine 在请求结束后仍使用其 context 吗？',
  },
  aliases: [],
  texts,
  calls: /^(?:Try)?Go$/,
  on: {
    go_statement(start, pass) {
      const [call] = start.children;
      if (call?.is('call_expression')) look(call, pass);
    },
    call_expression(call, pass) {
      if (!call.parent?.is('go_statement')) look(call, pass);
    },
  },
});

function look(call: Node<'call_expression'>, pass: Pass<typeof texts>): void {
  const use = requestUse(pass.file, call);
  if (use === null || isTestCode(pass.file, call)) return;
  const site = use.call.field('function');
  if (use.proof === null) report(use, pass);
  else pass.met(site, use.proof);
}

function report(use: RequestUse, pass: Pass<typeof texts>): void {
  const { call, argument, source, started } = use;
  const args = { call: call.field('function').text, context: argument.text };
  const fix = detach(use, pass);
  pass.violated(call.field('function'), {
    message: 'cut',
    args,
    trace: [
      { at: source.node, text: 'request' },
      { at: started.call, text: 'started' },
      { at: argument, text: 'used', args },
    ],
    ...(fix === null ? {} : { fix: [fix] }),
  });
}

/** `context.WithoutCancel(r.Context())`, since Go 1.21; not of a context that has got a limit on the way. */
function detach({ argument, only }: RequestUse, pass: Pass): Edit | null {
  const name = pass.get(imports).nameOf('context');
  if (!only || name === null || !versionOf(pass.file).has('context', 'WithoutCancel')) return null;
  const d = variable(pass.file, argument);
  const isLimited = d?.kind === 'var' && !(valuesOf(d) ?? []).every((v) => /\.Context\(\)$/.test(v.text));
  if (isLimited) return null;
  return { start: argument.start, end: argument.end, text: `${name}.WithoutCancel(${argument.text})` };
}
