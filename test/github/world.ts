/** The double's state with its lookups: accounts, repositories, entities by node id. */
import { join } from 'node:path';
import { followLine, positionOf } from './anchors.ts';
import { Clock } from './clock.ts';
import type { DiffFile } from './diff.ts';
import { GitStore, isoSeconds } from './git.ts';
import type {
  Account,
  CheckRun,
  CheckSuite,
  Entity,
  IssueComment,
  Limits,
  PullRequest,
  Repository,
  ReviewComment,
  ReviewThread,
  Role,
} from './state.ts';

const NODE_PREFIX: Record<Entity['kind'], string> = {
  User: 'U',
  Organization: 'O',
  Bot: 'BOT',
  Reaction: 'REA',
  IssueComment: 'IC',
  PullRequestReview: 'PRR',
  PullRequestReviewComment: 'PRRC',
  PullRequestReviewThread: 'PRRT',
  CheckRun: 'CR',
  CheckSuite: 'CS',
  PullRequest: 'PR',
  Repository: 'R',
};

/** GitHub's ids of comments and reviews no longer fit 32 bits, so neither do these. */
const FIRST_ID: Partial<Record<Entity['kind'], number>> = {
  IssueComment: 3_100_000_000,
  PullRequestReview: 3_200_000_000,
  PullRequestReviewComment: 3_300_000_000,
  CheckRun: 700_000_000,
  CheckSuite: 600_000_000,
  PullRequest: 500_000_000,
};

export class World {
  readonly clock = new Clock();
  readonly accounts = new Map<string, Account>();
  readonly repositories: Repository[] = [];
  private readonly byNodeId = new Map<string, Entity>();
  private readonly lastId = new Map<Entity['kind'], number>();

  constructor(
    private readonly dir: string,
    /** REST base; set once the server listens. */
    public url: string,
    readonly limits: Limits,
  ) {}

  /** The present in GitHub's format. */
  timestamp(): string {
    return isoSeconds(this.clock.now());
  }

  identify(kind: Entity['kind']): { id: number; nodeId: string } {
    const id = (this.lastId.get(kind) ?? FIRST_ID[kind] ?? 1000) + 1;
    this.lastId.set(kind, id);
    return { id, nodeId: `${NODE_PREFIX[kind]}_${Buffer.from(`${kind}:${id}`).toString('base64url')}` };
  }

  register<E extends Entity>(entity: E): E {
    this.byNodeId.set(entity.nodeId, entity);
    return entity;
  }

  forget(entity: Entity): void {
    this.byNodeId.delete(entity.nodeId);
  }

  node(nodeId: string): Entity | undefined {
    return this.byNodeId.get(nodeId);
  }

  /** The account of a login, made on first mention: `name[bot]` is a bot, anything else a person. */
  account(login: string, kind?: Account['kind']): Account {
    const known = this.accounts.get(login.toLowerCase());
    if (known) return known;
    const made = kind ?? (login.endsWith('[bot]') ? 'Bot' : 'User');
    const account = this.register<Account>({ kind: made, login, ...this.identify(made) });
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  repository(owner: string, name: string): Repository | undefined {
    const wanted = `${owner}/${name}`.toLowerCase();
    return this.repositories.find((r) => fullName(r).toLowerCase() === wanted);
  }

  createRepository(o: {
    owner: Account;
    name: string;
    private: boolean;
    defaultBranch: string;
    parent: Repository | null;
    installed: boolean;
  }): Repository {
    if (this.repository(o.owner.login, o.name)) throw new Error(`${o.owner.login}/${o.name} exists already`);
    const identity = this.identify('Repository');
    const repo = this.register<Repository>({
      kind: 'Repository',
      ...identity,
      ...o,
      createdAt: this.timestamp(),
      git: GitStore.create(join(this.dir, `${identity.id}.git`), o.defaultBranch),
      roles: new Map([[o.owner.login.toLowerCase(), 'admin']]),
      nextNumber: 1,
      pulls: new Map(),
      checkRuns: [],
      checkSuites: [],
      requiredChecks: [],
    });
    this.repositories.push(repo);
    return repo;
  }

  role(repo: Repository, login: string): Role {
    return repo.roles.get(login.toLowerCase()) ?? (repo.private ? 'none' : 'read');
  }

  /** GitHub's `author_association`: like the real one it does not prove a permission. */
  association(repo: Repository, account: Account): string {
    if (account === repo.owner) return 'OWNER';
    const role = this.role(repo, account.login);
    if (role === 'none' || role === 'read') return account.kind === 'Bot' ? 'NONE' : 'CONTRIBUTOR';
    return repo.owner.kind === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
  }

  mergeBase(pull: PullRequest, head = pull.headSha): string | null {
    return pull.repo.git.mergeBase(pull.baseSha, head);
  }

  /** The pull request's three-dot diff, at its head or at an earlier commit of it. */
  diff(pull: PullRequest, head = pull.headSha): DiffFile[] {
    return pull.repo.git.diff(this.mergeBase(pull, head), head, this.limits);
  }

  /** Reads the head from git again and re-anchors every thread; what a push to either repository does. */
  refreshHead(pull: PullRequest): boolean {
    // A closed pull request keeps the head it had.
    const sha = pull.state === 'open' ? pull.headRepo.git.branch(pull.headRef) : null;
    if (sha === null || sha === pull.headSha) return false;
    this.trackHead(pull, sha);
    pull.baseSha = pull.repo.git.branch(pull.baseRef) ?? pull.baseSha;
    pull.updatedAt = this.timestamp();
    this.reanchor(pull);
    return true;
  }

  trackHead(pull: PullRequest, sha: string): void {
    const ref = `refs/pull/${pull.number}/head`;
    if (pull.headRepo !== pull.repo) {
      pull.repo.git.fetch(pull.headRepo.git.dir, [`+refs/heads/${pull.headRef}:${ref}`]);
    } else pull.repo.git.setRef(ref, sha);
    pull.headSha = sha;
  }

  reanchor(pull: PullRequest): void {
    const base = this.mergeBase(pull);
    for (const thread of pull.threads) this.place(thread, base);
  }

  private place(thread: ReviewThread, base: string | null): void {
    const { pull, side } = thread;
    const { git } = pull.repo;
    const current = this.diff(pull);
    if (thread.subjectType === 'FILE' || thread.originalLine === null) {
      const there = current.some(
        (f) => f.path === thread.originalPath || f.previousPath === thread.originalPath,
      );
      Object.assign(thread, { outdated: !there, commit: there ? pull.headSha : thread.commit });
      return;
    }
    const follow = (line: number, on: typeof side): { path: string; line: number } | null => {
      if (on === 'RIGHT') {
        return followLine(
          git.diff(thread.originalCommit, pull.headSha, this.limits),
          thread.originalPath,
          line,
        );
      }
      const then = git.diff(thread.originalBase, thread.originalCommit, this.limits);
      const basePath = then.find((f) => f.path === thread.originalPath)?.previousPath ?? thread.originalPath;
      const moved =
        base === null ? null : followLine(git.diff(thread.originalBase, base, this.limits), basePath, line);
      const now = current.find((f) => (f.previousPath ?? f.path) === moved?.path);
      return moved && now ? { path: now.path, line: moved.line } : null;
    };
    const end = follow(thread.originalLine, side);
    const start =
      thread.originalStartLine === null ? null : follow(thread.originalStartLine, thread.startSide ?? side);
    const startLost = thread.originalStartLine !== null && start === null;
    const position = end === null || startLost ? null : positionOf(current, end.path, end.line, side);
    if (end === null || position === null) {
      Object.assign(thread, { outdated: true, line: null, startLine: null, position: null });
      return;
    }
    Object.assign(thread, {
      outdated: false,
      path: end.path,
      line: end.line,
      startLine: start?.line ?? null,
      position,
      commit: pull.headSha,
    });
  }

  pullComment(repo: Repository, id: number): IssueComment | undefined {
    return find(repo, (pull) => pull.comments.find((c) => c.id === id));
  }

  reviewComment(repo: Repository, id: number): ReviewComment | undefined {
    return find(repo, (pull) => pull.threads.flatMap((t) => t.comments).find((c) => c.id === id));
  }

  checkRun(repo: Repository, id: number): CheckRun | undefined {
    return repo.checkRuns.find((run) => run.id === id);
  }

  checkSuite(repo: Repository, headSha: string): CheckSuite {
    const known = repo.checkSuites.find((s) => s.headSha === headSha);
    if (known) return known;
    const branch = repo.git.branches().find((b) => b.sha === headSha);
    const suite = this.register<CheckSuite>({
      kind: 'CheckSuite',
      ...this.identify('CheckSuite'),
      repo,
      headSha,
      headBranch: branch?.name ?? null,
      createdAt: this.timestamp(),
    });
    repo.checkSuites.push(suite);
    return suite;
  }
}

export function fullName(repo: Repository): string {
  return `${repo.owner.login}/${repo.name}`;
}

function find<T>(repo: Repository, search: (pull: PullRequest) => T | undefined): T | undefined {
  for (const pull of repo.pulls.values()) {
    const found = search(pull);
    if (found !== undefined) return found;
  }
  return undefined;
}
