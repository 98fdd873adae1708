import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { SourceFile } from '../../../src/engine/source.ts';
import { calleeName, unparen } from '../../../src/go/calls.ts';
import { fieldReads, isZeroValue, readOf } from '../../../src/go/fields.ts';
import { awaitsFinalizer, ignoresRoom, servesTests, studiesMemory } from '../../../src/go/measuring.ts';
import { isPaced, loopAround, servesRequest } from '../../../src/go/pace.ts';
import { scopes } from '../../../src/go/scope.ts';
import { type GoType, isNamed } from '../../../src/go/type.ts';
import { types } from '../../../src/go/types.ts';
import { writtenValue } from '../../../src/go/values.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  literal: {
    en: '`{read}` reads a value that nothing has filled: it is always 0',
    'zh-CN': '`{read}` 读取的是从未填充过的值：永远为 0',
  },
  unfilled: {
    en: '`{name}` is never passed to `runtime.ReadMemStats`: `{read}` is always 0',
    'zh-CN': '`{name}` 从未传给 `runtime.ReadMemStats`：`{read}` 永远为 0',
  },
  handler: {
    en: '`runtime.ReadMemStats` stops every goroutine of the process, here once per request',
    'zh-CN': '`runtime.ReadMemStats` 会暂停进程中的所有 goroutine，这里每个请求都会暂停一次',
  },
  loop: {
    en: '`runtime.ReadMemStats` stops every goroutine of the process, here in a loop that nothing slows down',
    'zh-CN': '`runtime.ReadMemStats` 会暂停进程中的所有 goroutine，而这里的循环没有任何节制',
  },
  collect: {
    en: '`{name}` forces a full garbage collection on the whole process and blocks until it is done',
    'zh-CN': '`{name}` 会强制整个进程做一次完整的垃圾回收，并阻塞到回收结束',
  },
  profile: {
    en: 'whether `runtime.GoroutineProfile` had room for all goroutines is not looked at: when it had not, nothing is filled in',
    'zh-CN': '没有检查 `runtime.GoroutineProfile` 的空间是否足够：空间不足时什么都不会填入',
  },
  declared: { en: '`{name}` declared', 'zh-CN': '声明 `{name}`' },
} as const;

export default defineRule({
  id: 'runtime-stats-misuse',
  group: 'system',
  severity: 'error',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'runtime statistics that are empty, or costlier than they look',
    'zh-CN': '空的或比看起来更昂贵的运行时统计',
  },
  checklist: {
    en: 'Are runtime statistics filled before they are read, and read rarely?',
    'zh-CN': '运行时统计是否在读取前已填充，且读取得足够少？',
  },
  aliases: ['call-to-gc', 'revive'],
  texts,
  calls: /^(?:new|ReadMemStats|GC|FreeOSMemory|GoroutineProfile)$/,
  on: {
    composite_literal(literal, pass) {
      judgeLiteral(literal, pass);
    },
    var_spec(spec, pass) {
      if (spec.field('value') !== null) return;
      for (const name of spec.fields('name')) judge(name, pass);
    },
    short_var_declaration(statement, pass) {
      for (const name of statement.field('left').children) {
        const value = writtenValue(name);
        if (value !== null && emptyStats(pass.file, unparen(value))) judge(name, pass);
      }
    },
    call_expression(call, pass) {
      judgeLiteral(call, pass);
      const name = calleeName(pass.file, call);
      if (servesTests(pass.file)) return;
      if (name === 'runtime.ReadMemStats') {
        const loop = loopAround(call);
        // A condition of the loop is a switch: somebody wants to know, and waits for it.
        const asked = loop?.contains(call.ancestor('if_statement') ?? pass.file.tree.root) === true;
        const hurries = loop !== null && !asked && !isPaced(pass.file, loop);
        const message = servesRequest(pass.file, call) ? 'handler' : hurries ? 'loop' : null;
        if (message !== null) pass.violated(call, { message, severity: 'info' });
      } else if (name === 'runtime.GC' || name === 'runtime/debug.FreeOSMemory') {
        const loop = loopAround(call);
        const isRegular = loop !== null && isPaced(pass.file, loop);
        if (pass.pkg.isMain || isRegular || studiesMemory(pass.file, call)) return;
        if (awaitsFinalizer(pass.file, call)) return;
        const args = { name: call.field('function').text };
        pass.violated(call, { message: 'collect', args, severity: 'info' });
      } else if (name === 'runtime.GoroutineProfile' && ignoresRoom(call))
        pass.violated(call, { message: 'profile', severity: 'info' });
    },
  },
});

const isStats = (type: GoType) => isNamed(type, 'runtime', 'MemStats', true);

const emptyStats = (file: SourceFile, value: Node) =>
  isZeroValue(file, value) && isStats(file.get(types).of(value));

function judgeLiteral(made: Node, pass: Pass<typeof texts>): void {
  const read = readOf(made);
  if (read !== null && emptyStats(pass.file, unparen(read.field('operand'))))
    pass.violated(read, { message: 'literal', args: { read: read.text } });
}

/** A variable of the function that starts out empty: somebody has to fill it before it is read. */
function judge(name: Node, pass: Pass<typeof texts>): void {
  const d = pass.get(scopes).definitionOf(name);
  if (d === null || d.node !== name || d.func === null || !isStats(pass.get(types).ofDefinition(d))) return;
  const around = d.uses.flatMap((use) => use.ancestor('call_expression') ?? []);
  const filling = around.find((call) => calleeName(pass.file, call) === 'runtime.ReadMemStats');
  if (filling !== undefined) pass.met(name, filling);
  const read = fieldReads(d)?.[0];
  if (read === undefined) return;
  const args = { name: d.name, read: read.text };
  pass.violated(read, { message: 'unfilled', args, trace: [{ at: name, text: 'declared', args }] });
}
