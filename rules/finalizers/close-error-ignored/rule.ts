import { defineRule } from '../../../src/engine/rule.ts';
import { isBlank } from '../../../src/go/assign.ts';
import { CLOSER, closerKind, opensForWriting } from '../../../src/go/closers.ts';
import { receiversOf } from '../../../src/go/escape.ts';
import { reportsFailure, returnsError } from '../../../src/go/failure.ts';
import { isRemoved, reportsAtOnce, trafficOf } from '../../../src/go/filewrites.ts';
import { variable } from '../../../src/go/paths.ts';
import { isTestCode } from '../../../src/go/places.ts';
import { type Definition, enclosingFunction } from '../../../src/go/scope.ts';
import { usesOf } from '../../../src/go/uses.ts';
import { writtenTarget } from '../../../src/go/values.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  unseen: {
    en: 'nobody looks at the error of the deferred `{close}`: a write that the file system refuses only now (disk quota, NFS) is lost, and the function still reports success',
    'zh-CN':
      '没有代码检查被推迟的 `{close}` 的错误：文件系统到此时才拒绝的写入（磁盘配额、NFS）会丢失，而函数仍报告成功',
  },
  opened: { en: '`{value}` opened for writing', 'zh-CN': '打开 `{value}` 用于写入' },
  written: { en: '`{value}` written to', 'zh-CN': '写入 `{value}`' },
  closed: { en: 'closed without a look at the error', 'zh-CN': '关闭时未检查错误' },
} as const;

export default defineRule({
  id: 'close-error-ignored',
  group: 'finalizers',
  severity: 'info',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'written file whose close error nobody looks at',
    'zh-CN': '写入的文件在关闭时错误未被检查',
  },
  checklist: {
    en: 'Is the error of closing every written file looked at before success is reported?',
    'zh-CN': '在报告成功之前，是否检查了每个写入文件的关闭错误？',
  },
  aliases: ['errcheck', 'G307'],
  texts,
  calls: /^(?:Create|CreateTemp|Open\w*|TempFile)$/,
  on: {
    call_expression(call, pass) {
      const { file } = pass;
      if (closerKind(file, call) !== 'file' || !opensForWriting(file, call)) return;
      const func = enclosingFunction(call);
      const target = receiversOf(call)?.[0];
      const value = target === undefined ? null : variable(file, target);
      if (func === null || value?.func !== func || !returnsError(func)) return;
      if (isTestCode(file, call) || reportsAtOnce(file, call) || isRemoved(file, call, func)) return;
      const { released, handedOn } = usesOf(file, value, CLOSER);
      const { writes, reads } = trafficOf(file, value);
      const [first] = writes;
      // What is read back was only buffered there; who else has the file may look at the error himself.
      if (first === undefined || handedOn.length > 0 || reads.some((read) => read.id > first.id)) return;
      const seen = [...released, ...syncsOf(value)].find(isLookedAt);
      const blind = released.find(isDeferredClose);
      if (seen !== undefined) pass.met(blind ?? seen, seen);
      else if (blind !== undefined && released.every((r) => isDeferredClose(r) || reportsFailure(file, r)))
        pass.violated(blind, {
          message: 'unseen',
          args: { close: blind.text },
          trace: [
            { at: call, text: 'opened', args: { value: value.name } },
            { at: first, text: 'written', args: { value: value.name } },
            { at: blind, text: 'closed' },
          ],
        });
    },
  },
});

function syncsOf(value: Definition): readonly Node[] {
  return value.uses.flatMap((use) => {
    const selector = use.parent;
    const call = selector?.parent;
    return selector?.is('selector_expression') && selector.field('field').text === 'Sync' && call != null
      ? [call]
      : [];
  });
}

/** Something is done with the result; `_ = f.Close()` says that nothing shall be. */
function isLookedAt(call: Node): boolean {
  return (
    call.parent?.is('expression_statement', 'defer_statement', 'go_statement') !== true && !isDropped(call)
  );
}

function isDropped(call: Node): boolean {
  const target = writtenTarget(call);
  return target !== null && isBlank(target);
}

function isClose(call: Node): boolean {
  const target = call.is('call_expression') ? call.field('function') : null;
  return target?.is('selector_expression') === true && target.field('field').text === 'Close';
}

/** `defer f.Close()`, or the only statement of `defer func() { f.Close() }()`. */
function isDeferredClose(call: Node): boolean {
  if (!isClose(call)) return false;
  if (call.parent?.is('defer_statement')) return true;
  const statement = call.parent?.is('expression_statement') ? call.parent : null;
  const literal = statement?.parent?.children.length === 1 ? enclosingFunction(call) : null;
  return literal?.is('func_literal') === true && literal.parent?.parent?.is('defer_statement') === true;
}
