/** The GitHub double's public face; see `double.ts`. */
export type { CommentInput } from './actions.ts';
export type { Permissions } from './auth.ts';
export type { Clock } from './clock.ts';
export { createGitHubDouble, type DoubleOptions, type GitHubDouble } from './double.ts';
export type { MergeGroup } from './events.ts';
export type { Fault, FaultHandle, FaultInjector } from './faults.ts';
export type { CommitSpec, FileContent } from './git.ts';
export type { RequestLog } from './http.ts';
export { type PullRef, type PushTarget, RepoHandle } from './repo-handle.ts';
export type {
  Annotation,
  CheckRun,
  IssueComment,
  Limits,
  PullRequest,
  ReactionContent,
  Review,
  ReviewComment,
  ReviewThread,
  Role,
} from './state.ts';
export type { Delivery, Webhooks } from './webhooks.ts';
