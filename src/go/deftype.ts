import type { SourceFile } from '../engine/source.ts';
import type { NodeKind } from '../syntax/kinds.gen.ts';
import type { Node } from '../syntax/tree.ts';
import { readType, signatureOf, typeParameter, underlying } from './readtype.ts';
import type { Definition } from './scope.ts';
import { basic, deref, type GoType, unknown } from './type.ts';
import { types } from './types.ts';

/** Type of a name from the place that declares it. */
export function definedType(file: SourceFile, d: Definition): GoType {
  const { site } = d;
  if (d.kind === 'func' && site.is('function_declaration')) return signatureOf(file, site);
  if (d.kind === 'typeparam') return typeParameter(d);
  if (d.kind === 'type') return unknown('a type, not a value');
  if (site.is('parameter_declaration')) return readType(file, site.field('type'));
  if (site.is('variadic_parameter_declaration'))
    return { kind: 'slice', elem: readType(file, site.field('type')) };
  if (site.is('var_spec', 'const_spec')) return specType(file, site, d.name);
  if (site.is('short_var_declaration')) {
    const index = site.field('left').children.indexOf(d.node);
    return assigned(file, site.field('right').children, site.field('left').children.length, index);
  }
  if (site.is('range_clause')) return rangeType(file, site, d);
  if (site.is('receive_statement')) {
    const first = site.field('left')?.children[0] === d.node;
    return first ? file.get(types).of(site.field('right')) : basic('bool');
  }
  return unknown('type switch');
}

function rangeType(file: SourceFile, site: Node<'range_clause'>, d: Definition): GoType {
  const whole = file.get(types).of(site.field('right'));
  const over = deref(underlying(file, whole));
  const shape = underlying(file, over);
  const first = site.field('left')?.children[0] === d.node;
  switch (shape.kind) {
    case 'slice':
    case 'array':
      return first ? basic('int') : shape.elem;
    case 'map':
      return first ? shape.key : shape.elem;
    case 'chan':
      return shape.elem;
    case 'basic':
      if (shape.name === 'string') return basic(first ? 'int' : 'rune');
      // The variable of `range n` has the type of n.
      return shape.name === 'untyped' ? basic('int') : whole;
    case 'func': {
      const yields = shape.params[0];
      return yields?.kind === 'func' ? (yields.params[first ? 0 : 1] ?? unknown('range')) : unknown('range');
    }
    default:
      return unknown('range over an unknown value');
  }
}

/** Type of the `index`-th of `count` names that get the values of `right`. */
function assigned(file: SourceFile, right: readonly Node[], count: number, index: number): GoType {
  if (right.length === count) {
    const value = right[index];
    return value === undefined ? unknown('no value') : file.get(types).of(value);
  }
  const only = right[0];
  if (right.length !== 1 || only === undefined) return unknown('assignment count');
  const type = file.get(types).of(only);
  if (type.kind === 'tuple') return type.of[index] ?? unknown('assignment count');
  // `v, ok :=` of a map index, an assertion or a receive; a call that is not known can give anything.
  if (!COMMA_OK.has(unparen(only).kind)) return unknown('a result of an unknown call');
  return index === 0 ? type : basic('bool');
}

const COMMA_OK = new Set<NodeKind>(['index_expression', 'type_assertion_expression', 'unary_expression']);

function unparen(e: Node): Node {
  const [inner] = e.is('parenthesized_expression') ? e.children : [];
  return inner === undefined ? e : unparen(inner);
}

/** Type of one of the names of a `var` or `const` line. */
export function specType(file: SourceFile, spec: Node<'var_spec' | 'const_spec'>, name: string): GoType {
  const type = spec.field('type');
  if (type !== null) return readType(file, type);
  const names = spec.fields('name');
  const index = names.findIndex((n) => n.text === name);
  const value = spec.field('value');
  if (value !== null) return assigned(file, value.children, names.length, index);
  return spec.is('const_spec') ? repeated(file, spec, index) : unknown('no value');
}

/** A constant without a value repeats the line above it, type and all. */
function repeated(file: SourceFile, spec: Node<'const_spec'>, index: number): GoType {
  const block = spec.parent?.children ?? [];
  const above = block
    .slice(0, block.indexOf(spec))
    .findLast((s) => s.is('const_spec') && s.field('value') !== null);
  if (!above?.is('const_spec')) return unknown('no value');
  const name = above.fields('name')[index];
  return name === undefined ? unknown('no value') : specType(file, above, name.text);
}
