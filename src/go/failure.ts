import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import { factsAround } from './facts.ts';
import { variable } from './paths.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';
import { types } from './types.ts';

/** The last result of the function is an error. */
export function returnsError(func: FuncNode): boolean {
  return /(?:^|[\s(,])error\s*,?\s*\)?$/.test(func.field('result')?.text ?? '');
}

/**
 * The function has failed here: inside `if err != nil { … }`, or at a return with an error that is made on the spot.
 * `return err` elsewhere, and `return enc.Encode(v)`, may well report success.
 */
export function reportsFailure(file: SourceFile, node: Node): boolean {
  if (isBehindError(file, node)) return true;
  if (!node.is('return_statement')) return false;
  const func = enclosingFunction(node);
  const last = node.children[0]?.children.at(-1);
  if (func === null || last === undefined || !returnsError(func)) return false;
  const value = unparen(last);
  if (value.is('call_expression'))
    return /err|fail|wrap|abort|reject|invalid/i.test(value.field('function').text);
  if (value.is('nil')) return false;
  // A variable of the function may hold nil; one of a package is there to name a failure.
  return variable(file, value)?.func == null;
}

function isBehindError(file: SourceFile, node: Node): boolean {
  const inIf = factsAround(file, node).some(
    ({ key, value, about }) =>
      !value && key.endsWith('==nil') && [...about].some((d) => isError(file, d.node)),
  );
  const clause = node.ancestor('expression_case');
  return inIf || (clause !== null && /\berr\w* != nil\b/i.test(clause.field('value').text));
}

function isError(file: SourceFile, name: Node): boolean {
  const type = file.get(types).of(name);
  return type.kind === 'unknown' ? /err/i.test(name.text) : type.kind === 'basic' && type.name === 'error';
}
