import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Snapshot } from '../../src/engine/snapshot.ts';
import { findRange, readChange, WORKTREE } from '../../src/git/change.ts';
import { Repository } from '../../src/git/repository.ts';
import { removeAll, TestRepo, temporary } from './repo.ts';

afterAll(removeAll);

const go = (name: string, body = '') => `package ${name}\n${body}`;

async function review(dir: string, head = 'HEAD', base: string | null = null): Promise<Snapshot> {
  const repository = await Repository.open(dir);
  try {
    return await readChange(
      repository,
      await findRange(repository, base, head),
      DEFAULT_SETTINGS,
      '2025-01-01',
    );
  } finally {
    repository.close();
  }
}

const paths = (list: readonly { readonly path: string }[]) => list.map((entry) => entry.path);
const skipped = (snapshot: Snapshot) => snapshot.skipped.map((e) => [e.path, e.status, e.reason]);

describe('a change in a local repository', () => {
  it('is what the head adds to the merge base, not to the tip of the base branch', async () => {
    const repo = new TestRepo();
    const base = repo.commit({
      'go.mod': 'module m\n\ngo 1.22\n',
      'p/a.go': go('p'),
      'p/b.go': go('p', 'var B int\n'),
    });
    repo.branch('topic');
    const head = repo.commit({ 'p/a.go': go('p', 'var A int\n') });
    repo.git('checkout', '-q', 'main');
    repo.commit({ 'q/later.go': go('q') });
    repo.git('checkout', '-q', 'topic');
    const snapshot = await review(repo.dir);
    expect(snapshot).toMatchObject({ base, head, today: '2025-01-01' });
    expect(snapshot.changes).toEqual([{ path: 'p/a.go', previousPath: null, status: 'modified' }]);
    expect(paths(snapshot.headFiles)).toEqual(['go.mod', 'p/a.go', 'p/b.go']);
    expect(snapshot.headFiles[1]?.oid).toBe(repo.git('rev-parse', 'HEAD:p/a.go'));
    expect(paths(snapshot.baseFiles)).toEqual(['go.mod', 'p/a.go', 'p/b.go']);
  });

  it('reads the same snapshot from a bare repository, a subdirectory and a linked work tree', async () => {
    const repo = new TestRepo();
    repo.commit({ 'p/a.go': go('p') });
    repo.branch('topic');
    repo.commit({ 'p/a.go': go('p', 'var A int\n') });
    const bare = join(temporary(), 'copy.git');
    repo.git('clone', '-q', '--bare', '.', bare);
    const linked = join(temporary(), 'linked');
    repo.git('worktree', 'add', '-q', '--detach', linked, 'topic');
    const expected = { ...(await review(repo.dir)), repo: 'x' };
    for (const [dir, name] of [
      [bare, 'copy'],
      [join(repo.dir, 'p'), repo.dir.split('/').at(-1)],
      [linked, 'linked'],
      [join(repo.dir, '.git'), repo.dir.split('/').at(-1)],
    ] as const) {
      const snapshot = await review(dir, 'topic');
      expect(snapshot.repo).toBe(name);
      expect({ ...snapshot, repo: 'x' }).toEqual(expected);
    }
  });

  it('works with SHA-256 objects, also for files on disk', async () => {
    const repo = new TestRepo({ init: ['--object-format=sha256'] });
    repo.commit({ 'a.go': go('a'), 'b.go': go('a', 'var B int\n') });
    repo.write({ 'a.go': go('a', 'var A int\n') });
    const snapshot = await review(repo.dir, WORKTREE);
    expect(snapshot.base).toHaveLength(64);
    expect(paths(snapshot.changes)).toEqual(['a.go']);
  });

  it('sees modified, untracked and deleted files on disk, not ignored ones', async () => {
    const repo = new TestRepo();
    const base = repo.commit({
      '.gitignore': 'ignored.go\n',
      'a.go': go('p'),
      'gone.go': go('p'),
      'same.go': go('p', '//\n'),
    });
    repo.write({
      'a.go': go('p', 'var A int\n'),
      'new.go': go('p', 'var N int\n'),
      'ignored.go': go('p'),
      'gone.go': null,
    });
    symlinkSync('/etc/passwd', join(repo.dir, 'link.go'));
    const snapshot = await review(repo.dir, WORKTREE);
    expect(snapshot).toMatchObject({ base, head: 'worktree' });
    expect(snapshot.changes.map((c) => [c.path, c.status])).toEqual([
      ['a.go', 'modified'],
      ['gone.go', 'deleted'],
      ['new.go', 'added'],
    ]);
    expect(paths(snapshot.headFiles)).toEqual(['a.go', 'new.go', 'same.go']);
    expect(skipped(snapshot)).toEqual([['link.go', 'skipped', 'symbolic link']]);
  });

  it('gives files on disk the oids and texts that committing them would give', async () => {
    const repo = new TestRepo();
    repo.commit({ 'a.go': go('p') });
    repo.branch('topic');
    repo.write({ 'a.go': go('p', 'var A = "é"\n'), 'b.go': go('p', 'var B int\n') });
    const before = await review(repo.dir, WORKTREE);
    const head = repo.commit({});
    expect({ ...before, head }).toEqual(await review(repo.dir));
  });

  it('does not take CRLF line ends of a checkout for an edit', async () => {
    const repo = new TestRepo();
    repo.commit({ 'a.go': go('p', 'var A int\n'), 'b.go': go('p') });
    repo.write({ 'a.go': 'package p\r\nvar A int\r\n' });
    expect((await review(repo.dir, WORKTREE)).changes).toEqual([]);
  });

  it('does not follow a directory that was replaced by a link', async () => {
    const repo = new TestRepo();
    repo.commit({ 'p/a.go': go('p') });
    const outside = temporary();
    new TestRepo({ dir: outside }).write({ 'a.go': go('secret') });
    repo.write({ p: null });
    symlinkSync(outside, join(repo.dir, 'p'));
    const snapshot = await review(repo.dir, WORKTREE);
    expect(snapshot.headFiles).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('secret');
  });

  it('lists what it does not read, with reasons', async () => {
    const repo = new TestRepo();
    repo.commit({ 'ok.go': go('p') });
    repo.branch('topic');
    const big = Buffer.alloc(5 * 1024 * 1024, 'x');
    repo.write({
      'big.go': big,
      'latin1.go': Buffer.from('package p // \xe9\n', 'latin1'),
      'nul.go': 'package p\0',
      'vendor/v/v.go': go('v'),
      'api.pb.go': go('p'),
      'generated.go': `// Code generated by x. DO NOT EDIT.\n\n${go('p')}`,
      'testdata/t.go': go('t'),
      'we"ird\n.go': go('p'),
      'zwei worte.go': go('p', 'var Z int\n'),
      'ünï/日本.go': go('p', 'var U int\n'),
    });
    symlinkSync('ok.go', join(repo.dir, 'link.go'));
    const other = new TestRepo();
    other.commit({ 'x.go': go('x') });
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.dir, 'sub');
    repo.commit({});
    const snapshot = await review(repo.dir);
    expect(paths(snapshot.changes)).toEqual(['zwei worte.go', 'ünï/日本.go']);
    expect(skipped(snapshot)).toEqual([
      ['api.pb.go', 'skipped', 'generated'],
      ['big.go', 'skipped', 'larger than 2 MB'],
      ['generated.go', 'skipped', 'generated'],
      ['latin1.go', 'skipped', 'not valid UTF-8'],
      ['link.go', 'skipped', 'symbolic link'],
      ['nul.go', 'skipped', 'binary (contains a NUL byte)'],
      ['sub', 'skipped', 'submodule'],
      ['testdata/t.go', 'skipped', 'test data'],
      ['vendor/v/v.go', 'skipped', 'vendored code'],
      ['we"ird\n.go', 'skipped', 'path contains control characters'],
    ]);
    expect(snapshot.partialPackages).toEqual(['']);
    expect(skipped(await review(repo.dir, WORKTREE))).toEqual(skipped(snapshot));
  });

  it('follows renames, edited or not', async () => {
    const repo = new TestRepo();
    const lines = Array.from({ length: 20 }, (_, i) => `var V${i} = ${i}\n`).join('');
    repo.commit({ 'a/same.go': go('a', lines), 'a/edited.go': go('a', `// other\n${lines}`) });
    repo.branch('topic');
    repo.write({ a: null });
    repo.commit({ 'b/same.go': go('a', lines), 'b/edited.go': go('b', `// other\n${lines}`) });
    expect((await review(repo.dir)).changes).toEqual([
      { path: 'b/edited.go', previousPath: 'a/edited.go', status: 'renamed' },
      { path: 'b/same.go', previousPath: 'a/same.go', status: 'renamed' },
    ]);
  });

  it('fetches nothing in a partial clone, and says what is missing', async () => {
    const repo = new TestRepo();
    repo.commit({ 'a.go': go('p') });
    repo.branch('topic');
    repo.commit({ 'a.go': go('p', 'var A int\n') });
    repo.git('config', 'uploadpack.allowFilter', 'true');
    const clone = join(temporary(), 'clone');
    repo.git('clone', '-q', '--bare', '--filter=blob:none', `file://${repo.dir}`, clone);
    await expect(review(clone, 'topic', 'main')).rejects.toThrow('partial clone lacks file contents');
  });
});

describe('nothing of the repository is executed', () => {
  it('ignores hooks, filters, textconv, fsmonitor and external diff', async () => {
    const repo = new TestRepo();
    const trap = join(temporary(), 'trap');
    repo.commit({ 'a.go': go('p'), '.gitattributes': '*.go filter=evil diff=evil\n' });
    repo.branch('topic');
    repo.commit({ 'a.go': go('p', 'var A int\n') });
    repo.write({ 'a.go': go('p', 'var B int\n'), 'untracked.go': go('p') });
    const evil = `touch ${trap}; cat`;
    for (const key of [
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
    ])
      repo.git('config', key, evil);
    await review(repo.dir);
    await review(repo.dir, WORKTREE);
    const { existsSync } = await import('node:fs');
    expect(existsSync(trap)).toBe(false);
  });
});

describe('errors say what to do', () => {
  const failure = async (dir: string, head?: string, base?: string) => {
    const error: unknown = await review(dir, head, base ?? null).then(
      () => 'no error',
      (e: unknown) => e,
    );
    return error instanceof Error ? `${'kind' in error ? error.kind : error.name}: ${error.message}` : error;
  };

  it('not a repository, not a directory', async () => {
    const dir = temporary();
    expect(await failure(dir)).toBe(`not-a-repository: ${dir} is not in a git repository; pass --repo DIR`);
    expect(await failure(join(dir, 'x'))).toBe(`not-a-repository: ${join(dir, 'x')} is not a directory`);
  });

  it('unknown revision', async () => {
    const repo = new TestRepo();
    repo.commit({ 'a.go': go('p') });
    repo.branch('feature/login');
    expect(await failure(repo.dir, 'feature/logn')).toBe(
      "unknown-revision: unknown revision 'feature/logn': did you mean feature/login?",
    );
    expect(await failure(repo.dir, 'login')).toContain('did you mean feature/login?');
    expect(await failure(repo.dir, 'HEAD', '0123456789012345678901234567890123456789')).toContain('fetch it');
    expect(await failure(repo.dir, '--output=x')).toContain("'--output=x' is not a revision");
    expect(await failure(repo.dir, 'a\0b')).toContain('is not a revision');
  });

  it('no commits, no default branch', async () => {
    const repo = new TestRepo();
    expect(await failure(repo.dir)).toContain('no commits yet');
    repo.commit({ 'a.go': go('p') });
    repo.git('branch', '-m', 'trunk');
    expect(await failure(repo.dir)).toContain(
      'no origin/HEAD, main or master to compare with; pass --base REV',
    );
  });

  it('unrelated histories, shallow clone, bare repository without files', async () => {
    const repo = new TestRepo();
    repo.commit({ 'a.go': go('p') });
    repo.commit({ 'a.go': go('p', 'var A int\n') });
    repo.git('checkout', '-q', '--orphan', 'other');
    repo.commit({ 'b.go': go('p') });
    expect(await failure(repo.dir, 'other', 'main')).toMatch(/no-merge-base: .*unrelated/);
    const shallow = join(temporary(), 'shallow');
    repo.git('clone', '-q', '--depth=1', '--no-single-branch', `file://${repo.dir}`, shallow);
    expect(await failure(shallow, 'other', 'origin/main')).toMatch(/no-merge-base: .*fetch-depth: 0/);
    const bare = join(temporary(), 'bare.git');
    repo.git('clone', '-q', '--bare', '.', bare);
    expect(await failure(bare, WORKTREE)).toContain('a bare repository has no files on disk');
  });

  it('git missing', async () => {
    const path = process.env.PATH;
    process.env.PATH = temporary();
    try {
      expect(await failure('.')).toContain('git was not found on the PATH');
    } finally {
      process.env.PATH = path;
    }
  });
});
