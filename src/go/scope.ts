import type { Analysis, GoPackage } from '../engine/source.ts';
import type { FieldName, NodeKind } from '../syntax/kinds.gen.ts';
import { type FlatTree, fieldIndex, kindIndex, type Node, type Tree } from '../syntax/tree.ts';

export type FuncNode = Node<'function_declaration' | 'method_declaration' | 'func_literal'>;
export const FUNCTION_KINDS = ['function_declaration', 'method_declaration', 'func_literal'] as const;

export interface Definition {
  readonly name: string;
  /** The identifier that declares it. */
  readonly node: Node;
  readonly kind: 'param' | 'result' | 'receiver' | 'var' | 'const' | 'func' | 'type' | 'typeparam';
  /** Function whose frame holds it; null at file level. */
  readonly func: FuncNode | null;
  /** The statement, spec, clause or parameter that declares it. */
  readonly site: Node;
  /** Identifiers that mean it, in source order, without the declaring one. */
  readonly uses: readonly Node[];
}

export interface Scopes {
  /** What an identifier means inside this file: null for package-level names of other files, imports, builtins. */
  definitionOf(identifier: Node): Definition | null;
  /** What the name means at the position of `at`, null when nothing in this file declares it. */
  lookup(name: string, at: Node): Definition | null;
  /** All definitions of one function's own frame (not of its literals), in source order. */
  inFunction(func: FuncNode): readonly Definition[];
}

interface Scope {
  readonly parent: Scope | null;
  /** null until something is declared: most scopes declare nothing. */
  names: Map<string, Declared[]> | null;
}

/** Holds indexes instead of Nodes: a scope table touches every name of a file, rules ask for few of them. */
class Declared implements Definition {
  readonly name: string;
  readonly kind: Definition['kind'];
  /** Offset from which the name means this. */
  readonly from: number;
  readonly useIds: number[] = [];
  /** Of the identifier that declares it. */
  readonly id: number;
  readonly #tree: Tree;
  readonly #func: number;
  readonly #site: number;
  #uses: readonly Node[] | undefined;

  constructor(tree: Tree, name: string, kind: Definition['kind'], at: Place, from: number) {
    this.name = name;
    this.kind = kind;
    this.from = from;
    this.#tree = tree;
    this.id = at.node;
    this.#func = at.func;
    this.#site = at.site;
  }

  get node(): Node {
    return this.#tree.node(this.id);
  }
  get func(): FuncNode | null {
    return this.#func < 0 ? null : (this.#tree.node(this.#func) as FuncNode);
  }
  get site(): Node {
    return this.#tree.node(this.#site);
  }
  get uses(): readonly Node[] {
    this.#uses ??= this.useIds.map((id) => this.#tree.node(id));
    return this.#uses;
  }
}

/** Indexes of the declaring identifier, of the function (-1: none) and of the statement. */
interface Place {
  readonly node: number;
  readonly func: number;
  readonly site: number;
}

/** Nodes that open a scope of their own. An if's initialiser is seen by both branches, a clause's by its body. */
const OPENERS = kindsTable(
  'block',
  'function_declaration',
  'method_declaration',
  'func_literal',
  'if_statement',
  'for_statement',
  'expression_switch_statement',
  'type_switch_statement',
  'expression_case',
  'type_case',
  'default_case',
  'communication_case',
  'type_spec',
  'type_alias',
);
const FUNCTIONS = kindsTable(...FUNCTION_KINDS);
const NAMES = kindsTable('identifier', 'type_identifier', 'package_identifier');
const SPECS = kindsTable('var_spec', 'const_spec');
const TYPE_SPECS = kindsTable('type_spec', 'type_alias');

const BLOCK = kindOf('block');
const COMMENT = kindOf('comment');
const COMPOSITE_LITERAL = kindOf('composite_literal');
const CONST_DECLARATION = kindOf('const_declaration');
const CONST_SPEC = kindOf('const_spec');
const FUNCTION_DECLARATION = kindOf('function_declaration');
const IDENTIFIER = kindOf('identifier');
const KEYED_ELEMENT = kindOf('keyed_element');
const MAP_TYPE = kindOf('map_type');
const METHOD_DECLARATION = kindOf('method_declaration');
const PARAMETER_DECLARATION = kindOf('parameter_declaration');
const PARAMETER_LIST = kindOf('parameter_list');
const RANGE_CLAUSE = kindOf('range_clause');
const RECEIVE_STATEMENT = kindOf('receive_statement');
const SHORT_VAR_DECLARATION = kindOf('short_var_declaration');
const TYPE_DECLARATION = kindOf('type_declaration');
const TYPE_PARAMETER_DECLARATION = kindOf('type_parameter_declaration');
const TYPE_SWITCH_STATEMENT = kindOf('type_switch_statement');
const VAR_DECLARATION = kindOf('var_declaration');
const VAR_SPEC_LIST = kindOf('var_spec_list');
const VARIADIC_PARAMETER_DECLARATION = kindOf('variadic_parameter_declaration');

const ALIAS = fieldOf('alias');
const KEY = fieldOf('key');
const LEFT = fieldOf('left');
const NAME = fieldOf('name');
const PARAMETERS = fieldOf('parameters');
const RECEIVER = fieldOf('receiver');
const RESULT = fieldOf('result');
const RIGHT = fieldOf('right');
const TYPE = fieldOf('type');
const TYPE_PARAMETERS = fieldOf('type_parameters');
const VALUE = fieldOf('value');

function kindOf(kind: NodeKind): number {
  return kindIndex.get(kind) as number;
}

function fieldOf(name: FieldName): number {
  return fieldIndex.get(name) as number;
}

function kindsTable(...kinds: readonly NodeKind[]): Uint8Array {
  const table = new Uint8Array(kindIndex.size);
  for (const kind of kinds) table[kindOf(kind)] = 1;
  return table;
}

export const scopes: Analysis<Scopes> = {
  name: 'scopes',
  run: (file) => new ScopeBuilder(file.tree).build(),
};

/** Walks the flat arrays: with a Node for every name and block a scan had a tenth more to do, half of it collecting garbage. */
class ScopeBuilder {
  readonly #tree: Tree;
  readonly #flat: FlatTree;
  readonly #scopeOf = new Map<number, Scope>();
  /** 1 + index into #definitions for every identifier that has one. */
  readonly #meaning: Uint32Array;
  readonly #definitions: Declared[] = [];
  readonly #byFunc = new Map<number, Declared[]>();

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#flat = tree.flat;
    this.#meaning = new Uint32Array(tree.flat.size);
  }

  build(): Scopes {
    const file: Scope = { parent: null, names: null };
    this.#scopeOf.set(0, file);
    this.#declareTopLevel(file);
    for (const child of this.#children(0)) if (this.#flat.broken[child] === 0) this.#visit(child, file, -1);
    return {
      definitionOf: (identifier) => this.#definitions[(this.#meaning[identifier.id] as number) - 1] ?? null,
      lookup: (name, at) => find(this.#enclosing(at.id), name, at.start),
      inFunction: (func) => this.#byFunc.get(func.id) ?? [],
    };
  }

  #enclosing(at: number): Scope {
    for (let i = at; i >= 0; i = this.#flat.parent[i] as number) {
      const scope = this.#scopeOf.get(i);
      if (scope !== undefined) return scope;
    }
    throw new Error('the root always has a scope');
  }

  #kind(id: number): number {
    return this.#flat.kind[id] as number;
  }

  #text(id: number): string {
    return this.#tree.text.slice(this.#flat.start[id], this.#flat.end[id]);
  }

  /** Direct children without comments. */
  #children(id: number): readonly number[] {
    const { next, kind } = this.#flat;
    const end = next[id] as number;
    const out: number[] = [];
    for (let i = id + 1; i < end; i = next[i] as number) if (kind[i] !== COMMENT) out.push(i);
    return out;
  }

  /** The child under a field, -1 for none. */
  #field(id: number, name: number): number {
    const { next, field } = this.#flat;
    const end = next[id] as number;
    for (let i = id + 1; i < end; i = next[i] as number) if (field[i] === name) return i;
    return -1;
  }

  #names(id: number): readonly number[] {
    return this.#children(id).filter((c) => this.#flat.field[c] === NAME);
  }

  /** Package-level names are visible everywhere in the file, whatever their order. */
  #declareTopLevel(scope: Scope): void {
    for (const d of this.#children(0)) {
      const kind = this.#kind(d);
      if (kind === FUNCTION_DECLARATION)
        this.#define(scope, 'func', { node: this.#field(d, NAME), func: -1, site: d }, 0);
      else if (kind === VAR_DECLARATION || kind === CONST_DECLARATION)
        for (const spec of this.#specs(d)) this.#defineSpec(scope, spec, -1, 0);
      else if (kind === TYPE_DECLARATION)
        for (const spec of this.#children(d))
          if (TYPE_SPECS[this.#kind(spec)] === 1)
            this.#define(scope, 'type', { node: this.#field(spec, NAME), func: -1, site: spec }, 0);
    }
  }

  #specs(declaration: number): readonly number[] {
    return this.#children(declaration).flatMap((c) =>
      SPECS[this.#kind(c)] === 1 ? [c] : this.#kind(c) === VAR_SPEC_LIST ? this.#specs(c) : [],
    );
  }

  #defineSpec(scope: Scope, spec: number, func: number, from: number): void {
    const kind = this.#kind(spec) === CONST_SPEC ? 'const' : 'var';
    for (const node of this.#names(spec))
      if (this.#kind(node) === IDENTIFIER) this.#define(scope, kind, { node, func, site: spec }, from);
  }

  #define(scope: Scope, kind: Definition['kind'], at: Place, from: number): void {
    // Only where a syntax error has eaten the name.
    if (at.node < 0) return;
    const name = this.#text(at.node);
    if (name === '_') return;
    const definition = new Declared(this.#tree, name, kind, at, from);
    scope.names ??= new Map();
    push(scope.names, name, definition);
    this.#meaning[at.node] = this.#definitions.push(definition);
    push(this.#byFunc, at.func, definition);
  }

  #visit(node: number, outer: Scope, func: number): void {
    const kind = this.#kind(node);
    if (NAMES[kind] === 1) {
      this.#use(node, outer);
      return;
    }
    const { next, parent } = this.#flat;
    if (next[node] === node + 1) return;
    let scope = outer;
    let inside = func;
    // Parameters and the body's own names share one scope: `x, err := f()` assigns to a result named err.
    const bodyOfFunction = kind === BLOCK && FUNCTIONS[this.#kind(parent[node] as number)] === 1;
    if (OPENERS[kind] === 1 && !bodyOfFunction) {
      scope = { parent: outer, names: null };
      this.#scopeOf.set(node, scope);
    }
    if (FUNCTIONS[kind] === 1) {
      inside = node;
      this.#defineSignature(node, scope);
    }
    if (kind === KEYED_ELEMENT) this.#visitKeyedElement(node, scope, inside);
    else this.#visitChildren(node, scope, inside);
  }

  /** Children first, then the names the node declares: a Go name is in scope only behind its declaration. */
  #visitChildren(node: number, scope: Scope, func: number): void {
    const { next, end, start } = this.#flat;
    const kind = this.#kind(node);
    if (kind === SHORT_VAR_DECLARATION) {
      this.#visit(this.#field(node, RIGHT), scope, func);
      this.#assignOrDefine(this.#field(node, LEFT), scope, func, node);
      return;
    }
    if (kind === RANGE_CLAUSE || kind === RECEIVE_STATEMENT) {
      this.#visit(this.#field(node, RIGHT), scope, func);
      const left = this.#field(node, LEFT);
      if (left < 0) return;
      if (this.#declares(node, left)) this.#assignOrDefine(left, scope, func, node);
      else this.#visit(left, scope, func);
      return;
    }
    if (kind === TYPE_SWITCH_STATEMENT) {
      this.#visitTypeSwitch(node, scope, func);
      return;
    }
    const last = next[node] as number;
    for (let child = node + 1; child < last; child = next[child] as number) this.#visit(child, scope, func);
    if (func < 0) return;
    if (SPECS[kind] === 1) this.#defineSpec(scope, node, func, end[node] as number);
    else if (TYPE_SPECS[kind] === 1 && scope.parent !== null)
      this.#define(
        scope.parent,
        'type',
        { node: this.#field(node, NAME), func, site: node },
        start[node] as number,
      );
  }

  /** The alias is in scope in the clauses, behind the value that is switched on. */
  #visitTypeSwitch(node: number, scope: Scope, func: number): void {
    const alias = this.#field(node, ALIAS);
    const value = this.#field(node, VALUE);
    for (const child of this.#children(node)) {
      if (child === alias) continue;
      this.#visit(child, scope, func);
      if (alias < 0 || child !== value) continue;
      const from = this.#flat.end[child] as number;
      for (const name of this.#children(alias))
        this.#define(scope, 'var', { node: name, func, site: node }, from);
    }
  }

  #assignOrDefine(left: number, scope: Scope, func: number, site: number): void {
    const short = this.#kind(site) === SHORT_VAR_DECLARATION;
    const from = this.#flat.end[site] as number;
    for (const name of this.#children(left)) {
      if (this.#kind(name) !== IDENTIFIER) this.#visit(name, scope, func);
      // `:=` only assigns to a name that the same scope already declares.
      else if (short && scope.names?.has(this.#text(name)) === true) this.#use(name, scope);
      else this.#define(scope, 'var', { node: name, func, site }, from);
    }
  }

  #defineSignature(func: number, scope: Scope): void {
    const kind = this.#kind(func);
    if (kind === METHOD_DECLARATION)
      this.#defineParameters(this.#field(func, RECEIVER), scope, func, 'receiver');
    if (kind === FUNCTION_DECLARATION) {
      const types = this.#field(func, TYPE_PARAMETERS);
      for (const p of types < 0 ? [] : this.#children(types))
        if (this.#kind(p) === TYPE_PARAMETER_DECLARATION)
          for (const node of this.#names(p)) this.#define(scope, 'typeparam', { node, func, site: p }, 0);
    }
    this.#defineParameters(this.#field(func, PARAMETERS), scope, func, 'param');
    const result = this.#field(func, RESULT);
    if (result >= 0 && this.#kind(result) === PARAMETER_LIST)
      this.#defineParameters(result, scope, func, 'result');
  }

  #defineParameters(list: number, scope: Scope, func: number, kind: 'param' | 'result' | 'receiver'): void {
    for (const p of this.#children(list)) {
      const of = this.#kind(p);
      if (of !== PARAMETER_DECLARATION && of !== VARIADIC_PARAMETER_DECLARATION) continue;
      for (const node of this.#names(p)) this.#define(scope, kind, { node, func, site: p }, 0);
    }
  }

  /** `{Timeout: x}`: a bare identifier as key is a field of a struct, or a variable in a map; a struct is assumed. */
  #visitKeyedElement(node: number, scope: Scope, func: number): void {
    const key = this.#field(node, KEY);
    const parts = this.#children(key);
    const bare = parts.length === 1 && this.#kind(parts[0] as number) === IDENTIFIER;
    if (!bare || this.#inMapLiteral(node)) this.#visit(key, scope, func);
    this.#visit(this.#field(node, VALUE), scope, func);
  }

  /** Only the direct elements of a map literal: an inner untyped literal belongs to the map's element type. */
  #inMapLiteral(element: number): boolean {
    const { parent } = this.#flat;
    const literal = parent[parent[element] as number] as number;
    return this.#kind(literal) === COMPOSITE_LITERAL && this.#kind(this.#field(literal, TYPE)) === MAP_TYPE;
  }

  #use(identifier: number, scope: Scope): void {
    if (this.#meaning[identifier] !== 0) return;
    const definition = find(scope, this.#text(identifier), this.#flat.start[identifier] as number);
    if (definition === null) return;
    this.#meaning[identifier] = this.#meaning[definition.id] as number;
    definition.useIds.push(identifier);
  }

  /** `v := range x` and `case v := <-ch` declare; with `=` they assign. The grammar keeps no node for the operator. */
  #declares(node: number, left: number): boolean {
    const { start, end } = this.#flat;
    return this.#tree.text.slice(end[left], start[this.#field(node, RIGHT)]).includes(':=');
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function find(from: Scope, name: string, offset: number): Declared | null {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    const found = scope.names?.get(name)?.findLast((d) => d.from <= offset);
    if (found !== undefined) return found;
  }
  return null;
}

/** Nearest function around a node, or null at file level. */
export function enclosingFunction(node: Node): FuncNode | null {
  return node.ancestor(...FUNCTION_KINDS);
}

/** `func main` of a program: its end takes everything along. */
export function isMainFunction(func: FuncNode, pkg: GoPackage): boolean {
  return pkg.isMain && func.is('function_declaration') && func.field('name').text === 'main';
}
