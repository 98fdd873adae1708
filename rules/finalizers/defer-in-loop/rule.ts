import { defineRule } from '../../../src/engine/rule.ts';
import { flow } from '../../../src/go/cfg.ts';
import { putOff } from '../../../src/go/loopdefer.ts';
import { loopAround } from '../../../src/go/pace.ts';
import { isTestCode, isTool } from '../../../src/go/places.ts';
import { reachable } from '../../../src/go/reach.ts';
import { enclosingFunction, type FuncNode, isMainFunction } from '../../../src/go/scope.ts';
import { turnsAtMost } from '../../../src/go/turns.ts';
import { runsOnce } from '../../../src/go/turnvalues.ts';
import type { Node } from '../../../src/syntax/tree.ts';

/** So many turns are no pile. */
const FEW = 8;

const texts = {
  opened: {
    en: '`{release}` runs only when the function leaves: every turn of the loop keeps what `{taken}` gives it open until then',
    'zh-CN': '`{release}` 要到函数离开时才执行：在那之前，循环每一轮由 `{taken}` 得到的资源都一直开着',
  },
  context: {
    en: '`{release}` runs only when the function leaves: until then every turn of the loop leaves a context, and its timer, with the parent',
    'zh-CN':
      '`{release}` 要到函数离开时才执行：在那之前，循环每一轮都会在父 context 上留下一个 context 及其定时器',
  },
  lock: {
    en: '`{release}` runs only when the function leaves: the next turn of the loop takes the lock while this function still holds it',
    'zh-CN': '`{release}` 要到函数离开时才执行：循环的下一轮会在本函数仍持有锁时再次加锁',
  },
  done: {
    en: '`{release}` runs only when the function leaves: whoever waits for the group waits for all turns of the loop',
    'zh-CN': '`{release}` 要到函数离开时才执行：等待该 WaitGroup 的一方要等到循环所有轮次结束',
  },
  turn: { en: 'the loop', 'zh-CN': '循环' },
  again: { en: 'taken in every turn', 'zh-CN': '每一轮都会获取' },
} as const;

export default defineRule({
  id: 'defer-in-loop',
  group: 'finalizers',
  severity: 'warning',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'release in a loop that waits for the end of the function',
    'zh-CN': '循环中的释放被推迟到函数结束',
  },
  checklist: {
    en: 'Does every turn of a loop release what it takes?',
    'zh-CN': '循环的每一轮都会释放它获取的资源吗？',
  },
  aliases: ['deferInLoop', 'gocritic', 'revive', 'SA9001', 'SA5003', 'staticcheck'],
  texts,
  on: {
    defer_statement(statement, pass) {
      const func = enclosingFunction(statement);
      const cfg = func === null ? null : pass.get(flow).of(func);
      if (func === null || cfg === null || isTestCode(pass.file, statement)) return;
      const loop = loopAround(statement);
      if (loop === null) {
        const turn = turnOf(func);
        const inTurn = turn === null ? null : putOff(pass.file, statement, turn);
        if (inTurn !== null) pass.met(inTurn.release, func);
      }
      if (loop === null || cfg.hasGoto || isMainFunction(func, pass.pkg)) return;
      const turns = turnsAtMost(pass.file, loop);
      if ((turns !== null && turns <= FEW) || runsOnce(statement, loop)) return;
      if (!reachable(cfg, statement, () => false).nodes.has(statement)) return;
      const found = putOff(pass.file, statement, loop);
      if (found === null) return;
      const { release, taken, kind } = found;
      const name = (call: typeof release) => call.field('function').text;
      const args = {
        release: name(release),
        taken: taken.is('call_expression') ? name(taken) : taken.text,
      };
      pass.violated(release, {
        message: kind,
        args: kind === 'opened' ? args : { release: args.release },
        trace: [
          { at: loop, text: 'turn' },
          ...(kind === 'done' ? [] : [{ at: taken, text: 'again' } as const]),
        ],
        ...(isTool(pass.file) ? { severity: 'info' } : {}),
      });
    },
  },
});

/** The loop around a function literal that is called where it stands: what it defers runs at the end of the turn. */
function turnOf(func: FuncNode): Node<'for_statement'> | null {
  const call = func.parent;
  const isCalled = call?.is('call_expression') === true && call.field('function') === func;
  return isCalled && !call.parent?.is('go_statement', 'defer_statement') ? loopAround(call) : null;
}
