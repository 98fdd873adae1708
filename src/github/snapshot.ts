import { type Selection, select, toSnapshot } from '../engine/select.ts';
import type { Settings, Snapshot } from '../engine/snapshot.ts';
import { readBlobs } from './blobs.ts';
import { type Boot, CONFIG_PATH } from './boot.ts';
import { FILE } from './queries.ts';
import type { Repo } from './repo.ts';
import { listTrees } from './trees.ts';

/** What to read: two commits of one repository. */
export interface Range {
  readonly repositoryId: number;
  /** The MERGE BASE, which is what GitHub's diff starts from. */
  readonly base: string;
  readonly head: string;
}

/**
 * Decides from two tree listings what the analysis needs.
 * @throws Trouble `vanished`, or Octokit's errors.
 */
export async function choose(repo: Repo, range: Range, settings: Settings): Promise<Selection> {
  const trees = await listTrees(repo, range.repositoryId, range.base, range.head);
  return select(trees.base, trees.head, settings);
}

/**
 * Reads the chosen blobs, and no others.
 * @throws Octokit's errors.
 */
export async function snapshot(
  repo: Repo,
  range: Range,
  selection: Selection,
  settings: Settings,
  today: string,
): Promise<Snapshot> {
  const texts = await readBlobs(repo, range.repositoryId, [...selection.head, ...selection.base]);
  return toSnapshot(selection, texts, {
    repo: `${repo.owner}/${repo.name}`,
    base: range.base,
    head: range.head,
    today,
    settings,
  });
}

/** The configuration at the tip of the base branch: never from the head, where the author of the change writes it. */
export async function readConfig(repo: Repo, pull: Boot): Promise<string | null> {
  return pull.isDefaultBase ? pull.defaultConfig : readConfigAt(repo, `refs/heads/${pull.baseRef}`);
}

export async function readConfigAt(repo: Repo, revision: string): Promise<string | null> {
  const answer = await repo.client.graphql<{
    readonly repository: { readonly file: { readonly text?: string | null } | null } | null;
  }>(FILE, { owner: repo.owner, name: repo.name, expression: `${revision}:${CONFIG_PATH}` });
  return answer.repository?.file?.text ?? null;
}
