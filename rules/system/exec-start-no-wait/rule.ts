import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, unparen } from '../../../src/go/calls.ts';
import { errorReceiverOf, follow } from '../../../src/go/escape.ts';
import { variable } from '../../../src/go/paths.ts';
import { isTool } from '../../../src/go/places.ts';
import { opensDesktop, outlives } from '../../../src/go/processes.ts';
import { enclosingFunction, isMainFunction } from '../../../src/go/scope.ts';
import { isNamed } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import type { Resource } from '../../../src/go/uses.ts';
import { valuesOf } from '../../../src/go/values.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const READERS =
  /^fmt\.Print|^(?:log|log\/slog)\.\w+$|^\(\*log(?:\/slog)?\.Logger\)\.|^(?:syscall|golang\.org\/x\/sys\/unix)\.Kill$/;

const PROCESS: Resource = {
  // Whoever knows the number can wait for it, too, and who reads it in a file can end it.
  parts: new Set(['Process', 'Process.Pid']),
  releases: new Set(['Wait', 'Process.Wait', 'Process.Release']),
  releaser: /wait|reap|release/i,
  reads: (name) => READERS.test(name),
  wraps: (name) => /^strconv\.|^fmt\.Sprint/.test(name),
};

const texts = {
  chained: {
    en: 'nobody can wait for the process that `{call}` starts: when it ends, it stays a zombie until this program ends',
    'zh-CN': '没有代码能等待 `{call}` 启动的进程：它结束后会一直是僵尸进程，直到本程序退出',
  },
  open: {
    en: 'nothing has waited for `{cmd}` when the function leaves at line {line}: the process stays a zombie after its end, and its pipes and their goroutines stay, until this program ends',
    'zh-CN':
      '函数在第 {line} 行离开时还没有等待 `{cmd}`：进程结束后会一直是僵尸进程，其管道和相应的 goroutine 也一直保留，直到本程序退出',
  },
  overwritten: {
    en: 'another value takes the place of `{cmd}` at line {line} before anything has waited for its process: each such process stays a zombie after its end, with its pipes and their goroutines',
    'zh-CN':
      '还没有等待 `{cmd}` 的进程，它就在第 {line} 行被另一个值取代：每个这样的进程结束后都会一直是僵尸进程，并保留其管道和相应的 goroutine',
  },
  started: { en: '`{cmd}` started', 'zh-CN': '启动 `{cmd}`' },
  lost: { en: 'nothing has waited for `{cmd}`', 'zh-CN': '没有等待过 `{cmd}`' },
  undecided: { en: 'flow too complex to follow `{cmd}`', 'zh-CN': '控制流过于复杂，无法跟踪 `{cmd}`' },
} as const;

export default defineRule({
  id: 'exec-start-no-wait',
  group: 'system',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: { en: 'process that is started and never waited for', 'zh-CN': '启动后从不等待的进程' },
  checklist: {
    en: 'Does somebody wait for every process that is started?',
    'zh-CN': '每个启动的进程都有代码等待其结束吗？',
  },
  aliases: [],
  texts,
  calls: /^Start$/,
  on: {
    call_expression(call, pass) {
      if (calleeName(pass.file, call) !== '(*os/exec.Cmd).Start') return;
      const target = call.field('function');
      const func = enclosingFunction(call);
      if (
        !target.is('selector_expression') ||
        func === null ||
        outlives(pass.file, call, func) ||
        isMainFunction(func, pass.pkg)
      )
        return;
      const made = unparen(target.field('operand'));
      const args = { call: target.text.replace(/\(.*\)/s, '(…)') };
      if (isMade(made, pass)) pass.violated(call, { message: 'chained', args, ...weight(pass, call) });
      const cmd = variable(pass.file, made);
      const values = cmd === null ? null : valuesOf(cmd);
      // What is made elsewhere may be waited for there.
      if (values?.every((v) => v.is('nil') || isMade(unparen(v), pass))) judge(call, made, pass);
    },
  },
});

function judge(call: Node<'call_expression'>, value: Node, pass: Pass<typeof texts>): void {
  const args = { cmd: value.text };
  const answer = errorReceiverOf(pass.file, call);
  const held = { file: pass.file, call, value, answer, resource: PROCESS, madeEarlier: true };
  // What has been started has a process.
  const outcome = follow({ ...held, empty: ['.Process==nil'] });
  if (outcome.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (outcome.kind === 'released') pass.met(call, outcome.by);
  if (outcome.kind !== 'open') return;
  const { from, last, atEnd, line, replaced } = outcome;
  // `if cmd.Start() != nil`: its branches cannot be told apart, so only a function that never waits is judged.
  if (/_expression$/.test(from.kind) && outcome.elsewhere) return;
  pass.violated(call, {
    message: replaced ? 'overwritten' : 'open',
    args: { ...args, line },
    trace: [
      { at: from, text: 'started', args },
      { at: last, atEnd, text: 'lost', args },
    ],
    ...weight(pass, call),
  });
}

/** A tool that somebody runs by hand ends soon, and so does what only tells the desktop to open something. */
const weight = (pass: Pass, call: Node) =>
  isTool(pass.file) || opensDesktop(call) ? ({ severity: 'warning' } as const) : {};

/** `exec.Command(…)`, or a literal of the type. */
function isMade(made: Node, pass: Pass): boolean {
  if (made.is('call_expression')) return /^os\/exec\.Command(?:Context)?$/.test(calleeName(pass.file, made));
  const literal = made.is('unary_expression') ? made.field('operand') : made;
  return literal.is('composite_literal') && isNamed(pass.get(types).of(literal), 'os/exec', 'Cmd');
}
