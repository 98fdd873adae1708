import type { Node } from '../syntax/tree.ts';

/** A Go type as far as it is known without a toolchain. `unknown` is honest: rules stay silent on it. */
export type GoType =
  | { readonly kind: 'basic'; readonly name: string }
  /** `pkg` is the import path; '' is the package under review. */
  | { readonly kind: 'named'; readonly pkg: string; readonly name: string; readonly args: readonly GoType[] }
  | { readonly kind: 'pointer' | 'slice' | 'array'; readonly elem: GoType }
  | { readonly kind: 'chan'; readonly elem: GoType; readonly dir: 'both' | 'send' | 'recv' }
  | { readonly kind: 'map'; readonly key: GoType; readonly elem: GoType }
  | {
      readonly kind: 'func';
      readonly params: readonly GoType[];
      readonly results: readonly GoType[];
      readonly variadic: boolean;
      /** Own type parameters of a generic function that is not instantiated. */
      readonly typeParams?: readonly TypeParam[];
    }
  /** `node` is the struct_type or interface_type in the package under review; null for one of another package. */
  | { readonly kind: 'struct' | 'interface'; readonly node: Node | null }
  /** `constraint` is the type behind the name of a function's type parameter: values have its methods. */
  | { readonly kind: 'typeparam'; readonly name: string; readonly constraint?: Node }
  /** Results of a call with other than one result. */
  | { readonly kind: 'tuple'; readonly of: readonly GoType[] }
  | { readonly kind: 'unknown'; readonly why: string };

export interface TypeParam {
  readonly name: string;
  /** `[]E` for `S ~[]E`: the shape that every argument has; null where the constraint asks for none. */
  readonly core: GoType | null;
}

export const unknown = (why: string): GoType => ({ kind: 'unknown', why });
export const basic = (name: string): GoType => ({ kind: 'basic', name });
export const named = (pkg: string, name: string, args: readonly GoType[] = []): GoType => ({
  kind: 'named',
  pkg,
  name,
  args,
});
export const pointer = (elem: GoType): GoType => ({ kind: 'pointer', elem });

export const BASIC_TYPES: ReadonlySet<string> = new Set(
  (
    'bool string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr ' +
    'float32 float64 complex64 complex128 byte rune error any comparable'
  ).split(' '),
);

/** The way Go tools write it: `*net/http.Client`, `[]uint8`, `chan error`; `?` where something is unknown. */
export function typeString(type: GoType): string {
  switch (type.kind) {
    case 'basic':
      return type.name;
    case 'named': {
      const args = type.args.length === 0 ? '' : `[${type.args.map(typeString).join(',')}]`;
      return (type.pkg === '' ? type.name : `${type.pkg}.${type.name}`) + args;
    }
    case 'pointer':
      return `*${typeString(type.elem)}`;
    case 'slice':
      return `[]${typeString(type.elem)}`;
    case 'array':
      return `[...]${typeString(type.elem)}`;
    case 'chan':
      return `${{ both: 'chan', send: 'chan<-', recv: '<-chan' }[type.dir]} ${typeString(type.elem)}`;
    case 'map':
      return `map[${typeString(type.key)}]${typeString(type.elem)}`;
    case 'func':
      return `func(${type.params.map(typeString).join(', ')}) (${type.results.map(typeString).join(', ')})`;
    case 'struct':
    case 'interface':
      return type.kind;
    case 'typeparam':
      return type.name;
    case 'tuple':
      return `(${type.of.map(typeString).join(', ')})`;
    case 'unknown':
      return '?';
  }
}

/** True for the named type itself; with `orPointer` also for a pointer to it. */
export function isNamed(type: GoType, pkg: string, name: string, orPointer = false): boolean {
  if (type.kind === 'pointer' && orPointer) return isNamed(type.elem, pkg, name);
  return type.kind === 'named' && type.pkg === pkg && type.name === name;
}

export const deref = (type: GoType): GoType => (type.kind === 'pointer' ? type.elem : type);
