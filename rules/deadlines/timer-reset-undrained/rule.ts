import type { Edit, Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { resetFate, resetTimer } from '../../../src/go/timerreset.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  stale: {
    en: '`{timer}` may have fired before this `Reset`: before Go 1.23 its old value then still waits in `{timer}.C`, and the receive at line {line} takes it at once as if the new time were over',
    'zh-CN':
      '`{timer}` 可能在这次 `Reset` 之前就已触发：在 Go 1.23 之前，旧值仍留在 `{timer}.C` 中，第 {line} 行的接收会立即取到它，误以为新的时间已到',
  },
  armed: { en: 'armed here', 'zh-CN': '在此启动' },
  waits: { en: 'it may fire while this waits', 'zh-CN': '在此等待期间可能触发' },
  undecided: {
    en: 'whether `{timer}` has been drained before cannot be told here',
    'zh-CN': '此处无法判断 `{timer}` 是否已被排空',
  },
} as const;

export default defineRule({
  id: 'timer-reset-undrained',
  group: 'deadlines',
  severity: 'warning',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'timer that is armed again while its old value may still be in the channel',
    'zh-CN': '旧值可能仍在 channel 中时重新启动定时器',
  },
  checklist: {
    en: 'Is every timer stopped and drained before it is armed again?',
    'zh-CN': '每个定时器在重新启动前都已停止并排空吗？',
  },
  aliases: [],
  texts,
  calls: /^Reset$/,
  on: {
    call_expression(call, pass) {
      const { synchronousTimers } = versionOf(pass.file);
      if (synchronousTimers === true || synchronousTimers === null) return;
      const timer = resetTimer(pass.file, call);
      const fate = timer === null ? null : resetFate(pass.file, call, timer);
      if (timer === null || fate === null) return;
      const args = { timer: timer.name };
      if (fate.kind === 'settled') pass.met(call, fate.by);
      else if (fate.kind === 'unknown') pass.unknown(call, 'undecided', args);
      else
        pass.violated(call, {
          message: 'stale',
          args: { ...args, line: fate.receive.line },
          trace: [
            { at: fate.armed, text: 'armed' },
            { at: fate.wait, text: 'waits' },
          ],
          fix: drained(call, timer.name, pass),
          ...(synchronousTimers === false ? {} : { severity: 'info' }),
        });
    },
  },
});

/** Stop, and take what may be there: in place of a Stop right above that nobody asks. */
function drained(reset: Node, timer: string, pass: Pass<typeof texts>): readonly Edit[] {
  const statement = reset.parent;
  const list = statement?.parent;
  if (!statement?.is('expression_statement') || !list?.is('statement_list')) return [];
  const { tree } = pass.file;
  const indent = /^\s*/.exec(tree.lineText(statement.line))?.[0] ?? '';
  if (!tree.lineText(statement.line).trimStart().startsWith(statement.text)) return [];
  const above = list.children[list.children.indexOf(statement) - 1];
  const stop = above?.text === `${timer}.Stop()` ? above : null;
  const lines = [
    `if !${timer}.Stop() {`,
    '\tselect {',
    `\tcase <-${timer}.C:`,
    '\tdefault:',
    '\t}',
    '}',
  ].join(`\n${indent}`);
  if (stop !== null) return [{ start: stop.start, end: stop.end, text: lines }];
  return [{ start: statement.start, end: statement.start, text: `${lines}\n${indent}` }];
}
