import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { type Declared, receiverParams, visible } from './declarations.ts';
import { type Bindings, bind, substitute } from './generics.ts';
import { readType, signatureOf, typeParamsOf, underlying } from './readtype.ts';
import { std } from './std.ts';
import { basic, deref, type GoType, pointer, unknown } from './type.ts';

/** How deep embedded fields are followed (a rule of the catalogue: §0.4). */
const MAX_PROMOTION = 3;

/** What a selector selects. */
export interface Member {
  readonly kind: 'field' | 'method';
  /** Type of the field, or of the method bound to its receiver. */
  readonly type: GoType;
  /** The type that has it: the operand's, or the one embedded there that lends it. */
  readonly owner: GoType;
  /** The method's declaration, where it is one of this package. */
  readonly declared: Declared<Node<'method_declaration'>> | null;
}

/** Type of the field or bound method `name` of a value of `type`; unknown when it cannot be told. */
export function memberType(file: SourceFile, type: GoType, name: string): GoType {
  return memberOf(file, type, name)?.type ?? unknown(`no member ${name}`);
}

/**
 * The field or method `name` of a value of `type`, as Go selects it: at the shallowest depth of embedding at which there
 * is exactly one. null when there is none, or when a type that is not known could have one that comes first.
 */
export function memberOf(file: SourceFile, type: GoType, name: string): Member | null {
  let level: readonly Owner[] = [{ type: deref(type), bindings: new Map() }];
  const seen = new Set<string>();
  for (let depth = 0; depth <= MAX_PROMOTION; depth++) {
    const found: Member[] = [];
    const next: Owner[] = [];
    let isKnown = true;
    for (const owner of level) {
      const look = lookInto(file, owner, name);
      if (look.member !== null) found.push(look.member);
      isKnown &&= look.isKnown;
      next.push(...look.embedded);
    }
    // Several at one depth would not compile, so that one which is found beside an unknown type is the one.
    if (found.length > 0) return found.length === 1 ? (found[0] as Member) : null;
    if (!isKnown) return null;
    level = next.filter((owner) => isNew(owner.type, seen));
    if (level.length === 0) return null;
  }
  return null;
}

function isNew(type: GoType, seen: Set<string>): boolean {
  if (type.kind !== 'named') return true;
  const key = `${type.pkg}.${type.name}`;
  return !seen.has(key) && seen.add(key).size > 0;
}

interface Owner {
  readonly type: GoType;
  /** What stands for the type parameters that a struct or interface is written with. */
  readonly bindings: Bindings;
}

interface Look {
  readonly member: Member | null;
  /** False when the type may have members that are not seen. */
  readonly isKnown: boolean;
  readonly embedded: readonly Owner[];
}

const NOTHING: Look = { member: null, isKnown: true, embedded: [] };
const OPAQUE: Look = { member: null, isKnown: false, embedded: [] };

function lookInto(file: SourceFile, owner: Owner, name: string, depth = 0): Look {
  const { type } = owner;
  // An interface that embeds itself does not compile, but must not hang the review.
  if (depth > 8) return OPAQUE;
  if (type.kind === 'struct')
    return type.node === null ? OPAQUE : lookIntoStruct(file, type.node, owner, name);
  if (type.kind === 'interface')
    return type.node === null ? OPAQUE : lookIntoInterface(file, type.node, owner, name, depth);
  if (type.kind === 'named')
    return type.pkg === '' ? lookIntoOwn(file, type, name, depth) : lookIntoListed(type, name);
  if (type.kind === 'basic' && type.name === 'error' && name === 'Error') return found(type, ERROR, 'method');
  if (type.kind === 'typeparam' && type.constraint !== undefined) {
    const constraint = readType(homeOf(file, type.constraint), type.constraint);
    // The methods that every type argument has; a core type (`~[]T`) has none.
    return lookInto(file, { type: constraint, bindings: new Map() }, name, depth + 1);
  }
  return type.kind === 'unknown' || type.kind === 'typeparam' ? OPAQUE : NOTHING;
}

const ERROR: GoType = { kind: 'func', params: [], results: [basic('string')], variadic: false };

function found(owner: GoType, type: GoType, kind: Member['kind']): Look {
  return { member: { kind, type, owner, declared: null }, isKnown: true, embedded: [] };
}

type Named = Extract<GoType, { kind: 'named' }>;

function lookIntoOwn(file: SourceFile, type: Named, name: string, depth: number): Look {
  const declared = file.get(visible).method(type.name, name);
  if (declared !== null) {
    const bindings = bind(receiverParams(declared.node), type.args);
    const signature = substitute(signatureOf(declared.file, declared.node), bindings);
    return {
      member: { kind: 'method', type: signature, owner: type, declared },
      isKnown: true,
      embedded: [],
    };
  }
  const spec = file.get(visible).type(type.name);
  if (spec === null) return OPAQUE;
  const body = readType(spec.file, spec.node.field('type'));
  const bindings = bind(typeParamsOf(spec.node), type.args);
  if (spec.node.is('type_alias'))
    return lookInto(file, { type: deref(substitute(body, bindings)), bindings }, name, depth + 1);
  if (body.kind === 'struct' || body.kind === 'interface') {
    const look = lookInto(file, { type: body, bindings }, name, depth + 1);
    // A member of T itself, not of the nameless body behind T; what the body embeds keeps its owner.
    return look.member?.owner === body ? { ...look, member: { ...look.member, owner: type } } : look;
  }
  if (body.kind !== 'named') return NOTHING;
  return lookIntoDefined(file, body, name);
}

/** `type T http.Client` takes over fields, and all of an interface; the methods of the old type stay behind. */
function lookIntoDefined(file: SourceFile, old: Named, name: string): Look {
  if (old.pkg === '') {
    const shape = underlying(file, old);
    const isBody = shape.kind === 'struct' || shape.kind === 'interface';
    if (isBody && shape.node !== null) return lookInto(file, { type: shape, bindings: new Map() }, name);
    return isBody || shape.kind === 'unknown' ? OPAQUE : NOTHING;
  }
  const look = lookIntoListed(old, name);
  const isMethod = look.member?.kind === 'method';
  return isMethod && std.underlying(old.pkg, old.name)?.type.kind !== 'interface' ? NOTHING : look;
}

function lookIntoListed(type: Named, name: string): Look {
  const { pkg, name: typeName } = type;
  if (std.underlying(pkg, typeName) === null) return OPAQUE;
  const bindings = std.bindings(type);
  const method = std.method(pkg, typeName, name);
  if (method !== null) return found(type, substitute(method.type, bindings), 'method');
  const field = std.field(pkg, typeName, name);
  if (field !== null) return found(type, substitute(field.type, bindings), 'field');
  const embedded = std.embedded(pkg, typeName).map((t) => ({
    type: deref(substitute(t, bindings)),
    bindings: new Map(),
  }));
  // Interfaces are listed with all of their methods: what one embeds by name is what has been left out.
  const isKnown = embedded.length === 0 || std.underlying(pkg, typeName)?.type.kind !== 'interface';
  return { member: null, isKnown, embedded };
}

function lookIntoStruct(file: SourceFile, struct: Node, owner: Owner, name: string): Look {
  const home = homeOf(file, struct);
  const embedded: Owner[] = [];
  for (const field of struct.children[0]?.children ?? []) {
    if (!field.is('field_declaration')) continue;
    const names = field.fields('name');
    const type = field.field('type');
    if (names.some((n) => n.text === name))
      return found(owner.type, substitute(readType(home, type), owner.bindings), 'field');
    if (names.length > 0) continue;
    const read = substitute(readType(home, type), owner.bindings);
    // `*T` embeds T by pointer: the star is not part of the grammar's type node.
    if (embeddedName(type) === name)
      return found(owner.type, home.tree.text[field.start] === '*' ? pointer(read) : read, 'field');
    embedded.push({ type: deref(read), bindings: new Map() });
  }
  return { member: null, isKnown: true, embedded };
}

/** Name under which an embedded type is a field: `Client` for `*http.Client` and `Client[T]`. */
function embeddedName(type: Node): string {
  return type.text.replace(/\[.*$/s, '').replace(/^.*\./s, '').replace(/^\*/, '');
}

/** Interfaces have one depth: what an embedded one has is the outer one's own. */
function lookIntoInterface(file: SourceFile, node: Node, owner: Owner, name: string, depth: number): Look {
  const home = homeOf(file, node);
  let isKnown = true;
  for (const element of node.children) {
    if (element.is('method_elem') && element.field('name').text === name)
      return found(owner.type, substitute(signatureOf(home, element), owner.bindings), 'method');
    if (!element.is('type_elem') || element.children.length !== 1) continue;
    const type = substitute(readType(home, element), owner.bindings);
    const look = lookInto(file, { type, bindings: new Map() }, name, depth + 1);
    if (look.member !== null) return look;
    isKnown &&= look.isKnown;
  }
  return isKnown ? NOTHING : OPAQUE;
}

/** The file that a struct or interface is written in: its imports are the ones that count. */
function homeOf(file: SourceFile, node: Node): SourceFile {
  return node.tree === file.tree ? file : file.pkg.fileOf(node);
}

/** `T.Method` and `(*T).Method` as functions: the receiver comes first. */
export function methodExpression(file: SourceFile, type: GoType, name: string): GoType {
  const member = memberOf(file, type, name);
  if (member?.kind !== 'method' || member.type.kind !== 'func') return unknown(`no method ${name}`);
  return { ...member.type, params: [type, ...member.type.params] };
}
