import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { heldBy, holderOf, lacksRelease, releases } from '../../../src/go/finalizers.ts';
import { servesTests, studiesMemory } from '../../../src/go/measuring.ts';
import { types } from '../../../src/go/types.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  finalizer: {
    en: 'the finalizer of `{object}` holds `{held}`, and with it the object: it stays reachable, is never collected, and the finalizer never runs',
    'zh-CN':
      '`{object}` 的 finalizer 持有 `{held}`，也就持有了该对象：它始终可达，永远不会被回收，finalizer 也永远不会执行',
  },
  cleanup: {
    en: 'the cleanup of `{object}` holds `{held}`, and with it the object: it is never collected and the cleanup never runs, if `runtime.AddCleanup` does not panic',
    'zh-CN':
      '`{object}` 的 cleanup 持有 `{held}`，也就持有了该对象：它永远不会被回收，cleanup 也永远不会执行，甚至 `runtime.AddCleanup` 会直接 panic',
  },
  same: {
    en: '`runtime.AddCleanup` panics: `{object}` is both the object and the argument of its cleanup',
    'zh-CN': '`runtime.AddCleanup` 会 panic：`{object}` 既是对象，又是其 cleanup 的参数',
  },
  only: {
    en: 'nothing but the finalizer releases what `{type}` holds: it has no method to close it, and a finalizer runs late or not at all',
    'zh-CN':
      '`{type}` 持有的资源只靠 finalizer 释放：它没有关闭方法，而 finalizer 执行得很晚，甚至根本不执行',
  },
  prefer: {
    en: 'a finalizer brings `{object}` back to life, which puts off its collection: `runtime.AddCleanup` does not, where what it releases can be passed without the object',
    'zh-CN':
      'finalizer 会让 `{object}` 复活从而推迟回收：若要释放的资源可以脱离该对象单独传递，`runtime.AddCleanup` 不会如此',
  },
  held: { en: '`{held}` is held here', 'zh-CN': '这里持有了 `{held}`' },
} as const;

export default defineRule({
  id: 'finalizer-misuse',
  group: 'finalizers',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'finalizer or cleanup that holds its own object',
    'zh-CN': '持有自身对象的 finalizer 或 cleanup',
  },
  checklist: {
    en: 'Can every object with a finalizer or cleanup be collected?',
    'zh-CN': '每个带有 finalizer 或 cleanup 的对象都能被回收吗？',
  },
  aliases: ['SA5005', 'staticcheck'],
  texts,
  calls: /^(?:SetFinalizer|AddCleanup)$/,
  on: {
    call_expression(call, pass) {
      const name = calleeName(pass.file, call);
      if (name !== 'runtime.SetFinalizer' && name !== 'runtime.AddCleanup') return;
      const [object, action, argument] = call.field('arguments').children;
      if (object === undefined || action === undefined || action.is('nil')) return;
      const args = { object: object.text };
      if (argument !== undefined && argument.text === object.text)
        pass.violated(call, { message: 'same', args });
      else {
        const holder = holderOf(pass.file, call, object);
        const use = holder === null ? null : heldBy(pass.file, holder, action, argument);
        if (holder === null || use === null) judgeNeed(call, object, action, pass);
        else {
          const held = { ...args, held: holder.name };
          const message = argument === undefined ? 'finalizer' : 'cleanup';
          pass.violated(call, { message, args: held, trace: [{ at: use, text: 'held', args: held }] });
        }
      }
    },
  },
});

/** Whether a finalizer that works is also a good idea. */
function judgeNeed(call: Node, object: Node, action: Node, pass: Pass<typeof texts>): void {
  const { file } = pass;
  const type = pass.get(types).of(object);
  const isExempt = servesTests(file) || studiesMemory(file, call);
  const isFinalizer = call.is('call_expression') && calleeName(file, call) === 'runtime.SetFinalizer';
  const own =
    type.kind === 'pointer' && type.elem.kind === 'named' && type.elem.pkg === '' ? type.elem : null;
  if (isFinalizer && !isExempt && own !== null && releases(file, action) && lacksRelease(file, own))
    pass.violated(call, { message: 'only', args: { type: own.name }, severity: 'info' });
  else if (
    isFinalizer &&
    !isExempt &&
    type.kind === 'pointer' &&
    versionOf(file).has('runtime', 'AddCleanup')
  )
    pass.violated(call, { message: 'prefer', args: { object: object.text }, severity: 'info' });
  else pass.met(call, action);
}
