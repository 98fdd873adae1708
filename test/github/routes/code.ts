/** Reading code: repositories, branches, trees, blobs, files, comparisons, commits. */
import {
  type Call,
  HttpError,
  type JsonObject,
  linkHeader,
  notFound,
  ok,
  pageOf,
  paginate,
  param,
  type Reply,
} from '../http.ts';
import type { Need, Route } from '../router.ts';
import type { Repository } from '../state.ts';
import { fullName } from '../world.ts';
import { commitOf, found, type Parts, pullOf, repositoryOf } from './shared.ts';

const CONTENTS: Need = [['contents', 'read']];
const COMPARED_COMMITS = 250;
const DIRECTORY_ENTRIES = 1000;

export function codeRoutes(parts: Parts): Route[] {
  const { world, show } = parts;
  return [
    {
      operation: 'GET /repos/{owner}/{repo}',
      auth: 'installation',
      needs: [['metadata', 'read']],
      handle: (call) => ok(show.fullRepository(repositoryOf(parts, call))),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/branches/{branch}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => ok(showBranch(parts, repositoryOf(parts, call), param(call, 'branch'))),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/rules/branches/{branch}',
      auth: 'installation',
      needs: [['metadata', 'read']],
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        if (repo.requiredChecks.length === 0) return ok([]);
        const checks = repo.requiredChecks.map(({ context, appId }) => ({
          context,
          ...(appId === null ? {} : { integration_id: appId }),
        }));
        const parameters = { strict_required_status_checks_policy: false, required_status_checks: checks };
        const source = { ruleset_source_type: 'Repository', ruleset_source: fullName(repo), ruleset_id: 1 };
        return ok([{ type: 'required_status_checks', parameters, ...source }]);
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const ref = `refs/${param(call, 'ref')}`;
        const sha = found(repo.git.resolve(ref));
        const object = { type: 'commit', sha, url: show.api(repo, `/git/commits/${sha}`) };
        const nodeId = `REF_${Buffer.from(`${repo.id}:${ref}`).toString('base64url')}`;
        return ok({ ref, node_id: nodeId, url: show.api(repo, `/git/${ref}`), object });
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => tree(parts, call),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const oid = param(call, 'file_sha');
        if (!/^[0-9a-f]{40}$/.test(oid)) {
          throw new HttpError(
            422,
            'The sha parameter must be exactly 40 characters and contain only [0-9a-f].',
          );
        }
        const blob = repo.git.object(oid);
        if (blob?.type !== 'blob') throw notFound();
        if (wants(call, 'raw')) return raw(blob.body);
        return ok({
          sha: oid,
          node_id: `B_${Buffer.from(`${repo.id}:${oid}`).toString('base64url')}`,
          size: blob.body.length,
          url: show.api(repo, `/git/blobs/${oid}`),
          content: wrapped(blob.body),
          encoding: 'base64',
        });
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/contents/{path}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => contents(parts, call),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/compare/{basehead}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => compare(parts, call),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/commits/{ref}',
      auth: 'installation',
      needs: CONTENTS,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const info = repo.git.commitInfo(commitOf(repo, param(call, 'ref')));
        if (wants(call, 'sha')) return raw(Buffer.from(info.sha));
        const files = repo.git.diff(info.parents[0] ?? null, info.sha, world.limits);
        const additions = files.reduce((sum, file) => sum + file.additions, 0);
        const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
        const page = paginate(call, world.url, files, (file) => show.file(repo, info.sha, file));
        const stats = { additions, deletions, total: additions + deletions };
        return { ...page, body: { ...show.commit(repo, info), stats, files: page.body } };
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      auth: 'installation',
      needs: [
        ['pull_requests', 'read'],
        ['contents', 'read'],
      ],
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const sha = commitOf(repo, param(call, 'commit_sha'));
        const pulls = [...repo.pulls.values()].filter(
          (pull) => pull.headSha === sha || repo.git.commitsBetween(pull.baseSha, pull.headSha).includes(sha),
        );
        return paginate(call, world.url, pulls, (pull) => show.pullSimple(pull));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
      auth: 'installation',
      needs: [['pull_requests', 'read']],
      handle: (call) => {
        const pull = pullOf(parts, call);
        const { git } = pull.repo;
        const shas = git.commitsBetween(pull.baseSha, pull.headSha).slice(0, COMPARED_COMMITS);
        return paginate(call, world.url, shas, (sha) => show.commit(pull.repo, git.commitInfo(sha)));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
      auth: 'installation',
      needs: [['pull_requests', 'read']],
      handle: (call) => {
        const pull = pullOf(parts, call);
        const files = world.diff(pull).slice(0, world.limits.pullFiles);
        return paginate(call, world.url, files, (file) => show.file(pull.repo, pull.headSha, file));
      },
    },
  ];
}

function wants(call: Call, format: string): boolean {
  return new RegExp(`application/vnd\\.github\\.(v3\\.)?${format}\\b`).test(call.headers.accept ?? '');
}

function raw(body: Buffer): Reply {
  return { status: 200, body, headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' } };
}

/** GitHub breaks base64 into lines of 60 characters. */
function wrapped(body: Buffer): string {
  return body
    .toString('base64')
    .replace(/.{60}/g, '$&\n')
    .replace(/([^\n])$/, '$1\n');
}

function tree({ world, show }: Parts, call: Call): Reply {
  const repo = world.repository(param(call, 'owner'), param(call, 'repo'));
  const name = param(call, 'tree_sha');
  const object = repo && !name.startsWith('-') ? repo.git.object(`${name}^{tree}`) : null;
  if (!repo || object?.type !== 'tree') throw notFound();
  const entries = repo.git.tree(object.oid, call.query.has('recursive'));
  const shown = entries.slice(0, world.limits.treeEntries).map(({ path, mode, type, oid, size }) => ({
    path,
    mode,
    type,
    sha: oid,
    ...(size === undefined ? {} : { size }),
    ...(type === 'commit' ? {} : { url: show.api(repo, `/git/${type}s/${oid}`) }),
  }));
  return ok({
    sha: object.oid,
    url: show.api(repo, `/git/trees/${object.oid}`),
    tree: shown,
    truncated: shown.length < entries.length,
  });
}

function showBranch({ show, world }: Parts, repo: Repository, name: string): JsonObject {
  const sha = found(repo.git.branch(name));
  const url = show.api(repo, `/branches/${name}`);
  const contexts = repo.requiredChecks.map((check) => check.context);
  const required = {
    enforcement_level: contexts.length > 0 ? 'non_admins' : 'off',
    contexts,
    checks: repo.requiredChecks.map(({ context, appId }) => ({ context, app_id: appId })),
  };
  return {
    name,
    commit: show.commit(repo, repo.git.commitInfo(sha)),
    _links: { self: url, html: `${world.url}/${fullName(repo)}/tree/${name}` },
    protected: contexts.length > 0,
    protection: { enabled: contexts.length > 0, required_status_checks: required },
    protection_url: `${url}/protection`,
  };
}

function contents(parts: Parts, call: Call): Reply {
  const { world, show } = parts;
  const repo = repositoryOf(parts, call);
  const path = param(call, 'path').replace(/\/$/, '');
  const ref = call.query.get('ref') ?? repo.defaultBranch;
  const commit = repo.git.branch(ref) ?? repo.git.resolve(ref);
  if (commit === null) throw new HttpError(404, `No commit found for the ref ${ref}`);
  const object = repo.git.object(`${commit}:${path}`);
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const parentTree = repo.git.object(`${commit}:${parent}`);
  const entry =
    parentTree?.type === 'tree' &&
    repo.git
      .tree(parentTree.oid, false)
      .find((e) => e.path === path.slice(parent === '' ? 0 : parent.length + 1));
  const describe = (name: string, at: string, oid: string, size: number): JsonObject => {
    const encoded = at.split('/').map(encodeURIComponent).join('/');
    const self = show.api(repo, `/contents/${encoded}?ref=${ref}`);
    const git = show.api(repo, `/git/blobs/${oid}`);
    const html = show.web(repo, `/blob/${ref}/${encoded}`);
    return {
      name,
      path: at,
      sha: oid,
      size,
      url: self,
      html_url: html,
      git_url: git,
      download_url: show.web(repo, `/raw/${ref}/${encoded}`),
      _links: { self, git, html },
    };
  };
  if (entry && entry.type === 'commit') {
    return ok({
      ...describe(entry.path, path, entry.oid, 0),
      type: 'submodule',
      submodule_git_url: null,
      download_url: null,
    });
  }
  if (object === null) throw notFound();
  if (object.type === 'tree') {
    const entries = repo.git.tree(object.oid, false).slice(0, DIRECTORY_ENTRIES);
    const kinds = { tree: 'dir', commit: 'submodule', blob: 'file' };
    return ok(
      entries.map((e) => ({
        ...describe(e.path, path === '' ? e.path : `${path}/${e.path}`, e.oid, e.size ?? 0),
        type: e.mode === '120000' ? 'symlink' : kinds[e.type],
      })),
    );
  }
  if (wants(call, 'raw')) return raw(object.body);
  const shown = describe(path.slice(path.lastIndexOf('/') + 1), path, object.oid, object.body.length);
  if (entry && entry.mode === '120000')
    return ok({ ...shown, type: 'symlink', target: object.body.toString() });
  const small = object.body.length <= world.limits.contentsBytes;
  return ok({
    ...shown,
    type: 'file',
    content: small ? wrapped(object.body) : '',
    encoding: small ? 'base64' : 'none',
  });
}

/** `owner:branch` reaches into a fork of the same network. */
function revision({ world }: Parts, repo: Repository, text: string): string {
  const colon = text.indexOf(':');
  if (colon < 0) return found(repo.git.branch(text) ?? repo.git.resolve(text));
  const fork = found(world.repository(text.slice(0, colon), repo.name));
  const sha = found(fork.git.branch(text.slice(colon + 1)));
  if (fork !== repo) repo.git.fetch(fork.git.dir, [sha]);
  return sha;
}

function compare(parts: Parts, call: Call): Reply {
  const { world, show } = parts;
  const repo = repositoryOf(parts, call);
  const [from, to] = param(call, 'basehead').split('...');
  if (!from || !to) throw notFound();
  const base = revision(parts, repo, from);
  const head = revision(parts, repo, to);
  const { git } = repo;
  const mergeBase = git.mergeBase(base, head);
  if (mergeBase === null) throw new HttpError(404, `No common ancestor between ${from} and ${to}.`);
  const commits = git.commitsBetween(base, head);
  const behind = git.commitsBetween(head, base).length;
  const paged = call.query.has('page') || call.query.has('per_page');
  const { page, perPage } = paged ? pageOf(call) : { page: 1, perPage: COMPARED_COMMITS };
  const shownCommits = paged
    ? commits.slice((page - 1) * perPage, page * perPage)
    : commits.slice(-COMPARED_COMMITS);
  const status =
    commits.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
  const html = show.web(repo, `/compare/${from}...${to}`);
  // Files come with the first page only, whatever the page size.
  const files = page > 1 ? [] : git.diff(mergeBase, head, world.limits).slice(0, world.limits.compareFiles);
  const body = {
    url: show.api(repo, `/compare/${from}...${to}`),
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: show.commit(repo, git.commitInfo(base)),
    merge_base_commit: show.commit(repo, git.commitInfo(mergeBase)),
    status,
    ahead_by: commits.length,
    behind_by: behind,
    total_commits: commits.length,
    commits: shownCommits.map((sha) => show.commit(repo, git.commitInfo(sha))),
    files: files.map((file) => show.file(repo, head, file)),
  };
  return ok(body, paged ? linkHeader(call, world.url, commits.length) : {});
}
