import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { SourceFile } from '../../../src/engine/source.ts';
import { calleeName, unparen } from '../../../src/go/calls.ts';
import { contextAt, isRootContext } from '../../../src/go/contexts.ts';
import { memberOf } from '../../../src/go/members.ts';
import { servesRequest } from '../../../src/go/pace.ts';
import { isTestCode, isTool, wordsOf } from '../../../src/go/places.ts';
import { enclosingFunction, type FuncNode, isMainFunction } from '../../../src/go/scope.ts';
import { type ContextForm, DATABASE_CALLS, databaseCall } from '../../../src/go/sqlforms.ts';
import { types } from '../../../src/go/types.ts';
import { versionOf } from '../../../src/go/version.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  bare: {
    en: '`{context}` is at hand, but `{callee}` runs without it: the cancellation and the deadline of the caller do not reach the database, and a connection stays taken until the call is done',
    'zh-CN':
      '`{context}` 就在手边，但 `{callee}` 没有使用它：调用方的取消和截止时间传不到数据库，连接会一直被占用到调用结束',
  },
  offered: { en: '`{context}` could be passed on', 'zh-CN': '可以传递 `{context}`' },
} as const;

export default defineRule({
  id: 'sql-no-context',
  group: 'context',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'database call that does not get the context at hand',
    'zh-CN': '没有收到现有 context 的数据库调用',
  },
  checklist: {
    en: 'Does every database call get the context of its caller?',
    'zh-CN': '每次数据库调用都收到调用方的 context 吗？',
  },
  aliases: ['noctx', 'sqlvet'],
  texts,
  calls: DATABASE_CALLS,
  on: {
    call_expression(call, pass) {
      const target = unparen(call.field('function'));
      if (!target.is('selector_expression')) return;
      const form = databaseCall(calleeName(pass.file, call));
      if (form === null || isApart(pass.file, call)) return;
      const [first] = call.field('arguments').children;
      if (form !== 'takesContext') judge(call, target, form, pass);
      else if (first !== undefined && !first.is('nil') && !isRootContext(pass.file, first))
        pass.met(target, first);
    },
  },
});

type Call = Node<'call_expression'>;
type Selector = Node<'selector_expression'>;

function judge(call: Call, target: Selector, form: ContextForm, pass: Pass<typeof texts>): void {
  const context = contextAt(pass.file, call);
  if (context === null) return;
  const args = { context: context.expression, callee: target.text };
  const fix =
    context.only && exists(pass.file, target, form) ? carry(call, target, context.expression, form) : [];
  pass.violated(target, {
    message: 'bare',
    args,
    trace: [{ at: context.definition.node, text: 'offered', args }],
    fix,
  });
}

/** The module's Go has it, and no type of the package puts a method of its own in its place. */
function exists(file: SourceFile, target: Selector, { name, since }: ContextForm): boolean {
  if (since !== null && !versionOf(file).has('database/sql', since)) return false;
  const member = memberOf(file, file.get(types).of(target.field('operand')), name);
  return member === null ? since === null : member.declared === null;
}

/** `db.Query(` → `db.QueryContext(ctx, `, `db.Begin()` → `db.BeginTx(ctx, nil)`. */
function carry(call: Call, target: Selector, context: string, form: ContextForm) {
  const open = call.field('arguments').start + 1;
  const hasArguments = call.field('arguments').children.length > 0;
  const separator = !hasArguments ? '' : /^\s/.test(call.tree.text.slice(open)) ? ',' : ', ';
  const options = ', nil'.repeat(form.nilArguments);
  return [
    { start: target.field('field').start, end: open, text: `${form.name}(${context}${options}${separator}` },
  ];
}

/** Tests, tools, and code that runs before the work or cleans up behind it: its context is another question. */
function isApart(file: SourceFile, call: Node): boolean {
  if (call.parent?.is('defer_statement', 'go_statement') || isTestCode(file, call)) return true;
  if (/migrat|schema/i.test(file.path) || (isTool(file) && !servesRequest(file, call))) return true;
  let func = enclosingFunction(call);
  if (func !== null && isMainFunction(func, file.pkg)) return true;
  for (; func !== null; func = enclosingFunction(func))
    if (STEP.test(nameOf(func)) || wordsOf(nameOf(func)).some((w) => APART.test(w))) return true;
  return false;
}

/** A step of a migration: `updateFromV12`, `to3`. */
const STEP = /(?:from|to)_?v?\d+$/i;
const APART =
  /^(?:migrat\w*|upgrad\w*|init\w*|clos(?:e|ing)|stop|shutdown|cleanup|teardown|rollback|undo|abort)$/;

function nameOf(func: FuncNode): string {
  return func.is('function_declaration', 'method_declaration') ? func.field('name').text : '';
}
