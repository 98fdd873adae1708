/** A repository as its people use it: committing, pushing, opening pull requests, talking. */
import { resolve } from 'node:path';
import type { CommentInput } from './actions.ts';
import type { MergeGroup } from './events.ts';
import type { CommitSpec, FileContent } from './git.ts';
import type { Parts } from './routes/shared.ts';
import type {
  Account,
  CheckRun,
  IssueComment,
  PullRequest,
  ReactionContent,
  Repository,
  Review,
  ReviewComment,
  ReviewState,
  ReviewThread,
  Role,
} from './state.ts';
import { fullName } from './world.ts';

/** Where a push leads: a commit made for it, or one that exists already. */
export type PushTarget = CommitSpec | { sha: string };

/** A pull request by its number or by itself. */
export type PullRef = number | PullRequest;

export class RepoHandle {
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly id: number;

  constructor(
    private readonly parts: Parts,
    /** The live state; read it, change it only through the methods here. */
    readonly state: Repository,
  ) {
    this.owner = state.owner.login;
    this.name = state.name;
    this.fullName = fullName(state);
    this.id = state.id;
  }

  /** Directory of the bare repository. */
  get gitDir(): string {
    return resolve(this.state.git.dir);
  }

  // ── code ────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Writes a commit and moves the branch to it, telling nobody: for what existed before the app was
   * there, and for webhooks that got lost. Open pull requests see the new head all the same.
   * @returns the commit's sha
   */
  commit(o: CommitSpec & { branch: string }): string {
    const sha = this.state.git.commit(o.branch, o, this.parts.world.clock.now());
    this.moveBranch(o.branch, sha);
    return sha;
  }

  /**
   * Moves a branch and emits `push` and, for open pull requests from it, `pull_request.synchronize`.
   * Any parent may be given, so a force-push is a push whose parent is not the tip.
   * @returns the new tip
   */
  push(branch: string, target: PushTarget, o: { by?: string } = {}): string {
    const { git } = this.state;
    const before = git.branch(branch);
    const sha = 'sha' in target ? target.sha : git.commit(branch, target, this.parts.world.clock.now());
    const sender = this.account(o.by ?? 'dev');
    const pulls = this.moveBranch(branch, sha);
    const forced = before !== null && !git.isAncestor(before, sha);
    this.parts.events.push(this.state, branch, before, sha, forced, sender);
    for (const pull of pulls) {
      this.parts.events.pullRequest(pull, 'synchronize', sender, { before, after: sha });
    }
    return sha;
  }

  /** A branch on top of another one's tip. */
  createBranch(name: string, from = this.state.defaultBranch): string {
    const sha = this.sha(from);
    this.state.git.setRef(`refs/heads/${name}`, sha);
    return sha;
  }

  deleteBranch(name: string): void {
    this.state.git.setRef(`refs/heads/${name}`, null);
  }

  /** Takes all branches and tags of a repository on disk, or only the given refspecs. */
  importFrom(
    dir: string,
    refspecs: readonly string[] = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
  ): void {
    this.state.git.fetch(resolve(dir), refspecs);
    for (const pull of this.state.pulls.values()) this.parts.world.refreshHead(pull);
  }

  /** The commit a branch or revision names. */
  sha(revision: string): string {
    const sha = this.state.git.branch(revision) ?? this.state.git.resolve(revision);
    if (sha === null) throw new Error(`${this.fullName} has no ${revision}`);
    return sha;
  }

  /** Text of a file at a revision, or null. */
  read(revision: string, path: string): string | null {
    const object = this.state.git.object(`${this.sha(revision)}:${path}`);
    return object?.type === 'blob' ? object.body.toString() : null;
  }

  // ── pull requests ───────────────────────────────────────────────────────────────────────────────

  /** A copy under another owner; pull requests from it are cross-repository and without its webhooks. */
  fork(owner: string): RepoHandle {
    const { state, parts } = this;
    const repo = parts.world.createRepository({
      owner: this.account(owner),
      name: state.name,
      private: state.private,
      defaultBranch: state.defaultBranch,
      parent: state,
      installed: false,
    });
    const handle = new RepoHandle(parts, repo);
    handle.importFrom(this.gitDir);
    return handle;
  }

  /** @param o.from the fork that `head` is a branch of; default: this repository */
  openPullRequest(o: {
    title: string;
    head: string;
    base?: string;
    author?: string;
    body?: string;
    draft?: boolean;
    from?: RepoHandle;
  }): PullRequest {
    const { world, events } = this.parts;
    const baseRef = o.base ?? this.state.defaultBranch;
    const headRepo = o.from?.state ?? this.state;
    const headSha = headRepo.git.branch(o.head);
    if (headSha === null) throw new Error(`${fullName(headRepo)} has no branch ${o.head}`);
    const now = world.timestamp();
    const pull = world.register<PullRequest>({
      kind: 'PullRequest',
      ...world.identify('PullRequest'),
      number: this.state.nextNumber++,
      repo: this.state,
      title: o.title,
      body: o.body ?? '',
      author: this.account(o.author ?? 'dev'),
      state: 'open',
      draft: o.draft ?? false,
      locked: false,
      merged: false,
      headRepo,
      headRef: o.head,
      headSha,
      baseRef,
      baseSha: this.sha(baseRef),
      createdAt: now,
      updatedAt: now,
      closedAt: null,
      mergedAt: null,
      comments: [],
      reviews: [],
      threads: [],
      reactions: [],
    });
    world.trackHead(pull, headSha);
    this.state.pulls.set(pull.number, pull);
    events.pullRequest(pull, 'opened', pull.author);
    return pull;
  }

  /** Closes it, merged or not. Merging moves the base branch to a merge commit. */
  closePullRequest(ref: PullRef, o: { merge?: boolean; by?: string } = {}): void {
    const pull = this.pull(ref);
    const now = this.touch(pull);
    if (o.merge) {
      const { git } = this.state;
      const base = this.sha(pull.baseRef);
      const files: Record<string, FileContent> = {};
      for (const file of git.diff(git.mergeBase(base, pull.headSha), pull.headSha, this.parts.world.limits)) {
        if (file.previousPath !== undefined && file.status === 'renamed') files[file.previousPath] = null;
        files[file.path] = file.status === 'removed' ? null : (git.object(file.newSha)?.body ?? null);
      }
      const message = `Merge pull request #${pull.number} from ${pull.headRepo.owner.login}/${pull.headRef}`;
      this.commit({ branch: pull.baseRef, parent: [base, pull.headSha], files, message });
    }
    Object.assign(pull, {
      state: 'closed',
      closedAt: now,
      merged: o.merge ?? false,
      mergedAt: o.merge ? now : null,
    });
    this.parts.events.pullRequest(pull, 'closed', this.account(o.by ?? pull.author.login));
  }

  reopenPullRequest(ref: PullRef): void {
    const pull = this.pull(ref);
    this.touch(pull);
    Object.assign(pull, { state: 'open', closedAt: null });
    this.parts.world.refreshHead(pull);
    this.parts.events.pullRequest(pull, 'reopened', pull.author);
  }

  markReady(ref: PullRef): void {
    this.setDraft(ref, false, 'ready_for_review');
  }

  convertToDraft(ref: PullRef): void {
    this.setDraft(ref, true, 'converted_to_draft');
  }

  /** The head stays, the diff does not: emits `pull_request.edited` with `changes.base`. */
  changeBase(ref: PullRef, base: string): void {
    const pull = this.pull(ref);
    const from = { ref: pull.baseRef, sha: pull.baseSha };
    Object.assign(pull, { baseRef: base, baseSha: this.sha(base) });
    this.touch(pull);
    this.parts.world.reanchor(pull);
    const changes = { base: { ref: { from: from.ref }, sha: { from: from.sha } } };
    this.parts.events.pullRequest(pull, 'edited', pull.author, { changes });
  }

  rename(ref: PullRef, title: string): void {
    const pull = this.pull(ref);
    const from = pull.title;
    pull.title = title;
    this.touch(pull);
    this.parts.events.pullRequest(pull, 'edited', pull.author, { changes: { title: { from } } });
  }

  /** Locks or unlocks the conversation; only people who can write may then comment. */
  lock(ref: PullRef, locked = true): void {
    this.pull(ref).locked = locked;
  }

  // ── talk ────────────────────────────────────────────────────────────────────────────────────────

  comment(ref: PullRef, author: string, body: string): IssueComment {
    return this.parts.actions.addComment(this.pull(ref), this.account(author), body);
  }

  /** Answers in the thread of a comment. */
  reply(to: ReviewThread | ReviewComment, author: string, body: string): ReviewComment {
    const thread = to.kind === 'PullRequestReviewThread' ? to : to.thread;
    return this.parts.actions.reply(thread, this.account(author), body);
  }

  /** A person's comment on a line of the diff, at the current head. */
  reviewComment(ref: PullRef, author: string, comment: CommentInput): ReviewComment {
    const pull = this.pull(ref);
    return this.parts.actions.addThread(pull, this.account(author), pull.headSha, comment);
  }

  review(
    ref: PullRef,
    author: string,
    o: { state?: ReviewState; body?: string; comments?: CommentInput[] },
  ): Review {
    const { state = 'COMMENTED', body = '', comments = [] } = o;
    return this.parts.actions.addReview(this.pull(ref), this.account(author), { state, body, comments });
  }

  edit(what: IssueComment | ReviewComment | Review, by: string, body: string): void {
    this.parts.actions.edit(what, this.account(by), body);
  }

  delete(what: IssueComment | ReviewComment, by: string): void {
    this.parts.actions.remove(what, this.account(by));
  }

  react(to: IssueComment | ReviewComment, user: string, content: ReactionContent): void {
    this.parts.actions.react(to.reactions, this.account(user), content);
  }

  resolve(thread: ReviewThread, by: string): void {
    this.parts.actions.setResolved(thread, this.account(by), true);
  }

  unresolve(thread: ReviewThread, by: string): void {
    this.parts.actions.setResolved(thread, this.account(by), false);
  }

  // ── checks, queue, people ───────────────────────────────────────────────────────────────────────

  /** "Re-run" on one check: GitHub tells the app, and changes nothing itself. */
  rerequestCheck(id: number, user: string): void {
    this.parts.events.checkRun(this.run(id), 'rerequested', this.account(user));
  }

  /** "Re-run all checks" on a commit. */
  rerequestSuite(headSha: string, user: string): void {
    this.parts.events.checkSuite(
      this.parts.world.checkSuite(this.state, headSha),
      'rerequested',
      this.account(user),
    );
  }

  /** A press of one of the check's buttons; throws when it has no such button. */
  requestAction(id: number, identifier: string, user: string): void {
    const run = this.run(id);
    if (!run.actions.some((action) => action.identifier === identifier)) {
      throw new Error(`check run ${id} has no action ${identifier}`);
    }
    this.parts.events.checkRun(run, 'requested_action', this.account(user), {
      requested_action: { identifier },
    });
  }

  /** Puts a pull request into the merge queue, on top of the base or of another group. */
  mergeGroup(
    ref: PullRef,
    o: { onto?: MergeGroup; files?: Record<string, FileContent>; headRef?: string } = {},
  ): MergeGroup {
    const pull = this.pull(ref);
    const { git } = this.state;
    const baseSha = o.onto?.headSha ?? this.sha(pull.baseRef);
    const files: Record<string, FileContent> = { ...o.files };
    for (const file of this.parts.world.diff(pull)) {
      if (file.status === 'renamed' && file.previousPath !== undefined) files[file.previousPath] ??= null;
      files[file.path] ??= file.status === 'removed' ? null : (git.object(file.newSha)?.body ?? null);
    }
    const message = `Merge pull request #${pull.number}`;
    const headSha = git.commit(
      pull.baseRef,
      { parent: [baseSha, pull.headSha], files, message },
      this.parts.world.clock.now(),
    );
    const branch = o.headRef ?? `gh-readonly-queue/${pull.baseRef}/pr-${pull.number}-${baseSha}`;
    const group: MergeGroup = {
      headSha,
      headRef: `refs/heads/${branch}`,
      baseSha,
      baseRef: `refs/heads/${pull.baseRef}`,
    };
    git.setRef(group.headRef, headSha);
    this.parts.events.mergeGroup(
      this.state,
      group,
      'checks_requested',
      this.account('github-merge-queue[bot]'),
    );
    return group;
  }

  destroyMergeGroup(group: MergeGroup, reason: 'merged' | 'invalidated' | 'dequeued' = 'dequeued'): void {
    const bot = this.account('github-merge-queue[bot]');
    this.parts.events.mergeGroup(this.state, group, 'destroyed', bot, { reason });
    this.state.git.setRef(group.headRef, null);
  }

  setPermission(user: string, role: Role): void {
    this.state.roles.set(this.account(user).login.toLowerCase(), role);
  }

  /** Checks that merging needs; `appId` null accepts any source. */
  requireChecks(...checks: { context: string; appId?: number | null }[]): void {
    this.state.requiredChecks = checks.map(({ context, appId = null }) => ({ context, appId }));
  }

  // ── what came of it ─────────────────────────────────────────────────────────────────────────────

  pull(ref: PullRef): PullRequest {
    const pull = typeof ref === 'number' ? this.state.pulls.get(ref) : ref;
    if (!pull) throw new Error(`${this.fullName} has no pull request ${String(ref)}`);
    return pull;
  }

  /** All runs, oldest first; of one commit when given. */
  checkRuns(headSha?: string): CheckRun[] {
    return this.state.checkRuns.filter((run) => headSha === undefined || run.headSha === headSha);
  }

  /** Reviews people see as such: without those GitHub wraps single comments into. */
  reviews(ref: PullRef): Review[] {
    return this.pull(ref).reviews.filter((review) => !review.implicit);
  }

  threads(ref: PullRef): ReviewThread[] {
    return this.pull(ref).threads;
  }

  reviewComments(ref: PullRef): ReviewComment[] {
    return this.pull(ref).threads.flatMap((thread) => thread.comments);
  }

  comments(ref: PullRef): IssueComment[] {
    return this.pull(ref).comments;
  }

  /** Whether every required check is satisfied on a commit, by GitHub's rules. */
  isMergeable(headSha: string): boolean {
    return this.state.requiredChecks.every(({ context, appId }) => {
      const run = this.checkRuns(headSha).findLast(
        (r) => r.name === context && (appId === null || r.appId === appId),
      );
      return run?.status === 'completed' && ['success', 'neutral', 'skipped'].includes(run.conclusion ?? '');
    });
  }

  private account(login: string): Account {
    return this.parts.world.account(login);
  }

  private run(id: number): CheckRun {
    const run = this.parts.world.checkRun(this.state, id);
    if (!run) throw new Error(`${this.fullName} has no check run ${id}`);
    return run;
  }

  private touch(pull: PullRequest): string {
    pull.updatedAt = this.parts.world.timestamp();
    return pull.updatedAt;
  }

  private setDraft(ref: PullRef, draft: boolean, action: string): void {
    const pull = this.pull(ref);
    pull.draft = draft;
    this.touch(pull);
    this.parts.events.pullRequest(pull, action, pull.author);
  }

  /** @returns the pull requests whose head this moved */
  private moveBranch(branch: string, sha: string): PullRequest[] {
    this.state.git.setRef(`refs/heads/${branch}`, sha);
    return this.parts.world.repositories.flatMap((repo) =>
      [...repo.pulls.values()].filter(
        (pull) =>
          pull.headRepo === this.state && pull.headRef === branch && this.parts.world.refreshHead(pull),
      ),
    );
  }
}
