import type { Pass, TracePoint } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { moveBehind } from '../../../src/go/assign.ts';
import { flow } from '../../../src/go/cfg.ts';
import { checkBelow, deferredOnNil, type Failing, failingBefore, guardIn } from '../../../src/go/fallible.ts';
import { findOpenPath, mentions, nilAtom, variable } from '../../../src/go/paths.ts';
import { type Definition, enclosingFunction } from '../../../src/go/scope.ts';
import { isNamed } from '../../../src/go/type.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  now: {
    en: '`{name}` is nil when `{call}` fails: this `defer` then panics where it stands, before `{err}` is looked at',
    'zh-CN': '`{call}` 失败时 `{name}` 为 nil：这条 `defer` 会当场 panic，来不及检查 `{err}`',
  },
  later: {
    en: '`{name}` is nil when `{call}` fails: what is deferred here then panics when the function leaves',
    'zh-CN': '`{call}` 失败时 `{name}` 为 nil：函数离开时，这里推迟的调用会 panic',
  },
  fails: {
    en: '`{name}` is nil when `{call}` fails: closing it does nothing then but return another error; `{err}` is checked too late',
    'zh-CN': '`{call}` 失败时 `{name}` 为 nil：此时关闭它只会再返回一个错误；`{err}` 检查得太晚',
  },
  made: { en: '`{name}` and `{err}` come from here', 'zh-CN': '`{name}` 和 `{err}` 在此得到' },
  leaves: { en: 'leaves while `{name}` is nil', 'zh-CN': '`{name}` 为 nil 时离开' },
  undecided: {
    en: 'control flow too complex to follow `{err}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{err}`',
  },
} as const;

export default defineRule({
  id: 'defer-before-err-check',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'high',
  tests: true,
  since: '0.1.0',
  title: { en: 'release deferred before the error is checked', 'zh-CN': '检查错误之前就推迟释放' },
  checklist: {
    en: 'Is every error checked before the release of what came with it is deferred?',
    'zh-CN': '用 defer 释放资源之前，是否都先检查了随之返回的错误？',
  },
  aliases: ['httpresponse', 'govet', 'vet', 'SA5001', 'staticcheck'],
  texts,
  on: {
    defer_statement(statement, pass) {
      for (const use of statement.descendants('selector_expression')) {
        const value = variable(pass.file, use.field('operand'));
        const failing = value === null ? null : failingBefore(pass.file, statement, value);
        if (value === null || failing === null) continue;
        judge(statement, use, value, failing, pass);
        return;
      }
    },
  },
});

function judge(
  at: Node<'defer_statement'>,
  use: Node<'selector_expression'>,
  value: Definition,
  from: Failing,
  pass: Pass<typeof texts>,
): void {
  const { call, type, error, between } = from;
  const func = enclosingFunction(at);
  const cfg = func === null ? null : pass.get(flow).of(func);
  const outcome = deferredOnNil(pass.file, type, use.field('field').text);
  if (outcome === null || cfg === null) return;
  const asked = between.find((s) => mentions(s, error));
  if (asked?.is('if_statement', 'expression_switch_statement') === true) pass.met(use, asked);
  if (between.some((s) => mentions(s, error) || mentions(s, value))) return;
  const literal = enclosingFunction(use);
  const guard = literal === func || literal === null ? null : guardIn(pass.file, literal, use, from, value);
  if (guard?.kind === 'asked') pass.met(use, guard.by);
  if (guard !== null && guard.kind !== 'none') return;
  const args = { name: value.name, err: error.name, call: call.field('function').text };
  const check = checkBelow(pass.file, at, error);
  const say = (message: keyof typeof texts, leaves: readonly TracePoint<typeof texts>[] = []) =>
    pass.violated(use, {
      message,
      args,
      trace: [{ at: from.at, text: 'made', args }, ...leaves],
      fix: check === null ? [] : [moveBehind(at, check)],
      ...(message === 'fails'
        ? { severity: 'info' }
        : isNamed(type, 'net/http', 'Response', true)
          ? { severity: 'error' }
          : {}),
    });
  if (outcome === 'fails') say('fails');
  else if (outcome === 'panics now' && guard === null) say('now');
  else {
    const path = cfg.hasGoto
      ? ({ kind: 'unknown' } as const)
      : findOpenPath({ file: pass.file, cfg, from: at, assume: [nilAtom(error, false)], ends: () => false });
    if (path.kind === 'unknown') pass.unknown(use, 'undecided', args);
    else if (path.kind === 'path')
      say('later', [{ at: path.last, atEnd: path.exit === 'end', text: 'leaves', args }]);
    // The end of the program runs nothing that is deferred, that of a test does.
    else if (pass.file.isTest) say('later');
  }
}
