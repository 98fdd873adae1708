import { MAX_DEPTH, MAX_NODES, MAX_PARSE_STEPS, MAX_TEXT, OverBudget } from './budget.ts';
import { FIELDS, type NodeKind } from './kinds.gen.ts';
import { type FlatTree, kindIndex, Tree } from './tree.ts';

/**
 * The one module that knows a tree-sitter binding. Live nodes are 7 to 23 times dearer to query than plain arrays
 * (reference measurements), so a parse is copied once into typed arrays and the tree-sitter tree is dropped.
 */
export interface Parser {
  readonly binding: 'native' | 'wasm';
  /** Never throws for any text; what does not parse is marked `broken`. Throws OverBudget at the first limit it meets. */
  parse(text: string): Tree;
}

/** The part of a cursor both bindings share. */
interface Cursor {
  readonly nodeType: string;
  readonly nodeTypeId: number;
  readonly nodeIsNamed: boolean;
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly currentFieldId: number;
  readonly currentFieldName: string | null | undefined;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

interface Binding {
  readonly kind: 'native' | 'wasm';
  /** Calls `use` with a cursor at the root; frees everything afterwards. */
  withCursor<T>(text: string, use: (cursor: Cursor, hasError: boolean) => T): T;
}

export interface ParserSource {
  /** Bytes of tree-sitter-go's WASM build; asked for only when the native binding is not used. */
  readonly grammarWasm: () => Promise<Uint8Array>;
  /** Default: native where its binary loads, else WASM. */
  readonly binding?: 'native' | 'wasm';
}

/** @throws when the demanded binding cannot be loaded. */
export async function loadParser(source: ParserSource): Promise<Parser> {
  let binding: Binding | null = null;
  if (source.binding !== 'wasm') binding = await loadNative(source.binding === 'native');
  binding ??= await loadWasm(await source.grammarWasm());
  const copier = new Copier(binding);
  return { binding: binding.kind, parse: (text) => parseWith(copier, text) };
}

async function loadNative(required: boolean): Promise<Binding | null> {
  try {
    const [{ default: NativeParser }, { default: language }] = await Promise.all([
      import('tree-sitter'),
      import('tree-sitter-go'),
    ]);
    const parser = new NativeParser();
    parser.setLanguage(language as ConstructorParameters<never>[0]);
    return {
      kind: 'native',
      withCursor(text, use) {
        // A whole string is refused above 32 KiB unless it is handed over in pieces.
        const piece = (index: number) => text.slice(index, index + 16_384);
        const tree = parser.parse(piece, null, { progressCallback: stepLimit() }) as ReturnType<
          typeof parser.parse
        > | null;
        if (tree === null) {
          parser.reset();
          throw new OverBudget(TOO_MANY_STEPS);
        }
        return use(tree.walk(), tree.rootNode.hasError);
      },
    };
  } catch (error) {
    // Expected where the package is absent or its prebuilt binary needs a newer libstdc++ (Debian 12).
    if (required) throw new Error('the native tree-sitter binding does not load here', { cause: error });
    return null;
  }
}

async function loadWasm(grammar: Uint8Array): Promise<Binding> {
  const { Parser: WasmParser, Language } = await import('web-tree-sitter');
  await WasmParser.init();
  const parser = new WasmParser();
  parser.setLanguage(await Language.load(grammar));
  return {
    kind: 'wasm',
    withCursor(text, use) {
      const tree = parser.parse(text, null, { progressCallback: stepLimit() });
      if (tree === null) {
        // It would go on with the old text otherwise.
        parser.reset();
        throw new OverBudget(TOO_MANY_STEPS);
      }
      const cursor = tree.walk();
      try {
        return use(cursor, tree.rootNode.hasError);
      } finally {
        cursor.delete();
        tree.delete();
      }
    },
  };
}

/** tree-sitter calls back every hundredth step of its parser. */
const STEPS_PER_CALL = 100;
const TOO_MANY_STEPS = `more than ${MAX_PARSE_STEPS} steps to parse`;

/** Both bindings stop where this says true; web-tree-sitter's type forgets that it listens. */
function stepLimit(): () => boolean {
  let calls = 0;
  return () => ++calls * STEPS_PER_CALL > MAX_PARSE_STEPS;
}

/** What an anonymous node is, which no named kind may be mistaken for. */
const TOKEN = kindIndex.get('token') as number;
const ERROR = kindIndex.get('ERROR') as number;
/** Kinds that the grammar makes of single tokens: a third of all nodes, whose children need not be asked for. */
const LEAVES = new Set(
  (
    [
      'blank_identifier',
      'comment',
      'field_identifier',
      'identifier',
      'int_literal',
      'label_name',
      'package_identifier',
      'type_identifier',
    ] as const satisfies readonly NodeKind[]
  ).map((k) => kindIndex.get(k)),
);

/** Binding symbol and field ids → our indexes, learnt by name so that no numbering is relied upon. */
class SymbolTable {
  /** By symbol, -1 where it has not been met; tree-sitter's ERROR is symbol 65,535. */
  readonly #kinds = new Int16Array(1 << 16).fill(-1);
  readonly #fields: (number | undefined)[] = [];

  kind(cursor: Cursor): number {
    const id = cursor.nodeTypeId;
    let k = this.#kinds[id] as number;
    if (k < 0) {
      k = cursor.nodeIsNamed ? (kindIndex.get(cursor.nodeType) ?? ERROR) : TOKEN;
      this.#kinds[id] = k;
    }
    return k;
  }

  field(cursor: Cursor): number {
    const id = cursor.currentFieldId;
    if (id <= 0) return 0;
    let f = this.#fields[id];
    if (f === undefined) {
      f = (FIELDS as readonly string[]).indexOf(cursor.currentFieldName ?? '') + 1;
      this.#fields[id] = f;
    }
    return f;
  }
}

/**
 * tree-sitter-go 0.25 reads `new(x)` as a type only, so Go 1.26's `new(expr)` is an ERROR. A same-length mask
 * makes it an ordinary call; offsets hold and all text comes from the original. An argument that begins like a type is
 * left alone, unless it goes on as a composite literal: `new([]string{"a"})`.
 */
const NEW_EXPRESSION =
  /\bnew\((?=\s*(?:\[[^\]]*\]|map\[[^\]]*\])[\w.*[\]]*\{|(?!\s*(?:\[|map\b|chan\b|<-|func\b|struct\b|interface\b)))/g;

function parseWith(copier: Copier, text: string): Tree {
  if (text.length > MAX_TEXT) throw new OverBudget(`longer than ${MAX_TEXT / 1024 / 1024} MB`);
  const plain = copier.copy(text);
  if (plain.errors === 0) return new Tree(text, plain.flat);
  const masked = text.replace(NEW_EXPRESSION, 'n_w(');
  if (masked === text) return new Tree(text, plain.flat);
  const retried = copier.copy(masked);
  return new Tree(text, retried.errors < plain.errors ? retried.flat : plain.flat);
}

interface Growing {
  readonly capacity: number;
  readonly kind: Uint8Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly parent: Int32Array;
  readonly next: Uint32Array;
  readonly field: Uint8Array;
}

/** Nodes for which room is kept from file to file: 1.2 MB, and all but a few files fit. */
const KEPT_CAPACITY = 1 << 16;

/** Copies parse after parse; each into the same arrays, of which the tree gets its part. */
class Copier {
  readonly #binding: Binding;
  readonly #ids = new SymbolTable();
  readonly #room = grow(null, KEPT_CAPACITY);

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  copy(text: string): { flat: FlatTree; errors: number } {
    return this.#binding.withCursor(text, (cursor, hasError) => this.#walk(cursor, hasError));
  }

  /** A call through the binding costs more than all else here: what the kind of a node tells is not asked again. */
  #walk(cursor: Cursor, hasError: boolean): { flat: FlatTree; errors: number } {
    const ids = this.#ids;
    let a = this.#room;
    const errorsAt: number[] = [];
    let size = 0;
    let depth = 0;
    // Index of the kept node that encloses the cursor, per level of the cursor.
    const enclosing: number[] = [-1];

    for (;;) {
      const kind = ids.kind(cursor);
      const field = ids.field(cursor);
      let here = enclosing[depth] as number;
      const missing = hasError && cursor.nodeIsMissing;
      if (kind !== TOKEN || field > 0) {
        if (size === a.capacity) {
          if (size >= MAX_NODES) throw new OverBudget(`more than ${MAX_NODES} syntax nodes`);
          a = grow(a, Math.min(MAX_NODES, size * 2));
        }
        a.kind[size] = kind;
        a.start[size] = cursor.startIndex;
        a.end[size] = cursor.endIndex;
        a.parent[size] = here;
        a.field[size] = field;
        if (missing || (hasError && kind === ERROR)) errorsAt.push(size);
        here = size++;
      } else if (missing) {
        errorsAt.push(Math.max(here, 0));
      }
      if (kind !== TOKEN && !LEAVES.has(kind) && cursor.gotoFirstChild()) {
        depth++;
        if (depth > MAX_DEPTH) throw new OverBudget(`nested deeper than ${MAX_DEPTH} levels`);
        enclosing[depth] = here;
        continue;
      }
      close(a, here, enclosing[depth] as number, size);
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return { flat: finish(a, size, errorsAt), errors: errorsAt.length };
        const inner = enclosing[depth] as number;
        depth--;
        close(a, inner, enclosing[depth] as number, size);
      }
    }
  }
}

/** The subtree of `node` ends here, unless `node` is only the inherited enclosing node of a dropped token. */
function close(a: Growing, node: number, enclosing: number, size: number): void {
  if (node !== enclosing) a.next[node] = size;
}

function grow(old: Growing | null, capacity: number): Growing {
  const wider = <T extends Uint8Array | Uint32Array | Int32Array>(to: T, from: T | undefined): T => {
    if (from !== undefined) to.set(from);
    return to;
  };
  return {
    capacity,
    kind: wider(new Uint8Array(capacity), old?.kind),
    start: wider(new Uint32Array(capacity), old?.start),
    end: wider(new Uint32Array(capacity), old?.end),
    parent: wider(new Int32Array(capacity), old?.parent),
    next: wider(new Uint32Array(capacity), old?.next),
    field: wider(new Uint8Array(capacity), old?.field),
  };
}

function finish(a: Growing, size: number, errorsAt: readonly number[]): FlatTree {
  const broken = new Uint8Array(size);
  for (const at of errorsAt)
    for (let i = at; i >= 0 && broken[i] === 0; i = a.parent[i] as number) broken[i] = 1;
  return {
    size,
    kind: a.kind.slice(0, size),
    start: a.start.slice(0, size),
    end: a.end.slice(0, size),
    parent: a.parent.slice(0, size),
    next: a.next.slice(0, size),
    field: a.field.slice(0, size),
    broken,
  };
}
