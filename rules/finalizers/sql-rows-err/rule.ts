import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { askBehind, type Iteration, iterationOf } from '../../../src/go/iterations.ts';
import { isTestCode } from '../../../src/go/places.ts';
import { enclosingFunction } from '../../../src/go/scope.ts';
import { lentBy } from '../../../src/go/sql.ts';
import { typeString } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  rows: {
    en: 'nothing asks `{value}.Err()` after this loop: when the connection or the query fails half way, the loop just ends, and the rows read so far pass for the whole result',
    'zh-CN':
      '循环之后没有检查 `{value}.Err()`：如果连接或查询中途失败，循环会直接结束，已读到的行会被当成完整结果',
  },
  scanner: {
    en: 'nothing asks `{value}.Err()` after this loop: a failed read, or a line longer than the buffer, ends the loop as the end of the input does',
    'zh-CN': '循环之后没有检查 `{value}.Err()`：读取失败，或某一行超过缓冲区大小，循环都会像读到末尾一样结束',
  },
  made: { en: '`{value}` made', 'zh-CN': '`{value}` 在此创建' },
} as const;

export default defineRule({
  id: 'sql-rows-err',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'loop over rows or lines without a look at the error that may have ended it',
    'zh-CN': '遍历 rows 或行之后没有检查导致循环结束的错误',
  },
  checklist: {
    en: 'Is `Err()` asked after every loop over rows or lines?',
    'zh-CN': '遍历 rows 或行的循环之后都检查了 `Err()` 吗？',
  },
  aliases: ['rowserrcheck', 'sqlrowserr', 'rowserr', 'scannererr'],
  texts,
  calls: /[Qq]uery|^NewScanner$/,
  on: {
    call_expression(call, pass) {
      if (lentBy(pass.file, call) === 'rows') judge(call, iterationOf(pass.file, call, 'Next'), 'rows', pass);
      else if (mayFail(call, pass)) judge(call, iterationOf(pass.file, call, 'Scan'), 'scanner', pass);
    },
  },
});

type Call = Node<'call_expression'>;

/** A scanner over a reader that can fail; one over memory has little to tell, and a test that is cut short fails itself. */
function mayFail(call: Call, { file }: Pass<typeof texts>): boolean {
  if (calleeName(file, call) !== 'bufio.NewScanner' || isTestCode(file, call)) return false;
  const [reader] = call.field('arguments').children;
  const type = reader === undefined ? '?' : typeString(file.get(types).of(reader));
  return !type.includes('?') && !/^\*(?:bytes\.(?:Buffer|Reader)|strings\.Reader)$/.test(type);
}

function judge(made: Call, iteration: Iteration | null, kind: 'rows' | 'scanner', pass: Pass<typeof texts>) {
  const func = enclosingFunction(made);
  if (iteration === null || func === null) return;
  const { step, asked } = iteration;
  const args = { value: iteration.variable.name };
  if (asked !== null) pass.met(step, asked);
  else
    pass.violated(step, {
      message: kind,
      args,
      trace: [{ at: made, text: 'made', args }],
      fix: askBehind(iteration, func),
      ...(kind === 'scanner' ? { severity: 'info' } : {}),
    });
}
