import type { Finding, Severity, Verdict } from '../engine/verdict.ts';
import type { AttestPolicy, Tick } from './attest.ts';

/** What GitHub shows of one pull request now. Read by `src/github/observe.ts`; the only input of `decide` besides the Verdict. */
export interface Observation {
  readonly repo: { readonly owner: string; readonly name: string };
  readonly pr: {
    readonly number: number;
    readonly title: string;
    readonly author: string;
    readonly url: string;
    readonly state: 'open' | 'closed';
    readonly draft: boolean;
    readonly locked: boolean;
    readonly headSha: string;
    readonly baseSha: string;
    readonly baseRef: string;
    /** Base content is read here, never at the base branch's tip. */
    readonly mergeBaseSha: string;
  };
  /** GitHub's own diff, merge base to head. `patch` is null for binary or very large files. */
  readonly files: readonly DiffFile[];
  /** Review threads whose first comment is ours. */
  readonly threads: readonly OwnThread[];
  /** Conversation comments of ours, oldest first. */
  readonly comments: readonly OwnComment[];
  /** Reviews of ours, oldest first. */
  readonly reviews: readonly { readonly id: string; readonly body: string; readonly commit: string | null }[];
  /** Check runs named `reefpilot` that our app created on the head SHA, newest first. */
  readonly checks: readonly OwnCheck[];
  /** Commands people wrote that we have not answered yet, oldest first. */
  readonly commands: readonly PendingCommand[];
  /** Boxes of the checklist that events told of, ticked by people who may. */
  readonly ticks: readonly Tick[];
  /** The installation's grant allows resolving threads (contents: write). */
  readonly mayResolve: boolean;
}

export interface DiffFile {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: 'added' | 'modified' | 'removed' | 'renamed' | 'copied' | 'changed' | 'unchanged';
  readonly patch: string | null;
}

export interface OwnThread {
  /** GraphQL node id of the thread. */
  readonly id: string;
  /** Node id and database id of our root comment. */
  readonly commentId: string;
  readonly commentDatabaseId: number;
  readonly body: string;
  readonly path: string;
  /** Line now, or null when outdated. */
  readonly line: number | null;
  readonly url: string;
  readonly isResolved: boolean;
  readonly isMinimized: boolean;
  /** Bodies of our own replies in the thread. */
  readonly ownReplies: readonly string[];
  /** Somebody else has answered in the thread. */
  readonly answeredByOthers: boolean;
}

export interface OwnComment {
  readonly id: string;
  readonly databaseId: number;
  readonly body: string;
  readonly isMinimized: boolean;
}

export interface OwnCheck {
  readonly id: number;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: string | null;
  readonly externalId: string | null;
}

export interface PendingCommand {
  readonly kind: 'issue_comment' | 'review_comment';
  readonly databaseId: number;
  readonly author: string;
  readonly authorIsBot: boolean;
  readonly body: string;
}

/** Where a finding is shown. Exactly one for every finding. */
export type Placement =
  | {
      readonly kind: 'line';
      readonly side: 'RIGHT' | 'LEFT';
      readonly line: number;
      readonly startLine: number | null;
      readonly path: string;
      readonly exact: boolean;
    }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'summary'; readonly because: WithheldReason };

/** `locked` and `closed`: the pull request is in a state in which nobody is talked to; the check still reports. */
export type WithheldReason =
  | 'outside-diff'
  | 'over-budget'
  | 'already-there'
  | 'draft'
  | 'below-threshold'
  | 'locked'
  | 'closed';

export interface InlineComment {
  readonly path: string;
  readonly side: 'RIGHT' | 'LEFT';
  readonly line: number;
  readonly startLine: number | null;
  readonly body: string;
  readonly fingerprints: readonly string[];
}

export interface FileComment {
  readonly path: string;
  readonly body: string;
  readonly fingerprints: readonly string[];
}

export type Annotation = {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'failure' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
};

export interface CheckOutcome {
  readonly conclusion: 'success' | 'failure' | 'neutral';
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
}

/** What should be on the pull request, minus what is there already. Applying it twice does nothing the second time. */
export interface Plan {
  readonly headSha: string;
  /** One review, event COMMENT; null when there is nothing new to say. */
  readonly review: { readonly body: string; readonly comments: readonly InlineComment[] } | null;
  readonly fileComments: readonly FileComment[];
  /** Threads whose finding is gone: answer once, then minimise (and resolve where allowed). */
  readonly fixed: readonly {
    readonly thread: OwnThread;
    readonly body: string;
    readonly reply: boolean;
    readonly minimise: boolean;
    readonly resolve: boolean;
  }[];
  readonly sticky:
    | { readonly kind: 'none' }
    | { readonly kind: 'create'; readonly body: string }
    | { readonly kind: 'update'; readonly comment: OwnComment; readonly body: string };
  readonly check: CheckOutcome;
  /** Nothing is dropped silently: every finding without a comment of its own, and why. */
  readonly withheld: readonly { readonly finding: Finding; readonly because: WithheldReason }[];
}

/** `decide` is pure: same arguments, same Plan. `docsUrl` is the base of rule pages. */
export type Decide = (observation: Observation, verdict: Verdict, options: DecideOptions) => Plan;

export interface DecideOptions {
  readonly language: 'en' | 'zh-CN';
  /** Rule pages live at `${docsUrl}/<group>/<rule>/README.md`. */
  readonly docsUrl: string;
  /** Whether a suggestion block is allowed at all (a repository may turn them off). */
  readonly suggestions: boolean;
  /** The threshold the verdict was judged by, to count what blocks; `error` when absent. */
  readonly failOn?: Severity | 'never';
  readonly attest: AttestPolicy;
  /** Things the check must mention, such as problems of the configuration. Untrusted text, one line each. */
  readonly notices?: readonly string[];
}
