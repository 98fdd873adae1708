import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/engine/verdict.ts';
import { removeAll, TestRepo, temporary } from '../git/repo.ts';
import { LEAKS, SOUND } from './go.ts';
import { run } from './run.ts';

afterAll(removeAll);

const files = (content: Readonly<Record<string, string>>) => {
  const dir = temporary();
  new TestRepo({ dir }).write(content);
  return dir;
};
const scan = async (dir: string, ...args: readonly string[]) => {
  const result = await run(['scan', '--rules', 'lost-cancel', '--format', 'json', ...args], { cwd: dir });
  return { ...result, verdict: JSON.parse(result.stdout) as Verdict };
};

describe('reefpilot scan', () => {
  it('finds everything in a tree, in a repository or not', async () => {
    const dir = files({
      'go.mod': 'module m\n',
      'b/x.go': LEAKS,
      'a/y.go': LEAKS,
      'c.go': SOUND,
      'vendor/v/v.go': LEAKS,
    });
    const { code, verdict } = await scan(dir);
    expect(code).toBe(1);
    expect(verdict).toMatchObject({ base: null, head: 'worktree', conclusion: 'failure' });
    expect(verdict.findings.map((f) => f.path)).toEqual(['a/y.go', 'b/x.go']);
    expect(verdict.ledger.map((e) => [e.path, e.status])).toEqual([
      ['a/y.go', 'analysed'],
      ['b/x.go', 'analysed'],
      ['c.go', 'analysed'],
      ['vendor/v/v.go', 'skipped'],
    ]);
    expect(verdict.checklist.find((line) => line.group === 'context')).toMatchObject({ met: 1, violated: 2 });
    new TestRepo({ dir }).git('init', '-q');
    expect((await scan(dir)).verdict).toEqual(verdict);
  });

  it('takes files and directories', async () => {
    const dir = files({
      'a/x.go': LEAKS,
      'a/y.go': LEAKS.replaceAll('Charge', 'Y').replaceAll('call', 'y'),
      'b/z.go': LEAKS,
    });
    expect((await scan(dir, 'a/x.go')).verdict.findings.map((f) => f.path)).toEqual(['a/x.go']);
    expect((await scan(dir, 'a/x.go', 'b')).verdict.findings.map((f) => f.path)).toEqual([
      'a/x.go',
      'b/z.go',
    ]);
    new TestRepo({ dir }).git('init', '-q');
    const one = await scan(dir, 'a/x.go');
    expect(one.verdict.findings.map((f) => f.path)).toEqual(['a/x.go']);
    expect(one.verdict.ledger.map((e) => e.path)).toEqual(['a/x.go']);
    expect((await scan(dir, 'a/x.go', 'b')).verdict.findings.map((f) => f.path)).toEqual([
      'a/x.go',
      'b/z.go',
    ]);
  });

  it('says when there is no Go', async () => {
    const { code, verdict, stderr } = await scan(temporary());
    expect({ code, findings: verdict.findings }).toEqual({ code: 0, findings: [] });
    expect(stderr).toContain('no Go files');
  });

  it('loses no output in a pipe and bears a reader that leaves', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}/x.go`, LEAKS]));
    const dir = files(many);
    const { stdout, verdict } = await scan(dir);
    expect(stdout.length).toBeGreaterThan(200_000);
    expect(verdict.findings).toHaveLength(300);
    const left = await run(['scan', '--format', 'json'], { cwd: dir, closeStdout: true });
    expect(left.stderr).toBe('');
    expect(left.code).toBe(1);
  });
});

describe('reefpilot explain', () => {
  it('shows the evidence of a site that is in order and the path of one that is not', async () => {
    const dir = files({ 'good.go': SOUND, 'bad/bad.go': LEAKS });
    const good = await run(['explain', 'lost-cancel', `${join(dir, 'good.go')}:11`]);
    expect(good.code).toBe(0);
    expect(good.stdout).toBe('lost-cancel good.go:11: met\n  proved by good.go:12: defer cancel()\n');
    const bad = await run(['explain', 'lost-cancel', 'bad.go:11'], { cwd: join(dir, 'bad') });
    expect(bad.stdout).toMatch(/^lost-cancel bad\.go:11: violated\n {2}.*\n {2}bad\.go:\d+: /);
    const json = await run(['explain', 'lost-cancel', 'good.go:11', '--format', 'json'], { cwd: dir });
    expect(JSON.parse(json.stdout)).toMatchObject({
      path: 'good.go',
      line: 11,
      obligations: [{ verdict: 'met' }],
    });
  });

  it('says where the sites are when there is none', async () => {
    const dir = files({ 'good.go': SOUND });
    const { code, stdout } = await run(['explain', 'lost-cancel', 'good.go:1'], { cwd: dir });
    expect(code).toBe(0);
    expect(stdout).toBe('lost-cancel sees no obligation on line 1; its sites in this file are on line 11\n');
  });
});

describe('the other commands', () => {
  it('help, version, rules, doctor', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['check', 'scan', 'rules', 'explain', 'serve', 'demo', 'doctor'])
      expect(help.stdout).toContain(`\n  ${command}`);
    expect(await run(['check', '--help'])).toMatchObject({ code: 0, stderr: '' });
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const rules = await run(['rules', '--format', 'json']);
    expect((JSON.parse(rules.stdout) as { id: string }[]).map((r) => r.id)).toContain('lost-cancel');
    expect((await run(['rules'])).stdout).toContain('\n  lost-cancel');
    expect((await run(['rules', 'lost-cancel', '--lang', 'zh-CN'])).code).toBe(0);
    const doctor = await run(['doctor']);
    expect(doctor).toMatchObject({ code: 0, stderr: '' });
    expect(doctor.stdout).toContain('ok   Go parser');
  });
});
