import type { Edit, Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { type Drain, drainAt, fateOf } from '../../../src/go/timerdrain.ts';
import { versionOf } from '../../../src/go/version.ts';
import { within } from '../../../src/go/within.ts';

const texts = {
  received: {
    en: 'the value of `{timer}.C` may already have been received at line {line}: `Stop` then reports false, nothing more is sent, and this receive blocks for ever',
    'zh-CN':
      '`{timer}.C` 的值可能已在第 {line} 行被取走：此时 `Stop` 返回 false，channel 不会再有值，这里的接收会永远阻塞',
  },
  stopped: {
    en: '`{timer}` may already have been stopped at line {line}: the second `Stop` then reports false although nothing was sent, and this receive blocks for ever',
    'zh-CN':
      '`{timer}` 可能已在第 {line} 行停止：第二次 `Stop` 会返回 false，而 channel 中没有值，这里的接收会永远阻塞',
  },
  again: {
    en: 'nothing arms `{timer}` again before this drain is reached a second time: `Stop` then reports false, nothing is sent, and the receive blocks for ever',
    'zh-CN':
      '再次执行到这里之前没有重新启动 `{timer}`：`Stop` 返回 false，而 channel 中不会再有值，接收会永远阻塞',
  },
  func: {
    en: '`{timer}` comes from `time.AfterFunc`, so its `C` is nil: once its function has started, `Stop` reports false and this receive blocks for ever',
    'zh-CN':
      '`{timer}` 由 `time.AfterFunc` 创建，其 `C` 为 nil：回调一旦启动，`Stop` 返回 false，这里的接收就会永远阻塞',
  },
  gone: { en: 'received here', 'zh-CN': '在此取走' },
  halted: { en: 'stopped here', 'zh-CN': '在此停止' },
  waits: { en: 'waits for ever', 'zh-CN': '永远等待' },
  undecided: {
    en: 'whether the value of `{timer}.C` is still there cannot be told here',
    'zh-CN': '此处无法判断 `{timer}.C` 的值是否还在',
  },
} as const;

export default defineRule({
  id: 'timer-blocking-drain',
  group: 'deadlines',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'drain of a stopped timer that waits for a value which has been received',
    'zh-CN': '停止定时器后等待一个已被取走的值',
  },
  checklist: {
    en: 'Is there a value left wherever a stopped timer is drained?',
    'zh-CN': '停止定时器后排空 channel 时，其中确实还有值吗？',
  },
  aliases: [],
  texts,
  on: {
    unary_expression(receive, pass) {
      const drain = drainAt(pass.file, receive);
      if (drain !== null) judge(drain, pass);
    },
  },
});

function judge(drain: Drain, pass: Pass<typeof texts>): void {
  const { timer, receive, rivals } = drain;
  const args = { timer: timer.name };
  const fallback = rivals?.find((r) => r.is('default_case'));
  if (fallback !== undefined) pass.met(receive, fallback);
  // Beside another case it does not wait alone.
  if (rivals !== null) return;
  if (timer.maker === 'AfterFunc') {
    pass.violated(receive, { message: 'func', args, fix: fixOf(drain, pass) });
    return;
  }
  const fate = fateOf(pass.file, drain);
  if (fate.kind === 'unknown') pass.unknown(receive, 'undecided', args);
  else if (fate.kind === 'safe') pass.met(receive, fate.by);
  else {
    const { by } = fate;
    const isAgain = by.at === receive;
    pass.violated(receive, {
      message: isAgain ? 'again' : by.kind === 'stop' ? 'stopped' : 'received',
      args: { ...args, line: by.at.line },
      trace: [
        { at: by.at, text: by.kind === 'stop' ? 'halted' : 'gone' },
        ...(isAgain ? [] : [{ at: receive, text: 'waits' } as const]),
      ],
      fix: fixOf(drain, pass),
    });
  }
}

/** Where the channels of timers have no buffer, or there is no channel, Stop is enough; else what may be there is taken. */
function fixOf({ timer, receive, test, isPlain }: Drain, pass: Pass<typeof texts>): readonly Edit[] {
  const statement = receive.parent;
  const { tree } = receive;
  if (within(test, 'comment').length > 0) return [];
  if (isPlain && (timer.maker === 'AfterFunc' || versionOf(pass.file).synchronousTimers === true))
    return [{ start: test.start, end: test.end, text: `${timer.name}.Stop()` }];
  if (timer.maker === 'AfterFunc' || !statement?.is('expression_statement')) return [];
  const indent = /^\s*/.exec(tree.lineText(receive.line))?.[0] ?? '';
  const lines = ['select {', `case ${receive.text}:`, 'default:', '}'];
  return [{ start: receive.start, end: receive.end, text: lines.join(`\n${indent}`) }];
}
