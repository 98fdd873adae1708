import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, calleeOf } from './calls.ts';
import { flagsOf, textOf } from './closers.ts';
import type { Definition, FuncNode } from './scope.ts';

type Call = Node<'call_expression'>;

const WRITERS =
  /^fmt\.Fprint|^io\.(?:Copy\w*|MultiWriter|NewOffsetWriter|WriteString)$|^encoding\/binary\.Write$|\.(?:Encode|Execute|ExecuteTemplate|NewEncoder|WriteHeapProfile|WriteTo)$|\.NewWriter\w*$|^image\/\w+\.Encode|^go\/(?:format\.Node|printer\.Fprint)$/;
const READERS =
  /^fmt\.Fscan|^io\.(?:LimitReader|Read\w+|TeeReader)$|\.(?:Decode|NewDecoder|New(?:Reader|Scanner)\w*)$/;

/** Where a local variable that holds a file is written to, and where it is read from, in source order. */
export function trafficOf(
  file: SourceFile,
  d: Definition,
): { readonly writes: readonly Node[]; readonly reads: readonly Node[] } {
  const writes: Node[] = [];
  const reads: Node[] = [];
  for (const use of d.uses) {
    const { parent } = use;
    if (parent?.is('selector_expression') && parent.field('operand') === use) {
      const method = parent.field('field').text;
      if (/^(?:Write|ReadFrom)/.test(method)) writes.push(use);
      else if (/^Read/.test(method)) reads.push(use);
    } else if (parent?.is('argument_list') && parent.parent?.is('call_expression'))
      (takesData(file, parent.parent, use) ? writes : reads).push(use);
  }
  return { writes, reads };
}

/** What the call does with the file is to write into it. A function of the package that gets one is there to fill it. */
function takesData(file: SourceFile, call: Call, use: Node): boolean {
  const name = calleeName(file, call);
  const first = call.field('arguments').children[0] === use;
  if (/^io\.Copy/.test(name)) return first;
  return WRITERS.test(name) || (calleeOf(file, call).kind === 'local' && !READERS.test(name));
}

/** The kernel's own files take a write or refuse it at once; `O_SYNC` makes others do the same. */
export function reportsAtOnce(file: SourceFile, call: Call): boolean {
  const path = textOf(file, call.field('arguments').children[0]);
  return /\/(?:proc|sys|dev)\b|cgroup|\bDevNull\b/i.test(path) || /\bO_D?SYNC\b/.test(flagsOf(file, call));
}

/** The file does not outlive the function: it is removed by `defer`, or a temporary one that nothing renames. */
export function isRemoved(file: SourceFile, opening: Call, func: FuncNode): boolean {
  const calls = [...func.descendants('call_expression')];
  const named = (pattern: RegExp) => calls.filter((call) => pattern.test(calleeName(file, call)));
  if (named(/^os\.(?:Rename|Link)$|^\(\*os\.Root\)\.Rename$/).length > 0) return false;
  const temporary = /Temp/.test(calleeName(file, opening));
  return named(/^os\.Remove(?:All)?$|^\(\*os\.Root\)\.Remove(?:All)?$/).some(
    (call) => temporary || call.ancestor('defer_statement') !== null,
  );
}
