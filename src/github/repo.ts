import type { BlobText, TreeEntry } from '../engine/select.ts';
import type { Lru } from './cache.ts';
import type { Run } from './checks.ts';
import type { GitBlobs } from './git-blobs.ts';
import type { Client } from './octokit.ts';
import { ONCE } from './octokit.ts';
import type { Pacer } from './pacer.ts';
import { explain, Trouble } from './trouble.ts';

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Git objects never change, so what is cached by their hash is right for ever. Keys begin with the repository. */
export interface Caches {
  readonly blobs: Lru<BlobText>;
  readonly trees: Lru<readonly TreeEntry[]>;
  /** Runs made by this process, by external id: a list that was read before does not have them. */
  readonly runs: Lru<Run>;
  /** Things that were true and stay so, such as that a comment was answered. */
  readonly facts: Lru<true>;
}

/** Who we are on GitHub. */
export interface AppIdentity {
  readonly id: number;
  /** Login of our bot user, `<slug>[bot]`. */
  readonly login: string;
}

/** One repository as one installation sees it. */
export interface Repo {
  readonly client: Client;
  readonly owner: string;
  readonly name: string;
  readonly app: AppIdentity;
  readonly pacer: Pacer;
  readonly caches: Caches;
  readonly log: Log;
  /** Null where everything comes over the API. */
  readonly gitBlobs: GitBlobs | null;
  /** Digest of the rules that judge here. */
  readonly ruleset: string;
  /** The token may write contents, which is what GitHub demands for resolving a thread. */
  readonly mayResolve: boolean;
}

/** The path parameters of every REST call, and what keeps a call from being repeated by Octokit itself. */
export function at(repo: Repo): { readonly owner: string; readonly repo: string } {
  return { owner: repo.owner, repo: repo.name };
}

/**
 * The only way to write. In turn, never repeated here, and every failure that may have had its effect comes out as
 * `retry`, so that the next pass looks before it writes again.
 * @throws Trouble, or the error itself when it says something about this very request (422).
 */
export async function write<T>(repo: Repo, call: () => Promise<T>): Promise<T> {
  return repo.pacer.run(async () => {
    try {
      return await call();
    } catch (error) {
      throw explain(error) ?? error;
    }
  });
}

/** @throws Trouble. Mutations may be answered in part; any error is an error. */
export async function mutate<T>(repo: Repo, document: string, variables: Record<string, string>): Promise<T> {
  return write(repo, () => repo.client.graphql<T>(document, { ...variables, request: ONCE }));
}

/** @throws Trouble `gone` when the answer lacks what was asked for. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Trouble('gone', `${what} is not there`);
  return value;
}
