import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { callersOf, isOpen, type Mentions, mentions, parametersOf } from './callers.ts';
import { calleeOf } from './calls.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';
import { deref } from './type.ts';
import { types, underlying } from './types.ts';
import { writtenTarget, writtenValue } from './values.ts';

/**
 * What the package does with a value that is made somewhere in it, in no order: variables, fields of the package's own
 * structs, parameters and results of its own functions are followed.
 */
export interface ValueFlow {
  /** `c.Timeout = …`; `&c.Timeout` counts, too: somebody may set it through the pointer. */
  readonly writes: readonly { readonly field: string; readonly at: Node }[];
  /** `c.Do(req)` */
  readonly calls: readonly { readonly method: string; readonly call: Node<'call_expression'> }[];
  /** Calls of code that is not here, with the value as an argument: it may configure or keep it. */
  readonly passed: readonly Node<'call_expression'>[];
  /** Where it gets out of sight otherwise: exported results, fields and variables, maps, channels, foreign structs. */
  readonly leaves: readonly Node[];
  /** Names of the variables, fields and functions it passes through. */
  readonly names: ReadonlySet<string>;
  /** False when the value went to more places than are looked at. */
  readonly whole: boolean;
}

const MAX_PLACES = 400;

/** Follows an expression; of a call with several results, the one with index `result`. */
export function flowOf(file: SourceFile, value: Node, result = 0): ValueFlow {
  const follower = new Follower(file);
  follower.follow(value, result);
  return follower;
}

/** Follows what a variable holds, from the name that declares it: `var d net.Dialer`. */
export function flowOfVariable(file: SourceFile, name: Node): ValueFlow {
  const follower = new Follower(file);
  follower.bind(name);
  return follower;
}

class Follower implements ValueFlow {
  readonly writes: { field: string; at: Node }[] = [];
  readonly calls: { method: string; call: Node<'call_expression'> }[] = [];
  readonly passed: Node<'call_expression'>[] = [];
  readonly leaves: Node[] = [];
  readonly names = new Set<string>();
  whole = true;
  readonly #home: SourceFile;
  readonly #seen = new Set<Node | string>();

  constructor(home: SourceFile) {
    this.#home = home;
  }

  follow(node: Node, result = 0): void {
    if (this.#seen.size > MAX_PLACES) this.whole = false;
    if (!this.whole || this.#seen.has(node)) return;
    this.#seen.add(node);
    const { parent } = node;
    if (parent?.is('parenthesized_expression', 'unary_expression', 'type_assertion_expression'))
      this.follow(parent, result);
    else if (parent?.is('expression_list')) this.#assigned(node, parent, result);
    else if (parent?.is('literal_element')) this.#element(parent);
    else if (parent?.is('argument_list')) this.#argument(node, parent);
    else if (parent?.is('selector_expression')) this.#selected(parent);
    else if (parent?.is('binary_expression', 'expression_statement') !== true) this.leaves.push(node);
  }

  #assigned(node: Node, list: Node, result: number): void {
    const statement = list.parent;
    const target = writtenTarget(node, result);
    if (statement?.is('return_statement'))
      this.#returned(statement, list.children.length === 1 ? result : list.children.indexOf(node));
    else if (target !== null) this.bind(target);
    else if (writtenValue(node) === null) this.leaves.push(node);
  }

  bind(target: Node): void {
    if (target.text === '_') return;
    if (target.is('selector_expression')) {
      const owner = deref(this.#typeOf(target.field('operand')));
      if (owner.kind === 'named' && owner.pkg === '') this.#field(owner.name, target.field('field'));
      else this.leaves.push(target);
    } else if (target.is('identifier')) {
      const local = this.#fileOf(target).get(scopes).definitionOf(target);
      if (local !== null && local.func !== null) this.#variable(local);
      else this.#packageVariable(target);
    } else this.leaves.push(target);
  }

  #variable(d: Definition): void {
    this.names.add(d.name);
    for (const use of d.uses) if (writtenValue(use) === null) this.follow(use);
  }

  #packageVariable(name: Node): void {
    this.names.add(name.text);
    if (this.#isOpen(name.text)) this.leaves.push(name);
    for (const use of this.#mentions.identifiers.get(name.text) ?? []) {
      const local = this.#fileOf(use).get(scopes).definitionOf(use);
      const meant = local === null ? !isFieldName(use) : local.func === null && local.node !== use;
      if (meant && writtenValue(use) === null) this.follow(use);
    }
  }

  /** Everything the package does with one field of one of its structs, whichever value of the struct it is. */
  #field(type: string, name: Node): void {
    const field = name.text;
    if (this.#seen.has(`${type}.${field}`)) return;
    this.#seen.add(`${type}.${field}`);
    this.names.add(field);
    // An embedded value lends its methods to the struct: calls do not name it.
    const isEmbedded = !this.#declaresField(type, field);
    if (isEmbedded || (this.#isOpen(field) && this.#isOpen(type))) this.leaves.push(name);
    for (const use of this.#mentions.selectors.get(field) ?? []) {
      if (writtenValue(use) !== null) continue;
      const owner = deref(this.#typeOf(use.field('operand')));
      if (owner.kind === 'named' && owner.pkg === '' && owner.name === type) this.follow(use);
      // Maybe this struct: what would excuse the value counts, what would accuse it does not.
      else if (owner.kind === 'unknown' && use.parent?.is('selector_expression')) this.#written(use.parent);
    }
  }

  #declaresField(type: string, field: string): boolean {
    const body = underlying(this.#home, { kind: 'named', pkg: '', name: type, args: [] });
    if (body.kind !== 'struct' || body.node === null) return false;
    for (const f of body.node.descendants('field_declaration'))
      if (f.fields('name').some((n) => n.text === field)) return true;
    return false;
  }

  #element(element: Node): void {
    const keyed = element.parent;
    const literal = element.ancestor('composite_literal');
    const isValue = keyed?.is('keyed_element') && keyed.field('value') === element;
    const owner = literal === null ? null : deref(this.#typeOf(literal));
    if (isValue && keyed.parent?.parent === literal && owner?.kind === 'named' && owner.pkg === '')
      this.#field(owner.name, keyed.field('key'));
    else this.leaves.push(element);
  }

  #argument(node: Node, list: Node): void {
    const call = list.parent;
    if (!call?.is('call_expression')) return;
    const callee = calleeOf(this.#fileOf(call), call);
    const declared = callee.kind === 'local' ? callee.declared : null;
    const parameter =
      declared === null ? undefined : parametersOf(declared.node)[list.children.indexOf(node)];
    if (declared === null || parameter === undefined) {
      this.passed.push(call);
      return;
    }
    this.names.add(declared.node.field('name').text);
    const d = declared.file.get(scopes).definitionOf(parameter);
    if (d !== null) this.#variable(d);
  }

  #selected(selector: Node<'selector_expression'>): void {
    const call = selector.parent;
    if (call?.is('call_expression') && call.field('function') === selector)
      this.calls.push({ method: selector.field('field').text, call });
    else if (!this.#written(selector) && this.#typeOf(selector).kind === 'func') this.leaves.push(selector);
  }

  #written(selector: Node<'selector_expression'>): boolean {
    const isAddressed =
      selector.parent?.is('unary_expression') === true && selector.parent.field('operator').text === '&';
    if (writtenValue(selector) === null && !isAddressed) return false;
    this.writes.push({ field: selector.field('field').text, at: selector });
    return true;
  }

  #returned(statement: Node, result: number): void {
    const func = enclosingFunction(statement);
    if (!func?.is('function_declaration', 'method_declaration')) {
      this.leaves.push(statement);
      return;
    }
    const name = func.field('name').text;
    this.names.add(name);
    if (this.#isOpen(name)) this.leaves.push(statement);
    for (const call of callersOf(this.#home.pkg, func).calls) this.follow(call, result);
  }

  #isOpen(name: string): boolean {
    return isOpen(this.#home.pkg, name);
  }

  #typeOf(node: Node) {
    return this.#fileOf(node).get(types).of(node);
  }

  #fileOf(node: Node): SourceFile {
    return this.#home.tree === node.tree ? this.#home : this.#home.pkg.fileOf(node);
  }

  get #mentions(): Mentions {
    return this.#home.pkg.get(mentions);
  }
}

/** The key in `T{name: value}` and labels are no variables. */
function isFieldName(identifier: Node): boolean {
  return identifier.parent?.parent?.fieldName === 'key' || identifier.parent?.fieldName === 'key';
}
