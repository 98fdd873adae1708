import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { nearest } from './nearest.ts';

/** Something wrong with a configuration file. `message` says what to do; it may repeat words of the file. */
export interface ConfigProblem {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** A value of the file with the key it stands under. */
export interface Entry {
  readonly key: string;
  readonly node: Node | null;
  readonly line: number;
}

/** A file with one mistake tends to have a hundred consequences. */
const MAX_SYNTAX_ERRORS = 3;

/**
 * Reads typed values out of a YAML file and notes what is wrong with it. Nodes are never converted as a whole:
 * `toJS()` needs minutes for some files of 32 KB, and reading only the expected places needs no limit on aliases.
 */
export class Reader {
  readonly problems: ConfigProblem[] = [];
  readonly root: Node | null;
  readonly #path: string;
  readonly #lines = new LineCounter();

  constructor(text: string, path: string) {
    this.#path = path;
    // The parser's own check for unique keys is quadratic; `entries` does it in one pass.
    const document = parseDocument(text, {
      uniqueKeys: false,
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: 'silent',
    });
    for (const error of [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_ERRORS)) {
      this.#note(
        this.#lines.linePos(error.pos[0]).line,
        `not valid YAML: ${error.message}; correct the syntax`,
      );
    }
    this.root = document.errors.length > 0 ? null : document.contents;
  }

  /** Notes a problem at an entry. */
  reject(entry: Entry, message: string): void {
    this.#note(entry.line, message);
  }

  /** The entries of a mapping whose keys are among `known`; `what` names the mapping. */
  entries(node: Node | null, what: string, known: readonly string[]): readonly Entry[] {
    if (isEmpty(node)) return [];
    if (!isMap(node)) {
      this.#note(this.#lineOf(node, 1), `${what} must be a mapping with the keys ${known.join(', ')}`);
      return [];
    }
    const seen = new Map<string, number>();
    return node.items.flatMap((pair): readonly Entry[] => {
      const line = this.#lineOf(pair.key, this.#lineOf(node, 1));
      const key = isScalar(pair.key) ? String(pair.key.value) : '?';
      const first = seen.get(key);
      if (first !== undefined) {
        this.#note(line, `key ${quote(key)} is there twice, first in line ${first}; keep one`);
        return [];
      }
      seen.set(key, line);
      if (!known.includes(key)) {
        const guess = nearest(key, known);
        const hint =
          guess === null ? `the known keys are ${known.join(', ')}` : `did you mean ${quote(guess)}?`;
        this.#note(line, `unknown key ${quote(key)} in ${what}; ${hint}`);
        return [];
      }
      const value = pair.value as Node | null;
      return [{ key, node: value, line: this.#lineOf(value, line) }];
    });
  }

  /** One of the given words. */
  word<T extends string>(entry: Entry, words: readonly T[]): T | null {
    const value = this.#scalar(entry);
    const found = words.find((word) => word === value);
    if (found === undefined && value !== null) {
      const guess = typeof value === 'string' ? nearest(value, words) : null;
      const hint = guess === null ? '' : `; did you mean ${quote(guess)}?`;
      this.reject(
        entry,
        `${entry.key} must be one of ${words.join(', ')}, not ${quote(String(value))}${hint}`,
      );
    }
    return found ?? null;
  }

  flag(entry: Entry): boolean | null {
    const value = this.#scalar(entry);
    if (typeof value === 'boolean') return value;
    if (value !== null) this.reject(entry, `${entry.key} must be true or false, not ${quote(String(value))}`);
    return null;
  }

  /** A list of strings, each with its own line. */
  strings(entry: Entry): readonly Entry[] {
    const { node, key } = entry;
    if (isEmpty(node)) return [];
    if (!isSeq(node)) {
      this.reject(entry, `${key} must be a list; write [a, b], or one "- item" on each line`);
      return [];
    }
    return node.items.flatMap((item): readonly Entry[] => {
      const line = this.#lineOf(item, entry.line);
      if (isScalar(item) && typeof item.value === 'string' && item.value !== '') {
        return [{ key: item.value, node: item, line }];
      }
      this.#note(line, `every item of ${key} must be a text; quote it`);
      return [];
    });
  }

  #scalar(entry: Entry): unknown {
    if (isEmpty(entry.node)) return null;
    if (isScalar(entry.node)) return entry.node.value;
    const what = isAlias(entry.node) ? 'an alias' : 'a list or mapping';
    this.reject(entry, `${entry.key} must be a single value, not ${what}; write the value itself`);
    return null;
  }

  #lineOf(node: unknown, otherwise: number): number {
    const start = (node as Partial<Node> | null)?.range?.[0];
    return start === undefined ? otherwise : this.#lines.linePos(start).line;
  }

  #note(line: number, message: string): void {
    this.problems.push({ path: this.#path, line: Math.max(1, line), message });
  }
}

/** A key without a value, as in a template whose lines are commented out, is the same as no key. */
function isEmpty(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.value === null);
}

const MAX_QUOTED = 60;

/** Words of the file in a message: short, visible, and unable to end the quotation. */
export function quote(text: string): string {
  const visible = text.slice(0, MAX_QUOTED).replace(/[\p{C}`]/gu, '?');
  return `\`${visible}${text.length > MAX_QUOTED ? '…' : ''}\``;
}
