import { std } from './std.ts';
import { type GoType, isNamed, typeString } from './type.ts';

/** The function or method that does the same and takes a context. */
export interface Twin {
  /** `NewRequestWithContext`, `QueryContext`: what to write in place of the old name. */
  readonly name: string;
  /** As callees are named: `net/http.NewRequestWithContext`, `(*database/sql.DB).QueryContext`. */
  readonly fullName: string;
  /** Minor Go version that brought it. */
  readonly since: number;
  /** The type whose zero value has the method, where the original is a function: `Dialer` for `net.Dial`. */
  readonly receiver: string | null;
  /** Arguments behind those of the original, all pointers to options that may be nil: `BeginTx(ctx, nil)`. */
  readonly nilArguments: number;
}

/** What the standard library puts behind a name for the variant that takes a context. */
const ENDINGS = ['Context', 'WithContext', 'Tx'];

/**
 * The context-taking twin of `path.Name` or of the method `path.Type.Name`, derived from the signatures: the same
 * parameters behind a context, the same results. Null when there is none, or the original takes a context itself.
 */
export function twin(path: string, name: string): Twin | null {
  const dot = name.indexOf('.');
  if (dot >= 0) return methodTwin(path, name.slice(0, dot), name.slice(dot + 1));
  const original = std.func(path, name)?.type;
  if (original?.kind !== 'func' || takesContext(original)) return null;
  for (const ending of ENDINGS) {
    const found = std.func(path, name + ending);
    const extra = found === null ? null : match(original, found.type);
    if (found !== null && extra !== null)
      return describe(`${path}.${name}${ending}`, name + ending, found.since, null, extra);
  }
  return zeroValueTwin(path, name, original);
}

function methodTwin(path: string, type: string, method: string): Twin | null {
  const original = std.method(path, type, method)?.type;
  if (original?.kind !== 'func' || takesContext(original)) return null;
  for (const ending of ENDINGS) {
    const found = std.method(path, type, method + ending);
    const extra = found === null ? null : match(original, found.type);
    if (found !== null && extra !== null)
      return describe(nameOf(path, type, method + ending), method + ending, found.since, null, extra);
  }
  return null;
}

/** `net.Dial` is `(&net.Dialer{}).DialContext`: a method of a struct of the package that works as it is. */
function zeroValueTwin(path: string, name: string, original: Func): Twin | null {
  for (const method of [`${name}Context`, name])
    for (const receiver of std.ownersOf(path, method)) {
      const found = std.method(path, receiver, method);
      if (found === null || !std.hasFields(path, receiver)) continue;
      if (match(original, found.type) !== 0) continue;
      return describe(nameOf(path, receiver, method), method, found.since, receiver, 0);
    }
  return null;
}

type Func = Extract<GoType, { kind: 'func' }>;

function describe(
  fullName: string,
  name: string,
  since: number,
  receiver: string | null,
  nilArguments: number,
): Twin {
  return { name, fullName, since, receiver, nilArguments };
}

function nameOf(path: string, type: string, method: string): string {
  const isInterface = std.underlying(path, type)?.type.kind === 'interface';
  return isInterface ? `(${path}.${type}).${method}` : `(*${path}.${type}).${method}`;
}

function takesContext({ params }: Func): boolean {
  return params.some((p) => isNamed(p, 'context', 'Context'));
}

/** How many arguments the twin takes beyond the context and those of the original; null when it is another thing. */
function match(original: Func, candidate: GoType): number | null {
  if (candidate.kind !== 'func' || candidate.variadic !== original.variadic) return null;
  const [context, ...rest] = candidate.params;
  if (context === undefined || !isNamed(context, 'context', 'Context')) return null;
  const extra = rest.slice(original.params.length);
  if (!sameTypes(original.params, rest.slice(0, original.params.length))) return null;
  if (!sameTypes(original.results, candidate.results) || extra.some((p) => p.kind !== 'pointer')) return null;
  return extra.length;
}

function sameTypes(a: readonly GoType[], b: readonly GoType[]): boolean {
  return a.length === b.length && a.every((t, i) => typeString(t) === typeString(b[i] as GoType));
}
