/** Webhook payloads: which events an installation gets, and what is in them. */
import { allows } from './auth.ts';
import type { JsonObject } from './http.ts';
import type { Present } from './present.ts';
import {
  showCheckRun,
  showCheckSuite,
  showIssueComment,
  showReview,
  showReviewComment,
  simpleCommit,
} from './present-review.ts';
import type {
  Account,
  CheckRun,
  CheckSuite,
  IssueComment,
  PullRequest,
  Repository,
  Review,
  ReviewComment,
  ReviewThread,
} from './state.ts';
import type { Webhooks } from './webhooks.ts';
import { fullName } from './world.ts';

/** The permission that an event's subscription needs; others come without one. */
const EVENT_PERMISSION: Readonly<Record<string, string>> = {
  check_run: 'checks',
  check_suite: 'checks',
  issue_comment: 'issues',
  merge_group: 'merge_queues',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  pull_request_review_comment: 'pull_requests',
  pull_request_review_thread: 'pull_requests',
  push: 'contents',
};

/** Subscriptions of an app like this one. */
export const DEFAULT_EVENTS: readonly string[] = [
  'check_run',
  'check_suite',
  'issue_comment',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'pull_request_review_thread',
];

/** A merge group's commit and where it sits in the queue. */
export interface MergeGroup {
  headSha: string;
  /** `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>` */
  headRef: string;
  baseSha: string;
  /** `refs/heads/<base>` */
  baseRef: string;
}

type Check = (name: string, payload: JsonObject) => void;

export class Events {
  constructor(
    private readonly show: Present,
    private readonly webhooks: Webhooks,
    /** Checks a payload against GitHub's description. */
    private readonly check: Check,
  ) {}

  pullRequest(pull: PullRequest, action: string, sender: Account, extra: JsonObject = {}): void {
    const payload = { number: pull.number, pull_request: this.pull(pull), ...extra };
    this.emit(pull.repo, 'pull_request', action, payload, sender);
  }

  issueComment(comment: IssueComment, action: string, sender: Account, extra: JsonObject = {}): void {
    const { pull } = comment;
    const payload = { issue: this.issue(pull), comment: showIssueComment(this.show, comment), ...extra };
    this.emit(pull.repo, 'issue_comment', action, payload, sender);
  }

  review(review: Review, action: string, sender: Account): void {
    const shown = showReview(this.show, review);
    const payload = {
      // Webhooks have the state in lower case and an empty body as null; REST does neither.
      review: {
        ...shown,
        state: review.state.toLowerCase(),
        body: review.body === '' ? null : review.body,
        updated_at: review.updatedAt,
      },
      pull_request: this.pullInReview(review.pull),
    };
    this.emit(review.pull.repo, 'pull_request_review', action, payload, sender);
  }

  reviewComment(comment: ReviewComment, action: string, sender: Account, extra: JsonObject = {}): void {
    const { pull } = comment.thread;
    const payload = {
      comment: showReviewComment(this.show, comment),
      pull_request: this.pullInReview(pull),
      ...extra,
    };
    this.emit(pull.repo, 'pull_request_review_comment', action, payload, sender);
  }

  reviewThread(thread: ReviewThread, action: 'resolved' | 'unresolved', sender: Account): void {
    const payload = {
      thread: {
        node_id: thread.nodeId,
        comments: thread.comments.map((c) => showReviewComment(this.show, c)),
      },
      pull_request: this.pullInReview(thread.pull),
      updated_at: this.show.world.timestamp(),
    };
    this.emit(thread.pull.repo, 'pull_request_review_thread', action, payload, sender);
  }

  checkRun(run: CheckRun, action: string, sender: Account, extra: JsonObject = {}): void {
    const suite = showCheckSuite(this.show, run.suite);
    const shown = showCheckRun(this.show, run);
    const payload = { check_run: { ...shown, check_suite: { ...suite, repository: undefined } }, ...extra };
    this.emit(run.repo, 'check_run', action, payload, sender);
  }

  checkSuite(suite: CheckSuite, action: string, sender: Account): void {
    this.emit(suite.repo, 'check_suite', action, { check_suite: showCheckSuite(this.show, suite) }, sender);
  }

  mergeGroup(
    repo: Repository,
    group: MergeGroup,
    action: string,
    sender: Account,
    extra: JsonObject = {},
  ): void {
    const payload = {
      merge_group: {
        head_sha: group.headSha,
        head_ref: group.headRef,
        base_sha: group.baseSha,
        base_ref: group.baseRef,
        head_commit: simpleCommit(repo, group.headSha),
      },
      ...extra,
    };
    this.emit(repo, 'merge_group', action, payload, sender);
  }

  push(
    repo: Repository,
    branch: string,
    before: string | null,
    after: string,
    forced: boolean,
    sender: Account,
  ): void {
    const { git } = repo;
    const zero = '0'.repeat(40);
    const shas = before === null ? [after] : git.commitsBetween(before, after).slice(-20);
    const commits = shas.map((sha) => {
      const files = git.diff(git.commitInfo(sha).parents[0] ?? null, sha, this.show.world.limits);
      const changed = (...statuses: string[]): string[] =>
        files.filter((f) => statuses.includes(f.status)).map((f) => f.path);
      return {
        ...simpleCommit(repo, sha),
        distinct: true,
        url: this.show.web(repo, `/commit/${sha}`),
        added: changed('added', 'renamed', 'copied'),
        removed: changed('removed'),
        modified: changed('modified', 'changed'),
      };
    });
    const payload = {
      ref: `refs/heads/${branch}`,
      before: before ?? zero,
      after,
      created: before === null,
      deleted: false,
      forced,
      base_ref: null,
      compare: this.show.web(repo, `/compare/${(before ?? zero).slice(0, 12)}...${after.slice(0, 12)}`),
      commits,
      head_commit: commits.at(-1) ?? null,
      pusher: { name: sender.login, email: 'developer@example.com' },
    };
    this.emit(repo, 'push', null, payload, sender);
  }

  installation(action: string, sender: Account): void {
    const repositories = this.show.world.repositories
      .filter((repo) => repo.installed)
      .map((repo) => ({
        id: repo.id,
        node_id: repo.nodeId,
        name: repo.name,
        full_name: fullName(repo),
        private: repo.private,
      }));
    const payload = {
      action,
      installation: this.show.installation(),
      repositories,
      sender: this.show.user(sender),
    };
    this.check(`installation-${action}`, payload);
    this.webhooks.send('installation', action, payload);
  }

  private pull(pull: PullRequest): JsonObject {
    const shown = this.show.pull(pull);
    return { ...shown, ...withRepositorySettings(shown) };
  }

  /** The shorter form that review events carry. */
  private pullInReview(pull: PullRequest): JsonObject {
    const shown = this.show.pullSimple(pull);
    return { ...shown, ...withRepositorySettings(shown) };
  }

  private issue(pull: PullRequest): JsonObject {
    const { show } = this;
    const url = show.api(pull.repo, `/issues/${pull.number}`);
    const html = show.web(pull.repo, `/pull/${pull.number}`);
    return {
      url,
      repository_url: show.api(pull.repo),
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: html,
      id: pull.id,
      node_id: pull.nodeId,
      number: pull.number,
      title: pull.title,
      user: show.user(pull.author),
      labels: [],
      state: pull.state,
      locked: pull.locked,
      assignee: null,
      assignees: [],
      milestone: null,
      comments: pull.comments.length,
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      closed_at: pull.closedAt,
      author_association: show.world.association(pull.repo, pull.author),
      active_lock_reason: null,
      draft: pull.draft,
      pull_request: {
        url: show.api(pull.repo, `/pulls/${pull.number}`),
        html_url: html,
        diff_url: `${html}.diff`,
        patch_url: `${html}.patch`,
        merged_at: pull.mergedAt,
      },
      body: pull.body === '' ? null : pull.body,
      reactions: noReactions(`${url}/reactions`),
      timeline_url: `${url}/timeline`,
      performed_via_github_app: null,
      state_reason: null,
    };
  }

  private emit(
    repo: Repository,
    event: string,
    action: string | null,
    content: JsonObject,
    sender: Account,
  ): void {
    const { app, world } = this.show;
    const permission = EVENT_PERMISSION[event];
    const subscribed =
      app.events.includes(event) && (!permission || allows(app.permissions, permission, 'read'));
    if (!subscribed || !repo.installed || app.suspended || app.uninstalled) return;
    const payload: JsonObject = JSON.parse(
      JSON.stringify({
        ...(action === null ? {} : { action }),
        ...content,
        repository: pushDates(event, this.show.repository(repo)),
        ...(repo.owner.kind === 'Organization' ? { organization: this.organization(repo.owner) } : {}),
        installation: {
          id: app.installationId,
          node_id: Buffer.from(`Installation:${app.installationId}`).toString('base64'),
        },
        sender: this.show.user(sender),
      }),
    );
    this.check(
      [event, action]
        .filter((part) => part !== null)
        .join('-')
        .replaceAll('_', '-'),
      payload,
    );
    if (Buffer.byteLength(JSON.stringify(payload)) > world.limits.webhookBytes) return;
    this.webhooks.send(event, action, payload);
  }

  private organization(owner: Account): JsonObject {
    const url = `${this.show.world.url}/orgs/${owner.login}`;
    return {
      login: owner.login,
      id: owner.id,
      node_id: owner.nodeId,
      url,
      repos_url: `${url}/repos`,
      events_url: `${url}/events`,
      hooks_url: `${url}/hooks`,
      issues_url: `${url}/issues`,
      members_url: `${url}/members{/member}`,
      public_members_url: `${url}/public_members{/member}`,
      avatar_url: `${this.show.world.url}/avatars/${owner.id}`,
      description: null,
    };
  }
}

export function noReactions(url: string): JsonObject {
  const counts = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url, total_count: 0, ...counts };
}

/** In webhooks the repositories of a pull request's two ends carry merge settings as well. */
function withRepositorySettings(pull: JsonObject): JsonObject {
  const settings = {
    allow_auto_merge: false,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_squash_merge: true,
    allow_update_branch: false,
    delete_branch_on_merge: false,
    merge_commit_message: 'PR_TITLE',
    merge_commit_title: 'MERGE_MESSAGE',
    squash_merge_commit_message: 'COMMIT_MESSAGES',
    squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
    use_squash_pr_title_as_default: false,
  };
  const end = (value: unknown): JsonObject => {
    const { repo, ...rest } = value as { repo: JsonObject };
    return { ...rest, repo: { ...repo, ...settings } };
  };
  return { head: end(pull.head), base: end(pull.base) };
}

/** Push events alone give the repository's dates as seconds since the epoch. */
function pushDates(event: string, repository: JsonObject): JsonObject {
  if (event !== 'push') return repository;
  const seconds = (value: unknown): number => Math.floor(Date.parse(String(value)) / 1000);
  return {
    ...repository,
    created_at: seconds(repository.created_at),
    pushed_at: seconds(repository.pushed_at),
  };
}
