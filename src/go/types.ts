import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { visible } from './declarations.ts';
import { definedType, specType } from './deftype.ts';
import { infer, mentions, substitute } from './generics.ts';
import { memberType, methodExpression } from './members.ts';
import { ownName, packageOf, readType, signatureOf, typeArguments, underlying } from './readtype.ts';
import { type Definition, scopes } from './scope.ts';
import { std } from './std.ts';
import { BASIC_TYPES, basic, deref, type GoType, pointer, unknown } from './type.ts';

export { packageOf, readType, underlying } from './readtype.ts';

export interface Types {
  /** Type of an expression; `tuple` for a call with several results. */
  of(expression: Node): GoType;
  /** Unknown for the variable of a type switch: what it is, the clause around each use says. */
  ofDefinition(definition: Definition): GoType;
  /** Reads a type written in the file. */
  read(node: Node): GoType;
}

export const types: Analysis<Types> = {
  name: 'types',
  run: (file) => new TypeReader(file),
};

/** Types of expressions from declarations, literals, conversions and calls. No inference across function bodies. */
class TypeReader implements Types {
  readonly #file: SourceFile;
  readonly #known = new Map<number, GoType>();
  readonly #definitions = new Map<Definition, GoType>();

  constructor(file: SourceFile) {
    this.#file = file;
  }

  of(expression: Node): GoType {
    const known = this.#known.get(expression.id);
    if (known !== undefined) return known;
    // Set first: an expression that reaches itself (`x := f(x)` in odd scopes) is unknown, not a loop.
    this.#known.set(expression.id, unknown('depends on itself'));
    const type = this.#compute(expression);
    this.#known.set(expression.id, type);
    return type;
  }

  ofDefinition(definition: Definition): GoType {
    const known = this.#definitions.get(definition);
    if (known !== undefined) return known;
    this.#definitions.set(definition, unknown('depends on itself'));
    const type = definedType(this.#file, definition);
    this.#definitions.set(definition, type);
    return type;
  }

  read(node: Node): GoType {
    return readType(this.#file, node);
  }

  #compute(e: Node): GoType {
    if (e.is('parenthesized_expression')) return e.children[0] ? this.of(e.children[0]) : unknown('empty');
    if (e.is('identifier')) return this.#identifier(e);
    if (e.is('selector_expression')) return this.#selector(e);
    if (e.is('call_expression')) return this.#call(e);
    if (e.is('composite_literal')) return this.read(e.field('type'));
    if (e.is('literal_value')) return this.#elided(e);
    if (e.is('func_literal')) return signatureOf(this.#file, e);
    if (e.is('type_assertion_expression')) return this.read(e.field('type'));
    if (e.is('type_conversion_expression')) return this.#typeConversion(e);
    if (e.is('unary_expression')) return this.#unary(e);
    if (e.is('binary_expression')) return this.#binary(e);
    if (e.is('index_expression')) return this.#index(e);
    if (e.is('slice_expression')) return this.#slice(this.of(e.field('operand')));
    if (e.is('interpreted_string_literal', 'raw_string_literal')) return basic('string');
    if (e.is('int_literal', 'float_literal', 'rune_literal', 'imaginary_literal', 'iota'))
      return basic('untyped');
    if (e.is('true', 'false')) return basic('bool');
    if (e.is('nil')) return basic('nil');
    return unknown(`expression ${e.kind}`);
  }

  #identifier(e: Node): GoType {
    const local = this.#file.get(scopes).definitionOf(e);
    if (local === null) return packageLevel(this.#file, e.text);
    return local.site.is('type_switch_statement') ? this.#switched(local.site, e) : this.ofDefinition(local);
  }

  /** The variable of a type switch has the type of a clause with one type, else that of the value. */
  #switched(site: Node<'type_switch_statement'>, use: Node): GoType {
    let clause = use.ancestor('type_case', 'default_case');
    while (clause !== null && clause.parent !== site) clause = clause.ancestor('type_case', 'default_case');
    const listed = clause?.is('type_case') ? clause.fields('type') : [];
    const [only] = listed;
    if (listed.length !== 1 || only === undefined || only.text === 'nil') return this.of(site.field('value'));
    return this.read(only);
  }

  #selector(e: Node<'selector_expression'>): GoType {
    const operand = e.field('operand');
    const name = e.field('field').text;
    const path = packageOf(this.#file, operand);
    if (path !== null)
      return std.func(path, name)?.type ?? std.value(path, name)?.type ?? unknown(`no ${path}.${name}`);
    const type = this.#typeOperand(operand);
    return type === null
      ? memberType(this.#file, this.of(operand), name)
      : methodExpression(this.#file, type, name);
  }

  /** The type in front of the dot of a method expression; null when it is a value. */
  #typeOperand(operand: Node): GoType | null {
    const [inner] = operand.is('parenthesized_expression') ? operand.children : [];
    if (inner?.is('unary_expression') && inner.field('operator').text === '*') {
      const type = this.#namedType(inner.field('operand'));
      return type === null ? null : pointer(type);
    }
    return this.#namedType(operand);
  }

  #call(e: Node<'call_expression'>): GoType {
    const callee = e.field('function');
    const args = e.field('arguments').children;
    if (callee.is('identifier') && this.#isUniverse(callee)) {
      const type = this.#builtin(callee.text, args);
      if (type !== null) return type;
    }
    const converted = this.#conversion(callee);
    if (converted !== null) return converted;
    const written = e.field('type_arguments');
    return this.#result(callee, written === null ? [] : typeArguments(this.#file, written), args);
  }

  #builtin(name: string, args: readonly Node[]): GoType | null {
    const [first] = args;
    if (BASIC_TYPES.has(name)) return basic(name);
    if (name === 'len' || name === 'cap' || name === 'copy') return basic('int');
    if (name === 'recover') return basic('any');
    if (first === undefined) return null;
    if (name === 'new') return pointer(this.#newOperand(first));
    if (name === 'make') return this.read(first);
    if (name === 'append') return this.of(first);
    // Constants take the type of the others.
    if (name === 'min' || name === 'max')
      return args.map((a) => this.of(a)).find((t) => t.kind !== 'basic' || t.name !== 'untyped') ?? null;
    return null;
  }

  /** What a call of `callee` gives, type parameters replaced by the arguments as far as they tell. */
  #result(callee: Node, written: readonly GoType[], args: readonly Node[]): GoType {
    const type = underlying(this.#file, this.of(callee));
    if (type.kind !== 'func') return unknown(`call of ${callee.text.slice(0, 40)}`);
    const results = this.#instantiate(type, written, args);
    if (results === null) return unknown('result depends on type arguments');
    return results.length === 1 ? (results[0] as GoType) : { kind: 'tuple', of: results };
  }

  #instantiate(
    type: Extract<GoType, { kind: 'func' }>,
    written: readonly GoType[],
    args: readonly Node[],
  ): readonly GoType[] | null {
    const own = (type.typeParams ?? []).map((p) => p.name);
    if (!type.results.some((t) => mentions(t, own))) return type.results;
    const values = args.map((a) => this.of(a));
    // `must(os.Open(name))` gives a call's results on as they are.
    const [only] = values;
    const spread = values.length === 1 && only?.kind === 'tuple' ? only.of : values;
    const bound = infer(type, written, spread, (t) => underlying(this.#file, t));
    const missing = own.filter((name) => !bound.has(name));
    return type.results.some((t) => mentions(t, missing))
      ? null
      : type.results.map((t) => substitute(t, bound));
  }

  /** `T(x)` for a type of this package or of one that is listed, written like a call. */
  #conversion(callee: Node): GoType | null {
    if (callee.is('pointer_type', 'slice_type', 'array_type', 'map_type')) return this.read(callee);
    return this.#typeOperand(callee);
  }

  /** `f[T](x)` and `handlers[i](x)` parse like a conversion. */
  #typeConversion(e: Node<'type_conversion_expression'>): GoType {
    const type = e.field('type');
    if (!type.is('generic_type')) return this.read(type);
    const base = type.field('type');
    const callee = base.is('qualified_type') ? this.#qualified(base) : this.#baseOf(base);
    if (callee === null) return this.read(type);
    if (callee.kind !== 'func' || callee.typeParams === undefined) return unknown('call of an element');
    const results = this.#instantiate(callee, typeArguments(this.#file, type.field('type_arguments')), [
      e.field('operand'),
    ]);
    if (results === null) return unknown('result depends on type arguments');
    return results.length === 1 ? (results[0] as GoType) : { kind: 'tuple', of: results };
  }

  /** The function or value behind a name that stands where a generic type could; null for a type. */
  #baseOf(name: Node): GoType | null {
    const local = this.#file.get(scopes).definitionOf(name);
    if (local !== null && local.func !== null)
      return local.kind === 'type' || local.kind === 'typeparam' ? null : this.ofDefinition(local);
    return this.#file.get(visible).type(name.text) === null ? packageLevel(this.#file, name.text) : null;
  }

  #qualified(base: Node<'qualified_type'>): GoType | null {
    const path = packageOf(this.#file, base.field('package'));
    const name = base.field('name').text;
    if (path !== null && std.underlying(path, name) !== null) return null;
    return (path === null ? null : std.func(path, name)?.type) ?? unknown('not known');
  }

  #namedType(e: Node): GoType | null {
    if (e.is('identifier')) {
      const local = this.#file.get(scopes).definitionOf(e);
      if (local !== null) return local.kind === 'type' || local.kind === 'typeparam' ? this.read(e) : null;
      return this.#file.get(visible).type(e.text) === null ? null : ownName(this.#file, e.text);
    }
    if (!e.is('selector_expression')) return null;
    const path = packageOf(this.#file, e.field('operand'));
    if (path === null || std.underlying(path, e.field('field').text) === null) return null;
    return std.resolve(path, e.field('field').text);
  }

  /** `new(T)`, and since Go 1.26 `new(expr)`. */
  #newOperand(operand: Node): GoType {
    if (operand.is('identifier')) {
      const d = this.#file.get(scopes).definitionOf(operand);
      if (d !== null && d.kind !== 'type' && d.kind !== 'typeparam') return this.ofDefinition(d);
    }
    const isType = operand.kind.endsWith('_type') || operand.is('type_identifier', 'identifier');
    return isType ? this.read(operand) : (this.#namedType(operand) ?? this.of(operand));
  }

  #isUniverse(identifier: Node): boolean {
    const isOwn = this.#file.get(visible).declares(identifier.text);
    return !isOwn && this.#file.get(scopes).definitionOf(identifier) === null;
  }

  #unary(e: Node<'unary_expression'>): GoType {
    const operand = this.of(e.field('operand'));
    const operator = e.field('operator').text;
    if (operator === '&') return pointer(operand);
    if (operator === '*') {
      const target = underlying(this.#file, operand);
      return target.kind === 'pointer' ? target.elem : unknown('dereference of an unknown pointer');
    }
    if (operator === '<-') {
      const channel = underlying(this.#file, operand);
      return channel.kind === 'chan' ? channel.elem : unknown('receive from an unknown channel');
    }
    return operator === '!' ? basic('bool') : operand;
  }

  #binary(e: Node<'binary_expression'>): GoType {
    const operator = e.field('operator').text;
    if (/^(?:[=!]=|[<>]=?|&&|\|\|)$/.test(operator)) return basic('bool');
    const left = this.of(e.field('left'));
    if (operator === '<<' || operator === '>>') return left;
    const untyped = left.kind === 'basic' && left.name === 'untyped';
    return untyped || left.kind === 'unknown' ? this.of(e.field('right')) : left;
  }

  #index(e: Node<'index_expression'>): GoType {
    const of = this.of(e.field('operand'));
    if (of.kind === 'func' && of.typeParams !== undefined) return this.#partlyApplied(of, e);
    const operand = underlying(this.#file, deref(underlying(this.#file, of)));
    if (operand.kind === 'slice' || operand.kind === 'array' || operand.kind === 'map') return operand.elem;
    if (operand.kind === 'basic' && operand.name === 'string') return basic('byte');
    return unknown('index of an unknown value');
  }

  /** `f[T]` as a value: the function with its first type parameter replaced. */
  #partlyApplied(type: Extract<GoType, { kind: 'func' }>, e: Node<'index_expression'>): GoType {
    const [first, ...rest] = type.typeParams ?? [];
    if (first === undefined) return type;
    const given = substitute(
      { ...type, typeParams: rest },
      new Map([[first.name, this.read(e.field('index'))]]),
    );
    return given;
  }

  #slice(operand: GoType): GoType {
    const array = deref(underlying(this.#file, operand));
    return array.kind === 'array' ? { kind: 'slice', elem: array.elem } : operand;
  }

  /** `{…}` inside a literal of slices, maps or arrays: the element type, which is not written again. */
  #elided(e: Node): GoType {
    const place = e.parent?.is('literal_element') ? e.parent : e;
    const holder = place.parent?.is('keyed_element') ? place.parent : place;
    const outer = holder.parent;
    if (!outer?.is('literal_value')) return unknown('literal');
    const whole = outer.parent;
    const type = whole?.is('composite_literal') ? this.of(whole) : this.#elided(outer);
    const shape = underlying(this.#file, type.kind === 'pointer' ? type.elem : type);
    if (shape.kind === 'map') return place.fieldName === 'key' ? shape.key : shape.elem;
    return shape.kind === 'slice' || shape.kind === 'array' ? shape.elem : unknown('literal');
  }
}

/** Type of a name declared at package level in a file that can be compiled together with this one. */
function packageLevel(file: SourceFile, name: string): GoType {
  const seen = file.get(visible);
  const func = seen.func(name);
  if (func !== null) return signatureOf(func.file, func.node);
  const variable = seen.value(name);
  if (variable !== null) return specType(variable.file, variable.node, name);
  return unknown(`${name} is not declared here, or more than once`);
}
