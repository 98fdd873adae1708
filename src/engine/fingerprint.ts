import { createHash } from 'node:crypto';
import type { Node } from '../syntax/tree.ts';

/** First 16 hex digits of SHA-256: enough to tell the sites of one repository apart, short enough for a marker. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}

/**
 * The code of a node without what gofmt, comments and line breaks can change. White space inside string literals is
 * lost too: two sites that differ only there are told apart by their ordinal.
 */
export function normalise(node: Node): string {
  let code = '';
  let from = node.start;
  for (const comment of node.descendants('comment')) {
    code += `${node.tree.text.slice(from, comment.start)} `;
    from = comment.end;
  }
  code += node.tree.text.slice(from, node.end);
  return code
    .replace(/\s+/g, ' ')
    .replace(/ ?([^\w ]) ?/g, '$1')
    .replace(/,([)}\]])/g, '$1')
    .trim();
}

/** Top-level declaration that holds the node, or null between declarations. */
export function declarationOf(node: Node): Node | null {
  let at: Node | null = node;
  while (at !== null && at.parent !== null && at.parent.kind !== 'source_file') at = at.parent;
  return at === null || at.kind === 'source_file' ? null : at;
}

/** `Charge`, `(*Client).Charge`, `Client.Charge`; '' for what is not a function. */
export function functionName(declaration: Node | null): string {
  if (declaration === null) return '';
  if (declaration.is('function_declaration')) return declaration.field('name').text;
  if (!declaration.is('method_declaration')) return '';
  const receiver = declaration.field('receiver').children[0];
  const name = declaration.field('name').text;
  if (receiver === undefined || !receiver.is('parameter_declaration')) return name;
  // Type parameters of the receiver are not part of the name people know: (*List[T]).Push is (*List).Push.
  const type = receiver.field('type').text.replace(/\[.*\]$/s, '');
  return type.startsWith('*') ? `(${type}).${name}` : `${type}.${name}`;
}

/** Stable name of a declaration inside its package: the function, or the first name a var, const or type declares. */
export function declarationKey(declaration: Node | null): string {
  if (declaration === null) return '';
  const name = functionName(declaration);
  if (name !== '') return name;
  for (const spec of declaration.descendants('var_spec', 'const_spec', 'type_spec', 'type_alias'))
    return `${declaration.kind} ${spec.children[0]?.text ?? ''}`;
  return declaration.kind;
}
