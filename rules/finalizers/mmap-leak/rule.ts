import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { isBlank } from '../../../src/go/assign.ts';
import { follow, receiversOf } from '../../../src/go/escape.ts';
import {
  finalizedMapping,
  foreignUnmap,
  keptForever,
  MAPPING,
  mapsMemory,
  partUnmapped,
} from '../../../src/go/mappings.ts';
import { runsOnce } from '../../../src/go/places.ts';
import { enclosingFunction } from '../../../src/go/scope.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  open: {
    en: 'nothing has unmapped `{value}` of `{call}` on the way to line {line}: no garbage collection does, so the mapping takes address space until the program ends',
    'zh-CN':
      '到达第 {line} 行之前没有解除 `{call}` 得到的映射 `{value}`：垃圾回收不会处理它，该映射会占用地址空间直到程序退出',
  },
  discarded: {
    en: 'the slice of `{call}` is thrown away, so nothing can unmap it: no garbage collection does, and the mapping takes address space until the program ends',
    'zh-CN':
      '`{call}` 返回的切片被丢弃，无法再解除映射：垃圾回收不会处理它，该映射会占用地址空间直到程序退出',
  },
  kept: {
    en: '`{field}` keeps the mapping of `{call}`, and nothing in the package unmaps it: no garbage collection does, so each one takes address space until the program ends',
    'zh-CN':
      '`{field}` 保存了 `{call}` 的映射，但包内没有代码解除它：垃圾回收不会处理它，每个映射都会占用地址空间直到程序退出',
  },
  part: {
    en: '`{call}` takes only the exact slice that `Mmap` returned: for a part like `{part}` it fails with EINVAL, and the memory stays mapped',
    'zh-CN':
      '`{call}` 只接受 `Mmap` 返回的那个切片：传入 `{part}` 这样的子切片会以 EINVAL 失败，内存仍保持映射',
  },
  mixed: {
    en: '`{call}` made the mapping, and `{other}` knows nothing of it: each package keeps a table of its own, so the call fails with EINVAL, and the memory stays mapped',
    'zh-CN':
      '映射由 `{call}` 建立，`{other}` 并不知道它：两个包各自维护映射表，调用会以 EINVAL 失败，内存仍保持映射',
  },
  finalizer: {
    en: '`{call}` ends the program: `{pointer}` is mapped memory and no object that the garbage collector knows',
    'zh-CN': '`{call}` 会使程序崩溃：`{pointer}` 是映射的内存，不是垃圾回收器管理的对象',
  },
  mapped: { en: 'mapped', 'zh-CN': '在此映射' },
  lost: { en: '`{value}` is still mapped', 'zh-CN': '`{value}` 仍未解除映射' },
  undecided: {
    en: 'control flow too complex to follow `{value}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{value}`',
  },
} as const;

export default defineRule({
  id: 'mmap-leak',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: { en: 'mapped memory that is not unmapped', 'zh-CN': '没有解除映射的 mmap 内存' },
  checklist: {
    en: 'Is every mapping unmapped, with the slice that Mmap returned?',
    'zh-CN': '每个映射是否都用 Mmap 返回的切片解除？',
  },
  aliases: [],
  texts,
  calls: /^(?:Mmap|Munmap|SetFinalizer|AddCleanup)$/,
  on: {
    call_expression(call, pass) {
      const { file } = pass;
      const name = call.field('function').text;
      const part = partUnmapped(file, call);
      const pointer = finalizedMapping(file, call);
      if (part !== null)
        pass.violated(call, { message: 'part', args: { call: name, part: part.text }, severity: 'error' });
      else if (pointer !== null)
        pass.violated(call, {
          message: 'finalizer',
          args: { call: name, pointer: pointer.text },
          severity: 'error',
        });
      else if (mapsMemory(file, call)) judge(call, pass);
    },
  },
});

function judge(call: Node<'call_expression'>, pass: Pass<typeof texts>): void {
  const { file } = pass;
  const targets = receiversOf(call);
  const func = enclosingFunction(call);
  // What a program maps once it keeps for good.
  if (targets === null || func === null || runsOnce(func, pass.pkg)) return;
  const [value, answer] = targets;
  const args = { value: value?.text ?? '', call: call.field('function').text };
  if (value === undefined || isBlank(value)) {
    pass.violated(call, { message: 'discarded', args });
    return;
  }
  const outcome = follow({ file, call, value, answer, resource: MAPPING });
  if (outcome.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (outcome.kind === 'released') {
    const other = foreignUnmap(file, call, outcome.by);
    if (other === '') pass.met(call, outcome.by);
    else pass.violated(call, { message: 'mixed', args: { ...args, other }, severity: 'error' });
  }
  const field = outcome.kind === 'handedOn' ? keptForever(file, call) : '';
  if (field !== '') pass.violated(call, { message: 'kept', args: { ...args, field } });
  if (outcome.kind !== 'open') return;
  const { from, last, atEnd, line } = outcome;
  pass.violated(call, {
    message: 'open',
    args: { ...args, line },
    trace: [
      { at: from, text: 'mapped' },
      { at: last, atEnd, text: 'lost', args },
    ],
  });
}
