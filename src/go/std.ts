import { type Bindings, bind } from './generics.ts';
import { STD } from './knowledge/std.gen.ts';
import { THIRD_PARTY } from './knowledge/thirdparty.gen.ts';
import { type GoType, named, unknown } from './type.ts';
import { type Names, parseSignature, parseTypeText } from './typetext.ts';

interface Entry {
  readonly text: string;
  /** Minor Go version that introduced it; 0 for Go 1.0. */
  readonly since: number;
}

/** One package: names → entries of the API lists. */
interface ListedPackage {
  /** Import paths behind the package names in the entries, where the name does not tell. */
  readonly paths: Map<string, string>;
  readonly funcs: Map<string, Entry>;
  /** `Client.Do`: methods of concrete types, with the receiver's pointer in `*Client.Do` left out. */
  readonly methods: Map<string, Entry>;
  readonly types: Map<string, Entry>;
  readonly fields: Map<string, Entry>;
  readonly values: Map<string, Entry & { readonly constant: string | null }>;
}

export type StdMember = { readonly type: GoType; readonly since: number };

/**
 * The exported API of the standard library, and of the few packages of other modules that the rules speak about, read
 * lazily, package by package. Of those others some names are known, and of the types among them all members.
 */
class StdTable {
  readonly #packages = new Map<string, ListedPackage | null>();
  readonly #byName = new Map<string, string | null>();

  constructor() {
    for (const path of Object.keys(STD)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      this.#byName.set(name, this.#byName.has(name) ? null : path);
    }
    // Same last element twice: the one that signatures of other packages mean.
    for (const path of ['text/template', 'go/scanner', 'math/rand', 'runtime/pprof']) {
      this.#byName.set(path.slice(path.lastIndexOf('/') + 1), path);
    }
  }

  /** Whether the package is one of the standard library: of those every name is known. */
  has(path: string): boolean {
    return Object.hasOwn(STD, path);
  }

  func(path: string, name: string): StdMember | null {
    return this.#signature(path, this.#load(path)?.funcs.get(name));
  }

  /** Method of a concrete or interface type, without embedded promotion. */
  method(path: string, type: string, name: string): StdMember | null {
    return this.#signature(path, this.#load(path)?.methods.get(`${type}.${name}`));
  }

  field(path: string, type: string, name: string): StdMember | null {
    const entry = this.#load(path)?.fields.get(`${type}.${name}`);
    return entry === undefined
      ? null
      : { type: this.#type(entry.text.replace(/^!/, ''), path), since: entry.since };
  }

  /** Types a struct or interface embeds, for promotion. */
  embedded(path: string, type: string): readonly GoType[] {
    const out: GoType[] = [];
    for (const [key, entry] of this.#load(path)?.fields ?? [])
      if (key.startsWith(`${type}.`) && entry.text.startsWith('!'))
        out.push(this.#type(entry.text.slice(1), path));
    return out;
  }

  /** Package-level variable or constant. `constant` is the value of an integer constant. */
  value(path: string, name: string): (StdMember & { readonly constant: string | null }) | null {
    const entry = this.#load(path)?.values.get(name);
    if (entry === undefined) return null;
    return { type: this.#type(entry.text, path), since: entry.since, constant: entry.constant };
  }

  /** Underlying text of a type (`struct`, `interface`, `int64`, `func(…)`), or null. */
  underlying(path: string, name: string): StdMember | null {
    const entry = this.#load(path)?.types.get(name);
    if (entry === undefined) return null;
    return { type: this.#type(entry.text.replace(/^= /, ''), path), since: entry.since };
  }

  /** What stands for `$0`, `$1` … in the entries of an instantiated type. */
  bindings({ args }: { readonly args: readonly GoType[] }): Bindings {
    return bind(
      args.map((_, i) => `$${i}`),
      args,
    );
  }

  /** Types of the package that have a method of the name. */
  ownersOf(path: string, method: string): readonly string[] {
    const owners: string[] = [];
    for (const key of this.#load(path)?.methods.keys() ?? [])
      if (key.endsWith(`.${method}`)) owners.push(key.slice(0, key.indexOf('.')));
    return owners;
  }

  /** Whether users of a struct can fill it in: only such a one is of use without a constructor. */
  hasFields(path: string, type: string): boolean {
    for (const key of this.#load(path)?.fields.keys() ?? []) if (key.startsWith(`${type}.`)) return true;
    return false;
  }

  /** `io/fs.FileMode` for `os.FileMode`: the type behind a name that is listed, or the named type itself. */
  resolve(path: string, name: string, args: readonly GoType[] = []): GoType {
    const entry = this.#load(path)?.types.get(name);
    return entry?.text.startsWith('= ') === true
      ? this.#type(entry.text.slice(2), path)
      : named(path, name, args);
  }

  /** Minor version of Go that introduced `Name` or `Type.Member`; null when it is not known of the standard library. */
  since(path: string, name: string): number | null {
    const p = this.has(path) ? this.#load(path) : null;
    if (p === null) return null;
    const entry =
      p.funcs.get(name) ??
      p.types.get(name) ??
      p.values.get(name) ??
      p.methods.get(name) ??
      p.fields.get(name);
    return entry?.since ?? null;
  }

  #signature(path: string, entry: Entry | undefined): StdMember | null {
    if (entry === undefined) return null;
    return { type: parseSignature(entry.text, path, this.#namesIn(path)), since: entry.since };
  }

  #type(text: string, path: string): GoType {
    return text === '' ? unknown('no type in the API list') : parseTypeText(text, path, this.#namesIn(path));
  }

  #namesIn(path: string): Names {
    const paths = this.#load(path)?.paths;
    return {
      path: (name) => paths?.get(name) ?? this.#byName.get(name) ?? null,
      type: (of, name, args) => this.resolve(of, name, args),
    };
  }

  #load(path: string): ListedPackage | null {
    let pkg = this.#packages.get(path);
    if (pkg === undefined) {
      const table = [STD, THIRD_PARTY].find((t) => Object.hasOwn(t, path));
      pkg = table === undefined ? null : readPackage(table[path] as string);
      this.#packages.set(path, pkg);
    }
    return pkg;
  }
}

const LINE = /^(\w) (.*?) *(?: @(\d+))?$/;

function readPackage(text: string): ListedPackage {
  const pkg: ListedPackage = {
    paths: new Map(),
    funcs: new Map(),
    methods: new Map(),
    types: new Map(),
    fields: new Map(),
    values: new Map(),
  };
  for (const line of text.split('\n')) {
    const m = LINE.exec(line);
    if (m === null) continue;
    const [, kind, body, minor] = m as unknown as [string, string, string, string | undefined];
    const since = Number(minor ?? 0);
    if (kind === 'F') {
      const name = /^\w+/.exec(body)?.[0] ?? '';
      pkg.funcs.set(name, { text: body.slice(name.length), since });
    } else if (kind === 'M') {
      const r = /^\(\*?(\w+)(?:\[.*?\])?\) (\w+)(.*)$/.exec(body);
      if (r !== null) pkg.methods.set(`${r[1]}.${r[2]}`, { text: r[3] as string, since });
    } else if (kind === 'I') {
      const r = /^(\w+\.\w+)(.*)$/.exec(body);
      if (r !== null) addInterfaceMethod(pkg, r[1] as string, r[2] as string, since);
    } else if (kind === 'D' || kind === 'T' || kind === 'P') {
      const space = body.indexOf(' ');
      const [name, text] = [body.slice(0, space), body.slice(space + 1)];
      if (kind === 'P') pkg.paths.set(name, text);
      else (kind === 'D' ? pkg.fields : pkg.types).set(name, { text, since });
    } else {
      const r = /^(\w+) ([^=]*)(?:=(-?\d+))?$/.exec(body);
      if (r !== null) pkg.values.set(r[1] as string, { text: r[2] as string, since, constant: r[3] ?? null });
    }
  }
  return pkg;
}

/** The lists have no line for an interface with unexported methods (`reflect.Type`): it is as old as its oldest method. */
function addInterfaceMethod(pkg: ListedPackage, name: string, text: string, since: number): void {
  pkg.methods.set(name, { text, since });
  const type = name.slice(0, name.indexOf('.'));
  const known = pkg.types.get(type);
  if (known === undefined || (known.text === 'interface' && since < known.since))
    pkg.types.set(type, { text: 'interface', since });
}

export const std = new StdTable();
