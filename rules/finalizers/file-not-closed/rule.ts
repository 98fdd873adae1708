import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { deferBelow, isBlank } from '../../../src/go/assign.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { CLOSER, type CloserKind, closerKind, FLATE, opensForWriting } from '../../../src/go/closers.ts';
import { follow, receiversOf } from '../../../src/go/escape.ts';
import { reportsFailure } from '../../../src/go/failure.ts';
import { isTestCode, isTool, runsOnce } from '../../../src/go/places.ts';
import { goesOnOnlyWithError } from '../../../src/go/responses.ts';
import { enclosingFunction, type FuncNode } from '../../../src/go/scope.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  discarded: {
    en: 'what `{call}` opens is thrown away, so nothing can close it: the descriptor stays open until a garbage collection happens to find it',
    'zh-CN': '`{call}` 打开的对象被丢弃，无法再关闭：文件描述符要到垃圾回收碰巧发现它时才会释放',
  },
  descriptor: {
    en: '`{value}` of `{call}` is still open when the function leaves at line {line}: its descriptor stays open until a garbage collection happens to find it, and many of them end in `too many open files`',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 得到的 `{value}` 仍未关闭：其文件描述符要到垃圾回收碰巧发现它时才会释放，积多了就是 `too many open files`',
  },
  overwritten: {
    en: 'another value takes the place of `{value}` at line {line} while what `{call}` opened is still open: each such descriptor stays open until a garbage collection happens to find it',
    'zh-CN':
      '`{call}` 打开的对象尚未关闭，`{value}` 就在第 {line} 行被另一个值取代：每个这样的文件描述符都要到垃圾回收碰巧发现它时才会释放',
  },
  stream: {
    en: '`{value}` of `{call}` is not closed on the way to line {line}: the end of its output is never written, and whoever reads it finds it cut off',
    'zh-CN':
      '到达第 {line} 行之前没有关闭 `{call}` 得到的 `{value}`：输出的末尾永远不会写出，读取者会发现数据不完整',
  },
  zip: {
    en: '`{value}` of `{call}` is not closed on the way to line {line}: the directory at the end of the archive is never written, and nobody can open it',
    'zh-CN':
      '到达第 {line} 行之前没有关闭 `{call}` 得到的 `{value}`：归档末尾的目录永远不会写出，归档无法打开',
  },
  opened: { en: '`{value}` opened', 'zh-CN': '`{value}` 在此打开' },
  lost: { en: '`{value}` is still open', 'zh-CN': '`{value}` 仍未关闭' },
  undecided: {
    en: 'control flow too complex to follow `{value}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{value}`',
  },
} as const;

export default defineRule({
  id: 'file-not-closed',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'file, connection or compressed stream that is not closed on every path',
    'zh-CN': '并非所有路径都会关闭的文件、连接或压缩流',
  },
  checklist: {
    en: 'Is every file, connection, listener and compressing writer closed on every path?',
    'zh-CN': '每个文件、连接、监听器和压缩写入器在每条路径上都会被关闭吗？',
  },
  aliases: [],
  texts,
  calls:
    /^(?:Create|CreateTemp|Open\w*|TempFile|Dial\w*|File\w+|Listen\w*|Accept\w*|New(?:Writer|Reader)\w*)$/,
  on: {
    call_expression(call, pass) {
      const kind = closerKind(pass.file, call);
      const targets = kind === null ? null : receiversOf(call);
      const func = enclosingFunction(call);
      if (kind === null || targets === null || func === null || runsOnce(func, pass.pkg)) return;
      judge(call, kind, targets, func, pass);
    },
  },
});

type Call = Node<'call_expression'>;

function judge(
  call: Call,
  kind: CloserKind,
  targets: readonly Node[],
  func: FuncNode,
  pass: Pass<typeof texts>,
) {
  const { file } = pass;
  const [value, answer] = targets;
  const writes = kind === 'stream' || kind === 'zip';
  const args = { value: value?.text ?? '', call: call.field('function').text.replace(/\{.*\}/s, '{…}') };
  const weight = isTestCode(file, call) || (!writes && isTool(file)) ? ({ severity: 'info' } as const) : {};
  if (value === undefined || isBlank(value)) {
    if (!writes && !goesOnOnlyWithError(file, call, answer))
      pass.violated(call, { message: 'discarded', args, ...weight });
    return;
  }
  const resource = /\/flate\./.test(calleeName(file, call)) ? FLATE : CLOSER;
  // Of a function that fails nobody expects whole output, and where nothing was written nothing is missing.
  const cutOff = { excused: (node: Node) => reportsFailure(file, node), onceUsed: true };
  const held = { file, call, value, answer, resource, empty: STANDARD };
  const outcome = follow(writes ? { ...held, ...cutOff } : held);
  if (outcome.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (outcome.kind === 'released') pass.met(call, outcome.by);
  if (outcome.kind !== 'open') return;
  const { from, last, atEnd, line, replaced, elsewhere } = outcome;
  const readsOnly = !writes && !(kind === 'file' && opensForWriting(file, call));
  pass.violated(call, {
    message: writes ? kind : replaced ? 'overwritten' : 'descriptor',
    args: { ...args, line },
    trace: [
      { at: from, text: 'opened', args },
      { at: last, atEnd, text: 'lost', args },
    ],
    fix: elsewhere || !readsOnly ? [] : deferBelow(from, `${value.text}.Close()`, answer?.text ?? '_', func),
    ...weight,
  });
}

/** `f := os.Stdin; if name != "-" { f, err = os.Open(name) }`: the standard streams are not closed. */
const STANDARD: readonly string[] = ['==os.Stdin', '==os.Stdout', '==os.Stderr'];
