import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { isRootContext } from './contexts.ts';
import { imports, importsAny } from './imports.ts';
import { namesLasting } from './places.ts';
import { type Definition, enclosingFunction, scopes } from './scope.ts';
import { std } from './std.ts';
import { deref, type GoType, isNamed } from './type.ts';
import { types } from './types.ts';
import { valuesOf, writtenTarget } from './values.ts';

type Call = Node<'call_expression'>;

const GRPC = 'google.golang.org/grpc';
const CONNECTS = /^google\.golang\.org\/grpc\.(?:NewClient|Dial|DialContext)$/;

/** A unary call on a client that protoc-gen-go-grpc generated: the method gets a context and a message. */
export interface UnaryCall {
  readonly method: Node;
  readonly context: Node;
  /** The package makes such clients of connections; else only the name of the type tells. */
  readonly isProven: boolean;
  /** An option that is not one of package grpc, or a list of them: a retry, say, that limits each of its tries. */
  readonly option: Node | null;
}

export function unaryCall(file: SourceFile, call: Call): UnaryCall | null {
  if (!file.pkg.get(mayCall)) return null;
  const target = unparen(call.field('function'));
  const [context, message, ...options] = call.field('arguments').children;
  if (!target.is('selector_expression') || context === undefined || message === undefined) return null;
  const method = target.field('field');
  // A method that opens a stream to send on gets options, but no message.
  if (!/^[A-Z]/.test(method.text) || isOption(file, message)) return null;
  const evidence = clientEvidence(file, target.field('operand'));
  if (evidence === null || isStream(file, call, method.text)) return null;
  const option = options.find((o) => !isOption(file, o) || o.is('variadic_argument')) ?? null;
  return { method: target, context, isProven: evidence === 'made', option };
}

function isOption(file: SourceFile, argument: Node): boolean {
  if (argument.is('variadic_argument')) return true;
  return argument.is('call_expression') && calleeName(file, argument).startsWith(`${GRPC}.`);
}

/** Lasts as long as it is wanted, by its name or by what is done with the result. */
function isStream(file: SourceFile, call: Call, method: string): boolean {
  if (namesLasting(method) || /^(?:Wait|Listen|Recv|Receive)/.test(method)) return true;
  const target = writtenTarget(call);
  const d = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  if (target !== null && (namesLasting(target.text) || d?.uses.some(isStreamUse) === true)) return true;
  const result = enclosingFunction(call)?.field('result')?.text ?? '';
  return (
    call.ancestor('return_statement', 'block')?.is('return_statement') === true &&
    /Client\b|Stream/.test(result)
  );
}

function isStreamUse(use: Node): boolean {
  const selector = use.parent;
  return (
    selector?.is('selector_expression') === true &&
    /^(?:Recv|Send|CloseSend|CloseAndRecv|RecvMsg|SendMsg|Header|Trailer)$/.test(selector.field('field').text)
  );
}

/** Evidence alone counts: made by a constructor from a connection, or declared with the name of such a type. */
function clientEvidence(file: SourceFile, expression: Node): 'made' | 'named' | null {
  const e = unparen(expression);
  const isMade = (value: Node) => value.is('call_expression') && madeClient(file, value) !== null;
  if (isMade(e)) return 'made';
  const type = deref(file.get(types).of(e));
  if (type.kind === 'named') return typeEvidence(file, type);
  const d = e.is('identifier') ? file.get(scopes).definitionOf(e) : null;
  const values = d === null || d.func === null ? null : valuesOf(d);
  return values !== null && values.length > 0 && values.every(isMade) ? 'made' : null;
}

/** `pb.OrdersClient` of `pb.NewOrdersClient(conn)`; null for any other call. */
function madeClient(file: SourceFile, call: Call): string | null {
  const callee = calleeOf(file, call);
  const [connection] = call.field('arguments').children;
  if (callee.kind !== 'func' || connection === undefined) return null;
  const [, path, name] = /^(.*)\.New([A-Z]\w*Client)$/.exec(callee.name) ?? [];
  if (path === undefined || name === undefined || !isConnection(file, connection)) return null;
  return std.has(path) || isOtherRPC(path, name) ? null : `${path}.${name}`;
}

function isConnection(file: SourceFile, expression: Node): boolean {
  const e = unparen(expression);
  const type = file.get(types).of(e);
  if (isNamed(type, GRPC, 'ClientConn', true) || isNamed(type, GRPC, 'ClientConnInterface')) return true;
  const d = e.is('identifier') ? file.get(scopes).definitionOf(e) : null;
  return (
    d !== null &&
    (valuesOf(d) ?? []).some((v) => v.is('call_expression') && CONNECTS.test(calleeName(file, v)))
  );
}

/** Client types that the package itself makes of connections. */
const provenClients: PackageAnalysis<ReadonlySet<string>> = {
  name: 'provenClients',
  run(pkg) {
    const proven = new Set<string>();
    for (const file of pkg.files)
      for (const call of file.tree.root.descendants('call_expression'))
        if (/New\w+Client$/.test(call.field('function').text)) proven.add(madeClient(file, call) ?? '');
    return proven;
  },
};

function typeEvidence(
  file: SourceFile,
  { pkg, name }: Extract<GoType, { kind: 'named' }>,
): 'made' | 'named' | null {
  if (pkg === '' || std.has(pkg) || !/^[A-Z]\w*Client$/.test(name) || isOtherRPC(pkg, name)) return null;
  if (file.pkg.get(provenClients).has(`${pkg}.${name}`)) return 'made';
  const isCustom = GENERATED.test(pkg) || (/\/api\//.test(pkg) && file.pkg.files.some(usesGRPC));
  return isCustom ? 'named' : null;
}

/** Where generated code lies, by the custom of its import paths. */
const GENERATED = /(?:pb|proto|grpc)(?:\/v\d+)?$|\/(?:gen)?proto/;
const usesGRPC = (file: SourceFile) =>
  [...file.get(imports).byName.values()].some((i) => i.path.startsWith(GRPC));

/** Nothing else is taken for a client, or made of a connection. */
const mayCall: PackageAnalysis<boolean> = {
  name: 'mayCall',
  run: (pkg) =>
    importsAny(pkg, (path) => path.startsWith(GRPC) || GENERATED.test(path) || path.includes('/api/')),
};

/** Generators whose clients look alike, but run over something else. */
const isOtherRPC = (path: string, name: string) =>
  /connect(?:\/v\d+)?$|connectrpc|twirp|drpc|ttrpc/i.test(path) || /^(?:DRPC|TTRPC)/.test(name);

/** Where the package configures its connections so that calls may get a deadline on their way. */
export const callDefaults: PackageAnalysis<Node | null> = {
  name: 'callDefaults',
  run(pkg) {
    for (const file of pkg.files)
      for (const call of file.isTest ? [] : file.tree.root.descendants('call_expression')) {
        const option = /With(?:ChainUnaryInterceptor|UnaryInterceptor|DefaultServiceConfig)$/;
        if (option.test(call.field('function').text) && calleeName(file, call).startsWith(`${GRPC}.`))
          return call;
      }
    return null;
  },
};

/** What bounds the context of a call. */
export type CallContext =
  | { readonly kind: 'bound'; readonly proof: Node }
  | { readonly kind: 'endless' }
  /** Through a function of which only the name is known. */
  | { readonly kind: 'derived' }
  /** It comes from somewhere else, whose business it is. */
  | { readonly kind: 'given' };

export function callContext(file: SourceFile, context: Node): CallContext {
  const e = unparen(context);
  const d = e.is('identifier') ? file.get(scopes).definitionOf(e) : null;
  const limit = (d === null ? null : valuesOf(d))?.find(
    (v) => v.is('call_expression') && /^context\.With(?:Timeout|Deadline)/.test(calleeName(file, v)),
  );
  if (limit !== undefined) return { kind: 'bound', proof: limit };
  if (!isRootContext(file, e)) return { kind: 'given' };
  return madeBy(file, e, new Set()).every((call) => ADDS.test(calleeName(file, call)))
    ? { kind: 'endless' }
    : { kind: 'derived' };
}

/** Functions that make a context without an end, or add a value to one. */
const ADDS =
  /^context\.(?:Background|TODO|WithoutCancel|WithValue)$|\.(?:NewOutgoingContext|AppendToOutgoingContext|With\w*Namespace|ContextWith\w+)$/;

/** The calls that a root context comes out of. */
function madeBy(file: SourceFile, expression: Node, seen: Set<Definition>): readonly Call[] {
  const e = unparen(expression);
  if (e.is('call_expression')) {
    const roots = e.field('arguments').children.filter((a) => isRootContext(file, a));
    return [e, ...roots.flatMap((a) => madeBy(file, a, seen))];
  }
  const d = e.is('identifier') ? file.get(scopes).definitionOf(e) : null;
  if (d === null || seen.has(d)) return [];
  seen.add(d);
  return (valuesOf(d) ?? []).flatMap((v) => madeBy(file, v, seen));
}
