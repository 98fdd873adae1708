import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { unparen } from '../../../src/go/calls.ts';
import { contextCheckIn, mentionOfContext, stopSignalIn } from '../../../src/go/cancellation.ts';
import { type ContextSource, contextAt } from '../../../src/go/contexts.ts';
import { isTestCode } from '../../../src/go/places.ts';
import {
  type Course,
  courseOf,
  isJoined,
  isStartedOnce,
  stoppableIn,
  type Worker,
  workerAt,
} from '../../../src/go/workers.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  endless: {
    en: '`{context}` is at hand, but nothing can end this goroutine when it is cancelled: its loop has no way out, so it runs, and keeps what it holds, until the process ends',
    'zh-CN':
      '`{context}` 就在手边，但它被取消时没有任何代码能结束这个 goroutine：其循环没有出口，会一直运行并占住所持有的资源，直到进程结束',
  },
  counted: {
    en: 'nothing tells this goroutine when `{context}` is cancelled: it waits and works on until the last turn of its loop',
    'zh-CN': '`{context}` 被取消时没有任何代码通知这个 goroutine：它会继续等待和工作，直到循环的最后一轮',
  },
  own: {
    en: 'the loop has ways out of its own: whether one of them is taken when `{context}` is cancelled is not known',
    'zh-CN': '循环另有出口：`{context}` 被取消时是否会走其中之一无法确定',
  },
  loops: { en: 'the loop', 'zh-CN': '循环' },
  offered: { en: '`{context}` is at hand', 'zh-CN': '`{context}` 就在手边' },
  unsure: {
    en: '`{by}` may end the goroutine when `{context}` is cancelled: whether it does is not known',
    'zh-CN': '`{context}` 被取消时，`{by}` 可能会结束该 goroutine：无法确定是否如此',
  },
} as const;

export default defineRule({
  id: 'goroutine-ignores-ctx',
  group: 'context',
  severity: 'warning',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'goroutine that does not end with the context at hand',
    'zh-CN': '不随现有 context 结束的 goroutine',
  },
  checklist: {
    en: 'Does every goroutine that loops end when the context is cancelled?',
    'zh-CN': 'context 被取消后，每个循环运行的 goroutine 都会结束吗？',
  },
  aliases: ['G118'],
  texts,
  on: {
    go_statement(start, pass) {
      const worker = workerAt(pass.file, start);
      if (worker === null || isTestCode(pass.file, start) || isStartedOnce(start)) return;
      const context = contextAt(pass.file, start);
      const course = context?.definition.kind === 'param' ? courseOf(worker) : null;
      if (context === null || course === null || isJoined(worker, course.loop)) return;
      const asks = contextCheckIn(worker.file, course.loop);
      if (asks !== null) pass.met(siteOf(worker), asks);
      // What a handler starts for later ends late on purpose; a program's end takes its goroutines along.
      else if (context.kind === 'request' ? course.kind === 'endless' : !isProgram(pass)) {
        judge(worker, course, context, pass);
      }
    },
  },
});

type RulePass = Pass<typeof texts>;

/** `package main`, and the packages of a program that hold its commands. */
function isProgram({ file, pkg }: RulePass): boolean {
  return pkg.isMain || /(?:^|\/)(?:cmd|commands?|cli)(?:\/|$)/.test(file.pkg.dir);
}

function siteOf({ call }: Worker): Node {
  const target = unparen(call.field('function'));
  return target.is('func_literal') ? target.field('parameters') : target;
}

function judge(worker: Worker, course: Course, context: ContextSource, pass: RulePass): void {
  const site = siteOf(worker);
  const args = { context: context.expression };
  if (course.kind === 'open') {
    if (course.waits) pass.unknown(site, 'own', args);
    return;
  }
  const by =
    mentionOfContext(pass.file, worker.call, context.definition) ??
    mentionOfContext(worker.file, worker.func, null) ??
    stopSignalIn(worker.file, worker.func) ??
    stoppableIn(worker);
  if (by !== null) pass.unknown(site, 'unsure', { ...args, by: oneLine(by) });
  else
    pass.violated(site, {
      message: course.kind,
      args,
      ...(course.kind === 'counted' ? { severity: 'info' } : {}),
      trace: [
        { at: course.loop, text: 'loops' },
        { at: context.definition.node, text: 'offered', args },
      ],
    });
}

function oneLine(node: Node): string {
  return node.text.replace(/\s+/g, ' ').slice(0, 60);
}
