import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { fateOfLent, holderOf, isLentOut, isPgx, lentBy, sourceOf } from '../../../src/go/sql.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  discarded: {
    en: 'the transaction of `{call}` is thrown away, so nothing can end it: its connection does not go back to the pool',
    'zh-CN': '`{call}` 开启的事务被丢弃，无法再结束：它占用的连接不会归还连接池',
  },
  open: {
    en: 'when the function leaves at line {line}, `{tx}` of `{call}` is neither committed nor rolled back: its connection stays taken, and what the transaction has locked stays locked',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 开启的 `{tx}` 既未提交也未回滚：连接一直被占用，事务持有的锁也不会释放',
  },
  openUntil: {
    en: 'when the function leaves at line {line}, `{tx}` of `{call}` is neither committed nor rolled back: until `{ctx}` ends, its connection stays taken, and what the transaction has locked stays locked',
    'zh-CN':
      '函数在第 {line} 行离开时，`{call}` 开启的 `{tx}` 既未提交也未回滚：在 `{ctx}` 结束之前，连接一直被占用，事务持有的锁也不会释放',
  },
  overwritten: {
    en: 'another value takes the place of `{tx}` at line {line} while the transaction of `{call}` is neither committed nor rolled back: each such transaction keeps a connection and its locks',
    'zh-CN':
      '`{call}` 开启的事务既未提交也未回滚，`{tx}` 就在第 {line} 行被另一个值取代：每个这样的事务都会占住一个连接和它持有的锁',
  },
  begun: { en: 'transaction begun', 'zh-CN': '事务在此开启' },
  lost: { en: '`{tx}` is still open', 'zh-CN': '`{tx}` 仍未结束' },
  undecided: {
    en: 'control flow too complex to follow `{tx}`',
    'zh-CN': '控制流过于复杂，无法跟踪 `{tx}`',
  },
} as const;

export default defineRule({
  id: 'sql-tx-not-finished',
  group: 'context',
  severity: 'error',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'transaction that is not committed or rolled back on every path',
    'zh-CN': '并非所有路径都会提交或回滚的事务',
  },
  checklist: {
    en: 'Is every transaction committed or rolled back on every path?',
    'zh-CN': '每个事务在每条路径上都会提交或回滚吗？',
  },
  aliases: ['sqltx', 'sqltxleak'],
  texts,
  calls: /^(?:Must)?[Bb]egin/,
  on: {
    call_expression(call, pass) {
      // A transaction inside another one is a savepoint: it ends with the outer one.
      if (lentBy(pass.file, call) === 'tx' && sourceOf(pass.file, call) !== 'tx') judge(call, pass);
    },
  },
});

function judge(call: Node<'call_expression'>, pass: Pass<typeof texts>): void {
  const context = isPgx(pass.file, call) ? call.field('arguments').children[0]?.text : '';
  const fate = fateOfLent(pass.file, call, 'tx', `Rollback(${context})`);
  const args = { tx: holderOf(call), call: call.field('function').text };
  if (fate?.kind === 'met') pass.met(call, fate.by);
  if (fate?.kind === 'unknown') pass.unknown(call, 'undecided', args);
  if (fate?.kind === 'discarded') pass.violated(call, { message: 'discarded', args });
  if (fate?.kind !== 'open') return;
  const { from, last, atEnd, line, replaced } = fate.outcome;
  const severity = fate.atExit ? 'info' : isLentOut(pass.file, call) ? 'warning' : 'error';
  pass.violated(call, {
    message: replaced ? 'overwritten' : fate.until === null ? 'open' : 'openUntil',
    args: { ...args, line, ctx: fate.until ?? '' },
    trace: [
      { at: from, text: 'begun', args },
      { at: last, atEnd, text: 'lost', args },
    ],
    fix: fate.fix,
    severity,
  });
}
