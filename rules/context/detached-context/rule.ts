import type { Pass } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import { calleeName, unparen } from '../../../src/go/calls.ts';
import { contextAt, isRootContext } from '../../../src/go/contexts.ts';
import { isMeantToOutlive } from '../../../src/go/deliberate.ts';
import { LAZY, lazyResult } from '../../../src/go/lazyresults.ts';
import { isTestCode, isTool } from '../../../src/go/places.ts';
import { requestFate } from '../../../src/go/requestfate.ts';
import { leavingOf } from '../../../src/go/returned.ts';
import { enclosingFunction, type FuncNode } from '../../../src/go/scope.ts';
import type { Node } from '../../../src/syntax/tree.ts';

type Call = Node<'call_expression'>;

/** Calls that wait for somebody else, and take the context as their first argument. */
const WAITS =
  /^(?:net\/http\.NewRequestWithContext|\(\*database\/sql\.(?:DB|Tx|Conn|Stmt)\)\.(?:\w+Context|BeginTx|Conn)|\(\*net\.(?:Dialer|Resolver)\)\.(?:DialContext|Lookup\w+)|\(\*crypto\/tls\.Dialer\)\.DialContext|os\/exec\.CommandContext|\(\*golang\.org\/x\/sync\/semaphore\.Weighted\)\.Acquire|\(\*golang\.org\/x\/time\/rate\.Limiter\)\.WaitN?)$/;

const texts = {
  detached: {
    en: '`{context}` is at hand, but `{call}` gets `{root}`: it goes on when the caller has given up or its deadline has passed, and outside of its trace',
    'zh-CN':
      '`{context}` 就在手边，但 `{call}` 得到的是 `{root}`：调用方放弃或其截止时间已过之后它仍会继续，并且脱离其链路追踪',
  },
  offered: { en: '`{context}` could be passed on', 'zh-CN': '可以传递 `{context}`' },
  passed: { en: 'it is passed on here', 'zh-CN': '此处传递了它' },
} as const;

export default defineRule({
  id: 'detached-context',
  group: 'context',
  severity: 'info',
  confidence: 'low',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'blocking call that gets a new context although the caller’s is at hand',
    'zh-CN': '调用方的 context 就在手边，阻塞调用却使用了新的 context',
  },
  checklist: {
    en: 'Does every blocking call end when its caller has given up?',
    'zh-CN': '调用方放弃后，每个阻塞调用都会结束吗？',
  },
  aliases: ['contextcheck'],
  texts,
  calls: /Context$|^(?:BeginTx|Conn|Lookup\w+|Acquire|WaitN?)$/,
  on: {
    call_expression(call, pass) {
      const [first] = call.field('arguments').children;
      if (first === undefined || !WAITS.test(calleeName(pass.file, call))) return;
      const func = enclosingFunction(call);
      const context = contextAt(pass.file, call);
      // Only a parameter is surely the caller's.
      if (func === null || context?.definition.kind !== 'param' || context.definition.func !== func) return;
      if (isTestCode(pass.file, call) || isTool(pass.file)) return;
      const root = unparen(first);
      if (!isRootContext(pass.file, root)) pass.met(call, first);
      else if (isMade(root, pass) && !isMeantToOutlive(pass.file, call))
        judge(call, context, root, func, pass);
    },
  },
});

/** Written where it is passed on: a variable may have been made for a reason that is told elsewhere. */
function isMade(root: Node, pass: Pass): boolean {
  return root.is('call_expression') && /^context\.(?:Background|TODO)$/.test(calleeName(pass.file, root));
}

function judge(
  call: Call,
  context: { readonly expression: string; readonly definition: { readonly node: Node } },
  root: Node,
  func: FuncNode,
  pass: Pass<typeof texts>,
): void {
  if (outlivesCall(call, pass)) return;
  const args = { context: context.expression, call: call.field('function').text, root: root.text };
  const other = passedOn(func, pass);
  pass.violated(call, {
    message: 'detached',
    args,
    // The function itself shows that such calls of it are to end with its caller.
    ...(other === undefined ? {} : { severity: 'warning', confidence: 'medium' }),
    trace: [
      { at: context.definition.node, text: 'offered', args },
      ...(other === undefined ? [] : [{ at: other, text: 'passed' } as const]),
    ],
  });
}

/** The result is not used up here: rows, a transaction or a process may have to live on, a request gets its context later. */
function outlivesCall(call: Call, pass: Pass): boolean {
  const kind = lazyResult(pass.file, call)?.kind;
  if (kind === 'request') return requestFate(pass.file, call).kind !== 'bare';
  if (kind === undefined || kind === 'row') return false;
  return leavingOf(pass.file, call, LAZY[kind]).kind !== 'used';
}

function passedOn(func: FuncNode, pass: Pass): Node | undefined {
  for (const call of func.descendants('call_expression')) {
    const [first] = call.field('arguments').children;
    if (first === undefined || enclosingFunction(call) !== func) continue;
    if (WAITS.test(calleeName(pass.file, call)) && !isRootContext(pass.file, first)) return call;
  }
  return undefined;
}
