import type { Edit } from '../engine/pass.ts';
import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf, deferBelow, isBlank } from './assign.ts';
import { parametersOf } from './callers.ts';
import { calleeName, calleeOf, isContext, unparen } from './calls.ts';
import { isRootContext } from './contexts.ts';
import { follow, type Outcome, receiversOf } from './escape.ts';
import { variable } from './paths.ts';
import { type Definition, enclosingFunction, isMainFunction, scopes } from './scope.ts';
import { deref, type GoType, typeString } from './type.ts';
import { types } from './types.ts';
import type { Resource } from './uses.ts';
import { valuesOf, writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** What a database hands out that has to be given back. */
export type Lent = 'tx' | 'rows' | 'stmt';

const LENT: ReadonlyMap<string, Lent> = new Map([
  ['*database/sql.Tx', 'tx'],
  ['*github.com/jmoiron/sqlx.Tx', 'tx'],
  ['github.com/jackc/pgx/v4.Tx', 'tx'],
  ['github.com/jackc/pgx/v5.Tx', 'tx'],
  ['*database/sql.Rows', 'rows'],
  ['*github.com/jmoiron/sqlx.Rows', 'rows'],
  ['github.com/jackc/pgx/v4.Rows', 'rows'],
  ['github.com/jackc/pgx/v5.Rows', 'rows'],
  ['*database/sql.Stmt', 'stmt'],
  ['*github.com/jmoiron/sqlx.Stmt', 'stmt'],
  ['*github.com/jmoiron/sqlx.NamedStmt', 'stmt'],
]);

const MAKERS: Readonly<Record<Lent, RegExp>> = {
  tx: /^(?:Must)?[Bb]egin\w*$/,
  rows: /^(?:Named)?[Qq]uery(?:x|Context|xContext)?$/,
  stmt: /^[Pp]repare(?:x|Named)?(?:Context)?$/,
};

/** What the call hands out, by its name and by the type of its first result; methods of the package's own interfaces, too. */
export function lentBy(file: SourceFile, call: Call): Lent | null {
  const target = unparen(call.field('function'));
  const name = target.is('selector_expression') ? target.field('field').text : target.text;
  if (!Object.values(MAKERS).some((maker) => maker.test(name))) return null;
  const type = file.get(types).of(call);
  const [first] = type.kind === 'tuple' ? type.of : [type];
  const lent = first === undefined ? undefined : LENT.get(typeString(first));
  return lent !== undefined && MAKERS[lent].test(name) && !isOfBatch(file, call) ? lent : null;
}

/** Rows of a batch: its own `Close` closes them, and returns their errors. */
function isOfBatch(file: SourceFile, call: Call): boolean {
  return calleeName(file, call).includes('.BatchResults)');
}

/** What a statement runs on. Of a `dbtx` interface of the package nobody knows whether a pool or a transaction is behind it. */
export type Source = 'pool' | 'conn' | 'tx' | 'stmt' | 'unknown';

const SOURCES: readonly (readonly [RegExp, Source])[] = [
  [/(?:^database\/sql\.|\/sqlx\.)DB$|\/pgxpool\.Pool$/, 'pool'],
  [/(?:^database\/sql|\/sqlx|\/pgx\/v\d|\/pgxpool)\.Conn$/, 'conn'],
  [/(?:^database\/sql|\/sqlx|\/pgx\/v\d|\/pgxpool)\.Tx$/, 'tx'],
  [/(?:^database\/sql\.|\/sqlx\.)(?:Named)?Stmt$/, 'stmt'],
];

export function sourceOf(file: SourceFile, call: Call): Source {
  const callee = calleeOf(file, call);
  if (callee.kind !== 'method') return 'unknown';
  const receiver = typeString(deref(callee.receiver));
  return SOURCES.find(([type]) => type.test(receiver))?.[1] ?? 'unknown';
}

/** pgx goes its own ways: the end of a context ends nothing but the call, and a failed `Scan` closes the rows. */
export function isPgx(file: SourceFile, call: Call): boolean {
  const type = file.get(types).of(call);
  return typeString(type.kind === 'tuple' ? (type.of[0] as GoType) : type).includes('/pgx/');
}

/**
 * The context that database/sql watches: when it ends, the transaction is rolled back and the rows are closed. null where
 * the call takes none, and for pgx.
 */
function watchedContext(file: SourceFile, call: Call): Node | null {
  const [first] = call.field('arguments').children;
  if (first === undefined || isPgx(file, call) || !isContext(file.get(types).of(first))) return null;
  return first;
}

/** The `defer cancel()`, or the `r.Context()`, that ends a context with the function at the latest; null when nothing does. */
function endOfContext(file: SourceFile, context: Node): Node | null {
  const expression = unparen(context);
  if (calleeNameOf(file, expression) === '(*net/http.Request).Context') return expression;
  const d = variable(file, expression);
  if (d === null || d.func !== enclosingFunction(context)) return null;
  for (const made of valuesOf(d) ?? []) {
    const name = calleeNameOf(file, made);
    if (name === '(*net/http.Request).Context') return made;
    if (!/^context\.With(?:Cancel|Timeout|Deadline)(?:Cause)?$|^os\/signal\.NotifyContext$/.test(name))
      continue;
    const cancel = assignmentOf(made)?.targets[1];
    const deferred = cancel === undefined ? undefined : deferredCall(variable(file, cancel));
    if (deferred !== undefined) return deferred;
  }
  return null;
}

function calleeNameOf(file: SourceFile, node: Node): string {
  return node.is('call_expression') ? calleeName(file, node) : '';
}

function deferredCall(cancel: Definition | null): Node | undefined {
  const own = cancel?.uses.find(
    (use) => use.parent?.is('call_expression') && use.parent.parent?.is('defer_statement'),
  );
  return own?.parent?.parent ?? undefined;
}

const LOGS = /^(?:fmt|log|log\/slog)\.\w+$|^\(\*log(?:\/slog)?\.Logger\)\./;
const SQLX = /^github\.com\/jmoiron\/sqlx\.\w+$/;
/** Makes something that keeps what it gets: `queries.WithTx(tx)`, `newSession(tx)`. */
const KEEPERS = /^(?:new|with|wrap|open|make|start|use|set|add|register|store|push)/i;
const FINISHERS = /commit|rollback|finish|finali[sz]e|done|close|complete|cleanup|abort|release|end$/i;

/** A transaction. Code that is not here runs statements on it, unless its name or what is done with its result says more. */
const TX: Resource = {
  parts: new Set(['Tx']),
  releases: new Set(['Commit', 'Rollback', 'Tx.Commit', 'Tx.Rollback']),
  releaser: FINISHERS,
  reads: (name, call) => LOGS.test(name) || SQLX.test(name) || runsStatements(call),
  wraps: () => false,
};

function runsStatements(call: Call): boolean {
  const own = /\w*$/.exec(call.field('function').text)?.[0] ?? '';
  if (FINISHERS.test(own) || KEEPERS.test(own)) return false;
  let top: Node = call;
  for (let at = top.parent; at?.is('selector_expression', 'parenthesized_expression'); at = top.parent)
    top = at.parent?.is('call_expression') ? at.parent : at;
  const { parent } = top;
  if (parent?.is('expression_statement', 'if_statement', 'unary_expression', 'binary_expression'))
    return true;
  const targets = assignmentOf(top)?.targets;
  const last = targets?.at(-1);
  return last !== undefined && (isBlank(last) || /err|^ok$/i.test(last.text));
}

/** Whether code that is not here gets the transaction: it could finish it, although its name does not say so. */
export function isLentOut(file: SourceFile, begin: Call): boolean {
  const [value] = receiversOf(begin) ?? [];
  const tx = value === undefined ? null : variable(file, value);
  return tx !== null && isPassedOut(file, tx);
}

function isPassedOut(file: SourceFile, tx: Definition, depth = 0): boolean {
  return tx.uses.some((use) => {
    const call = use.parent?.is('argument_list') ? use.parent.parent : null;
    if (!call?.is('call_expression')) return false;
    const callee = calleeOf(file, call);
    if (callee.kind !== 'local')
      return !SQLX.test(calleeName(file, call)) && !LOGS.test(calleeName(file, call));
    const { declared } = callee;
    const parameter = parametersOf(declared.node)[call.field('arguments').children.indexOf(use)];
    const inside = parameter === undefined ? null : declared.file.get(scopes).definitionOf(parameter);
    return depth < 3 && inside !== null && isPassedOut(declared.file, inside, depth + 1);
  });
}

/**
 * `if n == 0 { tx, err = db.Begin() }` in a loop, for a variable of before the loop: when there is one, and how long, the
 * condition knows.
 */
function isMadeOnCondition(file: SourceFile, value: Node, made: Node): boolean {
  const loop = made.ancestor('for_statement');
  const branch = made.ancestor('if_statement', 'expression_case', 'type_case', 'default_case');
  const declared = variable(file, value)?.node;
  if (loop === null || branch === null || declared === undefined) return false;
  return loop.contains(branch) && !loop.contains(declared);
}

const USED_UP = new Set(['Next', 'Rows.Next', 'NextResultSet', 'Rows.NextResultSet']);

/** The rows of a result. */
const ROWS: Resource = {
  parts: new Set(['Rows']),
  releases: new Set([
    'Close',
    'Rows.Close',
    ...['CollectRows', 'CollectOneRow', 'CollectExactlyOneRow', 'AppendRows', 'ForEachRow'].map(
      (name) => `github.com/jackc/pgx/v5.${name}`,
    ),
  ]),
  releaser: /close|drain|cleanup/i,
  reads: (name) => LOGS.test(name) || name === 'github.com/jmoiron/sqlx.MapScan',
  usedUpBy: USED_UP,
  wraps: () => false,
};

/** A prepared statement. */
const STMT: Resource = {
  parts: new Set(['Stmt', 'Stmt.Stmt']),
  releases: new Set(['Close', 'Stmt.Close', 'Stmt.Stmt.Close']),
  releaser: /close|cleanup/i,
  reads: (name) =>
    LOGS.test(name) || /^\(\*(?:database\/sql|github\.com\/jmoiron\/sqlx)\.Tx\)\.(?:Named)?Stmt/.test(name),
  wraps: () => false,
};

const RESOURCES: Readonly<Record<Lent, Resource>> = { tx: TX, rows: ROWS, stmt: STMT };

/**
 * Branches on which rows have closed themselves: `rows.Next()` is false, `rows.Err()` is an error, and for pgx what
 * `rows.Scan` or `rows.Values` returns is one, or what a function that gets the rows does.
 */
function closesRows(
  file: SourceFile,
  rows: Definition,
  isPgxRows: boolean,
): (condition: Node, value: boolean) => boolean {
  const isRows = (node: Node) => variable(file, unparen(node)) === rows;
  const calls = (node: Node | null, method: RegExp) => {
    const target = node?.is('call_expression') ? node.field('function') : null;
    if (!target?.is('selector_expression') || !method.test(target.field('field').text)) return false;
    const operand = target.field('operand');
    const isPart = operand.is('selector_expression') && operand.field('field').text === 'Rows';
    return isRows(isPart ? operand.field('operand') : operand);
  };
  const fails = (node: Node | null) => {
    if (!isPgxRows || calls(node, /^Err$/)) return calls(node, /^Err$/);
    const given = node?.is('call_expression') === true && node.field('arguments').children.some(isRows);
    return given || calls(node, /^(?:Scan|Values)$/);
  };
  return (condition, value) => {
    if (calls(condition, /^Next(?:ResultSet)?$/)) return !value;
    const named = variable(file, condition);
    if (named !== null) return !value && calls(lastValue(named, condition), /^Next(?:ResultSet)?$/);
    if (!condition.is('binary_expression') || condition.field('right').kind !== 'nil') return false;
    if (condition.field('operator').text !== (value ? '!=' : '==')) return false;
    const error = condition.field('left');
    const from = variable(file, error);
    return fails(from === null ? error : lastValue(from, condition));
  };
}

/** What becomes of something that a database has handed out. */
export type LentFate =
  | { readonly kind: 'met'; readonly by: Node }
  | { readonly kind: 'unknown' }
  /** Nothing holds it. */
  | { readonly kind: 'discarded' }
  | {
      readonly kind: 'open';
      readonly outcome: Extract<Outcome, { kind: 'open' }>;
      /** Its context: at the end of that one it is given back. null when nothing will ever end it. */
      readonly until: string | null;
      /** The process ends with it. */
      readonly atExit: boolean;
      /** A `defer` that gives it back on every path. */
      readonly fix: readonly Edit[];
    };

/** null when it is handed on, so that somebody else gives it back. `release` is the deferred call, as a suggestion writes it. */
export function fateOfLent(file: SourceFile, call: Call, lent: Lent, release: string): LentFate | null {
  const targets = receiversOf(call);
  const func = enclosingFunction(call);
  if (targets === null || func === null) return null;
  const [value, answer] = targets;
  const context = lent === 'stmt' ? null : watchedContext(file, call);
  const ended = context === null ? null : endOfContext(file, context);
  if (value === undefined || isBlank(value))
    return ended === null ? { kind: 'discarded' } : { kind: 'met', by: ended };
  const d = variable(file, value);
  const endsOn = lent === 'rows' && d !== null ? closesRows(file, d, isPgx(file, call)) : () => false;
  const outcome = follow({ file, call, value, answer, resource: RESOURCES[lent], endsOn });
  if (outcome.kind === 'released') return { kind: 'met', by: outcome.by };
  if (outcome.kind === 'handedOn') return null;
  if (ended !== null) return { kind: 'met', by: ended };
  if (outcome.kind === 'unknown' || isMadeOnCondition(file, value, outcome.from)) return { kind: 'unknown' };
  return {
    kind: 'open',
    outcome,
    until: context === null || isRootContext(file, context) ? null : context.text,
    atExit: !outcome.replaced && isMainFunction(func, file.pkg),
    fix: outcome.shared
      ? []
      : deferBelow(outcome.from, `${value.text}.${release}`, answer?.text ?? '_', func),
  };
}

/** The name of the variable that holds what the call hands out. */
export function holderOf(call: Call): string {
  return receiversOf(call)?.[0]?.text ?? '';
}

/** What the variable got last, in source order, above a place. */
function lastValue(d: Definition, at: Node): Node | null {
  const written = [d.node, ...d.uses].filter((name) => name.id < at.id && writtenValue(name) !== null).at(-1);
  const value = written === undefined ? null : writtenValue(written);
  return value === null ? null : unparen(value);
}
