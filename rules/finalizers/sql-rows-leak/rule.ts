import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { fateOfLent, holderOf, type Lent, lentBy, sourceOf } from '../../../src/go/sql.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  discardedRows: {
    en: 'the rows of `{call}` are thrown away, so nothing can close them: they keep their connection busy (a statement without rows is for `Exec`)',
    'zh-CN': '`{call}` 返回的 rows 被丢弃，无法再关闭：它们一直占用连接（不返回行的语句应使用 `Exec`）',
  },
  discardedStmt: {
    en: 'the statement of `{call}` is thrown away, so nothing can close it: the server keeps it as long as the connection lives',
    'zh-CN': '`{call}` 返回的 statement 被丢弃，无法再关闭：只要连接存在，服务器就会一直保留它',
  },
  rows: {
    en: 'when the function leaves at line {line}, `{value}` of `{call}` is still open: its connection stays taken, and enough of these exhaust the pool',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 返回的 `{value}` 仍未关闭：它的连接一直被占用，累积起来会耗尽连接池',
  },
  rowsUntil: {
    en: 'when the function leaves at line {line}, `{value}` of `{call}` is still open: until `{ctx}` ends its connection stays taken, and enough of these exhaust the pool',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 返回的 `{value}` 仍未关闭：在 `{ctx}` 结束之前，它的连接一直被占用，累积起来会耗尽连接池',
  },
  rowsOfTx: {
    en: 'when the function leaves at line {line}, `{value}` of `{call}` is still open: until the transaction ends its connection is busy with them, and some drivers fail the next statement',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 返回的 `{value}` 仍未关闭：在事务结束之前，连接一直忙于这些 rows，有些驱动会让下一条语句失败',
  },
  stmt: {
    en: 'when the function leaves at line {line}, the statement `{value}` of `{call}` is still open: the server keeps it as long as the connection lives',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 返回的 statement `{value}` 仍未关闭：只要连接存在，服务器就会一直保留它',
  },
  overwritten: {
    en: 'another value takes the place of `{value}` at line {line} while that of `{call}` is still open: nothing can close it any more',
    'zh-CN': '`{call}` 返回的 `{value}` 尚未关闭，就在第 {line} 行被另一个值取代：再也无法关闭它',
  },
  opened: { en: '`{value}` opened', 'zh-CN': '`{value}` 在此打开' },
  lost: { en: '`{value}` is still open', 'zh-CN': '`{value}` 仍未关闭' },
  undecided: {
    en: 'control flow too complex to follow `{value}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{value}`',
  },
} as const;

export default defineRule({
  id: 'sql-rows-leak',
  group: 'finalizers',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'rows or prepared statement that is not closed on every path',
    'zh-CN': '并非所有路径都会关闭的 rows 或 prepared statement',
  },
  checklist: {
    en: 'Are the rows of every query, and every prepared statement, closed on every path?',
    'zh-CN': '每个查询的 rows 和每个 prepared statement 在每条路径上都会被关闭吗？',
  },
  aliases: ['sqlclosecheck'],
  texts,
  calls: /[Qq]uery|[Pp]repare/,
  on: {
    call_expression(call, pass) {
      const lent = lentBy(pass.file, call);
      if (lent === 'rows') judge(call, lent, sourceOf(pass.file, call) === 'tx', pass);
      // The statements of a transaction end with it; whether an interface of the package hides one nobody knows.
      if (lent === 'stmt' && /^(?:pool|conn)$/.test(sourceOf(pass.file, call)))
        judge(call, lent, false, pass);
    },
  },
});

function judge(call: Node<'call_expression'>, lent: Lent, ofTx: boolean, pass: Pass<typeof texts>): void {
  const fate = fateOfLent(pass.file, call, lent, 'Close()');
  const args = { value: holderOf(call), call: call.field('function').text };
  if (fate?.kind === 'met') pass.met(call, fate.by);
  if (fate?.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (fate?.kind === 'discarded') {
    const message = lent === 'rows' ? 'discardedRows' : 'discardedStmt';
    pass.violated(call, { message, args, severity: ofTx ? 'warning' : 'error' });
  }
  if (fate?.kind !== 'open') return;
  const { from, last, atEnd, line, replaced } = fate.outcome;
  const open = lent === 'stmt' ? 'stmt' : ofTx ? 'rowsOfTx' : fate.until === null ? 'rows' : 'rowsUntil';
  pass.violated(call, {
    message: replaced ? 'overwritten' : open,
    args: { ...args, line, ctx: fate.until ?? '' },
    trace: [
      { at: from, text: 'opened', args },
      { at: last, atEnd, text: 'lost', args },
    ],
    fix: fate.fix,
    // What a transaction has is given back at its end, and so is everything at the end of a program.
    ...(ofTx || fate.atExit ? { severity: 'info' } : {}),
  });
}
