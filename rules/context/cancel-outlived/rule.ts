import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { ContextEnd } from '../../../src/go/endedcontexts.ts';
import { type Bound, boundResult, endedReturns } from '../../../src/go/outlived.ts';
import { isTestCode } from '../../../src/go/places.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  response: {
    en: '`{end}` ends `{ctx}` before the caller reads the response of `{call}`: what has not arrived of its body by then is lost, and reading it fails with "context canceled"',
    'zh-CN':
      '调用方读取 `{call}` 的响应之前，`{end}` 已结束 `{ctx}`：此时尚未到达的 body 内容会丢失，读取会失败并返回 "context canceled"',
  },
  rows: {
    en: '`{end}` ends `{ctx}` before the caller reads the rows of `{call}`: database/sql closes them when it notices, and the caller misses rows at random',
    'zh-CN':
      '调用方读取 `{call}` 的结果行之前，`{end}` 已结束 `{ctx}`：database/sql 发现后会关闭它们，调用方会随机丢失结果行',
  },
  row: {
    en: '`{end}` ends `{ctx}` before the caller scans the row of `{call}`: database/sql closes it when it notices, and `Scan` then fails with "context canceled"',
    'zh-CN':
      '调用方扫描 `{call}` 的结果行之前，`{end}` 已结束 `{ctx}`：database/sql 发现后会关闭它，`Scan` 随即失败并返回 "context canceled"',
  },
  tx: {
    en: '`{end}` ends `{ctx}` before the caller uses the transaction of `{call}`: it is rolled back, and `Commit` fails',
    'zh-CN': '调用方使用 `{call}` 的事务之前，`{end}` 已结束 `{ctx}`：事务会被回滚，`Commit` 会失败',
  },
  process: {
    en: '`{end}` ends `{ctx}` before the caller gets the command of `{call}`: its process is killed, or cannot be started any more',
    'zh-CN': '调用方拿到 `{call}` 的命令之前，`{end}` 已结束 `{ctx}`：其进程会被杀死，或无法再启动',
  },
  request: {
    en: '`{end}` ends `{ctx}` before the caller sends the request of `{call}`: sending it fails with "context canceled"',
    'zh-CN': '调用方发送 `{call}` 的请求之前，`{end}` 已结束 `{ctx}`：发送会失败并返回 "context canceled"',
  },
  stream: {
    en: '`{end}` ends `{ctx}` before the caller reads the stream of `{call}`: it is cut off, and its calls fail with code Canceled',
    'zh-CN': '调用方读取 `{call}` 的流之前，`{end}` 已结束 `{ctx}`：流会被切断，其调用以 Canceled 失败',
  },
  context: {
    en: '`{end}` ends `{ctx}` before the caller gets it: whatever is done with it fails with "context canceled"',
    'zh-CN':
      '调用方拿到 `{ctx}` 之前，`{end}` 已将其结束：之后用它做的任何事都会失败并返回 "context canceled"',
  },
  made: { en: '`{ctx}` made', 'zh-CN': '创建 `{ctx}`' },
  ended: { en: '`{end}` runs before the caller goes on', 'zh-CN': '`{end}` 在调用方继续之前执行' },
  returned: { en: 'returned while it needs `{ctx}`', 'zh-CN': '在仍需要 `{ctx}` 时返回' },
} as const;

export default defineRule({
  id: 'cancel-outlived',
  group: 'context',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'returned value that needs a context which is already cancelled',
    'zh-CN': '返回值依赖的 context 已被取消',
  },
  checklist: {
    en: 'Does no response, row, transaction or stream outlive the context it was made with?',
    'zh-CN': '响应、结果行、事务或流都不会比创建它的 context 活得更久吗？',
  },
  aliases: [],
  texts,
  on: {
    call_expression(call, pass) {
      const bound = boundResult(pass.file, call);
      if (bound !== null && !isTestCode(pass.file, call)) judge(call, bound, pass);
    },
    return_statement(statement, pass) {
      if (isTestCode(pass.file, statement)) return;
      for (const bound of endedReturns(pass.file, statement)) judge(bound.context, bound, pass);
    },
  },
});

function judge(
  site: Node,
  { kind, context, maker, end, returned, at }: Bound,
  pass: Pass<typeof texts>,
): void {
  if (returned === null) {
    pass.met(site, at);
    return;
  }
  const call = site.is('call_expression') ? `${site.field('function').text}(…)` : site.text;
  const args = { ctx: context.text, end: endText(end), call };
  pass.violated(site, {
    message: kind,
    args,
    trace: [
      { at: maker, text: 'made', args },
      { at: end.by, text: 'ended', args },
      { at, text: 'returned', args },
    ],
  });
}

/** `defer cancel()`; of a deferred literal the call in it. */
function endText({ by, call }: ContextEnd): string {
  return by === call.parent && by.is('defer_statement') ? by.text : call.text;
}
