import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import type { Declared } from './declarations.ts';
import { scopes } from './scope.ts';
import { isNamed } from './type.ts';
import { types } from './types.ts';
import { valuesOf } from './values.ts';
import { within } from './within.ts';

type Func = Node<'function_declaration' | 'method_declaration'>;

/** Functions of the standard library after which nothing runs. */
const NEVER = new Set(['os.Exit', 'syscall.Exit', 'runtime.Goexit', 'runtime.throw', 'runtime.fatal']);

/**
 * By name on any receiver: loggers (log, zap, logrus, klog, glog, t.Fatal) agree on what Fatal and Panic mean, and
 * taking one of them for a return would invent paths that do not exist.
 */
const NEVER_BY_NAME =
  /^(?:Fatal|Fatalf|Fatalln|Fatalw|Panic|Panicf|Panicln|Panicw|FailNow|SkipNow|Skip|Skipf|Exit|Exitf)$/;

/** True when control never comes back from the call. */
export function neverReturns(file: SourceFile, call: Node<'call_expression'>): boolean {
  const callee = calleeOf(file, call);
  if (callee.kind === 'builtin') return callee.name === 'panic';
  if (callee.kind === 'func' && NEVER.has(callee.name)) return true;
  if (callee.kind === 'local') return isEndless(callee.declared);
  const target = call.field('function');
  return target.is('selector_expression') && NEVER_BY_NAME.test(target.field('field').text);
}

/** null while it is being worked out: a function that ends in a call of itself is taken to return. */
const endless: PackageAnalysis<Map<Node, boolean | null>> = { name: 'endless', run: () => new Map() };

/**
 * A function of the package without results and without `return` whose last statement never completes: `usage()` that
 * ends in `os.Exit(2)`. Loops and selects are left out: a server's `for {}` is no end of the program.
 */
function isEndless({ file, node }: Declared<Func>): boolean {
  const known = file.pkg.get(endless);
  const before = known.get(node);
  if (before !== undefined) return before === true;
  known.set(node, null);
  const body = node.field('body');
  const isCandidate = body !== null && node.field('result') === null && !body.broken;
  const result = isCandidate && neverCompletes(file, body.children[0]) && !mayLeave(node);
  known.set(node, result);
  return result;
}

/** A return, a jump or a recover may leave the function before its last statement, or undo a panic. */
function mayLeave(func: Func): boolean {
  return (
    within(func, 'return_statement', 'goto_statement', 'labeled_statement').length > 0 ||
    within(func, 'defer_statement').some((d) => /\brecover\b/.test(d.text))
  );
}

function neverCompletes(file: SourceFile, statement: Node | undefined): boolean {
  if (statement === undefined) return false;
  if (statement.is('block', 'statement_list')) {
    const last = statement.children.filter((c) => c.kind !== 'comment').at(-1);
    return neverCompletes(file, last);
  }
  if (statement.is('if_statement'))
    return (
      neverCompletes(file, statement.field('consequence')) &&
      neverCompletes(file, statement.field('alternative') ?? undefined)
    );
  const call = statement.is('expression_statement') ? unparen(statement.children[0] ?? statement) : statement;
  return call.is('call_expression') && neverReturns(file, call);
}

/** The channel of a timer or ticker is never closed: a range over it ends by break or return alone. */
export function neverCloses(file: SourceFile, channel: Node): boolean {
  const e = unparen(channel);
  if (e.is('call_expression')) return calleeName(file, e) === 'time.Tick';
  if (e.is('identifier')) {
    const local = file.get(scopes).definitionOf(e);
    const values = local === null || local.func === null ? null : valuesOf(local);
    const only = values?.length === 1 && values[0] !== undefined ? unparen(values[0]) : null;
    return only !== null && !only.is('identifier') && neverCloses(file, only);
  }
  if (!e.is('selector_expression') || e.field('field').text !== 'C') return false;
  const owner = file.get(types).of(e.field('operand'));
  return isNamed(owner, 'time', 'Ticker', true) || isNamed(owner, 'time', 'Timer', true);
}
