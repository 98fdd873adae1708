import { inputDigest } from '../engine/input.ts';
import type { Selection } from '../engine/select.ts';
import type { Settings, Snapshot } from '../engine/snapshot.ts';
import type { CheckOutcome, Observation } from '../review/model.ts';
import { boot } from './boot.ts';
import { type CheckSubject, concludeRun, ensureRun, listRuns, type Outcome, type Run } from './checks.ts';
import { externalId } from './external-id.ts';
import { guard } from './pull.ts';
import { at, present, type Repo } from './repo.ts';
import { choose, type Range, readConfigAt, snapshot } from './snapshot.ts';

export interface GroupEvent {
  readonly headSha: string;
  /** `refs/heads/gh-readonly-queue/<base>/pr-<n>-<sha>` */
  readonly headRef: string;
  /** Head of the group before, so that base...head is one pull request. */
  readonly baseSha: string;
  /** `refs/heads/<base>` */
  readonly baseRef: string;
}

/** A merge group: a commit that wants the same check as a pull request, and no word anywhere else. */
export class Group {
  readonly #repo: Repo;
  readonly #event: GroupEvent;
  readonly #runs: readonly Run[];
  readonly #repository: { readonly id: number; readonly url: string };
  readonly #subject: CheckSubject;
  #run: Run | null = null;
  #selection: Selection | null = null;

  private constructor(
    repo: Repo,
    event: GroupEvent,
    runs: readonly Run[],
    repository: { readonly id: number; readonly url: string },
  ) {
    this.#repo = repo;
    this.#repository = repository;
    this.#event = event;
    this.#runs = runs;
    const { owner, name } = repo;
    const { headSha, headRef, baseSha, baseRef } = event;
    const id = externalId({ kind: 'group', owner, name, sha: headSha, base: baseSha, headRef, baseRef });
    this.#subject = { headSha, externalId: id, actions: false };
  }

  static open(repo: Repo, event: GroupEvent): Promise<Group> {
    return guard(async () => {
      const { data } = await repo.client.rest.repos.get(at(repo));
      const runs = await listRuns(repo, event.headSha);
      return new Group(repo, event, runs, { id: data.id, url: data.html_url });
    });
  }

  begin(fresh: boolean): Promise<void> {
    return guard(async () => {
      this.#run = await ensureRun(this.#repo, this.#subject, this.#runs, fresh);
    });
  }

  config(): Promise<string | null> {
    return guard(() => readConfigAt(this.#repo, this.#event.baseRef));
  }

  /**
   * Whether the pull request itself has passed with the very same blobs, settings and rules. Nothing has to be read or
   * analysed then: a verdict depends on nothing else.
   */
  isProven(number: number, settings: Settings, today: string): Promise<boolean> {
    return guard(async () => {
      const { data } = await this.#repo.client.rest.pulls.get({ ...at(this.#repo), pull_number: number });
      const { owner, name } = this.#repo;
      const sha = data.head.sha;
      const id = externalId({ kind: 'pull', owner, name, number, sha });
      const run = (await listRuns(this.#repo, sha)).find((r) => r.externalId === id);
      if (run?.conclusion !== 'success' || run.input === null) return false;
      const selection = await this.#select(settings);
      return inputDigest(selection, settings, today, this.#repo.ruleset) === run.input;
    });
  }

  snapshot(settings: Settings, today: string): Promise<Snapshot> {
    return guard(async () =>
      snapshot(this.#repo, this.#range, await this.#select(settings), settings, today),
    );
  }

  get #range(): Range {
    return { repositoryId: this.#repository.id, base: this.#event.baseSha, head: this.#event.headSha };
  }

  async #select(settings: Settings): Promise<Selection> {
    this.#selection ??= await choose(this.#repo, this.#range, settings);
    return this.#selection;
  }

  /** The group as a pull request of which nothing but our own checklist is known: what people have confirmed holds. */
  observation(number: number): Promise<Observation> {
    return guard(async () => {
      const { headSha, baseSha, baseRef } = this.#event;
      const { comments } = await boot(this.#repo, number);
      return {
        repo: { owner: this.#repo.owner, name: this.#repo.name },
        pr: {
          number,
          title: '',
          author: '',
          url: `${this.#repository.url}/pull/${number}`,
          state: 'open',
          draft: false,
          locked: false,
          headSha,
          baseSha,
          baseRef,
          mergeBaseSha: baseSha,
        },
        files: [],
        threads: [],
        comments,
        reviews: [],
        checks: [],
        commands: [],
        ticks: [],
        mayResolve: false,
      };
    });
  }

  conclude(outcome: Outcome | CheckOutcome): Promise<void> {
    return guard(async () => {
      const run = present(this.#run, 'the run of a merge group');
      await concludeRun(this.#repo, this.#subject, run, outcome, null);
    });
  }
}
