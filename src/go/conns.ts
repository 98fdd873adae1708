import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isLocalListener, networkOf } from './addresses.ts';
import { calleeName } from './calls.ts';
import { SETS_DEADLINE } from './deadlines.ts';
import { receiversOf } from './escape.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';
import { type Resource, usesOf } from './uses.ts';
import { writtenTarget } from './values.ts';

type Call = Node<'call_expression'>;

const READERS =
  /^(?:io\.Read\w+|io\/ioutil\.ReadAll|encoding\/binary\.Read|fmt\.Fscan\w*|net\/http\.Read(?:Request|Response))$/;
const WRITERS =
  /^(?:io\.WriteString|encoding\/binary\.Write|fmt\.Fprint\w*|\(\*net\/http\.(?:Request|Response)\)\.Write)$/;
const WRAPPERS =
  /^(?:bufio\.New(?:Reader|ReaderSize|ReadWriter|Scanner|Writer|WriterSize)|encoding\/(?:json|xml|gob)\.New(?:De|En)coder|net\/textproto\.New(?:Reader|Writer)|io\.LimitReader)$/;
const ASKS = /^(?:fmt|log|log\/slog)\.\w+$|^\(\*log(?:\/slog)?\.Logger\)\./;

/** A connection: whatever else gets it may set deadlines, or close it in time. */
const CONNECTION: Resource = {
  parts: new Set(),
  releases: new Set(['Close']),
  releaser: /close/i,
  reads: (name) => READERS.test(name) || WRITERS.test(name) || ASKS.test(name),
  wraps: (name) => WRAPPERS.test(name),
};

const DIALS =
  /^(?:net\.Dial(?:Timeout|TCP|UDP|IP)?|\(\*net\.Dialer\)\.Dial(?:Context|TCP|UDP|IP)?|crypto\/tls\.Dial(?:WithDialer)?|\(\*crypto\/tls\.Dialer\)\.Dial(?:Context)?)$/;
const ACCEPTS = /^\(\*?(?:net\.Listener|net\.TCPListener)\)\.Accept(?:TCP)?$/;

/** An operation that waits for the peer. */
interface Operation {
  readonly call: Call;
  readonly how: 'reads' | 'writes';
}

/** What one function does with a connection that it alone holds. */
export interface OwnConnection {
  /** Sets a deadline on it. */
  readonly deadline: Node | null;
  /** The first operation, reading before writing. */
  readonly waits: Operation;
}

/**
 * The connection that a call dials or accepts, when it stays a variable of the function and is read or written there; null
 * when somebody else gets it, when something else closes it in time, and for sockets whose peer is the same machine.
 */
export function ownConnection(file: SourceFile, call: Call): OwnConnection | null {
  const transport = transportOf(file, call);
  const target = transport === null ? undefined : receiversOf(call)?.[0];
  const d = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  if (d == null || d.func !== enclosingFunction(call)) return null;
  const { released, handedOn } = usesOf(file, d, CONNECTION);
  if (handedOn.length > 0 || released.some((at) => isWatcher(at, d))) return null;
  const deadline = d.uses.find((use) => SETS_DEADLINE.test(methodAt(use)?.name ?? '')) ?? null;
  const operations = operationsOf(file, d);
  const reads = operations.find((o) => o.how === 'reads');
  // What UDP cannot deliver it drops.
  const waits = reads ?? (transport === 'udp' ? undefined : operations[0]);
  return waits === undefined ? null : { deadline, waits };
}

/** What a call makes a connection of; null when it makes none, or one to the same machine. */
function transportOf(file: SourceFile, call: Call): 'udp' | 'other' | null {
  const name = calleeName(file, call);
  const target = call.field('function');
  if (ACCEPTS.test(name)) {
    const isLocal = target.is('selector_expression') && isLocalListener(file, target.field('operand'));
    return isLocal ? null : 'other';
  }
  if (!DIALS.test(name)) return null;
  const network = networkOf(file, call.field('arguments').children[/Context|WithDialer/.test(name) ? 1 : 0]);
  if (network?.startsWith('unix')) return null;
  return /UDP/.test(name) || network?.startsWith('udp') ? 'udp' : 'other';
}

/** Closed by a function that runs on its own: `go func() { <-ctx.Done(); c.Close() }()`. */
function isWatcher(release: Node, d: Definition): boolean {
  const func = enclosingFunction(release);
  return func !== d.func && func?.parent?.parent?.is('defer_statement') !== true;
}

const READS = /^(?:Read\w*|Scan|Decode|Peek|Discard|Token|More)$/;
const WRITES = /^(?:Write\w*|Flush|Encode)$/;
/** Readers of readers of connections. */
const MAX_DEPTH = 4;

function operationsOf(file: SourceFile, d: Definition, depth = 0): readonly Operation[] {
  return d.uses.flatMap((use) => operationsAt(file, use, depth));
}

/** What waits when the connection, or a reader or writer around it, stands at `use`. */
function operationsAt(file: SourceFile, use: Node, depth: number): readonly Operation[] {
  const method = methodAt(use);
  if (method !== null) return operation(method.call, READS.test(method.name), WRITES.test(method.name));
  const call = use.parent?.is('argument_list') ? use.parent.parent : null;
  if (!call?.is('call_expression')) return [];
  const name = calleeName(file, call);
  if (!CONNECTION.wraps(name)) return operation(call, READERS.test(name), WRITERS.test(name));
  if (depth > MAX_DEPTH) return [];
  const target = writtenTarget(call);
  const d = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  return d === null ? operationsAt(file, call, depth + 1) : operationsOf(file, d, depth + 1);
}

function operation(call: Call, reads: boolean, writes: boolean): readonly Operation[] {
  if (reads) return [{ call, how: 'reads' }];
  return writes ? [{ call, how: 'writes' }] : [];
}

/** The call `c.Read(…)` around `c`. */
function methodAt(use: Node): { readonly call: Call; readonly name: string } | null {
  const selector = use.parent;
  const call = selector?.parent;
  if (!selector?.is('selector_expression') || !call?.is('call_expression')) return null;
  return call.field('function') === selector ? { call, name: selector.field('field').text } : null;
}
