import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, calleeOf, unparen } from '../../../src/go/calls.ts';
import { canWait, deferredCall, evaluatedNow, isElapsed, staleArguments } from '../../../src/go/deferred.ts';
import { enclosingFunction } from '../../../src/go/scope.ts';
import { types, underlying } from '../../../src/go/types.ts';
import type { Node } from '../../../src/syntax/tree.ts';

type Call = Node<'call_expression'>;

const LOCKS = /^\(\*?sync\.(?:Mutex|RWMutex|Locker)\)\.(?:R?Lock)$/;

const texts = {
  elapsed: {
    en: '`{time}` is evaluated here, when the `defer` statement runs, not when the function leaves: nothing that comes between is in it',
    'zh-CN': '`{time}` 在这条 `defer` 语句执行时就已求值，而不是在函数离开时：其间的耗时都不算在内',
  },
  zero: {
    en: 'the deferred call gets the value that `{name}` has here, its zero value: what line {line} assigns does not reach it',
    'zh-CN': '推迟的调用得到的是 `{name}` 此刻的零值：第 {line} 行的赋值传不到它那里',
  },
  checked: {
    en: 'the deferred call gets the value that `{name}` has here, nil: an error that line {line} assigns does not reach it',
    'zh-CN': '推迟的调用得到的是 `{name}` 此刻的值 nil：第 {line} 行赋给它的错误传不到那里',
  },
  dropped: {
    en: '`{call}` itself is put off until the function leaves, and the function that it returns is never called',
    'zh-CN': '被推迟到函数离开时才执行的是 `{call}` 本身，而它返回的函数从未被调用',
  },
  relocked: {
    en: '`{lock}` is deferred right behind `{lock}`: the function leaves by locking once more, and never unlocks',
    'zh-CN': '`{lock}` 之后紧接着又推迟了 `{lock}`：函数离开时会再次加锁，而从未解锁',
  },
  empty: { en: 'nothing is in `{name}` yet', 'zh-CN': '`{name}` 还没有值' },
  nil: { en: 'behind this `{name}` is nil', 'zh-CN': '此后 `{name}` 为 nil' },
  late: { en: '`{name}` is assigned too late', 'zh-CN': '对 `{name}` 的赋值来得太晚' },
  locked: { en: 'locked', 'zh-CN': '加锁' },
} as const;

export default defineRule({
  id: 'defer-args-now',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'high',
  tests: true,
  since: '0.1.0',
  title: {
    en: 'deferred call whose arguments are evaluated too early',
    'zh-CN': '参数求值过早的 defer 调用',
  },
  checklist: {
    en: 'Is what a deferred call needs known where the `defer` stands?',
    'zh-CN': 'defer 调用所需的值在 `defer` 语句处是否都已确定？',
  },
  aliases: ['defers', 'govet', 'vet', 'SA2003', 'staticcheck', 'revive'],
  texts,
  on: {
    defer_statement(statement, pass) {
      const call = deferredCall(statement);
      if (call === null) return;
      const { file } = pass;
      const fix = canWait(file, statement, call)
        ? [{ start: call.start, end: call.end, text: `func() { ${call.text} }()` }]
        : [];
      for (const node of evaluatedNow(call))
        if (isElapsed(file, node))
          pass.violated(node, { message: 'elapsed', args: { time: node.text }, fix });
      for (const { value, use, since, kind, later } of staleArguments(file, statement, call)) {
        const args = { name: value.name, line: later.line };
        const isZero = kind === 'zero';
        const trace = [
          { at: since, text: isZero ? 'empty' : 'nil', args },
          { at: later, text: 'late', args },
        ] as const;
        pass.violated(use, { message: isZero ? 'zero' : 'checked', args, trace, fix });
      }
      const func = call.field('function');
      if (func.is('func_literal'))
        for (const node of func.descendants('call_expression'))
          if (isElapsed(file, node) && enclosingFunction(node) === func) pass.met(node, statement);
      judgeResult(call, pass);
      judgeLock(statement, call, pass);
    },
  },
});

/** `defer trace("f")`, where trace returns what is to run at the end. */
function judgeResult(call: Call, pass: Pass<typeof texts>): void {
  const inner = unparen(call.field('function'));
  if (inner.is('call_expression') && calleeOf(pass.file, inner).kind === 'local') pass.met(inner, call);
  const { kind } = calleeOf(pass.file, call);
  if (kind !== 'local' && kind !== 'unknown') return;
  const result = underlying(pass.file, pass.get(types).of(call));
  if (result.kind !== 'func') return;
  const text = call.text.length <= 40 ? call.text : `${call.field('function').text}(…)`;
  const fix = result.params.length === 0 ? [{ start: call.end, end: call.end, text: '()' }] : [];
  pass.violated(call, { message: 'dropped', args: { call: text }, fix });
}

/** `mu.Lock()` and directly below it `defer mu.Lock()`. */
function judgeLock(statement: Node, call: Call, pass: Pass<typeof texts>): void {
  const lock = call.field('function');
  if (!lock.is('selector_expression') || !LOCKS.test(calleeName(pass.file, call))) return;
  const list = statement.parent?.children ?? [];
  const above = list[list.indexOf(statement) - 1];
  if (!above?.is('expression_statement') || above.text !== call.text) return;
  const { start, end, text } = lock.field('field');
  pass.violated(call, {
    message: 'relocked',
    args: { lock: lock.text },
    trace: [{ at: above, text: 'locked' }],
    fix: [{ start, end, text: text.replace('Lock', 'Unlock') }],
  });
}
