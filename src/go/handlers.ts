import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import { mentions } from './callers.ts';
import { isContext, isHttpRequest } from './calls.ts';
import { visible } from './declarations.ts';
import { type Definition, type FuncNode, scopes } from './scope.ts';
import { deref, isNamed } from './type.ts';
import { types } from './types.ts';

/** A function that serves one request; what it gets of its context is cancelled when it returns. */
export interface Handler {
  readonly kind: 'http' | 'grpc';
  /** The `*http.Request`, or the context of the call. */
  readonly source: Definition;
}

/** `func(w http.ResponseWriter, r *http.Request)`, or a unary method of a gRPC service that the package registers. */
export function handlerOf(file: SourceFile, func: FuncNode): Handler | null {
  const params = file
    .get(scopes)
    .inFunction(func)
    .filter((d) => d.kind === 'param');
  const typed = params.map((d) => ({ d, type: file.get(types).ofDefinition(d) }));
  const request = typed.find(({ type }) => isHttpRequest(type));
  if (request !== undefined && typed.some(({ type }) => isNamed(type, 'net/http', 'ResponseWriter')))
    return { kind: 'http', source: request.d };
  const [first] = typed;
  return first !== undefined && isContext(first.type) && isUnary(file, func)
    ? { kind: 'grpc', source: first.d }
    : null;
}

/** `func (s *Server) Get(ctx context.Context, in *pb.GetRequest) (*pb.GetResponse, error)` */
function isUnary(file: SourceFile, func: FuncNode): boolean {
  if (!func.is('method_declaration') || !/^\p{Lu}/u.test(func.field('name').text)) return false;
  const names = func
    .field('parameters')
    .children.flatMap((p) => (p.is('parameter_declaration') ? p.fields('name') : []));
  const results =
    func.field('result')?.children.flatMap((p) => (p.is('parameter_declaration') ? [p.field('type')] : [])) ??
    [];
  const [answer, error] = results;
  if (names.length !== 2 || results.length !== 2 || !answer?.is('pointer_type') || error?.text !== 'error')
    return false;
  const receiver = /(\w+)\s*(?:\[.*\])?\s*\)$/s.exec(func.field('receiver').text)?.[1];
  return receiver !== undefined && isService(file, receiver);
}

/** Embeds what protoc-gen-go-grpc makes for servers, or is registered as one. */
function isService(file: SourceFile, type: string): boolean {
  const spec = file.get(visible).type(type);
  return (spec !== null && EMBEDS.test(spec.node.text)) || file.pkg.get(services).has(type);
}

const EMBEDS = /\bUn(?:implemented|safe)\w+Server\b/;

/** Types of this package that are given to `pb.RegisterOrdersServer`. */
const services: PackageAnalysis<ReadonlySet<string>> = {
  name: 'services',
  run(pkg) {
    const found = new Set<string>();
    for (const [name, uses] of pkg.get(mentions).selectors) {
      if (!/^Register\w+Server$/.test(name)) continue;
      for (const use of uses) {
        const call = use.parent;
        const service = call?.is('call_expression') ? call.field('arguments').children[1] : undefined;
        const type = service === undefined ? null : deref(pkg.fileOf(service).get(types).of(service));
        if (type?.kind === 'named' && type.pkg === '') found.add(type.name);
      }
    }
    return found;
  },
};
