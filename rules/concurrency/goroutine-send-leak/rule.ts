import type { Edit, Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { fateOf } from '../../../src/go/receivers.ts';
import { discardedSender, type Sender, sendersAt, sendsOnce } from '../../../src/go/senders.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  left: {
    en: 'when the `select` takes `{case}`, nobody receives from `{ch}` any more: the goroutine blocks on this send for ever',
    'zh-CN': '`select` 走到 `{case}` 分支后，再没有人从 `{ch}` 接收：该 goroutine 会永远阻塞在这次发送上',
  },
  early: {
    en: 'when the function leaves at line {line}, nobody receives from `{ch}` any more: the goroutine blocks on this send for ever',
    'zh-CN': '函数在第 {line} 行离开后，再没有人从 `{ch}` 接收：该 goroutine 会永远阻塞在这次发送上',
  },
  again: {
    en: 'when the loop begins its next turn, nobody receives from this `{ch}` any more: the goroutine blocks on this send for ever',
    'zh-CN': '循环进入下一轮后，再没有人从这个 `{ch}` 接收：该 goroutine 会永远阻塞在这次发送上',
  },
  many: {
    en: 'several goroutines send to the unbuffered `{ch}`, which is received from {count} time(s): the others block on this send for ever',
    'zh-CN': '多个 goroutine 向无缓冲的 `{ch}` 发送，但只接收 {count} 次：其余的会永远阻塞在这次发送上',
  },
  discarded: {
    en: 'the channel that `{function}` returns is thrown away: the goroutine behind it blocks on `{send}` for ever',
    'zh-CN': '`{function}` 返回的 channel 被丢弃：其后的 goroutine 会永远阻塞在 `{send}`',
  },
  made: { en: '`{ch}` made without a buffer', 'zh-CN': '创建无缓冲的 `{ch}`' },
  started: { en: 'goroutine started', 'zh-CN': '启动 goroutine' },
  sends: { en: 'sends to `{ch}`', 'zh-CN': '向 `{ch}` 发送' },
  leaves: { en: 'leaves without a receive from `{ch}`', 'zh-CN': '未从 `{ch}` 接收就离开' },
  receives: { en: 'received from `{ch}`', 'zh-CN': '从 `{ch}` 接收' },
  undecided: {
    en: 'control flow too complex to follow `{ch}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{ch}`',
  },
} as const;

export default defineRule({
  id: 'goroutine-send-leak',
  group: 'concurrency',
  severity: 'error',
  confidence: 'high',
  tests: true,
  since: '0.1.0',
  title: {
    en: 'goroutine that blocks for ever on a send nobody receives',
    'zh-CN': '因无人接收而永远阻塞在发送上的 goroutine',
  },
  checklist: {
    en: 'Does every send of a goroutine find a receiver, also when its starter leaves early?',
    'zh-CN': '即使启动者提前离开，goroutine 的每次发送也都有接收者吗？',
  },
  aliases: ['hanging-goroutine'],
  texts,
  on: {
    go_statement(start, pass) {
      for (const sender of sendersAt(pass.file, start)) judge(sender, pass);
    },
    call_expression(call, pass) {
      const found = discardedSender(pass.file, call);
      if (found === null) return;
      const args = { function: found.name, ch: found.channel.definition.name, send: found.send.text };
      pass.violated(call, {
        message: 'discarded',
        args,
        severity: 'warning',
        trace: [
          { at: found.channel.make, text: 'made', args },
          { at: found.send, text: 'sends', args },
        ],
      });
    },
  },
});

function judge(sender: Sender, pass: Pass<typeof texts>): void {
  const fate = fateOf(pass.file, sender);
  if (fate === null) return;
  const { make, definition } = sender.channel;
  const args = { ch: definition.name };
  const origin = [
    { at: make, text: 'made', args },
    { at: sender.start, text: 'started' },
  ] as const;
  if (fate.kind === 'met') pass.met(fate.send, fate.evidence);
  else if (fate.kind === 'undecided') pass.unknown(fate.send, 'undecided', args);
  else if (fate.kind === 'crowd') {
    const taken = fate.receives.map((r) => ({ at: r.at, text: 'receives' as const, args }));
    pass.violated(fate.send, {
      message: 'many',
      args: { ...args, count: fate.receives.length },
      severity: 'warning',
      trace: [...origin, ...taken],
    });
  } else {
    const { path, rival } = fate;
    const atEnd = rival === null && path.exit === 'end';
    const line = atEnd ? path.last.endLine : path.last.line;
    pass.violated(fate.send, {
      message: rival !== null ? 'left' : path.exit === 'again' ? 'again' : 'early',
      args: { ...args, line, case: rival?.text ?? '' },
      trace: [...origin, { at: rival ?? path.last, atEnd, text: 'leaves', args }],
      ...(sendsOnce(pass.file, sender) ? { fix: [bufferOfOne(make)] } : {}),
    });
  }
}

/** `make(chan T)` with room for the one value that is sent: the send never waits. */
function bufferOfOne(make: Node<'call_expression'>): Edit {
  const [type, size] = make.field('arguments').children;
  if (size !== undefined) return { start: size.start, end: size.end, text: '1' };
  const end = type?.end ?? make.end;
  return { start: end, end, text: ', 1' };
}
