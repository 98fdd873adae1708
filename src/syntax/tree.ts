import { Meter } from './budget.ts';
import { FIELDS, type FieldName, type FieldsOf, KINDS, type NodeKind } from './kinds.gen.ts';

/** A half-open range of UTF-16 offsets into the source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The arrays a parse is copied into, in preorder. A node `a` contains `b` exactly when `a <= b && b < next[a]`.
 * Named nodes, and anonymous ones that carry a field (operators), are kept; other punctuation is not.
 */
export interface FlatTree {
  readonly size: number;
  /** Index into KINDS. */
  readonly kind: Uint8Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** -1 for the root. */
  readonly parent: Int32Array;
  readonly next: Uint32Array;
  /** 1 + index into FIELDS, 0 for none. */
  readonly field: Uint8Array;
  /** 1 where an ERROR or MISSING node lies inside. */
  readonly broken: Uint8Array;
}

export const kindIndex: ReadonlyMap<string, number> = new Map(KINDS.map((k, i) => [k, i]));
/** 0 is for no field. */
export const fieldIndex: ReadonlyMap<string, number> = new Map(FIELDS.map((f, i) => [f, i + 1]));
const COMMENT = kindIndex.get('comment') ?? -1;
/** Two of three nodes are leaves. */
const NO_NODES: readonly Node[] = [];

type Arity<K extends NodeKind, F extends string> = K extends keyof FieldsOf
  ? F extends keyof FieldsOf[K]
    ? FieldsOf[K][F]
    : 'optional'
  : 'optional';
type FieldNames<K extends NodeKind> = K extends keyof FieldsOf ? keyof FieldsOf[K] & FieldName : never;
/** What `field(name)` gives: never null when the grammar guarantees the field. */
type FieldResult<K extends NodeKind, F extends string> = [Arity<K, F>] extends ['one'] ? Node : Node | null;

/** A read-only view of one index of a Tree. The same index always gives the same object. */
export class Node<K extends NodeKind = NodeKind> implements Span {
  readonly tree: Tree;
  readonly id: number;
  readonly kind: K;
  private kids: readonly Node[] | undefined;

  constructor(tree: Tree, id: number) {
    this.tree = tree;
    this.id = id;
    this.kind = KINDS[tree.flat.kind[id] as number] as K;
  }

  get start(): number {
    return this.tree.flat.start[this.id] as number;
  }
  get end(): number {
    return this.tree.flat.end[this.id] as number;
  }
  /** One past the last descendant. */
  get next(): number {
    return this.tree.flat.next[this.id] as number;
  }
  get text(): string {
    const { start, end } = this;
    // What is done with a text mostly reads all of it.
    this.tree.meter.spend((end - start) >> 6);
    return this.tree.text.slice(start, end);
  }
  /** An ERROR or MISSING node lies inside. */
  get broken(): boolean {
    return this.tree.flat.broken[this.id] === 1;
  }
  /** 1-based. */
  get line(): number {
    return this.tree.lineAt(this.start);
  }
  get endLine(): number {
    return this.tree.lineAt(Math.max(this.start, this.end - 1));
  }
  /** 1-based, in UTF-16 units. */
  get column(): number {
    return this.start - this.tree.lineStart(this.line) + 1;
  }
  get parent(): Node | null {
    const p = this.tree.flat.parent[this.id] as number;
    return p < 0 ? null : this.tree.node(p);
  }
  /** The field under which the parent holds this node. */
  get fieldName(): FieldName | null {
    const f = this.tree.flat.field[this.id] as number;
    return f === 0 ? null : (FIELDS[f - 1] as FieldName);
  }

  /** Direct children without comments. */
  get children(): readonly Node[] {
    if (this.kids === undefined) {
      const { next, kind } = this.tree.flat;
      const end = this.next;
      let out: Node[] | null = null;
      for (let i = this.id + 1; i < end; i = next[i] as number)
        if (kind[i] !== COMMENT) {
          const child = this.tree.node(i);
          if (out === null) out = [child];
          else out.push(child);
        }
      this.kids = out ?? NO_NODES;
    }
    return this.kids;
  }

  // The kind is a parameter of the method, not read off the class, so that Node<'x'> stays assignable to Node.
  field<J extends NodeKind, F extends FieldNames<J>>(this: Node<J>, name: F): FieldResult<J, F> {
    const wanted = fieldIndex.get(name);
    const { next, field } = this.tree.flat;
    const end = this.next;
    for (let i = this.id + 1; i < end; i = next[i] as number)
      if (field[i] === wanted) return this.tree.node(i);
    return null as FieldResult<J, F>;
  }

  /** All children under a field; the commas between them carry it as well, and are left out. */
  fields<J extends NodeKind>(this: Node<J>, name: FieldNames<J>): readonly Node[] {
    const wanted = fieldIndex.get(name);
    return this.children.filter((c) => this.tree.flat.field[c.id] === wanted && !c.is('token'));
  }

  is<J extends NodeKind>(...kinds: readonly J[]): this is Node<J> {
    return (kinds as readonly NodeKind[]).includes(this.kind);
  }

  contains(other: Node): boolean {
    this.tree.meter.spend(1);
    return this.tree === other.tree && this.id <= other.id && other.id < this.next;
  }

  /** Nearest strict ancestor of one of the kinds. */
  ancestor<J extends NodeKind>(...kinds: readonly J[]): Node<J> | null {
    for (let p = this.parent; p !== null; p = p.parent) if (p.is(...kinds)) return p;
    return null;
  }

  /** Strict descendants of the kinds, in source order. */
  *descendants<J extends NodeKind>(...kinds: readonly J[]): Generator<Node<J>> {
    const wanted = kinds.map((k) => kindIndex.get(k) as number);
    const { kind } = this.tree.flat;
    const end = this.next;
    this.tree.meter.spend((end - this.id) >> 3);
    for (let i = this.id + 1; i < end; i++)
      if (wanted.includes(kind[i] as number)) yield this.tree.node(i) as Node<J>;
  }
}

/** Nodes are kept in pages of 2 ** PAGE: rules reach few of them, and a slot for each would outweigh the flat arrays. */
const PAGE = 6;

/** An immutable parsed file. */
export class Tree {
  readonly text: string;
  readonly flat: FlatTree;
  /** Charged for every node that is reached; the trees of a package share one. */
  meter = new Meter();
  readonly #pages: ((Node | undefined)[] | undefined)[];
  #lines: Uint32Array | undefined;

  constructor(text: string, flat: FlatTree) {
    this.text = text;
    this.flat = flat;
    this.#pages = new Array((flat.size >> PAGE) + 1);
  }

  get root(): Node<'source_file'> {
    return this.node(0) as Node<'source_file'>;
  }

  node(id: number): Node {
    this.meter.spend(1);
    let page = this.#pages[id >> PAGE];
    if (page === undefined) {
      page = new Array(1 << PAGE);
      this.#pages[id >> PAGE] = page;
    }
    const slot = id & ((1 << PAGE) - 1);
    let n = page[slot];
    if (n === undefined) {
      n = new Node(this, id);
      page[slot] = n;
    }
    return n;
  }

  /** 1-based line of a UTF-16 offset. */
  lineAt(offset: number): number {
    const lines = this.#lineTable();
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
      const mid = (low + high) >> 1;
      if ((lines[mid] as number) <= offset) low = mid;
      else high = mid;
    }
    return low + 1;
  }

  /** Offset at which a 1-based line starts. */
  lineStart(line: number): number {
    const lines = this.#lineTable();
    return lines[Math.min(Math.max(line, 1), lines.length) - 1] as number;
  }

  /** Text of a 1-based line without its line end; '' beyond the file. */
  lineText(line: number): string {
    const lines = this.#lineTable();
    if (line < 1 || line > lines.length) return '';
    const end = line < lines.length ? (lines[line] as number) - 1 : this.text.length;
    return this.text.slice(lines[line - 1] as number, end).replace(/\r$/, '');
  }

  #lineTable(): Uint32Array {
    if (this.#lines === undefined) {
      const starts = [0];
      for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) starts.push(i + 1);
      this.#lines = Uint32Array.from(starts);
    }
    return this.#lines;
  }
}
