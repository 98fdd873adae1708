/** Pull requests and what is written on them as GraphQL objects. */
import { connection, databaseId, forbidden, githubError, type Page, type View } from './graphql-basics.ts';
import { CodeViews } from './graphql-code.ts';
import type {
  Content,
  Entity,
  IssueComment,
  PullRequest,
  Reaction,
  Repository,
  Review,
  ReviewComment,
  ReviewThread,
} from './state.ts';
import { fullName } from './world.ts';

const REACTIONS: Record<Reaction['content'], string> = {
  '+1': 'THUMBS_UP',
  '-1': 'THUMBS_DOWN',
  laugh: 'LAUGH',
  confused: 'CONFUSED',
  heart: 'HEART',
  hooray: 'HOORAY',
  rocket: 'ROCKET',
  eyes: 'EYES',
};
const CHANGES = {
  added: 'ADDED',
  removed: 'DELETED',
  modified: 'MODIFIED',
  renamed: 'RENAMED',
  copied: 'COPIED',
  changed: 'CHANGED',
};

/** Everything one caller can see; the `viewer…` fields depend on its token. */
export class Views extends CodeViews {
  mayWrite(entity: Entity): boolean {
    return (
      this.may('pull_requests', 'write') || (entity.kind === 'IssueComment' && this.may('issues', 'write'))
    );
  }

  entity(entity: Entity): View | null {
    switch (entity.kind) {
      case 'Repository':
        return this.repository(entity);
      case 'PullRequest':
        return this.pull(entity);
      case 'PullRequestReviewThread':
        return this.thread(entity);
      case 'PullRequestReviewComment':
        return this.reviewComment(entity);
      case 'PullRequestReview':
        return this.review(entity);
      case 'IssueComment':
        return this.issueComment(entity);
      case 'CheckRun':
        return this.checkRun(entity);
      case 'User':
      case 'Bot':
      case 'Organization':
        return this.actor(entity);
      default:
        return null;
    }
  }

  repository(repo: Repository): View {
    return {
      __typename: 'Repository',
      id: repo.nodeId,
      databaseId: repo.id,
      name: repo.name,
      nameWithOwner: fullName(repo),
      owner: this.actor(repo.owner),
      isPrivate: repo.private,
      isArchived: false,
      isFork: repo.parent !== null,
      url: this.parts.show.web(repo),
      defaultBranchRef: () => this.ref(repo, repo.defaultBranch),
      ref: ({ qualifiedName }: { qualifiedName: string }) =>
        this.ref(repo, qualifiedName.replace(/^refs\/heads\//, '')),
      pullRequest: ({ number }: { number: number }) => {
        if (!this.may('pull_requests', 'read')) throw forbidden();
        const pull = repo.pulls.get(number);
        if (pull) return this.pull(pull);
        throw githubError('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`);
      },
      pullRequests: (
        page: Page & {
          states?: string[];
          headRefName?: string;
          baseRefName?: string;
          orderBy?: { field: string; direction: string };
        },
      ) => {
        if (!this.may('pull_requests', 'read')) throw forbidden();
        const pulls = [...repo.pulls.values()].filter(
          (pull) =>
            (!page.states || page.states.includes(pullState(pull))) &&
            (!page.headRefName || page.headRefName === pull.headRef) &&
            (!page.baseRefName || page.baseRefName === pull.baseRef),
        );
        if (page.orderBy?.field === 'UPDATED_AT')
          pulls.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
        if (page.orderBy?.direction === 'DESC') pulls.reverse();
        return connection(pulls, page, (pull) => this.pull(pull));
      },
      object: async ({ oid, expression }: { oid?: string; expression?: string }) => {
        if (!this.may('contents', 'read')) throw forbidden();
        const name = oid ?? expression;
        if (name === undefined)
          throw githubError('ARGUMENT_MISSING', 'Either oid or expression is required.');
        return this.gitObject(repo, await this.load(repo, name));
      },
    };
  }

  pull(pull: PullRequest): View {
    const { world, show, app } = this.parts;
    const { repo } = pull;
    const { git } = repo;
    const sum = (key: 'additions' | 'deletions'): number =>
      world.diff(pull).reduce((n, file) => n + file[key], 0);
    return {
      __typename: 'PullRequest',
      id: pull.nodeId,
      fullDatabaseId: String(pull.id),
      number: pull.number,
      state: pullState(pull),
      isDraft: pull.draft,
      title: pull.title,
      body: pull.body,
      locked: pull.locked,
      activeLockReason: null,
      url: show.web(repo, `/pull/${pull.number}`),
      createdAt: pull.createdAt,
      updatedAt: pull.updatedAt,
      closedAt: pull.closedAt,
      mergedAt: pull.mergedAt,
      headRefOid: pull.headSha,
      headRefName: pull.headRef,
      baseRefOid: pull.baseSha,
      baseRefName: pull.baseRef,
      isCrossRepository: pull.headRepo !== repo,
      merged: pull.merged,
      additions: () => sum('additions'),
      deletions: () => sum('deletions'),
      changedFiles: () => world.diff(pull).length,
      mergeable: 'MERGEABLE',
      isInMergeQueue: false,
      authorAssociation: world.association(repo, pull.author),
      viewerDidAuthor: pull.author === app.bot,
      author: this.actor(pull.author),
      repository: () => this.repository(repo),
      baseRepository: () => this.repository(repo),
      headRepository: () => this.repository(pull.headRepo),
      headRef: () => this.ref(pull.headRepo, pull.headRef),
      baseRef: () => this.ref(repo, pull.baseRef),
      reviewDecision: null,
      reviewThreads: (page: Page) => connection(pull.threads, page, (thread) => this.thread(thread)),
      comments: (page: Page) => connection(pull.comments, page, (comment) => this.issueComment(comment)),
      reviews: (page: Page & { states?: string[]; author?: string }) => {
        const reviews = pull.reviews.filter(
          (review) =>
            (!page.states || page.states.includes(review.state)) &&
            (!page.author ||
              page.author.replace(/\[bot\]$/, '') === review.author.login.replace(/\[bot\]$/, '')),
        );
        return connection(reviews, page, (review) => this.review(review));
      },
      commits: (page: Page) =>
        connection(git.commitsBetween(pull.baseSha, pull.headSha), page, (sha) => ({
          id: `PURC_${Buffer.from(`${pull.id}:${sha}`).toString('base64url')}`,
          commit: () => this.commit(repo, git.commitInfo(sha)),
        })),
      files: (page: Page) =>
        connection(world.diff(pull).slice(0, world.limits.pullFiles), page, (file) => ({
          path: file.path,
          additions: file.additions,
          deletions: file.deletions,
          changeType: CHANGES[file.status],
        })),
      reactions: this.reactions(pull.reactions),
    };
  }

  private reactions(reactions: readonly Reaction[]) {
    return (page: Page): View => connection(reactions, page, (reaction) => this.reaction(reaction));
  }

  reaction(reaction: Reaction): View {
    return {
      id: reaction.nodeId,
      content: REACTIONS[reaction.content],
      createdAt: reaction.createdAt,
      user: reaction.user.kind === 'User' ? this.actor(reaction.user) : null,
    };
  }

  thread(thread: ReviewThread): View {
    // GitHub lets an app resolve threads only when it may write contents.
    const mayResolve = this.may('contents', 'write') && this.may('pull_requests', 'write');
    return {
      __typename: 'PullRequestReviewThread',
      id: thread.nodeId,
      isResolved: thread.resolvedBy !== null,
      isOutdated: thread.outdated,
      isCollapsed: thread.resolvedBy !== null || thread.outdated,
      viewerCanResolve: mayResolve && thread.resolvedBy === null,
      viewerCanUnresolve: mayResolve && thread.resolvedBy !== null,
      viewerCanReply: this.may('pull_requests', 'write') && !thread.pull.locked,
      path: thread.path,
      line: thread.line,
      startLine: thread.startLine,
      originalLine: thread.originalLine,
      originalStartLine: thread.originalStartLine,
      diffSide: thread.side,
      startDiffSide: thread.startSide,
      subjectType: thread.subjectType,
      resolvedBy: thread.resolvedBy && this.actor(thread.resolvedBy),
      pullRequest: () => this.pull(thread.pull),
      comments: (page: Page) => connection(thread.comments, page, (comment) => this.reviewComment(comment)),
    };
  }

  private content(content: Content & Entity, repo: Repository): View {
    const mine = content.author === this.parts.app.bot;
    const mayWrite = this.mayWrite(content);
    return {
      id: content.nodeId,
      databaseId: databaseId(content.id),
      fullDatabaseId: String(content.id),
      body: content.body,
      author: this.actor(content.author),
      authorAssociation: this.parts.world.association(repo, content.author),
      viewerDidAuthor: mine,
      viewerCanMinimize: mayWrite,
      viewerCanUpdate: mine && mayWrite,
      viewerCanDelete: mine && mayWrite,
      isMinimized: content.minimized !== null,
      minimizedReason: content.minimized,
      createdAt: content.createdAt,
      publishedAt: content.createdAt,
      updatedAt: content.updatedAt,
      lastEditedAt: content.history.at(-1)?.at ?? null,
      reactions: this.reactions(content.reactions),
    };
  }

  issueComment(comment: IssueComment): View {
    const { repo, number } = comment.pull;
    return {
      __typename: 'IssueComment',
      ...this.content(comment, repo),
      pullRequest: () => this.pull(comment.pull),
      url: this.parts.show.web(repo, `/pull/${number}#issuecomment-${comment.id}`),
    };
  }

  reviewComment(comment: ReviewComment): View {
    const { thread, review, inReplyTo } = comment;
    const { repo, number } = thread.pull;
    const commit = (sha: string) => () => this.commit(repo, repo.git.commitInfo(sha));
    return {
      __typename: 'PullRequestReviewComment',
      ...this.content(comment, repo),
      url: this.parts.show.web(repo, `/pull/${number}#discussion_r${comment.id}`),
      path: thread.path,
      line: thread.line,
      startLine: thread.startLine,
      originalLine: thread.originalLine,
      originalStartLine: thread.originalStartLine,
      outdated: thread.outdated,
      subjectType: thread.subjectType,
      diffHunk: thread.diffHunk,
      state: 'SUBMITTED',
      commit: commit(thread.commit),
      originalCommit: commit(thread.originalCommit),
      replyTo: () => inReplyTo && this.reviewComment(inReplyTo),
      pullRequestReview: () => this.review(review),
    };
  }

  review(review: Review): View {
    const { repo, number } = review.pull;
    return {
      __typename: 'PullRequestReview',
      ...this.content(review, repo),
      state: review.state,
      submittedAt: review.submittedAt,
      url: this.parts.show.web(repo, `/pull/${number}#pullrequestreview-${review.id}`),
      commit: () => this.commit(repo, repo.git.commitInfo(review.commit)),
      comments: (page: Page) => connection(review.comments, page, (comment) => this.reviewComment(comment)),
    };
  }
}

function pullState(pull: PullRequest): 'OPEN' | 'CLOSED' | 'MERGED' {
  if (pull.merged) return 'MERGED';
  return pull.state === 'open' ? 'OPEN' : 'CLOSED';
}

/** GraphQL's name of a reaction → REST's. */
export function reactionContent(name: string): Reaction['content'] {
  const entry = Object.entries(REACTIONS).find(([, value]) => value === name);
  if (!entry) throw new Error(`unknown reaction ${name}`);
  return entry[0] as Reaction['content'];
}
