import type { Edit, Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { SourceFile } from '../../../src/engine/source.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { contextCheckIn, noticeOf } from '../../../src/go/cancellation.ts';
import { type ContextSource, contextAt } from '../../../src/go/contexts.ts';
import { loopAround } from '../../../src/go/pace.ts';
import { isTestCode, isTool } from '../../../src/go/places.ts';
import { returnOfError } from '../../../src/go/results.ts';
import { enclosingFunction } from '../../../src/go/scope.ts';
import { isBrief } from '../../../src/go/turns.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

/** Retries of what another process holds for a moment: a mount, an executable that is being written. */
const BUSY = /\bE(?:BUSY|AGAIN|INTR|TXTBSY|WOULDBLOCK)\b|SHARING_VIOLATION/;

const texts = {
  ignored: {
    en: 'nothing ends this loop when `{context}` is cancelled: it sleeps on, `{duration}` a turn, and whoever waits for the function waits with it',
    'zh-CN':
      '`{context}` 被取消时没有任何代码会结束该循环：它每轮继续睡眠 `{duration}`，等待该函数的一方也只能跟着等',
  },
  turns: { en: 'the loop', 'zh-CN': '循环' },
  offered: { en: '`{context}` is at hand', 'zh-CN': '`{context}` 就在手边' },
  unsure: {
    en: '`{by}` may end the loop when `{context}` is cancelled: whether it does is not known',
    'zh-CN': '`{context}` 被取消时，`{by}` 可能会结束该循环：无法确定是否如此',
  },
} as const;

export default defineRule({
  id: 'sleep-ignores-ctx',
  group: 'context',
  severity: 'info',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'loop that sleeps on when the context at hand is cancelled',
    'zh-CN': '现有 context 被取消后仍继续睡眠的循环',
  },
  checklist: {
    en: 'Does every loop that sleeps end when the context is cancelled?',
    'zh-CN': 'context 被取消后，每个会睡眠的循环都会结束吗？',
  },
  aliases: [],
  texts,
  calls: /^(?:Sleep|After)$/,
  on: {
    call_expression(call, pass) {
      if (!/\.(?:Sleep|After)$/.test(call.field('function').text)) return;
      const name = calleeName(pass.file, call);
      if (name !== 'time.Sleep' && name !== 'time.After') return;
      const loop = loopAround(call);
      if (loop === null || isTestCode(pass.file, call) || isTool(pass.file) || BUSY.test(loop.text)) return;
      if (isHang(loop)) return;
      const context = contextAt(pass.file, call);
      if (context === null || context.definition.kind !== 'param') return;
      if (name === 'time.Sleep') judge(call, loop, context, pass);
      else {
        const select = call.ancestor('communication_case')?.parent ?? null;
        const check = select === null ? null : contextCheckIn(pass.file, select);
        if (select !== null && loop.contains(select) && check !== null) pass.met(call, check);
      }
    },
  },
});

function judge(
  call: Node<'call_expression'>,
  loop: Node<'for_statement'>,
  context: ContextSource,
  pass: Pass<typeof texts>,
): void {
  const [duration] = call.field('arguments').children;
  if (duration === undefined || isBrief(pass.file, duration, loop)) return;
  const notice = noticeOf(pass.file, loop, call, context.definition);
  const args = { context: context.expression, duration: duration.text };
  if (notice.kind === 'asks') pass.met(call, notice.at);
  else if (notice.kind !== 'none') {
    const by = notice.at.is('call_expression') ? notice.at.field('function') : notice.at;
    pass.unknown(call, 'unsure', { ...args, by: by.text.slice(0, 60) });
  } else {
    pass.violated(call, {
      message: 'ignored',
      args,
      trace: [
        { at: loop, text: 'turns' },
        { at: context.definition.node, text: 'offered', args },
      ],
      fix: interruptible(pass.file, call, duration, context),
    });
  }
}

/** `time.Sleep(d)` → a select that leaves with the error of the context. */
function interruptible(
  file: SourceFile,
  call: Node,
  duration: Node,
  { only, expression }: ContextSource,
): readonly Edit[] {
  const statement = call.parent;
  const func = enclosingFunction(call);
  const leave = func === null ? null : returnOfError(func, `${expression}.Err()`);
  const indent = /^\s*/.exec(call.tree.lineText(call.line))?.[0] ?? '';
  if (!only || leave === null || !statement?.is('expression_statement')) return [];
  // Before Go 1.23 what is left of `time.After` lives until it fires.
  if (versionOf(file).synchronousTimers !== true || call.column !== indent.length + 1) return [];
  const cases = [`case <-${expression}.Done():`, `\t${leave}`, `case <-time.After(${duration.text}):`];
  const text = ['select {', ...cases, '}'].join(`\n${indent}`);
  return [{ start: statement.start, end: statement.end, text }];
}

/** `for { time.Sleep(d) }` does nothing else, on purpose. */
function isHang(loop: Node<'for_statement'>): boolean {
  const body = loop.field('body');
  return loop.children[0] === body && (body.children[0]?.children.length ?? 0) <= 1;
}
