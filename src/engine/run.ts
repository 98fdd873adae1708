import { OverBudget } from '../syntax/budget.ts';
import { KINDS, type NodeKind } from '../syntax/kinds.gen.ts';
import type { Node, Tree } from '../syntax/tree.ts';
import { declarationKey, functionName } from './fingerprint.ts';
import { Pass, type Statement } from './pass.ts';
import type { Rule } from './rule.ts';
import type { SourceFile } from './source.ts';

export interface FileRun {
  readonly statements: readonly { readonly rule: Rule; readonly statement: Statement }[];
  /** Declarations that were not looked at, by name and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Rules that threw, with the error's message: a bug of ours, contained. */
  readonly crashed: readonly { readonly rule: string; readonly message: string }[];
}

type Handler = (node: Node, pass: Pass) => void;

interface Listener {
  /** Of the rule in the list. */
  readonly index: number;
  readonly rule: Rule;
  readonly pass: Pass;
  readonly handler: Handler;
}

/**
 * Nodes that the rules together may reach from one top-level declaration, and from all of a file. Measured on Go 1.26's
 * own tree with eight rules: below 200,000 for a declaration and 500,000 for a file. What goes on for longer is generated or hostile.
 */
export const DECLARATION_STEPS = 4_000_000;
export const FILE_STEPS = 20_000_000;

const DEAR_DECLARATION = `more than ${DECLARATION_STEPS} steps to analyse`;
const DEAR_FILE = `more than ${FILE_STEPS} steps to analyse the file`;

/** Runs the rules over one file in a single walk over the flat arrays. */
export function runFile(file: SourceFile, rules: readonly Rule[]): FileRun {
  const statements: { rule: Rule; statement: Statement }[] = [];
  const crashed: { rule: string; message: string }[] = [];
  const { ranges, skipped } = brokenDeclarations(file);
  const tooDear: { name: string; reason: string }[] = [];
  const dead = new Set<Rule>();
  const table: (Listener[] | undefined)[] = new Array(KINDS.length);
  for (const [place, rule] of rules.entries()) {
    const pass = new Pass(file, (statement) => statements.push({ rule, statement }));
    for (const [kind, handler] of Object.entries(rule.on) as [NodeKind, Handler][]) {
      const index = KINDS.indexOf(kind);
      table[index] = [...(table[index] ?? []), { index: place, rule, pass, handler }];
    }
  }
  const visit = (node: Node, listeners: readonly Listener[]) => {
    for (const { rule, pass, handler } of listeners) {
      if (dead.has(rule)) continue;
      try {
        handler(node, pass);
      } catch (error) {
        if (error instanceof OverBudget) throw error;
        dead.add(rule);
        crashed.push({ rule: rule.id, message: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  const { kind, parent, next, size } = file.tree.flat;
  const named = callsByName(rules);
  const callListeners = new Map<string, readonly Listener[]>();
  const listening = (i: number) => {
    const all = table[kind[i] as number];
    if (all === undefined || kind[i] !== CALL) return all;
    const name = calledName(file.tree, i);
    if (name === '') return all;
    let some = callListeners.get(name);
    if (some === undefined) {
      const wanted = named(name);
      some = all.filter((listener) => wanted[listener.index] === true);
      callListeners.set(name, some);
    }
    return some;
  };
  const { meter } = file.pkg;
  let range = 0;
  // The declaration that is walked (0: the file itself), what the statements were before it, and what the file may spend.
  let declaration = 0;
  let before = 0;
  let left = FILE_STEPS;
  for (let i = 0; i < size; i++) {
    const hole = ranges[range];
    if (hole !== undefined && i >= hole.id) {
      i = hole.next - 1;
      range++;
      continue;
    }
    if ((parent[i] as number) <= 0) {
      left -= meter.spent;
      declaration = i;
      before = statements.length;
      meter.limit(Math.min(left, DECLARATION_STEPS));
    }
    const listeners = listening(i);
    if (listeners === undefined || listeners.length === 0) continue;
    try {
      visit(file.tree.node(i), listeners);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      // A verdict on some of its sites would look like one on all of them.
      statements.length = before;
      left -= meter.spent;
      meter.lift();
      const reason = left > 0 ? DEAR_DECLARATION : DEAR_FILE;
      tooDear.push({ name: nameOf(file.tree.node(declaration)), reason });
      if (declaration > 0) i = (next[declaration] as number) - 1;
    }
  }
  meter.lift();
  return {
    // What a rule said before it crashed may rest on half a picture: forget it, the ledger has the rule's name.
    statements: statements.filter((s) => !dead.has(s.rule)),
    skipped: [...skipped, ...tooDear],
    crashed,
  };
}

const CALL = KINDS.indexOf('call_expression');
const IDENTIFIER = KINDS.indexOf('identifier');
const SELECTOR = KINDS.indexOf('selector_expression');

/** Last name of the called function, '' where it has none: `f[T]()`, `f()()`, `(f)()`. No node is made for it. */
function calledName({ flat, text }: Tree, call: number): string {
  const target = call + 1;
  if (flat.kind[target] !== IDENTIFIER && flat.kind[target] !== SELECTOR) return '';
  const end = flat.end[target] as number;
  let start = end;
  while (start > 0 && isNamePart(text.charCodeAt(start - 1))) start--;
  return text.slice(start, end);
}

function isNamePart(code: number): boolean {
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122) || code === 95 || code > 127;
}

/** Names are the same in file after file; how many there are is up to whoever writes the code. */
const MOST_NAMES = 20_000;
const byName = new WeakMap<readonly Rule[], Map<string, readonly boolean[]>>();

/** Which of the rules want to see calls of a name. */
function callsByName(rules: readonly Rule[]): (name: string) => readonly boolean[] {
  const known = byName.get(rules) ?? new Map<string, readonly boolean[]>();
  byName.set(rules, known);
  return (name) => {
    let wanted = known.get(name);
    if (wanted === undefined) {
      if (known.size === MOST_NAMES) known.clear();
      wanted = rules.map(({ calls }) => calls === undefined || calls.test(name));
      known.set(name, wanted);
    }
    return wanted;
  };
}

function brokenDeclarations(file: SourceFile): { ranges: readonly Node[]; skipped: FileRun['skipped'] } {
  const { root } = file.tree;
  if (!root.broken) return { ranges: [], skipped: [] };
  if ((root as Node).kind !== 'source_file')
    return {
      ranges: [root],
      skipped: [{ name: '(whole file)', reason: `syntax error on line ${root.line}` }],
    };
  const ranges = root.children.filter((c) => c.broken);
  const skipped = ranges.map((c) => ({ name: nameOf(c), reason: `syntax error near line ${errorLine(c)}` }));
  return { ranges, skipped };
}

function nameOf(declaration: Node): string {
  if (declaration.kind === 'source_file') return '(whole file)';
  const name = functionName(declaration) || (declaration.kind === 'ERROR' ? '' : declarationKey(declaration));
  return name || `(line ${declaration.line})`;
}

function errorLine(declaration: Node): number {
  for (const error of declaration.descendants('ERROR')) return error.line;
  return declaration.line;
}
