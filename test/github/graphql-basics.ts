/** What all GraphQL views are made of: plain objects, connections, GitHub's errors. */
import { GraphQLError } from 'graphql';

/** A GraphQL object. Values may be functions of the field's arguments. */
export type View = Record<string, unknown>;

/** The arguments of a connection. */
export interface Page {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const INT_MAX = 2 ** 31 - 1;
/** An error with GitHub's `type`. */
export function githubError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

/** What GitHub says when a token lacks a permission. */
export function forbidden(): GraphQLError {
  return githubError('FORBIDDEN', 'Resource not accessible by integration');
}

/** A list as a connection; cursors are positions. */
export function connection<T>(items: readonly T[], page: Page, view: (item: T) => unknown): View {
  const cursor = (index: number): string => Buffer.from(`cursor:v2:${index}`).toString('base64');
  const at = (text: string | null | undefined): number | null => {
    if (text === null || text === undefined) return null;
    const match = /^cursor:v2:(\d+)$/.exec(Buffer.from(text, 'base64').toString());
    if (!match)
      throw githubError('INVALID_CURSOR_ARGUMENTS', `\`${text}\` does not appear to be a valid cursor.`);
    return Number(match[1]);
  };
  let start = (at(page.after) ?? -1) + 1;
  let end = Math.min(items.length, at(page.before) ?? items.length);
  if (typeof page.first === 'number') end = Math.min(end, start + page.first);
  else if (typeof page.last === 'number') start = Math.max(start, end - page.last);
  const some = end > start;
  return {
    totalCount: items.length,
    nodes: () => items.slice(start, end).map(view),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: some ? cursor(start) : null,
      endCursor: some ? cursor(end - 1) : null,
    },
  };
}

/** GitHub's `databaseId` is a 32-bit number and null where the id no longer fits. */
export function databaseId(id: number): number | null {
  return id > INT_MAX ? null : id;
}
