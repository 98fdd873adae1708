/** Checks of requests, answers and webhooks against GitHub's published descriptions. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { JsonObject } from './http.ts';
import type { Operation } from './operations.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: JsonObject;
}

interface OperationSchema {
  id: string;
  docs: string;
  parameters: Parameter[];
  body: JsonObject | null;
  bodyRequired: boolean;
  responses: Record<string, JsonObject | null>;
}

interface Description {
  operations: Record<string, OperationSchema>;
  definitions: Record<string, JsonObject>;
}

interface WebhookDescription {
  payloads: Record<string, JsonObject>;
  definitions: Record<string, JsonObject>;
}

const SPEC_ID = 'https://schema.invalid/github';

/**
 * Where GitHub's own answers differ from its description, by operation or webhook: file comments and
 * outdated ones do have a null line, an installation's account is a user or an enterprise and not both at
 * once, and the list of event names is older than the merge queue.
 */
const SPEC_DRIFT: readonly (readonly [where: RegExp, problem: RegExp])[] = [
  [/^(GET|POST|PATCH) .*\/pulls\/.*comments/, /\.(original_)?line must be integer$/],
  [/^pull-request-review-(comment|thread)-/, /\.(original_)?line must be (integer|number)$/],
  [/^GET \/app\/installations$/, /\.account must /],
  [/^check-|^installation-/, /\.events\.\d+ must be equal to one of the allowed values/],
];

function isDrift(where: string, problem: string): boolean {
  return SPEC_DRIFT.some(([place, text]) => place.test(where) && text.test(problem.replace(/ \(.*\)$/, '')));
}

/** Keys GitHub refuses or ignores although its schema does not forbid them. */
const CLOSED_BODIES: Partial<Record<Operation, { body: string[]; comments?: string[] }>> = {
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': {
    body: ['commit_id', 'body', 'event', 'comments'],
    comments: ['path', 'position', 'body', 'line', 'side', 'start_line', 'start_side'],
  },
};

/** The folder lies beside this file, and beside the bundle once built. */
export function readSchemaFile(name: string): string {
  return readFileSync(new URL(`./schema/${name}`, import.meta.url), 'utf8');
}

let rest: Description | undefined;
let hooks: WebhookDescription | undefined;

function describeRest(): Description {
  rest ??= JSON.parse(readSchemaFile('openapi.json')) as Description;
  return rest;
}

function describeWebhooks(): WebhookDescription {
  hooks ??= JSON.parse(readSchemaFile('webhooks.json')) as WebhookDescription;
  return hooks;
}

/** Compiled per schema, on first use, once a process: compiling all would take seconds. */
const compiled = new Map<string, ValidateFunction>();
let ajv: { rest: Ajv; coercing: Ajv; webhook: Ajv2020 } | undefined;

function validators(): NonNullable<typeof ajv> {
  if (ajv) return ajv;
  const options = { strict: false, allErrors: true, logger: false } as const;
  ajv = {
    rest: new Ajv(options),
    coercing: new Ajv({ ...options, coerceTypes: 'array' }),
    webhook: new Ajv2020({ ...options, discriminator: false }),
  };
  for (const instance of Object.values(ajv)) ajvFormats.default(instance);
  ajv.rest.addSchema({ $id: SPEC_ID, definitions: describeRest().definitions });
  ajv.coercing.addSchema({ $id: SPEC_ID, definitions: describeRest().definitions });
  ajv.webhook.addSchema({ $id: SPEC_ID, definitions: describeWebhooks().definitions });
  return ajv;
}

function compile(key: string, kind: 'rest' | 'coercing' | 'webhook', schema: JsonObject): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const validate = validators()[kind].compile(absoluteRefs(schema) as JsonObject);
  compiled.set(key, validate);
  return validate;
}

function absoluteRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absoluteRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) =>
      key === '$ref' && typeof child === 'string' ? [key, `${SPEC_ID}${child}`] : [key, absoluteRefs(child)],
    ),
  );
}

function problems(validate: ValidateFunction, value: unknown, where: string): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'allowedValues' in params ? ` (${String(params.allowedValues)})` : '';
    return `${where}${instancePath.replaceAll('/', '.')} ${message}${extra}`;
  });
}

function describe(operation: Operation): OperationSchema {
  const schema = describeRest().operations[operation];
  if (!schema) throw new Error(`${operation} is not in openapi.json: run scripts/github-schemas.ts`);
  return schema;
}

/** Address of an operation's documentation, as errors carry it. */
export function documentationOf(operation: Operation): string {
  return describe(operation).docs;
}

/** What is wrong with a request; empty when GitHub's description allows it. */
export function requestProblems(
  operation: Operation,
  request: { params: Readonly<Record<string, string>>; query: URLSearchParams; body: unknown },
): string[] {
  const { parameters, body, bodyRequired } = describe(operation);
  const found: string[] = [];
  for (const place of ['path', 'query'] as const) {
    const declared = parameters.filter((p) => p.in === place);
    const given: JsonObject = place === 'path' ? { ...request.params } : Object.fromEntries(request.query);
    const schema = {
      type: 'object',
      properties: Object.fromEntries(declared.map((p) => [p.name, p.schema])),
      required: declared.filter((p) => p.required).map((p) => p.name),
      additionalProperties: place === 'path',
    };
    const validate = compile(`${operation} ${place}`, 'coercing', schema);
    found.push(...problems(validate, given, place));
    if (place === 'query') {
      for (const key of Object.keys(given)) {
        if (!declared.some((p) => p.name === key))
          found.push(`query.${key} is not a parameter of this operation`);
      }
    }
  }
  if (body !== null && (request.body !== undefined || bodyRequired)) {
    // The other fields are ignored in a reply, and clients leave them out, whatever the schema says.
    const isReply = isObject(request.body) && request.body.in_reply_to !== undefined;
    const schema = isReply ? { ...body, required: ['body'] } : body;
    const validate = compile(`${operation} body${isReply ? ' (reply)' : ''}`, 'rest', schema);
    found.push(...problems(validate, request.body, 'body'));
  }
  return [...new Set([...found, ...unknownKeys(operation, request.body)])];
}

function unknownKeys(operation: Operation, body: unknown): string[] {
  const closed = CLOSED_BODIES[operation];
  if (!closed || !isObject(body)) return [];
  const found = Object.keys(body)
    .filter((key) => !closed.body.includes(key))
    .map((key) => `body.${key} is not a permitted key`);
  const comments = Array.isArray(body.comments) ? body.comments : [];
  comments.forEach((comment: unknown, i) => {
    for (const key of isObject(comment) ? Object.keys(comment) : []) {
      if (!closed.comments?.includes(key)) found.push(`body.comments.${i}.${key} is not a permitted key`);
    }
  });
  return found;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the double's own answer breaks GitHub's description: a mistake in the double. */
export function responseProblems(operation: Operation, status: number, body: unknown): string[] {
  const { responses } = describe(operation);
  const schema = responses[String(status)];
  if (schema === undefined) return status < 300 ? [`${operation}: GitHub does not answer ${status}`] : [];
  if (schema === null) return [];
  const validate = compile(`${operation} ${status}`, 'rest', schema);
  return problems(validate, body, `${operation} ${status}`).filter((problem) => !isDrift(operation, problem));
}

/** Where a webhook payload breaks GitHub's description; names not described are not checked. */
export function webhookProblems(name: string, payload: JsonObject): string[] {
  const schema = describeWebhooks().payloads[name];
  if (!schema) return [];
  const validate = compile(`webhook ${name}`, 'webhook', schema);
  return problems(validate, payload, name).filter((problem) => !isDrift(name, problem));
}
