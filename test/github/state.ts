/** What the double remembers. Code lives in the git store; this is everything GitHub keeps beside it. */
import type { Side } from './anchors.ts';
import type { GitStore } from './git.ts';

/** A person's role in a repository, as GitHub's `role_name`. */
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export type ReviewState = 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED' | 'PENDING' | 'DISMISSED';

export type ReactionContent = '+1' | '-1' | 'laugh' | 'confused' | 'heart' | 'hooray' | 'rocket' | 'eyes';

export type CheckStatus = 'queued' | 'in_progress' | 'completed';

export interface Account {
  kind: 'User' | 'Organization' | 'Bot';
  id: number;
  nodeId: string;
  /** As REST shows it: a bot's ends in `[bot]`. */
  login: string;
}

export interface Reaction {
  kind: 'Reaction';
  id: number;
  nodeId: string;
  user: Account;
  content: ReactionContent;
  createdAt: string;
}

/** What issue comments, review comments and reviews share. */
export interface Content {
  id: number;
  nodeId: string;
  author: Account;
  body: string;
  createdAt: string;
  updatedAt: string;
  /** Bodies it had before, oldest first. */
  history: { body: string; at: string; by: string }[];
  /** The classifier it was minimised with, in lower case, or null. */
  minimized: string | null;
  reactions: Reaction[];
}

export interface IssueComment extends Content {
  kind: 'IssueComment';
  pull: PullRequest;
  /** Made through an app's token. */
  viaApp: boolean;
}

export interface Review extends Content {
  kind: 'PullRequestReview';
  pull: PullRequest;
  state: ReviewState;
  commit: string;
  submittedAt: string;
  /** GitHub wraps every single comment and reply into a review of its own, with an empty body. */
  implicit: boolean;
  comments: ReviewComment[];
}

export interface ReviewComment extends Content {
  kind: 'PullRequestReviewComment';
  thread: ReviewThread;
  review: Review;
  inReplyTo: ReviewComment | null;
}

export interface ReviewThread {
  kind: 'PullRequestReviewThread';
  id: number;
  nodeId: string;
  pull: PullRequest;
  path: string;
  subjectType: 'LINE' | 'FILE';
  side: Side;
  startSide: Side | null;
  diffHunk: string;
  originalCommit: string;
  /** Merge base that LEFT lines were counted in. */
  originalBase: string | null;
  originalPath: string;
  originalLine: number | null;
  originalStartLine: number | null;
  originalPosition: number | null;
  /** Place in the current diff; null once outdated. */
  line: number | null;
  startLine: number | null;
  position: number | null;
  outdated: boolean;
  /** Head the place was last computed for. */
  commit: string;
  resolvedBy: Account | null;
  /** The first is the top comment; empty after everything was deleted. */
  comments: ReviewComment[];
}

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  start_column?: number;
  end_column?: number;
  annotation_level: 'notice' | 'warning' | 'failure';
  message: string;
  title?: string;
  raw_details?: string;
}

export interface CheckRun {
  kind: 'CheckRun';
  id: number;
  nodeId: string;
  repo: Repository;
  suite: CheckSuite;
  appId: number;
  name: string;
  headSha: string;
  status: CheckStatus;
  conclusion: string | null;
  externalId: string;
  detailsUrl: string | null;
  startedAt: string | null;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Annotation[];
  actions: { label: string; description: string; identifier: string }[];
}

/** One a head sha: GitHub groups an app's check runs by commit. */
export interface CheckSuite {
  kind: 'CheckSuite';
  id: number;
  nodeId: string;
  repo: Repository;
  headSha: string;
  headBranch: string | null;
  createdAt: string;
}

export interface PullRequest {
  kind: 'PullRequest';
  id: number;
  nodeId: string;
  number: number;
  repo: Repository;
  title: string;
  body: string;
  author: Account;
  state: 'open' | 'closed';
  draft: boolean;
  locked: boolean;
  merged: boolean;
  headRepo: Repository;
  headRef: string;
  headSha: string;
  baseRef: string;
  /** Tip of the base when the pull request was opened, pushed to or re-targeted; not the merge base. */
  baseSha: string;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
  comments: IssueComment[];
  reviews: Review[];
  threads: ReviewThread[];
  reactions: Reaction[];
}

export interface Repository {
  kind: 'Repository';
  id: number;
  nodeId: string;
  owner: Account;
  name: string;
  private: boolean;
  defaultBranch: string;
  createdAt: string;
  git: GitStore;
  parent: Repository | null;
  /** Covered by the app's installation. */
  installed: boolean;
  roles: Map<string, Role>;
  nextNumber: number;
  pulls: Map<number, PullRequest>;
  checkRuns: CheckRun[];
  checkSuites: CheckSuite[];
  /** Checks a merge needs: name and, when pinned, the id of the app that must set it. */
  requiredChecks: { context: string; appId: number | null }[];
}

export type Entity =
  | Account
  | Reaction
  | IssueComment
  | Review
  | ReviewComment
  | ReviewThread
  | CheckRun
  | CheckSuite
  | PullRequest
  | Repository;

/** Where the double's limits are set; defaults are GitHub's. */
export interface Limits {
  /** Files of one comparison. */
  compareFiles: number;
  /** Files of one pull request over all pages. */
  pullFiles: number;
  /** Entries of a recursive tree listing. */
  treeEntries: number;
  /** Bytes of text GraphQL gives of a blob. */
  blobTextBytes: number;
  /** Bytes of a file the contents API includes. */
  contentsBytes: number;
  patchBytes: number;
  patchLines: number;
  totalPatchBytes: number;
  /** Characters of a comment or review body. */
  bodyCharacters: number;
  /** Nodes one GraphQL call may ask for. */
  graphqlNodes: number;
  /** Requests (REST) and points (GraphQL) an hour and installation. */
  ratePerHour: number;
  /** Comments, reviews and check runs a minute; GitHub's 80 would slow tests down, so off by default. */
  contentPerMinute: number;
  /** Bytes of a webhook; larger ones are silently not sent. */
  webhookBytes: number;
}

export const GITHUB_LIMITS: Readonly<Limits> = {
  compareFiles: 300,
  pullFiles: 3000,
  treeEntries: 100_000,
  blobTextBytes: 512_000,
  contentsBytes: 1_048_576,
  patchBytes: 500_000,
  patchLines: 20_000,
  totalPatchBytes: 1_048_576,
  bodyCharacters: 65_536,
  graphqlNodes: 500_000,
  ratePerHour: 5000,
  contentPerMinute: Number.POSITIVE_INFINITY,
  webhookBytes: 26_214_400,
};
