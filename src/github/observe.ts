import type { DiffFile, Observation, OwnCheck, PendingCommand } from '../review/model.ts';
import type { Boot } from './boot.ts';
import { COMPARE_FILES, LISTED_FILES, PER_PAGE } from './limits.ts';
import { at, type Repo } from './repo.ts';
import { statusOf, Trouble } from './trouble.ts';

interface RawFile {
  readonly filename: string;
  readonly previous_filename?: string;
  readonly status: DiffFile['status'];
  readonly patch?: string;
}

/**
 * Completes a boot to an Observation: GitHub's own diff and the merge base, which GraphQL does not know.
 * @throws Trouble `vanished` when a commit is not there any more.
 */
export async function observe(
  repo: Repo,
  pull: Boot,
  checks: readonly OwnCheck[],
  commands: readonly PendingCommand[],
): Promise<Observation> {
  const compared = await compare(repo, pull.baseSha, pull.headSha);
  const { number, title, author, url, state, draft, locked, headSha, baseSha, baseRef } = pull;
  return {
    repo: { owner: repo.owner, name: repo.name },
    pr: {
      number,
      title,
      author,
      url,
      state,
      draft,
      locked,
      headSha,
      baseSha,
      baseRef,
      mergeBaseSha: compared.mergeBase,
    },
    files: compared.files.length < COMPARE_FILES ? compared.files : await listFiles(repo, number),
    threads: pull.threads,
    comments: pull.comments,
    reviews: pull.reviews,
    checks,
    commands,
    ticks: [],
    mayResolve: repo.mayResolve,
  };
}

/** One page of one commit is enough: the files come with the first page whatever its size. */
async function compare(
  repo: Repo,
  base: string,
  head: string,
): Promise<{ readonly mergeBase: string; readonly files: readonly DiffFile[] }> {
  const basehead = `${base}...${head}`;
  try {
    const { data } = await repo.client.rest.repos.compareCommitsWithBasehead({
      ...at(repo),
      basehead,
      per_page: 1,
    });
    return { mergeBase: data.merge_base_commit.sha, files: (data.files ?? []).map(diffFile) };
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 422) {
      throw new Trouble('vanished', `GitHub cannot compare ${basehead}`, { cause: error });
    }
    throw error;
  }
}

/** All that GitHub lists. What is beyond has no patch, so its findings are shown without an anchor. */
async function listFiles(repo: Repo, number: number): Promise<readonly DiffFile[]> {
  const files: DiffFile[] = [];
  for (let page = 1; page <= LISTED_FILES / PER_PAGE; page++) {
    const { data } = await repo.client.rest.pulls.listFiles({
      ...at(repo),
      pull_number: number,
      per_page: PER_PAGE,
      page,
    });
    files.push(...data.map(diffFile));
    if (data.length < PER_PAGE) break;
  }
  return files;
}

function diffFile(file: RawFile): DiffFile {
  const { filename: path, status } = file;
  return { path, previousPath: file.previous_filename ?? null, status, patch: file.patch ?? null };
}
