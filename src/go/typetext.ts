import { BASIC_TYPES, basic, type GoType, pointer, type TypeParam, unknown } from './type.ts';

/** What names inside an API list mean. */
export interface Names {
  /** Import path behind a package name, or null when it cannot be told. */
  path(name: string): string | null;
  /** The type behind a name, aliases resolved. */
  type(path: string, name: string, args: readonly GoType[]): GoType;
}

/** Reads one Go type as the API lists write it. `pkg` owns the unqualified names. */
export function parseTypeText(text: string, pkg: string, names: Names): GoType {
  return new TypeText(text, pkg, names).type();
}

/** Reads `(params) results` behind a name, type parameters first where there are any. */
export function parseSignature(text: string, pkg: string, names: Names): GoType {
  const reader = new TypeText(text, pkg, names);
  const typeParams = reader.typeParameters();
  const signature = reader.signature();
  return typeParams.length === 0 ? signature : { ...signature, typeParams };
}

class TypeText {
  readonly #text: string;
  readonly #pkg: string;
  readonly #names: Names;
  #at = 0;

  constructor(text: string, pkg: string, names: Names) {
    this.#text = text;
    this.#pkg = pkg;
    this.#names = names;
  }

  /** `[$0 interface{ ~[]$1 }, $1 comparable]` */
  typeParameters(): readonly TypeParam[] {
    if (this.#text[this.#at] !== '[') return [];
    const from = this.#at + 1;
    this.#skipBrackets();
    const list = this.#text.slice(from, this.#at - 1);
    return [...list.matchAll(/(?:^|, )(\$\d+) (?:interface\{ ~([^|}]*) \})?/g)].map(([, name, core]) => ({
      name: name as string,
      core: core === undefined ? null : parseTypeText(core, this.#pkg, this.#names),
    }));
  }

  signature(): Extract<GoType, { kind: 'func' }> {
    let variadic = false;
    const params = this.#list(() => {
      if (this.#eat('...')) variadic = true;
      return this.type();
    });
    let results: readonly GoType[] = [];
    if (this.#eat(' '))
      results = this.#text[this.#at] === '(' ? this.#list(() => this.type()) : [this.type()];
    return { kind: 'func', params, results, variadic };
  }

  type(): GoType {
    if (this.#eat('*')) return pointer(this.type());
    if (this.#eat('[]')) return { kind: 'slice', elem: this.type() };
    if (this.#text[this.#at] === '[') {
      this.#skipBrackets();
      return { kind: 'array', elem: this.type() };
    }
    if (this.#eat('map[')) {
      const key = this.type();
      this.#eat(']');
      return { kind: 'map', key, elem: this.type() };
    }
    if (this.#eat('<-chan ')) return { kind: 'chan', dir: 'recv', elem: this.type() };
    if (this.#eat('chan<- ')) return { kind: 'chan', dir: 'send', elem: this.type() };
    if (this.#eat('chan ')) return { kind: 'chan', dir: 'both', elem: this.type() };
    if (this.#text.startsWith('func(', this.#at)) {
      this.#at += 'func'.length;
      return this.signature();
    }
    const word = /^(?:\$?[\w]+)(?:\.\w+)?/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += word.length;
    if (word === 'interface' || word === 'struct') {
      this.#eat(' ');
      if (this.#text[this.#at] === '{') this.#skipBrackets();
      return { kind: word, node: null };
    }
    return this.#name(word);
  }

  #name(word: string): GoType {
    if (word === '') {
      this.#at = this.#text.length;
      return unknown('unreadable API entry');
    }
    if (word.startsWith('$')) return { kind: 'typeparam', name: word };
    if (BASIC_TYPES.has(word)) return basic(word);
    let args: readonly GoType[] = [];
    if (this.#text[this.#at] === '[') args = this.#list(() => this.type());
    const dot = word.indexOf('.');
    if (dot < 0) return word.startsWith('ideal') ? basic('untyped') : this.#names.type(this.#pkg, word, args);
    const path = this.#names.path(word.slice(0, dot));
    return path === null
      ? unknown(`ambiguous package ${word}`)
      : this.#names.type(path, word.slice(dot + 1), args);
  }

  /** Comma-separated items between the bracket here and its partner. */
  #list(item: () => GoType): readonly GoType[] {
    const out: GoType[] = [];
    this.#at++;
    while (this.#at < this.#text.length && !')]'.includes(this.#text[this.#at] as string)) {
      out.push(item());
      if (!this.#eat(', ') && !this.#eat(',') && !')]'.includes(this.#text[this.#at] ?? ')')) break;
    }
    this.#at++;
    return out;
  }

  #skipBrackets(): void {
    let depth = 0;
    do {
      const c = this.#text[this.#at++];
      if (c === '[' || c === '{' || c === '(') depth++;
      else if (c === ']' || c === '}' || c === ')') depth--;
    } while (depth > 0 && this.#at < this.#text.length);
  }

  #eat(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }
}
