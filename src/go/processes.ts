import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';

/** Nobody has to wait for the process that is started here. */
export function outlives(file: SourceFile, start: Node, func: FuncNode): boolean {
  // A child with a session of its own is meant to outlive this program.
  const isDetached = /\bSetsid\s*(?::|=)\s*true\b|\bSysProcAttr = .*(?:background|daemon|detach)/i;
  // Another program takes this process over, or it ends and leaves its children to init, which waits for them.
  return runsOnWindows(file, start, func) || isDetached.test(func.text) || EXEC.test(func.text);
}

const EXEC = /\b(?:syscall|unix)\.Exec\(/;

/** Windows has no zombies: the handle is closed when the Go value is collected. */
function runsOnWindows(file: SourceFile, start: Node, func: FuncNode): boolean {
  if (/_windows(?:_\w+)?\.go$/.test(file.path) || /^\/\/go:build windows\b/m.test(file.tree.text))
    return true;
  if (func.is('function_declaration', 'method_declaration') && /windows/i.test(func.field('name').text))
    return true;
  for (let at: Node = start; at !== func && at.parent !== null; at = at.parent) {
    const around: Node = at.parent;
    const asked =
      around.is('if_statement') && around.field('consequence') === at ? around.field('condition') : null;
    const value = around.is('expression_case') ? around.field('value') : asked;
    if (value !== null && value !== at && /(?:==\s*|^)"windows"$/.test(value.text)) return true;
  }
  return false;
}

/** `xdg-open`, `open` and the like, or a function that says so: they hand over to a program that runs already, and end. */
export function opensDesktop(start: Node): boolean {
  const func = enclosingFunction(start);
  const isNamed =
    func?.is('function_declaration', 'method_declaration') === true &&
    /browser|openurl/i.test(func.field('name').text);
  return isNamed || /"(?:xdg-open|open|rundll32|sensible-browser)"/.test(start.text);
}
