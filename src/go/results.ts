import type { Node } from '../syntax/tree.ts';
import type { FuncNode } from './scope.ts';

/**
 * The return statement by which a function gives nothing but an error: `return nil, ctx.Err()`. null where its last result
 * is none, or the zero value of another cannot be written without knowing its type.
 */
export function returnOfError(func: FuncNode, error: string): string | null {
  const result = func.field('result');
  if (result === null) return null;
  const types = result.is('parameter_list') ? result.children.flatMap(typesOf) : [result];
  const last = types.pop();
  const zeros = types.map(zeroOf);
  if (last?.text !== 'error' || zeros.includes(null)) return null;
  return `return ${[...zeros, error].join(', ')}`;
}

/** `a, b int` are two. */
function typesOf(parameter: Node): readonly Node[] {
  if (!parameter.is('parameter_declaration')) return [];
  const type = parameter.field('type');
  return parameter.fields('name').length === 0 ? [type] : parameter.fields('name').map(() => type);
}

function zeroOf(type: Node): string | null {
  if (type.is('pointer_type', 'slice_type', 'map_type', 'channel_type', 'function_type', 'interface_type'))
    return 'nil';
  if (/^(?:error|any)$/.test(type.text)) return 'nil';
  if (type.text === 'string') return '""';
  if (type.text === 'bool') return 'false';
  return /^(?:u?int(?:8|16|32|64|ptr)?|float(?:32|64)|byte|rune)$/.test(type.text) ? '0' : null;
}
