/** GitHub's REST representations of accounts, repositories, commits, files, pull requests, and the app. */
import type { Permissions } from './auth.ts';
import type { DiffFile } from './diff.ts';
import type { CommitInfo } from './git.ts';
import type { JsonObject } from './http.ts';
import type { Account, PullRequest, Repository } from './state.ts';
import { fullName, type World } from './world.ts';

/** Who the app is, for every place GitHub shows it. */
export interface AppProfile {
  id: number;
  slug: string;
  installationId: number;
  owner: Account;
  bot: Account;
  permissions: Permissions;
  events: readonly string[];
  suspended: boolean;
  uninstalled: boolean;
}

const USER_LINKS = ['followers', 'subscriptions', 'organizations', 'repos', 'received_events'];
const REPOSITORY_LINKS = {
  archive: '/{archive_format}{/ref}',
  assignees: '{/user}',
  blobs: '{/sha}',
  branches: '{/branch}',
  collaborators: '{/collaborator}',
  comments: '{/number}',
  commits: '{/sha}',
  compare: '/{base}...{head}',
  contents: '/{+path}',
  contributors: '',
  deployments: '',
  downloads: '',
  events: '',
  forks: '',
  git_commits: '{/sha}',
  git_refs: '{/sha}',
  git_tags: '{/sha}',
  hooks: '',
  issue_comment: '{/number}',
  issue_events: '{/number}',
  issues: '{/number}',
  keys: '{/key_id}',
  labels: '{/name}',
  languages: '',
  merges: '',
  milestones: '{/number}',
  notifications: '{?since,all,participating}',
  pulls: '{/number}',
  releases: '{/id}',
  stargazers: '',
  statuses: '/{sha}',
  subscribers: '',
  subscription: '',
  tags: '',
  teams: '',
  trees: '{/sha}',
};

export class Present {
  constructor(
    readonly world: World,
    readonly app: AppProfile,
  ) {}

  /** REST address of something below a repository. */
  api(repo: Repository, rest = ''): string {
    return `${this.world.url}/repos/${fullName(repo)}${rest}`;
  }

  /** Web address of something below a repository. */
  web(repo: Repository, rest = ''): string {
    return `${this.world.url}/${fullName(repo)}${rest}`;
  }

  user(account: Account): JsonObject {
    const login = encodeURIComponent(account.login);
    const url = `${this.world.url}/users/${login}`;
    return {
      login: account.login,
      id: account.id,
      node_id: account.nodeId,
      avatar_url: `${this.world.url}/avatars/${account.id}`,
      gravatar_id: '',
      url,
      html_url: `${this.world.url}/${login}`,
      ...Object.fromEntries(USER_LINKS.map((name) => [`${name}_url`, `${url}/${name}`])),
      following_url: `${url}/following{/other_user}`,
      gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`,
      events_url: `${url}/events{/privacy}`,
      type: account.kind,
      user_view_type: 'public',
      site_admin: false,
    };
  }

  repository(repo: Repository): JsonObject {
    const links = Object.entries(REPOSITORY_LINKS).map(([name, rest]) => {
      const path = name.startsWith('git_') ? name.replace('_', '/') : name.replace('issue_', 'issues/');
      return [`${name}_url`, this.api(repo, `/${path}${rest}`)];
    });
    const issues = [...repo.pulls.values()].filter((pull) => pull.state === 'open').length;
    const host = new URL(this.world.url).host;
    return {
      id: repo.id,
      node_id: repo.nodeId,
      name: repo.name,
      full_name: fullName(repo),
      private: repo.private,
      owner: this.user(repo.owner),
      html_url: this.web(repo),
      description: null,
      fork: repo.parent !== null,
      url: this.api(repo),
      ...Object.fromEntries(links),
      git_url: `git://${host}/${fullName(repo)}.git`,
      ssh_url: `git@${host}:${fullName(repo)}.git`,
      clone_url: this.web(repo, '.git'),
      svn_url: this.web(repo),
      homepage: null,
      size: 1,
      stargazers_count: 0,
      watchers_count: 0,
      language: 'Go',
      has_issues: true,
      has_projects: true,
      has_downloads: true,
      has_wiki: true,
      has_pages: false,
      has_discussions: false,
      forks_count: 0,
      mirror_url: null,
      archived: false,
      disabled: false,
      open_issues_count: issues,
      license: null,
      allow_forking: true,
      is_template: false,
      web_commit_signoff_required: false,
      topics: [],
      visibility: repo.private ? 'private' : 'public',
      forks: 0,
      open_issues: issues,
      watchers: 0,
      default_branch: repo.defaultBranch,
      created_at: repo.createdAt,
      updated_at: repo.createdAt,
      pushed_at: repo.createdAt,
    };
  }

  fullRepository(repo: Repository): JsonObject {
    return { ...this.repository(repo), network_count: 0, subscribers_count: 0, temp_clone_token: '' };
  }

  /** Also how an app appears inside check runs. */
  integration(): JsonObject {
    const { id, slug, owner, permissions, events } = this.app;
    return {
      id,
      slug,
      client_id: clientId(id),
      node_id: `A_${Buffer.from(`App:${id}`).toString('base64url')}`,
      owner: this.user(owner),
      name: slug,
      description: null,
      external_url: 'https://example.com',
      html_url: `${this.world.url}/apps/${slug}`,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      permissions,
      events,
    };
  }

  installation(): JsonObject {
    const { id, slug, owner, permissions, events, installationId, suspended } = this.app;
    return {
      id: installationId,
      account: this.user(owner),
      repository_selection: this.world.repositories.every((r) => r.installed) ? 'all' : 'selected',
      access_tokens_url: `${this.world.url}/app/installations/${installationId}/access_tokens`,
      repositories_url: `${this.world.url}/installation/repositories`,
      html_url: `${this.world.url}/settings/installations/${installationId}`,
      app_id: id,
      app_slug: slug,
      client_id: clientId(id),
      target_id: owner.id,
      target_type: owner.kind,
      permissions,
      events,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      single_file_name: null,
      has_multiple_single_files: false,
      single_file_paths: [],
      suspended_by: suspended ? this.user(owner) : null,
      suspended_at: suspended ? this.world.timestamp() : null,
    };
  }

  commit(repo: Repository, info: CommitInfo): JsonObject {
    const url = this.api(repo, `/commits/${info.sha}`);
    return {
      sha: info.sha,
      node_id: commitNodeId(repo, info.sha),
      commit: {
        author: info.author,
        committer: info.committer,
        message: info.message,
        tree: { sha: info.tree, url: this.api(repo, `/git/trees/${info.tree}`) },
        url: this.api(repo, `/git/commits/${info.sha}`),
        comment_count: 0,
        verification: {
          verified: false,
          reason: 'unsigned',
          signature: null,
          payload: null,
          verified_at: null,
        },
      },
      url,
      html_url: this.web(repo, `/commit/${info.sha}`),
      comments_url: `${url}/comments`,
      author: null,
      committer: null,
      parents: info.parents.map((sha) => ({
        sha,
        url: this.api(repo, `/commits/${sha}`),
        html_url: this.web(repo, `/commit/${sha}`),
      })),
    };
  }

  file(repo: Repository, head: string, file: DiffFile): JsonObject {
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    return {
      sha: file.status === 'removed' ? file.oldSha : file.newSha,
      filename: file.path,
      status: file.status,
      additions: file.additions,
      deletions: file.deletions,
      changes: file.additions + file.deletions,
      blob_url: this.web(repo, `/blob/${head}/${path}`),
      raw_url: this.web(repo, `/raw/${head}/${path}`),
      contents_url: this.api(repo, `/contents/${path}?ref=${head}`),
      ...(file.patch === null ? {} : { patch: file.patch }),
      ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
    };
  }

  pullSimple(pull: PullRequest): JsonObject {
    const { repo, number } = pull;
    const url = this.api(repo, `/pulls/${number}`);
    const html = this.web(repo, `/pull/${number}`);
    const issue = this.api(repo, `/issues/${number}`);
    const statuses = this.api(repo, `/statuses/${pull.headSha}`);
    const end = (of: Repository, ref: string, sha: string): JsonObject => ({
      label: `${of.owner.login}:${ref}`,
      ref,
      sha,
      user: this.user(of.owner),
      repo: this.repository(of),
    });
    const links = {
      self: url,
      html,
      issue,
      comments: `${issue}/comments`,
      review_comments: `${url}/comments`,
      review_comment: this.api(repo, '/pulls/comments{/number}'),
      commits: `${url}/commits`,
      statuses,
    };
    return {
      url,
      id: pull.id,
      node_id: pull.nodeId,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      issue_url: issue,
      number,
      state: pull.state,
      locked: pull.locked,
      title: pull.title,
      user: this.user(pull.author),
      body: pull.body === '' ? null : pull.body,
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      closed_at: pull.closedAt,
      merged_at: pull.mergedAt,
      merge_commit_sha: null,
      assignee: null,
      assignees: [],
      requested_reviewers: [],
      requested_teams: [],
      labels: [],
      milestone: null,
      draft: pull.draft,
      commits_url: links.commits,
      review_comments_url: links.review_comments,
      review_comment_url: links.review_comment,
      comments_url: links.comments,
      statuses_url: statuses,
      head: end(pull.headRepo, pull.headRef, pull.headSha),
      base: end(repo, pull.baseRef, pull.baseSha),
      _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
      author_association: this.world.association(repo, pull.author),
      auto_merge: null,
      active_lock_reason: null,
    };
  }

  pull(pull: PullRequest): JsonObject {
    const files = this.world.diff(pull);
    const sum = (key: 'additions' | 'deletions'): number =>
      files.reduce((total, file) => total + file[key], 0);
    return {
      ...this.pullSimple(pull),
      merged: pull.merged,
      mergeable: pull.state === 'open' ? true : null,
      rebaseable: null,
      mergeable_state: 'unknown',
      merged_by: null,
      comments: pull.comments.length,
      review_comments: pull.threads.reduce((total, thread) => total + thread.comments.length, 0),
      maintainer_can_modify: false,
      commits: pull.repo.git.commitsBetween(pull.baseSha, pull.headSha).length,
      additions: sum('additions'),
      deletions: sum('deletions'),
      changed_files: files.length,
    };
  }
}

export function clientId(appId: number): string {
  return `Iv23liDouble${appId}`;
}

/** Commits have no entity of their own, so their node id carries the sha. */
export function commitNodeId(repo: Repository, sha: string): string {
  return `C_${Buffer.from(`${repo.id}:${sha}`).toString('base64url')}`;
}
