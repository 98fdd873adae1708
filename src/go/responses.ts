import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf } from './assign.ts';
import { calleeName, unparen } from './calls.ts';
import { flow } from './cfg.ts';
import type { Resource } from './escape.ts';
import { findOpenPath, nilAtom, variable } from './paths.ts';
import { enclosingFunction } from './scope.ts';
import { valuesOf } from './values.ts';

const SENDERS =
  /^(?:net\/http\.|\(\*net\/http\.Client\)\.)(?:Do|Get|Head|Post|PostForm)$|^\(\*?net\/http\.(?:RoundTripper|Transport)\)\.RoundTrip$/;

/** True for a call of net/http that returns a response and an error. */
export function returnsResponse(file: SourceFile, call: Node<'call_expression'>): boolean {
  return SENDERS.test(calleeName(file, call));
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
