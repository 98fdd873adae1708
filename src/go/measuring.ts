import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf, isBlank } from './assign.ts';
import { calleeName } from './calls.ts';
import { imports } from './imports.ts';
import { FUNCTION_KINDS } from './scope.ts';
import { within } from './within.ts';

const NAMES = /gc|garbage|debug|prof|bench|test|meminfo|memstat/i;

/** A test, a benchmark, or a helper for them: by name of the file or the package, or because it knows package testing. */
export function servesTests(file: SourceFile): boolean {
  return file.isTest || /test/.test(file.pkg.name) || file.get(imports).has('testing');
}

/**
 * Code that looks at memory on purpose: it writes profiles, reads the statistics beside the node, or says so in the name of
 * its function or in a condition around the node.
 */
export function studiesMemory(file: SourceFile, node: Node): boolean {
  if (file.get(imports).has('runtime/pprof')) return true;
  for (let at = node.ancestor('if_statement', ...FUNCTION_KINDS); at !== null; ) {
    if (at.is('if_statement')) {
      if (NAMES.test(at.field('condition').text)) return true;
    } else if (within(at, 'call_expression').some((c) => calleeName(file, c) === 'runtime.ReadMemStats'))
      return true;
    if (at.is('function_declaration', 'method_declaration') && NAMES.test(at.field('name').text)) return true;
    at = at.ancestor('if_statement', ...FUNCTION_KINDS);
  }
  return false;
}

/**
 * Of a `runtime.GoroutineProfile` the second result, false for a slice that is too short, is dropped. With nil only the
 * number is asked for.
 */
export function ignoresRoom(call: Node<'call_expression'>): boolean {
  if (call.field('arguments').children[0]?.is('nil')) return false;
  if (call.parent?.is('expression_statement')) return true;
  const room = assignmentOf(call)?.targets[1];
  return room !== undefined && isBlank(room);
}
