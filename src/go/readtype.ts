import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { receiverParams, visible } from './declarations.ts';
import { bind, substitute } from './generics.ts';
import { imports } from './imports.ts';
import { type Definition, scopes } from './scope.ts';
import { std } from './std.ts';
import { BASIC_TYPES, basic, type GoType, named, pointer, type TypeParam, unknown } from './type.ts';

/** Import path when `operand` is the name of an imported package and nothing shadows it; else null. */
export function packageOf(file: SourceFile, operand: Node): string | null {
  if (!operand.is('identifier', 'package_identifier')) return null;
  const known = file.get(imports).byName.get(operand.text);
  if (known === undefined) return null;
  const local = file.get(scopes).definitionOf(operand);
  return local === null || isOwnSignature(local, operand) ? known.path : null;
}

/** In `func f(url *url.URL)` the parameter is in scope in the body only. */
function isOwnSignature({ kind, func }: Definition, use: Node): boolean {
  if (kind !== 'param' && kind !== 'result' && kind !== 'receiver') return false;
  const body = func?.field('body');
  return body != null && use.start < body.start;
}

/** The type behind names of this package and of those that are listed (`std`); the type itself when it is not a name. */
export function underlying(file: SourceFile, type: GoType, depth = 0): GoType {
  if (type.kind !== 'named') return type;
  // A type that is defined by itself does not compile, but must not hang the review.
  if (depth > 8) return unknown('defined by itself');
  if (type.pkg !== '') {
    const known = std.underlying(type.pkg, type.name)?.type ?? unknown(`package ${type.pkg} is not known`);
    return underlying(file, substitute(known, std.bindings(type)), depth + 1);
  }
  const spec = file.get(visible).type(type.name);
  if (spec === null) return unknown(`type ${type.name} is not here`);
  const body = readType(spec.file, spec.node.field('type'));
  return underlying(file, substitute(body, bind(typeParamsOf(spec.node), type.args)), depth + 1);
}

/** Names of the type parameters of a type declaration. */
export function typeParamsOf(spec: Node<'type_spec' | 'type_alias'>): readonly string[] {
  return namesIn(spec.field('type_parameters'));
}

function namesIn(list: Node | null): readonly string[] {
  return (list?.children ?? []).flatMap((p) =>
    p.is('type_parameter_declaration') ? p.fields('name').map((n) => n.text) : [],
  );
}

/** Reads a type as written at a place of a file. */
export function readType(file: SourceFile, node: Node): GoType {
  if (node.is('type_identifier', 'identifier')) return readName(file, node);
  if (node.is('qualified_type')) {
    const path = packageOf(file, node.field('package'));
    return path === null
      ? unknown(`package ${node.field('package').text}`)
      : std.resolve(path, node.field('name').text);
  }
  if (node.is('selector_expression')) {
    const path = packageOf(file, node.field('operand'));
    return path === null ? unknown('not a type') : std.resolve(path, node.field('field').text);
  }
  if (node.is('generic_type')) {
    const type = readType(file, node.field('type'));
    return type.kind === 'named'
      ? { ...type, args: typeArguments(file, node.field('type_arguments')) }
      : type;
  }
  if (node.is('pointer_type'))
    return node.children[0] ? pointer(readType(file, node.children[0])) : unknown('pointer');
  if (node.is('parenthesized_type'))
    return node.children[0] ? readType(file, node.children[0]) : unknown('type');
  if (node.is('slice_type')) return { kind: 'slice', elem: readType(file, node.field('element')) };
  if (node.is('array_type', 'implicit_length_array_type'))
    return { kind: 'array', elem: readType(file, node.field('element')) };
  if (node.is('map_type'))
    return { kind: 'map', key: readType(file, node.field('key')), elem: readType(file, node.field('value')) };
  if (node.is('channel_type')) {
    const dir = /^<-/.test(node.text) ? 'recv' : /^chan\s*<-/.test(node.text) ? 'send' : 'both';
    return { kind: 'chan', dir, elem: readType(file, node.field('value')) };
  }
  if (node.is('function_type')) return signatureOf(file, node);
  if (node.is('struct_type')) return { kind: 'struct', node };
  if (node.is('interface_type')) return { kind: 'interface', node };
  if (node.is('type_elem') && node.children.length === 1) return readType(file, node.children[0] as Node);
  if (node.is('unary_expression') && node.field('operator').text === '*')
    return pointer(readType(file, node.field('operand')));
  return unknown(`type ${node.kind}`);
}

/** The types between the brackets of an instantiation. */
export function typeArguments(file: SourceFile, list: Node): readonly GoType[] {
  return list.children.map((a) => readType(file, a));
}

function readName(file: SourceFile, node: Node): GoType {
  const { text } = node;
  // In its own declaration a local type is not bound yet.
  const local = file.get(scopes).definitionOf(node) ?? file.get(scopes).lookup(text, node);
  if (local?.kind === 'typeparam') return typeParameter(local);
  if (isTypeParameter(file, node)) return { kind: 'typeparam', name: text };
  if (local !== null && local.func !== null) return localType(file, node, local);
  if (local !== null && local.kind !== 'type') return unknown('not a type');
  if (local !== null || file.get(visible).declares(text)) return ownName(file, text);
  if (BASIC_TYPES.has(text)) return basic(text);
  // With a dot import the name may be another package's.
  return file.get(imports).dots.length > 0 ? unknown('dot import') : named('', text);
}

export function typeParameter({ name, site }: Definition): GoType {
  const constraint = site.is('type_parameter_declaration') ? site.field('type').children : [];
  const [only] = constraint;
  return constraint.length === 1 && only !== undefined
    ? { kind: 'typeparam', name, constraint: only }
    : { kind: 'typeparam', name };
}

/** A type of this package; an alias is what it stands for. */
export function ownName(file: SourceFile, name: string): GoType {
  const spec = file.get(visible).type(name);
  if (spec === null && file.get(visible).isAliasSomewhere(name))
    return unknown(`${name} depends on the build`);
  if (spec === null || !spec.node.is('type_alias') || typeParamsOf(spec.node).length > 0)
    return named('', name);
  const known = spec.file.get(aliases);
  const target = known.get(name);
  if (target !== undefined) return target;
  // Set first: an alias that reaches itself does not compile, but must not hang the review.
  known.set(name, unknown('an alias of itself'));
  const type = readType(spec.file, spec.node.field('type'));
  known.set(name, type);
  return type;
}

/** What the aliases that a file declares stand for, as far as they have been asked for. */
const aliases: Analysis<Map<string, GoType>> = { name: 'aliases', run: () => new Map() };

/** A type that a function declares for itself has no methods of its own, so that what is behind it says all. */
function localType(file: SourceFile, use: Node, { site }: Definition): GoType {
  if (!site.is('type_spec', 'type_alias')) return unknown('not a type');
  const body = site.field('type');
  if (body.is('struct_type')) return { kind: 'struct', node: body };
  if (body.is('interface_type')) return { kind: 'interface', node: body };
  if (site.contains(use)) return unknown('a type that is declared by itself');
  const type = readType(file, body);
  if (site.is('type_alias') || type.kind !== 'named') return type;
  const shape = underlying(file, type);
  // What a type of another package holds is known by its name alone.
  return (shape.kind === 'struct' || shape.kind === 'interface') && shape.node === null
    ? unknown('a type of its own')
    : shape;
}

/** Type parameters of receivers and of type declarations; those of functions are definitions of `scopes`. */
const typeParameterNames: Analysis<ReadonlySet<string>> = {
  name: 'typeParameterNames',
  run(file) {
    const names = new Set<string>();
    for (const d of file.tree.root.children) {
      if (d.is('method_declaration')) for (const name of receiverParams(d)) names.add(name);
      else if (d.is('type_declaration'))
        for (const spec of d.children)
          if (spec.is('type_spec', 'type_alias')) for (const name of typeParamsOf(spec)) names.add(name);
    }
    return names;
  },
};

function isTypeParameter(file: SourceFile, node: Node): boolean {
  if (!file.get(typeParameterNames).has(node.text)) return false;
  for (let at: Node | null = node; at !== null; at = at.parent) {
    if (at.is('method_declaration')) return receiverParams(at).includes(node.text);
    if (at.is('type_spec', 'type_alias') && typeParamsOf(at).includes(node.text)) return true;
  }
  return false;
}

type Signature = Node<
  'function_declaration' | 'method_declaration' | 'func_literal' | 'method_elem' | 'function_type'
>;

/** The function type of anything with parameters and a result. */
export function signatureOf(file: SourceFile, node: Signature): GoType {
  const result = node.field('result');
  let variadic = false;
  const list = (parameters: Node): GoType[] =>
    parameters.children.flatMap((p) => {
      if (p.is('variadic_parameter_declaration')) {
        variadic = true;
        return [readType(file, p.field('type'))];
      }
      if (!p.is('parameter_declaration')) return [];
      const type = readType(file, p.field('type'));
      return new Array<GoType>(Math.max(1, p.fields('name').length)).fill(type);
    });
  const params = list(node.field('parameters'));
  const results =
    result === null ? [] : result.is('parameter_list') ? list(result) : [readType(file, result)];
  const own = node.is('function_declaration') ? typeParameters(file, node) : [];
  const func = { kind: 'func', params, results, variadic } as const;
  return own.length === 0 ? func : { ...func, typeParams: own };
}

function typeParameters(file: SourceFile, func: Node<'function_declaration'>): readonly TypeParam[] {
  return (func.field('type_parameters')?.children ?? []).flatMap((p): TypeParam[] => {
    if (!p.is('type_parameter_declaration')) return [];
    const core = coreOf(file, p.field('type'));
    return p.fields('name').map((n) => ({ name: n.text, core }));
  });
}

/** `[]E` of the constraint `~[]E`. */
function coreOf(file: SourceFile, constraint: Node): GoType | null {
  const [only, ...more] = constraint.is('type_constraint') ? constraint.children : [constraint];
  const element = only?.is('type_elem') ? only.children[0] : only;
  if (more.length > 0 || !element?.is('negated_type') || element.children[0] === undefined) return null;
  return readType(file, element.children[0]);
}
