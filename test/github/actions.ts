/** What people and apps do to pull requests, with GitHub's rules and the events that follow. */
import { type Anchor, anchorProblems, atPosition, positionOf, quotedHunk, type Side } from './anchors.ts';
import type { Events } from './events.ts';
import { HttpError, invalidField } from './http.ts';
import type {
  Account,
  Content,
  IssueComment,
  PullRequest,
  Reaction,
  ReactionContent,
  Review,
  ReviewComment,
  ReviewState,
  ReviewThread,
} from './state.ts';
import type { World } from './world.ts';

/** A comment on a line, or on a file as a whole, before GitHub has looked at it. */
export interface CommentInput {
  path: string;
  body: string;
  line?: number;
  side?: Side;
  start_line?: number;
  start_side?: Side | 'side';
  position?: number;
  subject_type?: 'line' | 'file';
}

type Place = { file: string } | { anchor: Anchor };

export class Actions {
  constructor(
    private readonly world: World,
    private readonly events: Events,
  ) {}

  addComment(pull: PullRequest, author: Account, body: string, viaApp = author.kind === 'Bot'): IssueComment {
    this.checkBody('IssueComment', body, author, pull);
    const comment: IssueComment = {
      kind: 'IssueComment',
      ...this.content('IssueComment', author, body),
      pull,
      viaApp,
    };
    pull.comments.push(this.world.register(comment));
    this.events.issueComment(comment, 'created', author);
    return comment;
  }

  /**
   * A review with its comments: all of them or, when one place is not in the diff, none.
   * @throws HttpError 422 in GitHub's words, 403 when the conversation is locked
   */
  addReview(
    pull: PullRequest,
    author: Account,
    o: { commit?: string; state: ReviewState; body: string; comments: readonly CommentInput[] },
  ): Review {
    const unprocessable = (errors: string[]): HttpError => new HttpError(422, 'Unprocessable Entity', errors);
    if (o.state === 'CHANGES_REQUESTED' || o.state === 'COMMENTED') {
      if (o.body === '' && o.comments.length === 0) {
        throw unprocessable([`Body can't be blank unless comments are given`]);
      }
    }
    if (author === pull.author && (o.state === 'APPROVED' || o.state === 'CHANGES_REQUESTED')) {
      throw unprocessable([
        `Can not ${o.state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`,
      ]);
    }
    this.checkLock(pull, author);
    if (o.body.length > this.world.limits.bodyCharacters) {
      throw unprocessable([`Body is too long (maximum is ${this.world.limits.bodyCharacters} characters)`]);
    }
    const commit = this.checkCommit(pull, o.commit ?? pull.headSha, (message) => unprocessable([message]));
    const places: Place[] = [];
    const errors = new Set<string>();
    for (const comment of o.comments) {
      const found = this.locate(pull, commit, comment);
      if (Array.isArray(found)) for (const error of found) errors.add(error);
      else places.push(found);
      if (comment.body === '') errors.add("Pull request review comment body can't be blank");
      if (comment.body.length > this.world.limits.bodyCharacters) {
        errors.add(`Body is too long (maximum is ${this.world.limits.bodyCharacters} characters)`);
      }
    }
    if (errors.size > 0) throw unprocessable([...errors]);

    const review = this.newReview(pull, author, commit, o.state, o.body, false);
    o.comments.forEach((comment, i) => {
      const place = places[i];
      if (place) this.newThread(review, comment.body, place);
    });
    this.events.review(review, 'submitted', author);
    for (const comment of review.comments) this.events.reviewComment(comment, 'created', author);
    return review;
  }

  /** A single comment that starts a thread. */
  addThread(pull: PullRequest, author: Account, commitId: string, comment: CommentInput): ReviewComment {
    this.checkBody('PullRequestReviewComment', comment.body, author, pull);
    const resource = 'PullRequestReviewComment';
    const commit = this.checkCommit(pull, commitId, () =>
      invalidField(resource, 'commit_id', 'commit_id is not part of the pull request'),
    );
    const place = this.locate(pull, commit, comment);
    if (Array.isArray(place)) {
      const field = 'pull_request_review_thread';
      if (place[0] === 'Path could not be resolved') {
        throw invalidField(resource, `${field}.path`, 'path could not be resolved', 'invalid');
      }
      throw new HttpError(422, 'Validation Failed', [
        {
          resource,
          code: 'custom',
          field: `${field}.line`,
          message: `${field}.line must be part of the diff`,
        },
        ...(place.some((p) => p.includes('same hunk'))
          ? [
              {
                resource,
                code: 'custom',
                field: `${field}.start_line`,
                message: `${field}.start_line must be part of the same hunk as the line.`,
              },
            ]
          : []),
        { resource, code: 'missing_field', field: `${field}.diff_hunk` },
      ]);
    }
    const review = this.newReview(pull, author, commit, 'COMMENTED', '', true);
    const made = this.newThread(review, comment.body, place);
    this.events.review(review, 'submitted', author);
    this.events.reviewComment(made, 'created', author);
    return made;
  }

  reply(thread: ReviewThread, author: Account, body: string): ReviewComment {
    const { pull } = thread;
    this.checkBody('PullRequestReviewComment', body, author, pull);
    const review = this.newReview(pull, author, pull.headSha, 'COMMENTED', '', true);
    const comment = this.newComment(review, thread, body);
    this.events.review(review, 'submitted', author);
    this.events.reviewComment(comment, 'created', author);
    return comment;
  }

  /** New text for a comment or review; GitHub keeps the old one in its edit history. */
  edit(content: IssueComment | ReviewComment | Review, by: Account, body: string): void {
    this.checkBody(content.kind, body, by, 'thread' in content ? content.thread.pull : content.pull);
    const from = content.body;
    const now = this.world.timestamp();
    if (from !== body) content.history.push({ body: from, at: now, by: by.login });
    content.body = body;
    content.updatedAt = now;
    const changes = { changes: { body: { from } } };
    if (content.kind === 'IssueComment') this.events.issueComment(content, 'edited', by, changes);
    else if (content.kind === 'PullRequestReviewComment')
      this.events.reviewComment(content, 'edited', by, changes);
  }

  remove(content: IssueComment | ReviewComment, by: Account): void {
    this.world.forget(content);
    if (content.kind === 'IssueComment') {
      content.pull.comments.splice(content.pull.comments.indexOf(content), 1);
      this.events.issueComment(content, 'deleted', by);
      return;
    }
    const { thread, review } = content;
    thread.comments.splice(thread.comments.indexOf(content), 1);
    review.comments.splice(review.comments.indexOf(content), 1);
    if (thread.comments.length === 0) {
      thread.pull.threads.splice(thread.pull.threads.indexOf(thread), 1);
      this.world.forget(thread);
    }
    if (review.implicit && review.comments.length === 0) {
      review.pull.reviews.splice(review.pull.reviews.indexOf(review), 1);
      this.world.forget(review);
    }
    this.events.reviewComment(content, 'deleted', by);
  }

  minimize(content: Content, classifier: string): void {
    content.minimized = classifier.toLowerCase().replaceAll('_', '-');
  }

  setResolved(thread: ReviewThread, by: Account, resolved: boolean): void {
    if ((thread.resolvedBy !== null) === resolved) return;
    thread.resolvedBy = resolved ? by : null;
    this.events.reviewThread(thread, resolved ? 'resolved' : 'unresolved', by);
  }

  /** Adding the same reaction again changes nothing; `created` says which it was. */
  react(
    reactions: Reaction[],
    user: Account,
    content: ReactionContent,
  ): { reaction: Reaction; created: boolean } {
    const known = reactions.find((r) => r.user === user && r.content === content);
    if (known) return { reaction: known, created: false };
    const reaction: Reaction = {
      kind: 'Reaction',
      ...this.world.identify('Reaction'),
      user,
      content,
      createdAt: this.world.timestamp(),
    };
    reactions.push(this.world.register(reaction));
    return { reaction, created: true };
  }

  private content(
    kind: 'IssueComment' | 'PullRequestReview' | 'PullRequestReviewComment',
    author: Account,
    body: string,
  ): Content {
    const now = this.world.timestamp();
    return {
      ...this.world.identify(kind),
      author,
      body,
      createdAt: now,
      updatedAt: now,
      history: [],
      minimized: null,
      reactions: [],
    };
  }

  private checkBody(resource: string, body: string, author: Account, pull: PullRequest): void {
    const limit = this.world.limits.bodyCharacters;
    this.checkLock(pull, author);
    if (body === '' && resource !== 'PullRequestReview') {
      throw invalidField(resource, 'body', "body can't be blank", 'missing_field');
    }
    if (body.length > limit) {
      throw invalidField(resource, 'body', `body is too long (maximum is ${limit} characters)`);
    }
  }

  /** A locked conversation is open to people who can write, and to nobody else's app. */
  private checkLock(pull: PullRequest, author: Account): void {
    if (!pull.locked) return;
    const role = this.world.role(pull.repo, author.login);
    if (role === 'admin' || role === 'maintain' || role === 'write') return;
    throw new HttpError(403, 'Unable to create comment because issue is locked.');
  }

  private checkCommit(pull: PullRequest, commit: string, error: (message: string) => HttpError): string {
    const { git } = pull.repo;
    const sha = git.resolve(commit);
    // A commit that a force-push dropped is still in the repository, yet no longer in the pull request.
    const base = sha === null ? null : this.world.mergeBase(pull);
    const inPull =
      sha !== null && git.isAncestor(sha, pull.headSha) && (base === null || !git.isAncestor(sha, base));
    if (!inPull) throw error('The commitOID is not part of the pull request');
    return sha;
  }

  private locate(pull: PullRequest, commit: string, comment: CommentInput): Place | string[] {
    const diff = this.world.diff(pull, commit);
    if (comment.subject_type === 'file') {
      return diff.some((f) => f.path === comment.path)
        ? { file: comment.path }
        : ['Path could not be resolved'];
    }
    if (comment.line === undefined) {
      const anchor = comment.position === undefined ? null : atPosition(diff, comment.path, comment.position);
      if (anchor) return { anchor };
      return diff.some((f) => f.path === comment.path)
        ? [
            "Pull request review thread position is invalid and Pull request review thread diff hunk can't be blank",
          ]
        : ['Path could not be resolved'];
    }
    const side = comment.side ?? 'RIGHT';
    const startSide =
      comment.start_side === undefined || comment.start_side === 'side' ? side : comment.start_side;
    const anchor: Anchor = {
      path: comment.path,
      line: comment.line,
      side,
      ...(comment.start_line === undefined ? {} : { startLine: comment.start_line, startSide }),
    };
    const problems = anchorProblems(diff, anchor);
    return problems.length > 0 ? problems : { anchor };
  }

  private newReview(
    pull: PullRequest,
    author: Account,
    commit: string,
    state: ReviewState,
    body: string,
    implicit: boolean,
  ): Review {
    const review: Review = {
      kind: 'PullRequestReview',
      ...this.content('PullRequestReview', author, body),
      pull,
      state,
      commit,
      submittedAt: this.world.timestamp(),
      implicit,
      comments: [],
    };
    pull.reviews.push(this.world.register(review));
    return review;
  }

  private newComment(review: Review, thread: ReviewThread, body: string): ReviewComment {
    const comment: ReviewComment = {
      kind: 'PullRequestReviewComment',
      ...this.content('PullRequestReviewComment', review.author, body),
      thread,
      review,
      inReplyTo: thread.comments[0] ?? null,
    };
    thread.comments.push(this.world.register(comment));
    review.comments.push(comment);
    return comment;
  }

  private newThread(review: Review, body: string, place: Place): ReviewComment {
    const { pull, commit } = review;
    const diff = this.world.diff(pull, commit);
    const anchor = 'anchor' in place ? place.anchor : null;
    const path = 'anchor' in place ? place.anchor.path : place.file;
    const position = anchor && positionOf(diff, path, anchor.line, anchor.side);
    const thread: ReviewThread = {
      kind: 'PullRequestReviewThread',
      ...this.world.identify('PullRequestReviewThread'),
      pull,
      path,
      subjectType: anchor ? 'LINE' : 'FILE',
      side: anchor?.side ?? 'RIGHT',
      startSide: anchor?.startSide ?? null,
      diffHunk: anchor ? quotedHunk(diff, path, anchor.line, anchor.side) : '',
      originalCommit: commit,
      originalBase: this.world.mergeBase(pull, commit),
      originalPath: path,
      originalLine: anchor?.line ?? null,
      originalStartLine: anchor?.startLine ?? null,
      originalPosition: position,
      line: anchor?.line ?? null,
      startLine: anchor?.startLine ?? null,
      position,
      outdated: false,
      commit,
      resolvedBy: null,
      comments: [],
    };
    pull.threads.push(this.world.register(thread));
    const comment = this.newComment(review, thread, body);
    if (commit !== pull.headSha) this.world.reanchor(pull);
    return comment;
  }
}
