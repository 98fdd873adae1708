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

/** Somebody who calls these knows the collector. */
const STUDIES = /^runtime\.ReadMemStats$|^runtime\/debug\.Set(?:GCPercent|MemoryLimit)$/;

/**
 * Code that looks at memory on purpose: it writes profiles, reads the statistics beside the node, tunes the collector, or
 * says so in the name of its function or in a condition around the node.
 */
export function studiesMemory(file: SourceFile, node: Node): boolean {
  if (file.get(imports).has('runtime/pprof')) return true;
  for (let at = node.ancestor('if_statement', ...FUNCTION_KINDS); at !== null; ) {
    if (at.is('if_statement')) {
      if (NAMES.test(at.field('condition').text)) return true;
    } else if (within(at, 'call_expression').some((c) => STUDIES.test(calleeName(file, c)))) return true;
    if (at.is('function_declaration', 'method_declaration') && NAMES.test(at.field('name').text)) return true;
    at = at.ancestor('if_statement', ...FUNCTION_KINDS);
  }
  return false;
}

/** The function around the node sets a finalizer or cleanup itself, and may want to see it run. */
export function awaitsFinalizer(file: SourceFile, node: Node): boolean {
  const func = node.ancestor(...FUNCTION_KINDS);
  const calls = func === null ? [] : within(func, 'call_expression');
  return calls.some((c) => /^runtime\.(?:SetFinalizer|AddCleanup)$/.test(calleeName(file, c)));
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
