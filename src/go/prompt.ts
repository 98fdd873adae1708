import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf } from './calls.ts';

/** Functions that come back at once. A log line counts: what it costs does not slow a loop down to a sane pace. */
const PROMPT =
  /^(?:runtime\.Gosched|(?:log|\(\*log\.Logger\))\.Print\w*|(?:log\/slog|\(\*log\/slog\.Logger\))\.(?:Debug|Info|Warn|Error|Log)\w*|fmt\.S?[Pp]rint\w*|sync\/atomic\.\w+|\(\*sync\/atomic\.\w+\)\.\w+|time\.(?:Now|Since))$/;
const PROMPT_BUILTINS = new Set(['append', 'cap', 'len', 'max', 'min', 'print', 'println']);

/** True for a call that is known not to wait for anything; an unknown function may. */
export function isPrompt(file: SourceFile, call: Node<'call_expression'>): boolean {
  const callee = calleeOf(file, call);
  if (callee.kind === 'builtin') return PROMPT_BUILTINS.has(callee.name);
  return (callee.kind === 'func' || callee.kind === 'method') && PROMPT.test(callee.name);
}
