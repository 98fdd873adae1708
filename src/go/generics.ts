import { deref, type GoType, type TypeParam } from './type.ts';

/** What stands for each type parameter. */
export type Bindings = ReadonlyMap<string, GoType>;

const NONE: Bindings = new Map();

/** `args` in the order in which the parameters are named. */
export function bind(names: readonly string[], args: readonly GoType[]): Bindings {
  if (names.length === 0 || args.length === 0) return NONE;
  return new Map(names.flatMap((name, i) => (args[i] === undefined ? [] : [[name, args[i]] as const])));
}

/** The type with its parameters replaced. What stands inside the braces of a struct or interface is not reached. */
export function substitute(type: GoType, bindings: Bindings): GoType {
  if (bindings.size === 0) return type;
  const inside = (t: GoType) => substitute(t, bindings);
  switch (type.kind) {
    case 'typeparam':
      return bindings.get(type.name) ?? type;
    case 'named':
      return type.args.length === 0 ? type : { ...type, args: type.args.map(inside) };
    case 'map':
      return { ...type, key: inside(type.key), elem: inside(type.elem) };
    case 'pointer':
    case 'slice':
    case 'array':
    case 'chan':
      return { ...type, elem: inside(type.elem) };
    case 'func':
      return { ...type, params: type.params.map(inside), results: type.results.map(inside) };
    case 'tuple':
      return { ...type, of: type.of.map(inside) };
    default:
      return type;
  }
}

/** Whether one of the named parameters is left in the type. */
export function mentions(type: GoType, names: readonly string[]): boolean {
  switch (type.kind) {
    case 'typeparam':
      return names.includes(type.name);
    case 'named':
      return type.args.some((t) => mentions(t, names));
    case 'map':
      return mentions(type.key, names) || mentions(type.elem, names);
    case 'pointer':
    case 'slice':
    case 'array':
    case 'chan':
      return mentions(type.elem, names);
    case 'func':
      return [...type.params, ...type.results].some((t) => mentions(t, names));
    case 'tuple':
      return type.of.some((t) => mentions(t, names));
    default:
      return false;
  }
}

type FuncType = Extract<GoType, { kind: 'func' }>;

/**
 * Type arguments of a call, from those that are written and from the types of the values. `shape` gives the type behind
 * a name: a named slice is a slice to `S ~[]E`, and a function is a `RowToFunc[T]` if its signature is.
 */
export function infer(
  func: FuncType,
  written: readonly GoType[],
  values: readonly GoType[],
  shape: (type: GoType) => GoType,
): Bindings {
  const own = func.typeParams ?? [];
  const names = own.map((p) => p.name);
  const bound = new Map(bind(names, written));
  const match = (wanted: GoType, given: GoType): void => {
    if (wanted.kind === 'typeparam' && names.includes(wanted.name)) {
      if (!bound.has(wanted.name) && isDefinite(given)) bound.set(wanted.name, given);
      return;
    }
    if (!mentions(wanted, names)) return;
    if (wanted.kind !== 'named') matchParts(wanted, shape(given), match);
    else matchParts(given.kind === 'named' ? wanted : shape(wanted), given, match);
  };
  for (const [i, value] of values.entries()) {
    const last = func.params.length - 1;
    const wanted = func.params[func.variadic ? Math.min(i, last) : i];
    if (wanted !== undefined) match(wanted, value);
  }
  for (const param of own) matchCore(param, bound, match, shape);
  return bound;
}

/** Once `S` is known to be a slice, `S ~[]E` tells `E`. */
function matchCore(
  { name, core }: TypeParam,
  bound: Bindings,
  match: (wanted: GoType, given: GoType) => void,
  shape: (type: GoType) => GoType,
): void {
  const given = bound.get(name);
  if (core !== null && given !== undefined) match(core, shape(given));
}

function matchParts(wanted: GoType, given: GoType, match: (wanted: GoType, given: GoType) => void): void {
  const pairs = (a: readonly GoType[], b: readonly GoType[]) => {
    if (a.length === b.length) for (const [i, t] of a.entries()) match(t, b[i] as GoType);
  };
  if (wanted.kind === 'named' && given.kind === 'named') {
    if (wanted.pkg === given.pkg && wanted.name === given.name) pairs(wanted.args, given.args);
  } else if (wanted.kind === 'map' && given.kind === 'map') {
    match(wanted.key, given.key);
    match(wanted.elem, given.elem);
  } else if (wanted.kind === 'func' && given.kind === 'func') {
    pairs(wanted.params, given.params);
    pairs(wanted.results, given.results);
  } else if (wanted.kind === given.kind && 'elem' in wanted && 'elem' in given)
    match(wanted.elem, given.elem);
}

/** A type to go by: an untyped constant has a default type that is not told here, nil and several results have none. */
function isDefinite(type: GoType): boolean {
  const inner = deref(type);
  if (inner.kind === 'unknown' || inner.kind === 'tuple') return false;
  return !(inner.kind === 'basic' && /^(?:untyped|nil)$/.test(inner.name));
}
