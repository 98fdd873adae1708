/**
 * npm run replay -- --repo DIR [--range A..B] [--max N] [--pushes N]
 *
 * Takes real merge commits of a local clone through the whole app as pull requests: the double serves the clone's own
 * objects, every topic branch comes in several pushes, then in disguise (squashed, shifted, reformatted, renamed,
 * rebased), and what is on the pull request afterwards is held against what the command line says of the same commits. Exits with 1
 * when anything was said twice, lost, or judged differently.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Analyst } from '../src/analyst.ts';
import { loadEngine } from '../src/cli/engine.ts';
import { environmentFor } from '../src/demo/story.ts';
import { analyse } from '../src/engine/analyse.ts';
import { DEFAULT_SETTINGS } from '../src/engine/snapshot.ts';
import type { Finding, Verdict } from '../src/engine/verdict.ts';
import { findRange, readChange } from '../src/git/change.ts';
import { Repository } from '../src/git/repository.ts';
import { toJson } from '../src/report/json.ts';
import { keyOf, parseMarkers } from '../src/review/markers.ts';
import { serve } from '../src/serve.ts';
import { createGitHubDouble, type PullRequest } from '../test/github/index.ts';

const { values: options } = parseArgs({
  options: {
    repo: { type: 'string' },
    range: { type: 'string', default: 'HEAD' },
    max: { type: 'string', default: '100' },
    pushes: { type: 'string', default: '3' },
  },
});
if (options.repo === undefined)
  throw new Error('usage: npm run replay -- --repo DIR [--range A..B] [--max N]');
const dir = options.repo;
const pushesOf = Number(options.pushes);

interface Merge {
  readonly sha: string;
  readonly base: string;
  readonly topic: string;
}

const totals = {
  pulls: 0,
  pushes: 0,
  comments: 0,
  reviews: 0,
  taken_back: 0,
  moved: 0,
  duplicated: 0,
  lost: 0,
  unstable: 0,
  different: 0,
  unconcluded: 0,
  calls: 0,
};
const problems: string[] = [];

const github = await createGitHubDouble({
  validateResponses: false,
  limits: { ratePerHour: Number.MAX_SAFE_INTEGER },
});
const repo = github.createRepository({ owner: 'acme', name: 'replayed' });
repo.importFrom(dir, ['+HEAD:refs/heads/main']);
const analyst = new Analyst();
let verdicts: Verdict[] = [];
const service = await serve(environmentFor(github), {
  signals: false,
  pace: { spacingMs: 0, retryBaseMs: 20, backoffMs: 100 },
  analyse: async (snapshot) => {
    const verdict = await analyst.analyse(snapshot);
    verdicts.push(verdict);
    return verdict;
  },
});
github.deliverWebhooksTo(`${service.url}/api/github/webhooks`);
const engine = await loadEngine();
const local = await Repository.open(repo.gitDir);
const started = Date.now();
try {
  for (const merge of merges()) {
    await replay(merge);
    if (totals.pulls % 10 === 0) process.stderr.write(`\r${totals.pulls} pull requests `);
  }
} finally {
  local.close();
  await service.close();
  await analyst.close();
  await github.close();
}
problems.push(...github.violations);
for (const problem of problems) console.log(`not as it should be: ${problem}`);
console.log(JSON.stringify({ ...totals, seconds: Math.round((Date.now() - started) / 1000) }, null, 2));
process.exitCode = problems.length === 0 ? 0 : 1;

/** Merge commits whose topic changes Go files, newest first. */
function* merges(): Generator<Merge> {
  let left = Number(options.max);
  const list = git('rev-list', '--merges', '--first-parent', '--parents', options.range).split('\n');
  for (const line of list) {
    const [sha, base, topic] = line.split(' ');
    if (left === 0) return;
    if (sha === undefined || base === undefined || topic === undefined) continue;
    if (git('diff', '--name-only', `${base}...${topic}`, '--', '*.go') === '') continue;
    left--;
    yield { sha, base, topic };
  }
}

async function replay({ sha, base, topic }: Merge): Promise<void> {
  const before = github.requests.length;
  const commits = git('rev-list', '--reverse', '--first-parent', `${base}..${topic}`).split('\n');
  const heads = spread(commits, pushesOf);
  const branch = `topic-${totals.pulls}`;
  const target = `base-${totals.pulls}`;
  repo.push(target, { sha: base });
  let pull: PullRequest | null = null;
  for (const head of heads) {
    repo.push(branch, { sha: head });
    pull ??= repo.openPullRequest({ title: `Merge ${sha.slice(0, 8)}`, head: branch, base: target });
    await judge(pull, target, `${sha.slice(0, 8)} push ${head.slice(0, 8)}`);
  }
  if (pull === null) return;
  const state = () => (pull === null ? '' : JSON.stringify(open(pull).map((t) => t.keys)));
  const after = state();
  const comments = pull.threads.length;
  for (const [name, push] of disguises(branch, target, { base, topic })) {
    push();
    await judge(pull, target, `${sha.slice(0, 8)} ${name}`);
    if (pull.threads.length === comments && state() === after) continue;
    totals.unstable++;
    problems.push(`${sha.slice(0, 8)} ${name}: what is said has changed: ${after} to ${state()}`);
    break;
  }
  totals.moved += open(pull).filter((t) => t.outdated).length;
  totals.comments += pull.threads.length;
  totals.taken_back += pull.threads.length - open(pull).length;
  totals.reviews += pull.reviews.filter((r) => r.author.kind === 'Bot' && !r.implicit).length;
  repo.closePullRequest(pull);
  await settle();
  totals.pulls++;
  totals.calls += github.requests.length - before;
  github.requests.length = 0;
}

/** Waits for the app, then holds the pull request against the verdict of the command line. */
async function judge(pull: PullRequest, target: string, what: string): Promise<void> {
  verdicts = [];
  await settle();
  totals.pushes++;
  const run = repo.checkRuns(pull.headSha).find((check) => check.name === 'reefpilot');
  if (run?.status !== 'completed') {
    totals.unconcluded++;
    problems.push(`${what}: the check is ${run?.status ?? 'missing'}`);
  }
  const range = await findRange(local, target, pull.headSha);
  const snapshot = await readChange(local, range, DEFAULT_SETTINGS, new Date().toISOString().slice(0, 10));
  const own = analyse({ ...snapshot, repo: repo.fullName }, engine);
  const theirs = verdicts.at(-1);
  if (theirs === undefined || toJson(theirs) !== toJson(own)) {
    totals.different++;
    problems.push(`${what}: the app's verdict is not the command line's`);
  }
  compare(
    pull,
    own.findings.filter((f) => f.introduced),
    what,
  );
}

/** Every introduced finding is said in exactly one open thread, in the check or in the checklist; nothing else is. */
function compare(pull: PullRequest, findings: readonly Finding[], what: string): void {
  const said = new Map<string, number>();
  for (const { keys } of open(pull)) for (const key of keys) said.set(key, (said.get(key) ?? 0) + 1);
  const bodies = pull.comments.map((c) => c.body).join('\n');
  const check = repo.checkRuns(pull.headSha).at(-1)?.output;
  const elsewhere = `${bodies}\n${check?.text ?? ''}\n${check?.summary ?? ''}`;
  const wanted = new Map<string, number>();
  for (const finding of findings) {
    const key = keyOf(finding.fingerprint);
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
    if (said.has(key) || elsewhere.includes(`${finding.path}:${finding.line}`)) continue;
    totals.lost++;
    problems.push(`${what}: ${finding.rule} ${finding.path}:${finding.line} is said nowhere`);
  }
  for (const [key, times] of said) {
    if (times <= (wanted.get(key) ?? 0)) continue;
    totals.duplicated++;
    problems.push(`${what}: ${key} is said ${times} times, and found ${wanted.get(key) ?? 0} times`);
  }
}

function open(
  pull: PullRequest,
): readonly { readonly keys: readonly string[]; readonly outdated: boolean }[] {
  return pull.threads
    .filter((t) => t.comments[0]?.author.kind === 'Bot' && t.comments[0].minimized === null)
    .map((t) => ({
      outdated: t.line === null,
      keys: parseMarkers(t.comments[0]?.body ?? '').flatMap((m) => (m.kind === 'finding' ? m.keys : [])),
    }));
}

/**
 * The same change in other clothes: nothing new is to be said, nothing taken back. Each builds on the one before: as one
 * commit, all lines moved, indented otherwise, under other file names, on a base that has gone on.
 */
function disguises(
  branch: string,
  target: string,
  { base, topic }: Pick<Merge, 'base' | 'topic'>,
): readonly (readonly [string, () => void])[] {
  const parent = git('merge-base', base, topic);
  const squashed = git('commit-tree', `${topic}^{tree}`, '-p', parent, '-m', 'Squash');
  const names = git('diff', '--name-only', '--no-renames', '--diff-filter=AM', parent, topic, '--', '*.go');
  let head = squashed;
  const push = (files: Record<string, string | null>, onto = head) => {
    head = repo.push(branch, { files, parent: onto });
  };
  const each = (change: (text: string, name: string) => Record<string, string | null>) => {
    const out: Record<string, string | null> = {};
    for (const name of names.split('\n')) {
      const text = name === '' ? null : repo.read(head, name);
      if (text !== null) Object.assign(out, change(text, name));
    }
    return out;
  };
  return [
    [
      'squashed',
      () => {
        repo.importFrom(dir, [`+${squashed}:refs/heads/squashed`]);
        repo.push(branch, { sha: squashed });
      },
    ],
    // Above the package clause a comment may be a build tag's neighbour; below it, nothing depends on the line.
    [
      'shifted',
      () =>
        push(
          each((text, name) => ({
            [name]: text.replace(/^package \w+.*$/m, '$&\n\n// Nothing to see here.\n'),
          })),
        ),
    ],
    // A raw string is code whatever its white space.
    [
      'reformatted',
      () =>
        push(
          each((text, name) =>
            text.includes('`')
              ? {}
              : {
                  [name]: text.replace(/^\t+/gm, (tabs) => '    '.repeat(tabs.length)).replace(/,$/gm, ' ,'),
                },
          ),
        ),
    ],
    ['renamed', () => push(each((text, name) => ({ [name]: null, [movedName(name)]: text })))],
    [
      'rebased',
      () => {
        const gone = { 'docs/unrelated.md': 'The base has gone on.\n' };
        const files = changedSince(parent, head);
        const onto = repo.push(target, { files: gone, parent });
        push(files, onto);
      },
    ],
  ];
}

/** Suffixes carry meaning: `_test.go`, `_linux.go`. */
function movedName(name: string): string {
  const slash = name.lastIndexOf('/') + 1;
  return `${name.slice(0, slash)}moved_${name.slice(slash)}`;
}

/** What a head has that its base has not, as files to write on another base. */
function changedSince(base: string, head: string): Record<string, string | null> {
  const list = execFileSync('git', ['-C', repo.gitDir, 'diff', '--name-only', '--no-renames', base, head], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const names = list.split('\n').filter((name) => name !== '');
  return Object.fromEntries(names.map((name) => [name, repo.read(head, name)]));
}

/** At most `count` of the commits, evenly, the last one always. */
function spread(commits: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, commits.length / count);
  const picked = new Set<string>();
  for (let i = commits.length; i > 0 && picked.size < count; i -= step)
    picked.add(commits[Math.ceil(i) - 1] ?? '');
  return commits.filter((c) => picked.has(c));
}

async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet++) {
    await github.idle();
    await service.idle();
  }
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', dir, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: 'replay',
      GIT_AUTHOR_EMAIL: 'replay@localhost',
      GIT_COMMITTER_NAME: 'replay',
      GIT_COMMITTER_EMAIL: 'replay@localhost',
    },
  }).trim();
}
