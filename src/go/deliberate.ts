import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';

/** Functions that run when the work is over, or whose work is meant for more than the caller at hand. */
const NOT_FOR_THE_CALLER =
  /close|stop|shutdown|clean_?up|teardown|rollback|release|drain|flush|delete|remove|undo|abort|unlock|compensat|cache|refresh|renew|token|credential|warm|prefetch|background|detach|async|init|migrat|bootstrap|^main$/i;

/** Statements that give something back. */
const GIVES_BACK = /\b(?:unlock\w*|\w+_unlock\w*|rollback|release|kill|abort)\b/i;

/** Conditions that ask whether something has gone wrong, or whether there is a context at all. */
const AFTER_TROUBLE = /\w*err\b|\.Err\(\)|\bcontext\.|\bctx\b|cancel/i;

const SAYS_SO =
  /\bctx\b|\bcontexts?\b|\bbackground\b|detach|deliberate|intention|on purpose|independent|regardless|surviv|outliv|cancel|even (?:if|when)|must (?:finish|complete|run)/i;
const UNFINISHED = /TODO|FIXME|XXX|HACK/;

/** How many lines above a statement a comment may speak of it. */
const NEAR = 3;

/** Whether the code around a call says that it is not meant to end with its caller. */
export function isMeantToOutlive(file: SourceFile, call: Node<'call_expression'>): boolean {
  const func = enclosingFunction(call);
  if (func === null) return true;
  const start = call.ancestor('go_statement', 'defer_statement');
  if (start !== null && func.contains(start)) return true;
  for (let at: FuncNode | null = func; at !== null; at = enclosingFunction(at))
    if (at.is('function_declaration', 'method_declaration') && NOT_FOR_THE_CALLER.test(at.field('name').text))
      return true;
  const strings = call.field('arguments').children.filter((a) => /_string_literal$/.test(a.kind));
  if (strings.some((s) => GIVES_BACK.test(s.text))) return true;
  return comesAfterTrouble(call, func) || isExplained(file, call, func);
}

/** In a branch behind a question about an error or the context: work that sets something right. */
function comesAfterTrouble(call: Node, func: FuncNode): boolean {
  for (let inner: Node = call, at = call.parent; at !== null && at !== func; inner = at, at = at.parent) {
    if (at.is('if_statement')) {
      const isBranch = at.field('consequence') === inner || at.field('alternative') === inner;
      if (isBranch && AFTER_TROUBLE.test(at.field('condition').text)) return true;
    } else if (at.is('expression_case')) {
      const value = at.field('value');
      if (value !== inner && AFTER_TROUBLE.test(value.text)) return true;
    } else if (at.is('communication_case') && at.field('communication') !== inner) return true;
  }
  return false;
}

/** A comment beside or above the statement, or above the function, speaks of contexts, and not of what is still to do. */
function isExplained(file: SourceFile, call: Node, func: FuncNode): boolean {
  const { tree } = file;
  const lines: string[] = [];
  for (let line = Math.max(call.line - NEAR, func.line); line <= call.endLine; line++)
    lines.push(tree.lineText(line));
  for (let line = func.line - 1; line >= 1 && /^(?:\/\/.*)?$/.test(tree.lineText(line)); line--)
    lines.push(tree.lineText(line));
  return lines.some((text) => {
    const comment = /\/[/*](.*)$/.exec(text)?.[1] ?? '';
    return SAYS_SO.test(comment) && !UNFINISHED.test(comment);
  });
}
