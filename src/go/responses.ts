import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf } from './assign.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { flow } from './cfg.ts';
import type { Declared } from './declarations.ts';
import { importsAny } from './imports.ts';
import { findOpenPath, nilAtom, variable } from './paths.ts';
import { enclosingFunction } from './scope.ts';
import { type Resource, usesOf } from './uses.ts';
import { valuesOf } from './values.ts';
import { within } from './within.ts';

const SENDERS =
  /^(?:net\/http\.|\(\*net\/http\.Client\)\.)(?:Do|Get|Head|Post|PostForm)$|^\(\*?net\/http\.(?:RoundTripper|Transport)\)\.RoundTrip$/;

/** True for a call that returns a response, whose body is the caller's to close, and an error. */
export function returnsResponse(file: SourceFile, call: Node<'call_expression'>): boolean {
  if (!file.pkg.get(speaksHttp)) return false;
  const callee = calleeOf(file, call);
  return callee.kind === 'local' ? handsOut(callee.declared) : SENDERS.test(calleeName(file, call));
}

const speaksHttp: PackageAnalysis<boolean> = {
  name: 'speaksHttp',
  run: (pkg) => importsAny(pkg, (path) => path === 'net/http'),
};

type Func = Node<'function_declaration' | 'method_declaration'>;

/** null while it is being worked out. */
const handing: PackageAnalysis<Map<Node, boolean | null>> = { name: 'handing', run: () => new Map() };

/** After a 101 the connection belongs to whoever took it over. */
export const UPGRADE = /\bStatusSwitchingProtocols\b|\bHijack|\bStatusCode\s*[!=]=\s*101\b/;

/**
 * A function of the package that gives its caller the response it got, untouched: every return gives `nil`, such a call,
 * or a variable that holds nothing else and goes nowhere but to the caller.
 */
function handsOut({ file, node }: Declared<Func>): boolean {
  const known = file.pkg.get(handing);
  const before = known.get(node);
  if (before !== undefined) return before === true;
  known.set(node, null);
  const result = !node.broken && givesResponse(node) && returnsOnly(file, node);
  known.set(node, result);
  return result;
}

function givesResponse(func: Func): boolean {
  return /^\(\s*(?:\w+\s+)?\*\w+\.Response\s*,\s*(?:\w+\s+)?error\s*\)$/.test(
    func.field('result')?.text ?? '',
  );
}

function returnsOnly(file: SourceFile, func: Func): boolean {
  if (UPGRADE.test(func.text)) return false;
  let gives = false;
  for (const statement of within(func, 'return_statement')) {
    if (enclosingFunction(statement) !== func) continue;
    const value = statement.children[0]?.children[0];
    if (value === undefined) return false;
    if (value.is('nil')) continue;
    const made = value.is('call_expression') ? [value] : heldOnly(file, func, value);
    if (made === null || made.length === 0) return false;
    if (
      !made.every((call) => returnsResponse(file, call) && !sendsHead(file, call) && !dialsItself(file, call))
    )
      return false;
    gives = true;
  }
  return gives;
}

/** The calls a variable of the function gets its value from, when it is only looked at and returned. */
function heldOnly(file: SourceFile, func: Func, value: Node): readonly Node<'call_expression'>[] | null {
  const d = variable(file, value);
  const values = d?.func === func && d.kind === 'var' ? valuesOf(d) : null;
  if (d === null || values === null) return null;
  const { released, handedOn } = usesOf(file, d, RESPONSE);
  const isReturned = (use: Node) =>
    use.ancestor('return_statement') !== null && enclosingFunction(use) === func;
  if (released.length > 0 || !handedOn.every(isReturned)) return null;
  const calls = values.filter((v) => v.is('call_expression'));
  return calls.length === values.length ? calls : null;
}

const READERS =
  /^(?:fmt|log|log\/slog)\.\w+$|^\(\*log(?:\/slog)?\.Logger\)\.|^io\.(?:Copy\w*|Read\w+)$|^io\/ioutil\.ReadAll$|^\(\*bytes\.Buffer\)\.ReadFrom$/;
const WRAPPERS =
  /^(?:encoding\/(?:json|xml|gob)\.NewDecoder|encoding\/csv\.NewReader|bufio\.New(?:Reader|ReaderSize|Scanner)|io\.(?:LimitReader|TeeReader))$/;

/** A `*http.Response` with its body. */
export const RESPONSE: Resource = {
  parts: new Set(['Body']),
  // Write sends the response and closes its body.
  releases: new Set(['Body.Close', 'Write']),
  releaser: /close|drain|discard|cleanup/i,
  // With a body, DumpResponse reads it into memory and closes the original.
  reads: (name, call) =>
    READERS.test(name) ||
    (name === 'net/http/httputil.DumpResponse' && call.field('arguments').children[1]?.kind === 'false'),
  wraps: (name) => WRAPPERS.test(name),
};

/**
 * `io.ReadAll(resp.Body)` and the like: whether it comes to the end of the body or to an error, net/http's own transport
 * lets go of the connection. A copy may stop earlier, when what it writes to fails.
 */
export function readsToEnd(file: SourceFile, node: Node, response: string): boolean {
  return within(node, 'call_expression').some((call) => {
    const name = calleeName(file, call);
    const [first, second] = call.field('arguments').children;
    const source = /^io(?:\/ioutil)?\.ReadAll$/.test(name)
      ? first
      : name === 'io.Copy' && /^(?:io|ioutil)\.Discard$/.test(first?.text ?? '')
        ? second
        : undefined;
    return source?.text === `${response}.Body`;
  });
}

/** What a response without a body says: there is nothing to close. */
export const WITHOUT_BODY: readonly string[] = [
  '.Body==nil',
  '.Body==http.NoBody',
  '.ContentLength==0',
  '.StatusCode==http.StatusNoContent',
  '.StatusCode==204',
  '.StatusCode==http.StatusNotModified',
  '.StatusCode==304',
];

/** `case http.StatusNotModified:` of a switch over the status: a statement that only a response without a body gets to. */
export function isBodiless(node: Node, response: string): boolean {
  for (let clause = node.ancestor('expression_case'); clause !== null; ) {
    const around = clause.parent;
    const tag = around?.is('expression_switch_statement') ? around.field('value')?.text : undefined;
    const values = clause.field('value').children;
    if (tag === `${response}.StatusCode` && values.every((v) => BODILESS.test(v.text))) return true;
    clause = clause.ancestor('expression_case');
  }
  return false;
}

const BODILESS = /^(?:204|304|http\.Status(?:NoContent|NotModified))$/;

/** The answer to a HEAD request has no body, whatever its status. */
export function sendsHead(file: SourceFile, call: Node<'call_expression'>): boolean {
  if (calleeName(file, call).endsWith('.Head')) return true;
  return valuesBehind(file, call.field('arguments').children[0]).some((made) =>
    /"HEAD"|\bMethodHead\b|\.HEAD\b/.test(made.text),
  );
}

/** A transport that the function itself makes, with its own dialer: what it dials is closed by whoever wrote the dialer. */
export function dialsItself(file: SourceFile, call: Node<'call_expression'>): boolean {
  const target = call.field('function');
  if (!target.is('selector_expression')) return false;
  return valuesBehind(file, target.field('operand')).some((made) =>
    /^&?\w+\.Transport\{[\s\S]*\bDial(?:TLS)?(?:Context)?\s*:/.test(made.text),
  );
}

function valuesBehind(file: SourceFile, expression: Node | undefined): readonly Node[] {
  const d = expression === undefined ? null : variable(file, unparen(expression));
  return d === null ? [] : (valuesOf(d) ?? []);
}

/**
 * `if err == nil { t.Fatal(…) }` behind a call whose response is thrown away: the code goes on only without a response.
 * `answer` is the error the call is assigned to.
 */
export function goesOnOnlyWithError(file: SourceFile, call: Node, answer: Node | undefined): boolean {
  const error = answer === undefined ? null : variable(file, answer);
  const assignment = assignmentOf(call);
  const func = enclosingFunction(call);
  const cfg = func === null ? null : file.get(flow).of(func);
  if (error === null || assignment === null || cfg === null || cfg.hasGoto) return false;
  const path = findOpenPath({
    file,
    cfg,
    from: assignment.statement,
    assume: [nilAtom(error, true)],
    ends: () => false,
  });
  return path.kind === 'none';
}
