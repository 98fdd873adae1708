import type { GoPackage, PackageAnalysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf } from './calls.ts';

/** Where names stand in the package's own files. Tests are left out: they set up their own values. */
export interface Mentions {
  readonly identifiers: ReadonlyMap<string, readonly Node[]>;
  /** By the name behind the dot. */
  readonly selectors: ReadonlyMap<string, readonly Node<'selector_expression'>[]>;
}

export const mentions: PackageAnalysis<Mentions> = {
  name: 'mentions',
  run(pkg) {
    const identifiers = new Map<string, Node[]>();
    const selectors = new Map<string, Node<'selector_expression'>[]>();
    const add = <N extends Node>(to: Map<string, N[]>, name: string, node: N) => {
      const same = to.get(name);
      if (same === undefined) to.set(name, [node]);
      else same.push(node);
    };
    for (const { tree, isTest } of pkg.files) {
      if (isTest) continue;
      for (const node of tree.root.descendants('identifier', 'selector_expression'))
        if (node.is('selector_expression')) add(selectors, node.field('field').text, node);
        else add(identifiers, node.text, node);
    }
    return { identifiers, selectors };
  },
};

export interface Callers {
  readonly calls: readonly Node<'call_expression'>[];
  /** Nobody else can call it: it is not exported, never used as a value, and no interface hides a call. */
  readonly all: boolean;
}

/** The calls of one of the package's functions or methods inside the package. */
export function callersOf(
  pkg: GoPackage,
  func: Node<'function_declaration' | 'method_declaration'>,
): Callers {
  const name = func.field('name').text;
  const { identifiers, selectors } = pkg.get(mentions);
  const uses: readonly Node[] = func.is('method_declaration')
    ? (selectors.get(name) ?? [])
    : (identifiers.get(name) ?? []).filter((use) => use.parent !== func);
  const calls: Node<'call_expression'>[] = [];
  let all = pkg.complete && !isOpen(pkg, name);
  for (const use of uses) {
    const call = use.parent;
    if (!call?.is('call_expression') || call.field('function') !== use) {
      all = false;
      continue;
    }
    const callee = calleeOf(pkg.fileOf(call), call);
    if (callee.kind !== 'local') all = false;
    else if (callee.declared.node === func) calls.push(call);
  }
  return { calls, all };
}

/** Other packages can reach what is exported, unless nobody can import the package. */
export function isOpen(pkg: GoPackage, name: string): boolean {
  return !pkg.isMain && /^\p{Lu}/u.test(name);
}

/** One name for each argument a call gives; those of a variadic parameter are not told apart, and stop the list. */
export function parametersOf(func: Node<'function_declaration' | 'method_declaration'>): readonly Node[] {
  return func
    .field('parameters')
    .children.flatMap((p) => (p.is('parameter_declaration') ? p.fields('name') : []));
}
