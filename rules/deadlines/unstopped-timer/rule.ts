import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { constantInt } from '../../../src/go/constants.ts';
import { follow, receiversOf } from '../../../src/go/escape.ts';
import { caseThatRepeats, endOfChannel, stopBelow, TICKER } from '../../../src/go/tickers.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

type Call = Node<'call_expression'>;

/** Timers that live as long are no pile: the loop would have to turn very fast. */
const SHORT = 1_000_000_000;

const texts = {
  pileUp: {
    en: 'each turn of the loop makes a timer, and when the case at line {line} comes first it stays until it fires: before Go 1.23 such timers pile up',
    'zh-CN':
      '循环每转一圈都会创建一个定时器；当第 {line} 行的分支先就绪时，它会一直保留到触发为止：在 Go 1.23 之前这些定时器会不断堆积',
  },
  open: {
    en: '`{ticker}` is not stopped when the function leaves at line {line}: before Go 1.23 it then ticks on and is never freed',
    'zh-CN': '函数在第 {line} 行离开时没有停止 `{ticker}`：在 Go 1.23 之前它会一直运行，永远不会被回收',
  },
  overwritten: {
    en: 'another value takes the place of `{ticker}` at line {line} before it is stopped: before Go 1.23 each such ticker ticks on and is never freed',
    'zh-CN':
      '`{ticker}` 尚未停止，就在第 {line} 行被另一个值取代：在 Go 1.23 之前每个这样的 ticker 都会一直运行，永远不会被回收',
  },
  nameless: {
    en: 'nobody can stop the ticker of `{call}` when the function leaves at line {line}: before Go 1.23 it then ticks on and is never freed',
    'zh-CN':
      '函数在第 {line} 行离开时，没有代码能停止 `{call}` 的 ticker：在 Go 1.23 之前它会一直运行，永远不会被回收',
  },
  eachTurn: {
    en: 'each turn of the loop makes a ticker with `{call}` that nobody can stop: before Go 1.23 all of them tick on and are never freed',
    'zh-CN':
      '循环每转一圈都会用 `{call}` 创建一个无法停止的 ticker：在 Go 1.23 之前它们都会一直运行，永远不会被回收',
  },
  round: { en: 'goes round without waiting for the timer', 'zh-CN': '不等定时器触发就进入下一圈' },
  left: { en: 'the ticker is still running', 'zh-CN': 'ticker 仍在运行' },
  undecided: {
    en: 'control flow too complex to follow `{ticker}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{ticker}`',
  },
} as const;

export default defineRule({
  id: 'unstopped-timer',
  group: 'deadlines',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: { en: 'timer or ticker that outlives its use', 'zh-CN': '使用完后仍然存活的定时器或 ticker' },
  checklist: {
    en: 'Is every timer and ticker stopped when nobody waits for it any more?',
    'zh-CN': '不再等待的定时器和 ticker 都会被停止吗？',
  },
  aliases: ['SA1015', 'staticcheck'],
  texts,
  calls: /^(?:After|Tick|NewTicker)$/,
  on: {
    call_expression(call, pass) {
      const { synchronousTimers } = versionOf(pass.file);
      // A program's main package is mostly one long run, which takes its timers along.
      if (synchronousTimers === true || synchronousTimers === null || pass.pkg.isMain) return;
      const weight = synchronousTimers === false ? {} : ({ severity: 'info' } as const);
      const name = calleeName(pass.file, call);
      if (name === 'time.After') after(call, pass, weight);
      else if (name === 'time.Tick') tick(call, call, pass, weight);
      else if (name === 'time.NewTicker') ticker(call, pass, weight);
    },
  },
});

type Weight = { readonly severity?: 'info' };

function after(call: Call, pass: Pass<typeof texts>, weight: Weight): void {
  const [duration] = call.field('arguments').children;
  const limit = duration === undefined ? null : constantInt(pass.file, duration);
  const round = limit !== null && limit <= SHORT ? null : caseThatRepeats(pass.file, call);
  if (round === null) return;
  const trace = [{ at: round, text: 'round' } as const];
  pass.violated(call, { message: 'pileUp', args: { line: round.line }, trace, ...weight });
}

/** `time.Tick(d)` or `time.NewTicker(d).C`: only the channel is kept. */
function tick(call: Call, channel: Node, pass: Pass<typeof texts>, weight: Weight): void {
  const end = endOfChannel(pass.file, channel);
  const args = { call: call.field('function').text };
  if (end === null) return;
  if (end.kind === 'unknown') pass.unknown(call, 'undecided', { ticker: args.call });
  else if (end.kind === 'again') pass.violated(call, { message: 'eachTurn', args, ...weight });
  else {
    const { last, atEnd, line } = end;
    const trace = [{ at: last, atEnd, text: 'left' } as const];
    pass.violated(call, { message: 'nameless', args: { ...args, line }, trace, ...weight });
  }
}

function ticker(call: Call, pass: Pass<typeof texts>, weight: Weight): void {
  const { parent } = call;
  const isBare = parent?.is('selector_expression') && parent.field('field').text === 'C';
  if (isBare) tick(call, parent, pass, weight);
  const value = receiversOf(call)?.[0];
  if (value === undefined) return;
  const args = { ticker: value.text };
  const outcome = follow({ file: pass.file, call, value, answer: undefined, resource: TICKER });
  if (outcome.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (outcome.kind === 'released') pass.met(call, outcome.by);
  if (outcome.kind !== 'open') return;
  const { last, atEnd, line, replaced, elsewhere } = outcome;
  const message = replaced ? 'overwritten' : 'open';
  const trace = [{ at: last, atEnd, text: 'left' } as const];
  const fix = elsewhere ? [] : stopBelow(call);
  pass.violated(call, { message, args: { ...args, line }, trace, fix, ...weight });
}
