import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { deferBelow, isBlank } from '../../../src/go/assign.ts';
import { isCutOff } from '../../../src/go/cutoff.ts';
import { follow, receiversOf } from '../../../src/go/escape.ts';
import {
  dialsItself,
  goesOnOnlyWithError,
  isBodiless,
  RESPONSE,
  readsToEnd,
  returnsResponse,
  sendsHead,
  UPGRADE,
  WITHOUT_BODY,
} from '../../../src/go/responses.ts';
import { enclosingFunction, type FuncNode, isMainFunction } from '../../../src/go/scope.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  discarded: {
    en: 'the response of `{call}` is thrown away, so nothing can close its body: the connection is not used again, and its descriptor and goroutines stay',
    'zh-CN': '`{call}` 的响应被丢弃，其 body 无法再关闭：连接不能复用，文件描述符和 goroutine 也一直保留',
  },
  open: {
    en: '`{resp}.Body` of `{call}` is still open when the function leaves at line {line}: unless it was read to its end, the connection is not used again, and its descriptor and goroutines stay',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 得到的 `{resp}.Body` 仍未关闭：除非已读到末尾，否则连接不能复用，文件描述符和 goroutine 也一直保留',
  },
  limited: {
    en: '`{resp}.Body` of `{call}` is still open when the function leaves at line {line}: unless it was read to its end, its connection stays, and is not used again, until the timeout or the end of the context cuts it off',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 得到的 `{resp}.Body` 仍未关闭：除非已读到末尾，否则连接会一直占用且不能复用，直到超时或 context 结束才被切断',
  },
  overwritten: {
    en: 'another value takes the place of `{resp}` at line {line} while the body of `{call}` is still open: unless it was read to its end, each such response keeps a connection, its descriptor and goroutines',
    'zh-CN':
      '`{call}` 得到的 body 尚未关闭，`{resp}` 就在第 {line} 行被另一个值取代：除非已读到末尾，否则每个这样的响应都会占住连接、文件描述符和 goroutine',
  },
  head: {
    en: 'nothing closes the body of `{call}`: the answer to a HEAD request has none, so net/http keeps nothing, but other transports may count on it',
    'zh-CN':
      '没有代码关闭 `{call}` 的 body：HEAD 请求的响应没有 body，net/http 不会因此保留资源，但其他 transport 可能依赖这次关闭',
  },
  readOnly: {
    en: 'nothing closes the body of `{call}`: it is read to its end, where net/http lets go of the connection, but other transports may count on `Close`',
    'zh-CN':
      '没有代码关闭 `{call}` 的 body：它被读到末尾，net/http 此时会释放连接，但其他 transport 可能依赖 `Close`',
  },
  opened: { en: 'body opened', 'zh-CN': 'body 在此打开' },
  lost: { en: '`{resp}.Body` is still open', 'zh-CN': '`{resp}.Body` 仍未关闭' },
  undecided: {
    en: 'control flow too complex to follow `{resp}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{resp}`',
  },
} as const;

export default defineRule({
  id: 'response-body-leak',
  group: 'finalizers',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'response body that is not closed on every path',
    'zh-CN': '并非所有路径都会关闭的响应 body',
  },
  checklist: {
    en: 'Is every HTTP response body closed on every path?',
    'zh-CN': '每个 HTTP 响应 body 在每条路径上都会被关闭吗？',
  },
  aliases: ['bodyclose'],
  texts,
  on: {
    call_expression(call, pass) {
      if (!returnsResponse(pass.file, call) || dialsItself(pass.file, call)) return;
      const targets = receiversOf(call);
      const func = enclosingFunction(call);
      if (targets !== null && func !== null && !UPGRADE.test(func.text)) judge(call, targets, func, pass);
    },
  },
});

type Call = Node<'call_expression'>;

function judge(call: Call, targets: readonly Node[], func: FuncNode, pass: Pass<typeof texts>): void {
  const [value, answer] = targets;
  const args = { resp: value?.text ?? '', call: call.field('function').text };
  const head = sendsHead(pass.file, call);
  if (value === undefined || isBlank(value)) {
    if (goesOnOnlyWithError(pass.file, call, answer)) return;
    pass.violated(call, head ? { message: 'head', args, severity: 'info' } : { message: 'discarded', args });
    return;
  }
  const held = { file: pass.file, call, value, answer, resource: RESPONSE, empty: WITHOUT_BODY };
  const excused = (node: Node) => isBodiless(node, value.text);
  const ended = (node: Node) => excused(node) || readsToEnd(pass.file, node, value.text);
  const leaks = follow({ ...held, excused: ended });
  const outcome = leaks.kind === 'open' || head ? leaks : follow({ ...held, excused });
  if (outcome.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (outcome.kind === 'released') pass.met(call, outcome.by);
  if (outcome.kind !== 'open') return;
  const { from, last, atEnd, line, replaced } = outcome;
  const isRead = leaks !== outcome;
  // A program that ends takes its connections along.
  const harmless = head || isRead || (!replaced && isMainFunction(func, pass.pkg));
  const isLimited = !harmless && !replaced && isCutOff(pass.file, call);
  pass.violated(call, {
    message: head ? 'head' : isRead ? 'readOnly' : replaced ? 'overwritten' : isLimited ? 'limited' : 'open',
    args: { ...args, line },
    trace: [
      { at: from, text: 'opened', args },
      { at: last, atEnd, text: 'lost', args },
    ],
    fix: outcome.elsewhere ? [] : deferBelow(from, `${value.text}.Body.Close()`, answer?.text ?? '_', func),
    ...(harmless ? { severity: 'info' } : isLimited ? { severity: 'warning' } : {}),
  });
}
