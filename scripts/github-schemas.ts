/**
 * Regenerates `test/github/schema/`: the parts of GitHub's published REST, webhook and GraphQL
 * descriptions that the GitHub double checks requests and answers against.
 *
 *     npm install --prefix DIR --ignore-scripts @octokit/openapi @octokit/openapi-webhooks @octokit/graphql-schema
 *     npx tsx scripts/github-schemas.ts DIR
 *
 * The packages are 430 MB together, which is why they are not dependencies. What is kept follows
 * `test/github/operations.ts` (REST, webhooks) and `test/github/schema/operations.graphql`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ASTNode,
  buildSchema,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isUnionType,
  Kind,
  parse,
  print,
  TypeInfo,
  type TypeNode,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { OPERATIONS, WEBHOOKS } from '../test/github/operations.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const SCHEMA_DIR = fileURLToPath(new URL('../test/github/schema/', import.meta.url));
const ANNOTATIONS = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'title',
  'nullable',
  'deprecated',
]);

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new Error(`${what}: expected an object`);
  return value;
}

/**
 * OpenAPI schema → plain JSON Schema: `nullable` becomes a type, annotations go, references point into
 * `definitions`. `names` says that the keys of this object are property names, not keywords, so a
 * property called `description` survives.
 */
function toJsonSchema(value: Json, names = false): Json {
  if (Array.isArray(value)) return value.map((item) => toJsonSchema(item));
  if (!isObject(value)) return value;
  if (!names && typeof value.$ref === 'string') {
    return { $ref: value.$ref.replace('#/components/schemas/', '#/definitions/') };
  }
  const out: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    if (!names && (ANNOTATIONS.has(key) || key.startsWith('x-'))) continue;
    if (!names && (key === 'enum' || key === 'required' || key === 'default' || key === 'const'))
      out[key] = child;
    else out[key] = toJsonSchema(child, !names && (key === 'properties' || key === 'patternProperties'));
  }
  if (names || value.nullable !== true) return out;
  if (typeof out.type !== 'string') return { anyOf: [out, { type: 'null' }] };
  out.type = [out.type, 'null'];
  if (Array.isArray(out.enum) && !out.enum.includes(null)) out.enum = [...out.enum, null];
  return out;
}

/** The component schemas that `roots` refer to, directly or not, converted and in name order. */
function definitionsOf(roots: Json, components: JsonObject): JsonObject {
  const found = new Map<string, Json>();
  const search = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(search);
    else if (isObject(value)) {
      const ref = value.$ref;
      if (typeof ref === 'string') {
        const name = ref.slice(ref.lastIndexOf('/') + 1);
        if (!found.has(name)) {
          const schema = toJsonSchema(components[name] ?? {});
          found.set(name, schema);
          search(schema);
        }
      }
      Object.values(value).forEach(search);
    }
  };
  search(roots);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function resolve(value: Json | undefined, spec: JsonObject): JsonObject {
  const node = object(value, 'reference');
  if (typeof node.$ref !== 'string') return node;
  let target: Json = spec;
  for (const part of node.$ref.slice(2).split('/')) target = object(target, node.$ref)[part] ?? null;
  return object(target, node.$ref);
}

function jsonContent(node: JsonObject): Json {
  const media = isObject(node.content) ? node.content['application/json'] : undefined;
  return isObject(media) && media.schema !== undefined ? toJsonSchema(media.schema) : null;
}

/** Only the parts of each operation the double validates: parameters, JSON body, 2xx JSON answers. */
function pruneRest(spec: JsonObject): JsonObject {
  const operations: JsonObject = {};
  for (const operation of OPERATIONS) {
    const [method = '', path = ''] = operation.split(' ');
    const item = object(object(spec.paths, 'paths')[path], operation);
    const declared = object(item[method.toLowerCase()], operation);
    const parameters = [item.parameters, declared.parameters].flatMap((list) =>
      Array.isArray(list) ? list : [],
    );
    const responses: JsonObject = {};
    for (const [status, response] of Object.entries(object(declared.responses, operation))) {
      if (status.startsWith('2')) responses[status] = jsonContent(resolve(response, spec));
    }
    const body = declared.requestBody === undefined ? undefined : resolve(declared.requestBody, spec);
    operations[operation] = {
      id: declared.operationId ?? '',
      docs: isObject(declared.externalDocs) ? (declared.externalDocs.url ?? '') : '',
      parameters: parameters.map((parameter) => {
        const { name = '', in: place = '', required = false, schema = {} } = resolve(parameter, spec);
        return { name, in: place, required, schema: toJsonSchema(schema) };
      }),
      body: body === undefined ? null : jsonContent(body),
      bodyRequired: body?.required === true,
      responses,
    };
  }
  const components = object(object(spec.components, 'components').schemas, 'schemas');
  return {
    version: object(spec.info, 'info').version ?? '',
    operations,
    definitions: definitionsOf(operations, components),
  };
}

function pruneWebhooks(spec: JsonObject): JsonObject {
  const payloads: JsonObject = {};
  for (const name of WEBHOOKS) {
    const post = object(object(object(spec.webhooks, 'webhooks')[name], name).post, name);
    payloads[name] = jsonContent(object(post.requestBody, name));
  }
  const components = object(object(spec.components, 'components').schemas, 'schemas');
  return { payloads, definitions: definitionsOf(payloads, components) };
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** Type name → field names the documents select; input types are marked by an empty set. */
function usedFields(sdl: string, documents: DocumentNode): Map<string, Set<string>> {
  // GitHub's published SDL repeats a few fields, which a validating build refuses.
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const errors = validate(schema, documents);
  if (errors.length > 0) throw new Error(`operations.graphql:\n${errors.map(String).join('\n\n')}`);

  const used = new Map<string, Set<string>>([
    ['Query', new Set()],
    ['Mutation', new Set()],
  ]);
  const fieldsOf = (type: string): Set<string> => {
    const fields = used.get(type) ?? new Set<string>();
    used.set(type, fields);
    return fields;
  };
  const addInput = (name: string): void => {
    if (used.has(name)) return;
    fieldsOf(name);
    const type = schema.getType(name);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) addInput(getNamedType(field.type).name);
    }
  };
  const info = new TypeInfo(schema);
  visit(
    documents,
    visitWithTypeInfo(info, {
      enter(node) {
        if (node.kind === Kind.INLINE_FRAGMENT || node.kind === Kind.FRAGMENT_DEFINITION) {
          if (node.typeCondition) fieldsOf(node.typeCondition.name.value);
        }
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (node.kind !== Kind.FIELD || !parent || !field) return;
        if (!field.name.startsWith('__')) fieldsOf(parent.name).add(field.name);
        fieldsOf(getNamedType(field.type).name);
        for (const argument of field.args) addInput(getNamedType(argument.type).name);
      },
    }),
  );
  // A kept type must still implement the kept interfaces; each step can bring in field types.
  for (let before = -1; before !== size(used); ) {
    before = size(used);
    for (const [name, fields] of [...used]) {
      const type = schema.getType(name);
      if (isInterfaceType(type)) {
        const { objects, interfaces } = schema.getImplementations(type);
        for (const other of [...objects, ...interfaces]) {
          if (!used.has(other.name)) continue;
          for (const field of fields) {
            fieldsOf(other.name).add(field);
            const definition = other.getFields()[field];
            if (definition) fieldsOf(getNamedType(definition.type).name);
          }
        }
      }
      if (isUnionType(type) || !type || !('getFields' in type) || isInputObjectType(type)) continue;
      for (const field of fields) {
        for (const argument of type.getFields()[field]?.args ?? [])
          addInput(getNamedType(argument.type).name);
      }
    }
  }
  return used;
}

function size(used: Map<string, Set<string>>): number {
  let total = used.size;
  for (const fields of used.values()) total += fields.size;
  return total;
}

/** A definition without its description and directives. */
function bare<N extends ASTNode>(node: N): N {
  const { description: _description, ...rest } = node as N & { description?: unknown };
  return Object.assign(rest, { directives: [] }) as unknown as N;
}

function bareField(node: FieldDefinitionNode): FieldDefinitionNode {
  return { ...bare(node), arguments: (node.arguments ?? []).map(bare) };
}

function pruneDefinition(node: DefinitionNode, used: Map<string, Set<string>>): DefinitionNode | undefined {
  if (!('name' in node) || !node.name) return undefined;
  const kept = used.get(node.name.value);
  if (!kept) return undefined;
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const fields = new Map(
        (node.fields ?? []).filter((f) => kept.has(f.name.value)).map((f) => [f.name.value, bareField(f)]),
      );
      // A type that is only reached by `__typename` still needs a field to be a valid type.
      if (fields.size === 0) {
        const id = (node.fields ?? []).find((f) => f.name.value === 'id') ?? node.fields?.[0];
        if (id && used.has(namedType(id.type))) fields.set(id.name.value, bareField(id));
      }
      if (fields.size === 0) return undefined;
      return {
        ...bare(node),
        fields: [...fields.values()],
        interfaces: (node.interfaces ?? []).filter((i) => used.has(i.name.value)),
      };
    }
    case Kind.UNION_TYPE_DEFINITION:
      return { ...bare(node), types: (node.types ?? []).filter((t) => used.has(t.name.value)) };
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return { ...bare(node), fields: (node.fields ?? []).map(bare) };
    case Kind.ENUM_TYPE_DEFINITION:
      return { ...bare(node), values: (node.values ?? []).map(bare) };
    case Kind.SCALAR_TYPE_DEFINITION:
      return bare(node);
    default:
      return undefined;
  }
}

function pruneGraphql(sdl: string, documents: DocumentNode): string {
  const used = usedFields(sdl, documents);
  const definitions = parse(sdl).definitions.map((node) => pruneDefinition(node, used));
  const text = print({ kind: Kind.DOCUMENT, definitions: definitions.filter((node) => node !== undefined) });
  const errors = validate(buildSchema(text), documents);
  if (errors.length > 0)
    throw new Error(`the pruned schema lost something:\n${errors.map(String).join('\n\n')}`);
  return `${text}\n`;
}

function writeJson(name: string, value: JsonObject): void {
  // One operation or definition a line: the file stays small and a regeneration gives a readable diff.
  const sections = Object.entries(value).map(([key, section]) => {
    if (!isObject(section)) return `${JSON.stringify(key)}:${JSON.stringify(section)}`;
    const lines = Object.entries(section).map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`);
    return `${JSON.stringify(key)}:{\n${lines.join(',\n')}\n}`;
  });
  write(name, `{\n${sections.join(',\n')}\n}\n`);
}

function write(name: string, text: string): void {
  writeFileSync(join(SCHEMA_DIR, name), text);
  process.stdout.write(`${name} ${Math.round(text.length / 1024)} KB\n`);
}

function main(): void {
  const dir = process.argv[2];
  if (dir === undefined) throw new Error('usage: npx tsx scripts/github-schemas.ts DIR');
  const packages = join(dir, 'node_modules/@octokit');
  const readJson = (path: string): JsonObject =>
    object(JSON.parse(readFileSync(join(packages, path), 'utf8')), path);
  writeJson('openapi.json', pruneRest(readJson('openapi/generated/api.github.com.json')));
  writeJson('webhooks.json', pruneWebhooks(readJson('openapi-webhooks/generated/api.github.com.json')));
  const sdl = readFileSync(join(packages, 'graphql-schema/schema.graphql'), 'utf8');
  write(
    'schema.graphql',
    pruneGraphql(sdl, parse(readFileSync(join(SCHEMA_DIR, 'operations.graphql'), 'utf8'))),
  );
}

main();
