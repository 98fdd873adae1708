import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf } from './calls.ts';

/** Functions of the standard library after which nothing runs. */
const NEVER = new Set(['os.Exit', 'syscall.Exit', 'runtime.Goexit', 'runtime.throw', 'runtime.fatal']);

/**
 * By name on any receiver: loggers (log, zap, logrus, klog, glog, t.Fatal) agree on what Fatal and Panic mean, and
 * taking one of them for a return would invent paths that do not exist.
 */
const NEVER_BY_NAME =
  /^(?:Fatal|Fatalf|Fatalln|Fatalw|Panic|Panicf|Panicln|Panicw|FailNow|SkipNow|Skip|Skipf|Exit|Exitf)$/;

/** True when control never comes back from the call. */
export function neverReturns(file: SourceFile, call: Node<'call_expression'>): boolean {
  const callee = calleeOf(file, call);
  if (callee.kind === 'builtin') return callee.name === 'panic';
  if (callee.kind === 'func' && NEVER.has(callee.name)) return true;
  const target = call.field('function');
  return (
    callee.kind !== 'local' &&
    target.is('selector_expression') &&
    NEVER_BY_NAME.test(target.field('field').text)
  );
}
