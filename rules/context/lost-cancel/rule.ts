import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { type Assignment, assignmentOf, insertBelow, isBlank } from '../../../src/go/assign.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { flow } from '../../../src/go/cfg.ts';
import { findOpenPath, mentions } from '../../../src/go/paths.ts';
import {
  type Definition,
  enclosingFunction,
  type FuncNode,
  isMainFunction,
  scopes,
} from '../../../src/go/scope.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const MAKERS = /^context\.With(?:Cancel|Timeout|Deadline)(?:Cause)?$/;

const texts = {
  discarded: {
    en: 'the cancel function of `{maker}` is thrown away, so the context and its timer stay alive until the parent context ends or the deadline passes',
    'zh-CN':
      '`{maker}` 返回的 cancel 函数被丢弃，派生的 context 及其定时器会一直存活到父 context 结束或截止时间到达',
  },
  lost: {
    en: '`{cancel}` is not called on every path: when the function leaves at line {line}, the context of `{maker}` stays alive until its parent ends or its deadline passes',
    'zh-CN':
      '并非每条路径都会调用 `{cancel}`：函数在第 {line} 行离开时，`{maker}` 派生的 context 会一直存活到父 context 结束或截止时间到达',
  },
  made: { en: '`{cancel}` made', 'zh-CN': '创建 `{cancel}`' },
  leaves: { en: 'leaves without `{cancel}`', 'zh-CN': '未调用 `{cancel}` 就离开' },
  undecided: {
    en: 'control flow too complex to follow `{cancel}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{cancel}`',
  },
} as const;

export default defineRule({
  id: 'lost-cancel',
  group: 'context',
  severity: 'error',
  confidence: 'high',
  tests: true,
  since: '0.1.0',
  title: {
    en: 'cancel function that is not called on every path',
    'zh-CN': '并非所有路径都会调用的 cancel 函数',
  },
  checklist: {
    en: 'Is every cancel function called on every path?',
    'zh-CN': '每个 cancel 函数在每条路径上都会被调用吗？',
  },
  aliases: ['lostcancel', 'govet', 'vet', 'G118'],
  texts,
  calls: /^With(?:Cancel|Timeout|Deadline)/,
  on: {
    call_expression(call, pass) {
      const maker = calleeName(pass.file, call);
      if (!MAKERS.test(maker)) return;
      const assignment = assignmentOf(call);
      const target = assignment?.targets[1];
      const func = enclosingFunction(call);
      // A variable of the package is made once.
      if (assignment === null || target === undefined || func === null) return;
      if (isBlank(target)) return pass.violated(call, { message: 'discarded', args: { maker } });
      const cancel = target.is('identifier') ? pass.get(scopes).definitionOf(target) : null;
      // A field, an element, or a variable of somebody else: whoever owns it cancels. A program's end takes all along.
      if (cancel?.func !== func || isMainFunction(func, pass.pkg)) return;
      judge(call, maker, { target, cancel, func }, assignment, pass);
    },
  },
});

function judge(
  call: Node,
  maker: string,
  { target, cancel, func }: { target: Node; cancel: Definition; func: FuncNode },
  assignment: Assignment,
  pass: Pass<typeof texts>,
): void {
  const { statement } = assignment;
  const cfg = pass.get(flow).of(func);
  if (cfg === null) return;
  const args = { cancel: cancel.name, maker };
  // A result called cancel is handed to the caller by a return without values.
  const ends = (node: Node) =>
    mentions(node, cancel) ||
    (cancel.kind === 'result' && node.is('return_statement') && node.children.length === 0);
  const path = cfg.hasGoto
    ? ({ kind: 'unknown' } as const)
    : findOpenPath({ file: pass.file, cfg, from: statement, ends });
  if (path.kind === 'unknown') pass.unknown(call, 'undecided', args);
  else if (path.kind === 'none') pass.met(call, cancel.uses.find((u) => u.id > target.id) ?? call);
  else {
    const atEnd = path.exit === 'end';
    const fixable = !cancel.uses.some((u) => u.id !== target.id) && mayDefer(assignment, func);
    pass.violated(call, {
      message: 'lost',
      args: { ...args, line: atEnd ? path.last.endLine : path.last.line },
      trace: [
        { at: statement, text: 'made', args },
        { at: path.last, atEnd, text: 'leaves', args },
      ],
      ...(fixable ? { fix: [insertBelow(statement, `defer ${cancel.name}()`)] } : {}),
    });
  }
}

/**
 * `defer cancel()` is right only for a plain `:=` outside loops, in a function whose results cannot still need the
 * context: a response, rows or a stream would be cut off (rule cancel-outlived).
 */
function mayDefer({ statement, declares }: Assignment, func: FuncNode): boolean {
  if (!declares || statement.parent?.kind !== 'statement_list') return false;
  const loop = statement.ancestor('for_statement');
  if (loop !== null && func.contains(loop)) return false;
  const result = func.field('result');
  return result === null || /^\(?\s*(?:(?:error|bool|string|int|int64)\b[\s,]*)+\)?$/.test(result.text);
}
