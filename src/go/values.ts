import type { Node } from '../syntax/tree.ts';
import type { Definition } from './scope.ts';

/**
 * The expressions a variable of a function gets, in source order; a call stands for each of its results. null where a
 * parameter, a range or a receive gives it its value: what that is, is not seen here.
 */
export function valuesOf(d: Definition): readonly Node[] | null {
  if (d.kind !== 'var' && d.kind !== 'result') return null;
  if (d.site.is('range_clause', 'receive_statement', 'type_switch_statement')) return null;
  return [d.node, ...d.uses].flatMap((name) => writtenValue(name) ?? []);
}

/** The expression that `target`, which stands on the left of an assignment or declaration, gets; null when it is only read. */
export function writtenValue(target: Node): Node | null {
  const { parent } = target;
  if (parent === null) return null;
  if (parent.is('var_spec')) {
    const names = parent.fields('name');
    return pick(names, parent.field('value')?.children ?? [], target);
  }
  const statement = parent.parent;
  if (!parent.is('expression_list') || statement === null) return null;
  if (!statement.is('short_var_declaration', 'assignment_statement')) return null;
  if (statement.field('left') !== parent) return null;
  return pick(parent.children, statement.field('right').children, target);
}

/** What stands on the left where `value` is one of the values on the right; null when it is not assigned. */
export function writtenTarget(value: Node, result = 0): Node | null {
  const list = value.parent;
  const statement = list?.parent;
  if (!list?.is('expression_list') || statement == null) return null;
  const targets = statement.is('var_spec')
    ? statement.fields('name')
    : statement.is('short_var_declaration', 'assignment_statement') && statement.field('right') === list
      ? statement.field('left').children
      : [];
  return targets[list.children.length === 1 ? result : list.children.indexOf(value)] ?? null;
}

function pick(targets: readonly Node[], values: readonly Node[], target: Node): Node | null {
  return (values.length === 1 ? values[0] : values[targets.indexOf(target)]) ?? null;
}
