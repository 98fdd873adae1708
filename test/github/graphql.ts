/** `POST /graphql`: GitHub's public schema, pruned, executed over the double's state. */
import {
  buildSchema,
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { InstallationToken } from './auth.ts';
import { forbidden, githubError, type View } from './graphql-basics.ts';
import { measure } from './graphql-limits.ts';
import { reactionContent, Views } from './graphql-views.ts';
import { HttpError, type JsonObject } from './http.ts';
import { readSchemaFile } from './openapi.ts';
import type { Parts, RateState } from './routes/shared.ts';
import type { Entity, IssueComment, Repository, Review, ReviewComment, ReviewThread } from './state.ts';

/** The document of a request, parsed once for the log, for faults and for execution. */
export interface GraphqlRequest {
  document: DocumentNode | null;
  operation: OperationDefinitionNode | null;
  /** The operation's name, or `query` / `mutation` when it has none. */
  name: string;
  variables: Record<string, unknown>;
  syntaxError: string | null;
}

let loaded: { schema: GraphQLSchema; connections: Set<string> } | undefined;

function publicSchema(): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  const schema = buildSchema(readSchemaFile('schema.graphql'));
  const connections = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.some((argument) => argument.name === 'first')) connections.add(field.name);
    }
  }
  loaded = { schema, connections };
  return loaded;
}

export function readRequest(body: JsonObject): GraphqlRequest {
  const variables = (body.variables ?? {}) as Record<string, unknown>;
  try {
    const document = parse(String(body.query ?? ''));
    const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    const wanted = body.operationName;
    const operation = operations.find((o) => !wanted || o.name?.value === wanted) ?? null;
    const name = operation?.name?.value ?? operation?.operation ?? 'unknown';
    return { document, operation, name, variables, syntaxError: null };
  } catch (error) {
    const syntaxError = error instanceof Error ? error.message : String(error);
    return { document: null, operation: null, name: 'unknown', variables, syntaxError };
  }
}

/**
 * What is wrong with a request by GitHub's schema; empty when it may run.
 * A field that GitHub has and the pruned schema lacks is reported here too.
 */
export function documentProblems(request: GraphqlRequest): string[] {
  if (!request.document) return [request.syntaxError ?? 'no document'];
  return validate(publicSchema().schema, request.document).map((error) => error.message);
}

/** Runs a valid request; GitHub answers 200 whatever comes out. */
export async function run(
  parts: Parts,
  token: InstallationToken,
  request: GraphqlRequest,
  rate: { spend: (points: number) => void; state: () => RateState },
): Promise<JsonObject> {
  const { document, operation, variables } = request;
  if (!document || !operation) return { errors: [{ message: request.syntaxError ?? 'No operation given' }] };
  const { schema, connections } = publicSchema();
  const invalid = validate(schema, document);
  if (invalid.length > 0) return { errors: invalid.map(showError) };
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const d of document.definitions)
    if (d.kind === Kind.FRAGMENT_DEFINITION) fragments.set(d.name.value, d);
  const cost = measure(operation, fragments, variables, connections, parts.world.limits.graphqlNodes);
  if (cost.errors.length > 0) return { errors: cost.errors.map(showError) };
  rate.spend(cost.points);

  const views = new Views(parts, token);
  const rateLimit = (): View => {
    const { reset, ...state } = rate.state();
    return {
      ...state,
      cost: cost.points,
      nodeCount: cost.nodes,
      resetAt: new Date(reset * 1000).toISOString(),
    };
  };
  const root = { ...queries(parts, views), ...mutations(parts, views), rateLimit };
  const result = await execute({
    schema,
    document,
    rootValue: root,
    variableValues: variables,
    operationName: operation.name?.value ?? null,
  });
  return {
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.errors ? { errors: result.errors.map(showError) } : {}),
  };
}

function showError(error: GraphQLError): JsonObject {
  const { message, path, locations, extensions, originalError } = error;
  if (originalError instanceof HttpError) {
    const details = (originalError.errors ?? []).map((e) =>
      typeof e === 'string' ? e : (e as JsonObject).message,
    );
    const type = originalError.status === 403 ? 'FORBIDDEN' : 'UNPROCESSABLE';
    return { type, path, locations, message: details.join(', ') || message };
  }
  // A plain exception is a mistake in the double: no test should take it for GitHub's answer.
  if (originalError && !(originalError instanceof GraphQLError)) {
    return { type: 'INTERNAL', path, locations, message: originalError.stack ?? message };
  }
  const { type, ...rest } = extensions;
  return {
    ...(type === undefined ? { extensions: rest } : { type }),
    ...(path ? { path } : {}),
    ...(locations ? { locations } : {}),
    message,
  };
}

/** The repository an entity belongs to; null for accounts. */
function home(entity: Entity): Repository | null {
  switch (entity.kind) {
    case 'Repository':
      return entity;
    case 'PullRequest':
    case 'CheckRun':
    case 'CheckSuite':
      return entity.repo;
    case 'PullRequestReviewThread':
    case 'PullRequestReview':
    case 'IssueComment':
      return entity.pull.repo;
    case 'PullRequestReviewComment':
      return entity.thread.pull.repo;
    default:
      return null;
  }
}

function lookUp({ world }: Parts, views: Views, id: string): Entity {
  const entity = world.node(id);
  const repo = entity && home(entity);
  if (!entity || (repo && !views.covers(repo))) {
    throw githubError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
  }
  return entity;
}

function queries(parts: Parts, views: Views): View {
  const { world, app } = parts;
  const node = ({ id }: { id: string }): View | null => views.entity(lookUp(parts, views, id));
  return {
    id: 'Query',
    node,
    nodes: ({ ids }: { ids: string[] }) => ids.map((id) => node({ id })),
    viewer: { ...views.actor(app.bot), login: app.bot.login },
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repo = world.repository(owner, name);
      if (repo && (views.covers(repo) || !repo.private)) return views.repository(repo);
      throw githubError('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
  };
}

interface Input {
  clientMutationId?: string;
}

type Minimizable = IssueComment | ReviewComment | Review;

function mutations(parts: Parts, views: Views): View {
  const { actions, app } = parts;
  const get = <K extends Entity['kind']>(id: string, ...kinds: K[]): Extract<Entity, { kind: K }> => {
    const entity = lookUp(parts, views, id);
    if (!kinds.some((kind) => kind === entity.kind)) {
      throw githubError(
        'NOT_FOUND',
        `Could not resolve to ${kinds.join(' or ')} node with the global id of '${id}'`,
      );
    }
    return entity as Extract<Entity, { kind: K }>;
  };
  const writable = <E extends Entity>(entity: E): E => {
    if (!views.mayWrite(entity)) throw forbidden();
    return entity;
  };
  const own = <E extends Minimizable>(entity: E): E => {
    if (writable(entity).author !== app.bot) throw forbidden();
    return entity;
  };
  /** Wraps a mutation: takes its `input` and hands the client's id back. */
  const mutation =
    <I extends Input>(act: (input: I) => View) =>
    ({ input }: { input: I }): View => ({ clientMutationId: input.clientMutationId ?? null, ...act(input) });
  const minimizable = (id: string): Minimizable =>
    writable(get(id, 'IssueComment', 'PullRequestReviewComment', 'PullRequestReview'));
  const setResolved = (id: string, resolved: boolean): View => {
    const thread: ReviewThread = writable(get(id, 'PullRequestReviewThread'));
    if (!views.may('contents', 'write')) throw forbidden();
    actions.setResolved(thread, app.bot, resolved);
    return { thread: views.thread(thread) };
  };

  return {
    minimizeComment: mutation(
      ({ subjectId, classifier }: Input & { subjectId: string; classifier: string }) => {
        const subject = minimizable(subjectId);
        actions.minimize(subject, classifier);
        return { minimizedComment: views.entity(subject) };
      },
    ),
    unminimizeComment: mutation(({ subjectId }: Input & { subjectId: string }) => {
      const subject = minimizable(subjectId);
      subject.minimized = null;
      return { unminimizedComment: views.entity(subject) };
    }),
    resolveReviewThread: mutation(({ threadId }: Input & { threadId: string }) =>
      setResolved(threadId, true),
    ),
    unresolveReviewThread: mutation(({ threadId }: Input & { threadId: string }) =>
      setResolved(threadId, false),
    ),
    addPullRequestReviewThreadReply: mutation(
      ({ pullRequestReviewThreadId, body }: Input & { pullRequestReviewThreadId: string; body: string }) => {
        const thread = writable(get(pullRequestReviewThreadId, 'PullRequestReviewThread'));
        return { comment: views.reviewComment(actions.reply(thread, app.bot, body)) };
      },
    ),
    updateIssueComment: mutation(({ id, body }: Input & { id: string; body: string }) => {
      const comment = own(get(id, 'IssueComment'));
      actions.edit(comment, app.bot, body);
      return { issueComment: views.issueComment(comment) };
    }),
    updatePullRequestReviewComment: mutation(
      ({
        pullRequestReviewCommentId,
        body,
      }: Input & { pullRequestReviewCommentId: string; body: string }) => {
        const comment = own(get(pullRequestReviewCommentId, 'PullRequestReviewComment'));
        actions.edit(comment, app.bot, body);
        return { pullRequestReviewComment: views.reviewComment(comment) };
      },
    ),
    updatePullRequestReview: mutation(
      ({ pullRequestReviewId, body }: Input & { pullRequestReviewId: string; body: string }) => {
        const review = own(get(pullRequestReviewId, 'PullRequestReview'));
        actions.edit(review, app.bot, body);
        return { pullRequestReview: views.review(review) };
      },
    ),
    deleteIssueComment: mutation(({ id }: Input & { id: string }) => {
      actions.remove(own(get(id, 'IssueComment')), app.bot);
      return {};
    }),
    deletePullRequestReviewComment: mutation(({ id }: Input & { id: string }) => {
      actions.remove(own(get(id, 'PullRequestReviewComment')), app.bot);
      return {};
    }),
    addComment: mutation(({ subjectId, body }: Input & { subjectId: string; body: string }) => {
      const pull = get(subjectId, 'PullRequest');
      if (!views.may('pull_requests', 'write') && !views.may('issues', 'write')) throw forbidden();
      const comment = actions.addComment(pull, app.bot, body);
      return { subject: views.entity(pull), commentEdge: { node: views.issueComment(comment) } };
    }),
    addReaction: mutation(({ subjectId, content }: Input & { subjectId: string; content: string }) => {
      const subject = writable(
        get(subjectId, 'IssueComment', 'PullRequestReviewComment', 'PullRequestReview', 'PullRequest'),
      );
      return {
        reaction: views.reaction(
          actions.react(subject.reactions, app.bot, reactionContent(content)).reaction,
        ),
      };
    }),
  };
}
