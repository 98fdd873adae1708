import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/engine/verdict.ts';
import { removeAll, TestRepo, temporary } from '../git/repo.ts';
import { LEAKS, SOUND } from './go.ts';
import { run } from './run.ts';

afterAll(removeAll);

const GO_MOD = 'module example.com/pay\n\ngo 1.22\n';

describe('reefpilot check', () => {
  let repo: TestRepo;
  beforeAll(() => {
    repo = new TestRepo();
    repo.commit({
      'go.mod': GO_MOD,
      'pay/old.go': LEAKS.replaceAll('Charge', 'Old').replaceAll('call', 'callOld'),
    });
    repo.branch('topic');
    repo.commit({
      'pay/client.go': LEAKS,
      'pay/fine.go': SOUND.replaceAll('Charge', 'Fine').replaceAll('call', 'c2'),
    });
  });
  const check = (...args: readonly string[]) =>
    run(['check', '--repo', repo.dir, '--rules', 'lost-cancel', ...args]);

  it('reports what the change introduces and fails', async () => {
    const { code, stdout, stderr } = await check('--format', 'json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const verdict = JSON.parse(stdout) as Verdict;
    expect(verdict.schema).toBe('reefpilot.verdict/v1');
    expect(verdict.base).toBe(repo.git('rev-parse', 'main'));
    expect(verdict.head).toBe(repo.git('rev-parse', 'topic'));
    expect(verdict.findings.map((f) => [f.rule, f.path, f.line, f.introduced])).toEqual([
      ['lost-cancel', 'pay/client.go', 11, true],
    ]);
    expect(verdict.ledger.map((e) => [e.path, e.status])).toEqual([
      ['pay/client.go', 'analysed'],
      ['pay/fine.go', 'analysed'],
    ]);
  });

  it('gives the same bytes every time, wherever it is started', async () => {
    const first = await check('--format', 'json');
    const again = await run(['check', '--format', 'json', '--rules', 'lost-cancel'], {
      cwd: join(repo.dir, 'pay'),
    });
    expect(again.stdout).toBe(first.stdout);
    const gitVariables = {
      GIT_DIR: '/nonexistent',
      GIT_INDEX_FILE: '/nonexistent',
      GIT_WORK_TREE: '/nonexistent',
    };
    const inHook = await run(['check', '--format', 'json', '--rules', 'lost-cancel', '--repo', repo.dir], {
      env: gitVariables,
    });
    expect(inHook.stdout).toBe(first.stdout);
  });

  it('lists older findings with --all, without failing for them', async () => {
    const { stdout } = await check('--format', 'json', '--all');
    const { findings } = JSON.parse(stdout) as Verdict;
    expect(findings.map((f) => [f.path, f.introduced])).toEqual([
      ['pay/client.go', true],
      ['pay/old.go', false],
    ]);
    const { code } = await run(['check', '--repo', repo.dir, '--all', '--base', 'topic']);
    expect(code).toBe(0);
  });

  it('obeys --fail-on', async () => {
    expect((await check('--fail-on', 'never')).code).toBe(0);
    expect((await check('--fail-on', 'info')).code).toBe(1);
  });

  it('prints every format', async () => {
    const pretty = await check();
    expect(pretty.stdout).toContain('pay/client.go\n\n  11:');
    expect(pretty.stdout).toContain('1 finding: 1 error');
    expect((await check('--format', 'markdown')).stdout).toContain('### `pay/client.go`');
    const sarif = JSON.parse((await check('--format', 'sarif')).stdout) as { runs: { results: unknown[] }[] };
    expect(sarif.runs[0]?.results).toHaveLength(1);
    expect((await check('--lang', 'zh-CN')).stdout).toContain('检查清单');
  });

  it('reviews the files on disk like the commit they would make', async () => {
    const other = new TestRepo();
    other.commit({ 'go.mod': GO_MOD, 'pay/client.go': SOUND });
    other.write({ 'pay/client.go': LEAKS, 'pay/odd.txt': '' });
    const args = ['check', '--repo', other.dir, '--format', 'json', '--rules', 'lost-cancel'];
    const before = await run([...args, '--head', 'worktree']);
    expect(before.code).toBe(1);
    other.branch('topic');
    const head = other.commit({});
    const after = await run(args);
    expect(after.stdout).toBe(before.stdout.replace('"worktree"', `"${head}"`));
  });

  it('catches a deleted safeguard whose site was not touched', async () => {
    const other = new TestRepo();
    other.commit({ 'go.mod': GO_MOD, 'pay/client.go': SOUND });
    other.branch('topic');
    other.commit({
      'pay/client.go': SOUND.replace('\tdefer cancel()\n', '\tif ctx == nil {\n\t\tcancel()\n\t}\n'),
    });
    const { code, stdout } = await run(['check', '--repo', other.dir, '--format', 'json']);
    const { findings } = JSON.parse(stdout) as Verdict;
    expect(findings.map((f) => [f.rule, f.line])).toContainEqual(['lost-cancel', 11]);
    expect(code).toBe(1);
  });

  it('survives hostile content and says what it left out', async () => {
    const other = new TestRepo();
    other.commit({ 'go.mod': GO_MOD });
    other.branch('topic');
    other.commit({
      'long.go': `package p\nvar x = "${'y'.repeat(1_500_000)}"\n`,
      'huge.go': `package p\nvar x = "${'y'.repeat(5_000_000)}"\n`,
      'latin1.go': Buffer.from('package p // \xe9\n', 'latin1'),
      'deep.go': `package p\nvar d = ${'('.repeat(20_000)}1${')'.repeat(20_000)}\n`,
      'broken.go': 'package p\n\nfunc f() {\n\treturn (\n}\n',
      'empty.go': '',
    });
    const { code, stdout, stderr } = await run(['check', '--repo', other.dir, '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ledger = new Map((JSON.parse(stdout) as Verdict).ledger.map((e) => [e.path, e.status]));
    expect(ledger.get('huge.go')).toBe('skipped');
    expect(ledger.get('latin1.go')).toBe('skipped');
    expect(ledger.get('long.go')).toBe('analysed');
    expect(ledger.get('broken.go')).toBe('partial');
    expect(ledger.size).toBe(6);
  });

  it('is judged by the configuration of the base, never by its own', async () => {
    const other = new TestRepo();
    const config = '.github/reefpilot.yml';
    other.commit({ 'go.mod': GO_MOD, [config]: 'ignore: [gen/**]\n' });
    other.branch('topic');
    other.commit({
      'gen/a.go': LEAKS,
      'b/b.go': LEAKS,
      [config]: 'rules: {exclude: [lost-cancel]}\nnonsense: 1\n',
    });
    const args = ['check', '--repo', other.dir, '--format', 'json'];
    const { code, stdout } = await run(args);
    const verdict = JSON.parse(stdout) as Verdict;
    expect(code).toBe(1);
    expect(verdict.findings.map((f) => [f.rule, f.path])).toContainEqual(['lost-cancel', 'b/b.go']);
    expect(verdict.ledger.map((e) => [e.path, e.reason])).toContainEqual([
      'gen/a.go',
      'ignored by the configuration',
    ]);
    const own = await run([...args, '--config', join(other.dir, config)]);
    expect(own).toMatchObject({ code: 2, stdout: '' });
    expect(own.stderr).toMatch(/reefpilot\.yml:2: .*nonsense/);
    const atBase = await run([...args, '--base', 'topic']);
    expect(atBase.code).toBe(2);
    expect(atBase.stderr).toContain(`${other.git('rev-parse', '--short=12', 'topic')}:${config}:2:`);
  });

  it('says so when there is nothing to compare', async () => {
    const other = new TestRepo();
    other.commit({ 'a.go': SOUND });
    const { code, stderr } = await run(['check', '--repo', other.dir]);
    expect(code).toBe(0);
    expect(stderr).toContain('nothing to compare');
  });

  it.each([
    [['check', '--fromat', 'json'], "unknown option '--fromat' (Did you mean --format?)"],
    [['check', '--format', 'xml'], 'Allowed choices are pretty, json, sarif, markdown'],
    [['check', '--fail-on', 'fatal'], 'Allowed choices are error, warning, info, never'],
    [['check', '--rules', 'lost-cancle'], "unknown rule 'lost-cancle': did you mean lost-cancel?"],
    [['check', '--exclude-rules', 'qqqqqqqq'], '"reefpilot rules" lists them'],
    [['check', '--rules', ','], 'name at least one rule'],
    [['check', '--head', 'tpoic'], "unknown revision 'tpoic': did you mean topic?"],
    [['check', '--base', 'nope-nope'], "unknown revision 'nope-nope'"],
    [['check', '--config', 'none.yml'], '--config none.yml: no such file'],
    [['check', 'surplus'], 'too many arguments'],
    [['chekc'], "unknown command 'chekc'"],
    [[], 'name a command'],
    [['explain', 'lost-cancel'], "missing required argument 'path:line'"],
    [['explain', 'lost-cancel', 'a.go'], "'a.go' is not PATH:LINE"],
    [['rules', 'lost-cancle'], 'did you mean lost-cancel?'],
    [['scan', 'nowhere'], 'nowhere: no such file or directory'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await run(args, { cwd: repo.dir });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('wants a repository', async () => {
    const { code, stderr } = await run(['check'], { cwd: temporary() });
    expect(code).toBe(2);
    expect(stderr).toContain('. is not in a git repository; pass --repo DIR');
  });
});
