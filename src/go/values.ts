import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { mentions } from './callers.ts';
import { type Definition, scopes } from './scope.ts';

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

/** Names that a `var` declares without a value, when no assignment replaces it as a whole: each holds the zero value. */
export function zeroVariables(file: SourceFile, spec: Node<'var_spec'>): readonly Node[] {
  if (spec.field('value') !== null) return [];
  return spec.fields('name').filter((name) => {
    const local = file.get(scopes).definitionOf(name);
    const uses = local?.func == null ? packageUses(file, name.text) : local.uses;
    return uses.every((use) => writtenValue(use) === null);
  });
}

function packageUses({ pkg }: SourceFile, name: string): readonly Node[] {
  return (pkg.get(mentions).identifiers.get(name) ?? []).filter(
    (use) => pkg.fileOf(use).get(scopes).definitionOf(use)?.func == null,
  );
}
