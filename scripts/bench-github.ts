/**
 * npm run bench:github: how many calls of GitHub's API a review takes, counted by the double, and where git is the
 * quicker way to the blobs. The token of an installation (once an hour) and the app's own name (once in the life of a
 * process) are left out, and so are the requests of git, which GitHub does not count.
 */
import { createAppAuth } from '@octokit/auth-app';
import { Analyst } from '../src/analyst.ts';
import { environmentFor } from '../src/demo/story.ts';
import type { TreeEntry } from '../src/engine/select.ts';
import type { Snapshot } from '../src/engine/snapshot.ts';
import { blobFetcher } from '../src/git/fetch.ts';
import { isBlob, readBlobs } from '../src/github/blobs.ts';
import { Lru } from '../src/github/cache.ts';
import { gitUrl } from '../src/github/git-blobs.ts';
import { appOctokit, type Client } from '../src/github/octokit.ts';
import { Pacer } from '../src/github/pacer.ts';
import type { Repo } from '../src/github/repo.ts';
import { type Parts, serve } from '../src/serve.ts';
import { createGitHubDouble, type GitHubDouble } from '../test/github/index.ts';

const LEAK = `	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cancel()
`;

/** What the service waits between two queries where nothing else is set. */
const SPACING_MS = 250;
/** An assumption: no answer of GitHub's API was measured. Git's requests take as long. */
const LATENCY_MS = 200;
/** About the median of a Go file that people write. */
const FILE_BYTES = 6000;
const LARGE_FILE_BYTES = 100_000;
const TIMES = 3;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `count` files, five to a package; the changed ones leak a context each. */
function files(count: number, name: string, isChanged: boolean, bytes = 0): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const pkg = `p${Math.floor(i / 5)}`;
      const body = isChanged ? LEAK : '';
      const imports = isChanged ? 'import (\n\t"context"\n\t"time"\n)' : 'import "context"';
      const text = `package ${pkg}\n\n${imports}\n\nfunc ${name}${i}(ctx context.Context) error {\n${body}\treturn ctx.Err()\n}\n`;
      return [`${pkg}/${name}${i}.go`, text + filling(bytes - text.length, i)];
    }),
  );
}

/** Comments that compress about as well as code does. */
function filling(bytes: number, seed: number): string {
  let text = '';
  for (let n = seed * 7919; text.length < bytes; n += 104_729)
    text += `// ${(n * 2_654_435_761) % 4_294_967_296} is the answer to question ${n % 97}\n`;
  return text;
}

function isGit(route: string): boolean {
  return route.includes('.git/');
}

function calls(github: GitHubDouble): readonly string[] {
  return github.requests
    .map((r) => r.operation ?? r.route)
    .filter((r) => !r.includes('access_tokens') && r !== 'GET /app' && !isGit(r));
}

interface Case {
  readonly changed: number;
  readonly siblings: number;
  /** Most calls of the first review, and of the next push. */
  readonly wanted: readonly [cold: number, next: number];
  readonly parts?: Parts;
  /** How long the answers of GitHub take, and the pauses between queries, both as in earnest. */
  readonly inEarnest?: boolean;
}

async function review({ changed, siblings, wanted, parts = {}, inEarnest = false }: Case): Promise<void> {
  const github = await createGitHubDouble({ validateResponses: !inEarnest });
  const repo = github.createRepository({ owner: 'acme', name: 'pay' });
  const base = { 'go.mod': 'module acme.dev/pay\n\ngo 1.24\n', ...files(siblings, 'sibling', false) };
  repo.commit({ branch: 'main', files: { ...base, ...files(changed, 'changed', false) } });
  const analyst = new Analyst();
  let loaded = 0;
  const service = await serve(environmentFor(github), {
    signals: false,
    pace: { spacingMs: inEarnest ? SPACING_MS : 0, retryBaseMs: 20, backoffMs: 100 },
    analyse: (snapshot: Snapshot) => {
      loaded = performance.now();
      return analyst.analyse(snapshot);
    },
    ...parts,
  });
  const settle = async () => {
    for (let quiet = 0; quiet < 2; quiet++) {
      await github.idle();
      await service.idle();
    }
  };
  try {
    await settle();
    github.deliverWebhooksTo(`${service.url}/api/github/webhooks`);
    repo.createBranch('topic');
    repo.commit({ branch: 'topic', files: files(changed, 'changed', true) });
    github.requests.length = 0;
    if (inEarnest) github.faults.on('*', { delayMs: LATENCY_MS });
    const started = performance.now();
    repo.openPullRequest({ title: 'Change', head: 'topic' });
    await settle();
    const seconds = `, ${((loaded - started) / 1000).toFixed(1)} s until everything is read`;
    const way = inEarnest ? `, ${parts.gitBlobs === null ? 'API alone' : 'blobs by git'}` : '';
    row(`cold review, ${changed} changed Go files beside ${siblings}${way}`, calls(github), wanted[0]);
    if (inEarnest)
      console.log(`    ${github.requests.filter((r) => isGit(r.route)).length} requests of git${seconds}`);
    github.faults.clear();
    github.requests.length = 0;
    repo.push('topic', { files: { 'p0/changed0.go': files(1, 'changed', false)['p0/changed0.go'] ?? '' } });
    await settle();
    row('  the next push, of one file', calls(github), wanted[1]);
    if (github.violations.length > 0) throw new Error(github.violations.join('\n'));
  } finally {
    await service.close();
    await analyst.close();
    await github.close();
  }
}

/** Reads `count` blobs from nothing, by the API and by git: the median of three times each. */
async function compare(count: number, bytes: number): Promise<void> {
  const github = await createGitHubDouble({ validateResponses: false });
  try {
    const repo = github.createRepository({ owner: 'acme', name: 'pay' });
    repo.commit({ branch: 'main', files: files(count, 'changed', true, bytes) });
    // As a host keeps what it has had for a while; to pack objects that lie loose is most of the work otherwise.
    repo.state.git.run(['repack', '-a', '-d', '-q']);
    const entries: readonly TreeEntry[] = repo.state.git
      .tree('main', true)
      .filter((e) => e.type === 'blob')
      .map(({ path, mode, oid, size }) => ({ path, mode, oid, size: size ?? null }));
    const total = entries.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const client = installation(github);
    const { token } = (await client.auth({ type: 'installation' })) as { readonly token: string };
    github.faults.on('*', { delayMs: LATENCY_MS });
    const byApi = await median(async () => {
      const texts = await readBlobs(handle(client), repo.id, entries);
      if (texts.size !== count) throw new Error(`${texts.size} of ${count}`);
    });
    const queries = github.requests.filter((r) => r.operation === 'Blobs').length / TIMES;
    const url = gitUrl(github.url, 'acme', 'pay');
    const byGit = await median(async () => {
      let arrived = 0;
      for await (const [oid, bytes] of blobFetcher()({ url, token, oids: entries.map((e) => e.oid) }))
        if (isBlob(oid, bytes)) arrived++;
      if (arrived !== count) throw new Error(`${arrived} of ${count}`);
    });
    const ms = (value: number) => `${Math.round(value)} ms`.padStart(9);
    console.log(
      `${String(count).padStart(6)} blobs, ${String(Math.round(total / 1024)).padStart(5)} KB  API ${String(queries).padStart(3)} calls ${ms(byApi)}   git 0 calls ${ms(byGit)}`,
    );
  } finally {
    await github.close();
  }
}

async function median(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? Number.NaN;
}

function installation(github: GitHubDouble): Client {
  const { id: appId, privateKey, installationId } = github.app;
  const Octokit = appOctokit({ spacingMs: SPACING_MS });
  const auth = { appId, privateKey, installationId };
  return new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url, log: QUIET });
}

/** With caches that are empty. */
function handle(client: Client): Repo {
  return {
    client,
    owner: 'acme',
    name: 'pay',
    app: { id: 1, login: 'reefpilot[bot]' },
    pacer: new Pacer(0),
    ruleset: 'bench',
    caches: { blobs: new Lru(1e9), trees: new Lru(1), runs: new Lru(1), facts: new Lru(1) },
    log: QUIET,
    gitBlobs: null,
    mayResolve: false,
  };
}

function row(what: string, made: readonly string[], wanted: number): void {
  const met = made.length <= wanted ? 'met' : 'MISSED';
  console.log(`${what.padEnd(52)} ${String(made.length).padStart(3)} calls  ${met}: ≤ ${wanted}`);
  const counts = new Map<string, number>();
  for (const call of made) counts.set(call, (counts.get(call) ?? 0) + 1);
  console.log(`    ${[...counts].map(([call, n]) => (n === 1 ? call : `${n} × ${call}`)).join(', ')}`);
}

await review({ changed: 5, siblings: 20, wanted: [9, 8] });
await review({ changed: 100, siblings: 300, wanted: [18, 8] });
console.log(`\nWith answers that take ${LATENCY_MS} ms and ${SPACING_MS} ms between queries:`);
await review({ changed: 1000, siblings: 500, wanted: [80, 25], inEarnest: true, parts: { gitBlobs: null } });
await review({ changed: 1000, siblings: 500, wanted: [30, 25], inEarnest: true });
console.log('\nWhere git pays, under the same conditions:');
for (const count of [50, 100, 200, 400, 1000]) await compare(count, FILE_BYTES);
for (const count of [15, 50, 100]) await compare(count, LARGE_FILE_BYTES);
