import type { Analysis, PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { NodeKind } from '../syntax/kinds.gen.ts';
import type { Node } from '../syntax/tree.ts';
import { compatible } from './platforms.ts';

type TypeSpec = Node<'type_spec' | 'type_alias'>;
type ValueSpec = Node<'var_spec' | 'const_spec'>;
type TopLevel = Node<'function_declaration' | 'type_spec' | 'type_alias' | 'var_spec' | 'const_spec'>;

export interface Declared<N extends Node = Node> {
  readonly file: SourceFile;
  readonly node: N;
}

/** What the package declares at top level, over all of its files that are here. Names are looked up in `visible`. */
export interface Declarations {
  readonly types: ReadonlyMap<string, Declared<TypeSpec>>;
  readonly funcs: ReadonlyMap<string, Declared<Node<'function_declaration'>>>;
  /** Type name → method name → declaration. */
  readonly methods: ReadonlyMap<string, ReadonlyMap<string, Declared<Node<'method_declaration'>>>>;
  readonly vars: ReadonlyMap<string, Declared<ValueSpec>>;
  /** Names declared more than once (build tags): what they are depends on the platform, so they stay unknown. */
  readonly ambiguous: ReadonlySet<string>;
}

export const declarations: PackageAnalysis<Declarations> = {
  name: 'declarations',
  run(pkg) {
    const types = new Map<string, Declared<TypeSpec>>();
    const funcs = new Map<string, Declared<Node<'function_declaration'>>>();
    const methods = new Map<string, Map<string, Declared<Node<'method_declaration'>>>>();
    const vars = new Map<string, Declared<ValueSpec>>();
    const ambiguous = new Set<string>();
    for (const [name, all] of pkg.get(candidates).named) {
      if (all.length > 1 && name !== 'init') ambiguous.add(name);
      for (const { file, node } of all)
        if (node.is('function_declaration')) funcs.set(name, { file, node });
        else if (node.is('type_spec', 'type_alias')) types.set(name, { file, node });
        else if (node.is('var_spec', 'const_spec')) vars.set(name, { file, node });
    }
    for (const [type, byName] of pkg.get(candidates).methods) {
      const last = [...byName].flatMap(([name, all]) => all.slice(-1).map((d) => [name, d] as const));
      methods.set(type, new Map(last));
    }
    return { types, funcs, methods, vars, ambiguous };
  },
};

/** What a name means to one file: the platforms and the tests that exclude the file exclude their declarations too. */
export interface Visible {
  type(name: string): Declared<TypeSpec> | null;
  func(name: string): Declared<Node<'function_declaration'>> | null;
  value(name: string): Declared<ValueSpec> | null;
  method(type: string, name: string): Declared<Node<'method_declaration'>> | null;
  /** Something at package level has the name, even where what it is cannot be told: it hides the universe's. */
  declares(name: string): boolean;
  /** On some platform the name only stands for another type. */
  isAliasSomewhere(name: string): boolean;
}

export const visible: Analysis<Visible> = {
  name: 'visible',
  run(file) {
    const { named, methods } = file.pkg.get(candidates);
    const together = new Map<SourceFile, boolean>();
    const sees = (other: SourceFile): boolean => {
      if (other.isTest && !file.isTest) return false;
      let known = together.get(other);
      if (known === undefined) {
        known = compatible(file, other);
        together.set(other, known);
      }
      return known;
    };
    /** The only declaration that can be compiled together with the file; null when there are several, or none. */
    const only = <N extends Node>(all: readonly Declared<N>[] = []): Declared<N> | null => {
      const seen = all.filter((d) => sees(d.file));
      return seen.length === 1 ? (seen[0] as Declared<N>) : null;
    };
    const get = <K extends NodeKind>(name: string, ...kinds: readonly K[]): Declared<Node<K>> | null => {
      const found = only(named.get(name));
      return found?.node.is(...kinds) === true ? { file: found.file, node: found.node } : null;
    };
    return {
      type: (name) => get(name, 'type_spec', 'type_alias'),
      func: (name) => get(name, 'function_declaration'),
      value: (name) => get(name, 'var_spec', 'const_spec'),
      method: (type, name) => only(methods.get(type)?.get(name)),
      declares: (name) => named.has(name),
      isAliasSomewhere: (name) => named.get(name)?.some((d) => d.node.is('type_alias')) ?? false,
    };
  },
};

interface Candidates {
  readonly named: ReadonlyMap<string, readonly Declared<TopLevel>[]>;
  readonly methods: ReadonlyMap<string, ReadonlyMap<string, readonly Declared<Node<'method_declaration'>>[]>>;
}

const candidates: PackageAnalysis<Candidates> = {
  name: 'candidates',
  run(pkg) {
    const named = new Map<string, Declared<TopLevel>[]>();
    const methods = new Map<string, Map<string, Declared<Node<'method_declaration'>>[]>>();
    const add = <N extends Node>(to: Map<string, Declared<N>[]>, name: string, file: SourceFile, node: N) => {
      const same = to.get(name);
      if (same === undefined) to.set(name, [{ file, node }]);
      else same.push({ file, node });
    };
    for (const file of pkg.files)
      for (const d of file.tree.root.children) {
        if (d.broken) continue;
        if (d.is('function_declaration')) add(named, d.field('name').text, file, d);
        else if (d.is('method_declaration')) {
          const type = receiverType(d);
          const of = methods.get(type) ?? new Map<string, Declared<Node<'method_declaration'>>[]>();
          methods.set(type, of);
          add(of, d.field('name').text, file, d);
        } else if (d.is('type_declaration')) {
          for (const spec of d.children)
            if (spec.is('type_spec', 'type_alias')) add(named, spec.field('name').text, file, spec);
        } else if (d.is('var_declaration', 'const_declaration'))
          for (const spec of d.descendants('var_spec', 'const_spec'))
            if (isOwnSpec(spec, d)) for (const name of spec.fields('name')) add(named, name.text, file, spec);
      }
    named.delete('_');
    return { named, methods };
  },
};

/** Specs of the declaration itself, not of function literals among its values. */
function isOwnSpec(spec: Node, declaration: Node): boolean {
  const parent = spec.parent;
  return parent === declaration || (parent?.kind === 'var_spec_list' && parent.parent === declaration);
}

/** `Client` for `func (c *Client[T]) Do()`. */
function receiverType(method: Node<'method_declaration'>): string {
  const receiver = method.field('receiver').children[0];
  if (receiver === undefined || !receiver.is('parameter_declaration')) return '';
  return receiver
    .field('type')
    .text.replace(/^[*(\s]+/, '')
    .replace(/[[)\s].*$/s, '');
}

/** `T` for `func (l *List[T]) Get()`: what the method calls the type parameters of its receiver. */
export function receiverParams(method: Node<'method_declaration'>): readonly string[] {
  const receiver = method.field('receiver').children[0];
  if (!receiver?.is('parameter_declaration')) return [];
  let type: Node | undefined = receiver.field('type');
  while (type?.is('pointer_type', 'parenthesized_type')) type = type.children[0];
  return type?.is('generic_type') ? type.field('type_arguments').children.map((a) => a.text) : [];
}
