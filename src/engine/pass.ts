import type { Node } from '../syntax/tree.ts';
import type { Texts } from './rule.ts';
import type { Analysis, GoPackage, SourceFile } from './source.ts';
import type { Confidence, Severity } from './verdict.ts';

export type TextArgs = Readonly<Record<string, string | number>>;

/** A place on the path that goes wrong, with the key of its label. */
export interface TracePoint<T extends Texts = Texts> {
  readonly at: Node;
  /** Points at the node's last line instead of its first: the closing brace of a function. */
  readonly atEnd?: boolean;
  readonly text: keyof T & string;
  readonly args?: TextArgs;
}

/** Replaces the source between two UTF-16 offsets of the site's file. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Violation<T extends Texts = Texts> {
  readonly message: keyof T & string;
  readonly args?: TextArgs;
  readonly trace?: readonly TracePoint<T>[];
  /** Edits that together fix the site mechanically; turned into whole-line suggestions. */
  readonly fix?: readonly Edit[];
  /** Lower (or raise) the rule's defaults for this site. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
}

/** What a rule said about one site; `analyse` turns it into findings and obligations. */
export type Statement =
  | { readonly verdict: 'met'; readonly site: Node; readonly evidence: Node }
  | { readonly verdict: 'unknown'; readonly site: Node; readonly reason: string; readonly args: TextArgs }
  | { readonly verdict: 'violated'; readonly site: Node; readonly violation: Violation };

/** The only door between a rule and the world. */
export class Pass<T extends Texts = Texts> {
  readonly file: SourceFile;
  readonly #say: (statement: Statement) => void;

  constructor(file: SourceFile, say: (statement: Statement) => void) {
    this.file = file;
    this.#say = say;
  }

  get pkg(): GoPackage {
    return this.file.pkg;
  }

  get<A>(analysis: Analysis<A>): A {
    return this.file.get(analysis);
  }

  /** The obligation at `site` is discharged; `evidence` is the code that proves it. */
  met(site: Node, evidence: Node): void {
    this.#say({ verdict: 'met', site, evidence });
  }

  /** The obligation at `site` is broken. `site` starts on the line a reviewer would point at. */
  violated(site: Node, violation: Violation<T>): void {
    this.#say({ verdict: 'violated', site, violation: violation as Violation });
  }

  /** There is an obligation at `site`, and the analysis cannot decide it. */
  unknown(site: Node, reason: keyof T & string, args: TextArgs = {}): void {
    this.#say({ verdict: 'unknown', site, reason, args });
  }
}
