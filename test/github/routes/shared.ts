/** What all route files use: the double's parts, and lookups that answer 404 as GitHub does. */
import type { Actions } from '../actions.ts';
import type { Authenticator } from '../auth.ts';
import type { Events } from '../events.ts';
import { type Call, HttpError, notFound, numberParam, param } from '../http.ts';
import type { AppProfile, Present } from '../present.ts';
import type { Account, PullRequest, Repository } from '../state.ts';
import type { Webhooks } from '../webhooks.ts';
import type { World } from '../world.ts';

/** The parts of one double, wired together in `double.ts`. */
export interface Parts {
  world: World;
  app: AppProfile;
  auth: Authenticator;
  show: Present;
  events: Events;
  actions: Actions;
  webhooks: Webhooks;
  /** Requests left in this hour, by installation and bucket. */
  rate: (bucket: 'core' | 'graphql') => RateState;
}

export interface RateState {
  limit: number;
  used: number;
  remaining: number;
  /** Seconds since the epoch. */
  reset: number;
}

export function repositoryOf({ world }: Parts, call: Call): Repository {
  const repo = world.repository(param(call, 'owner'), param(call, 'repo'));
  if (!repo) throw notFound();
  return repo;
}

export function pullOf(
  parts: Parts,
  call: Call,
  name: 'pull_number' | 'issue_number' = 'pull_number',
): PullRequest {
  const pull = repositoryOf(parts, call).pulls.get(numberParam(call, name));
  if (!pull) throw notFound();
  return pull;
}

export function found<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw notFound();
  return value;
}

/** The account an installation token acts as. */
export function actor({ app }: Parts): Account {
  return app.bot;
}

/** @throws HttpError 422 as GitHub answers for an unknown commit */
export function commitOf(repo: Repository, ref: string): string {
  const sha = repo.git.branch(ref) ?? repo.git.resolve(ref);
  if (sha === null) throw new HttpError(422, `No commit found for SHA: ${ref}`);
  return sha;
}
