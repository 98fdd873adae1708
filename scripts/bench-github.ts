/**
 * npm run bench:github: how many calls of GitHub's API a review takes, counted by the double. The token of an
 * installation (once an hour) and the app's own name (once in the life of a process) are left out.
 */
import { environmentFor } from '../src/demo/story.ts';
import { serve } from '../src/serve.ts';
import { createGitHubDouble, type GitHubDouble } from '../test/github/index.ts';

const LEAK = `	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cancel()
`;

/** `count` files, five to a package; the changed ones leak a context each. */
function files(count: number, name: string, isChanged: boolean): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const pkg = `p${Math.floor(i / 5)}`;
      const body = isChanged ? LEAK : '';
      const imports = isChanged ? 'import (\n\t"context"\n\t"time"\n)' : 'import "context"';
      const text = `package ${pkg}\n\n${imports}\n\nfunc ${name}${i}(ctx context.Context) error {\n${body}\treturn ctx.Err()\n}\n`;
      return [`${pkg}/${name}${i}.go`, text];
    }),
  );
}

function calls(github: GitHubDouble): readonly string[] {
  return github.requests
    .map((r) => r.operation ?? r.route)
    .filter((r) => !r.includes('access_tokens') && r !== 'GET /app');
}

async function review(changed: number, siblings: number): Promise<void> {
  const github = await createGitHubDouble();
  const repo = github.createRepository({ owner: 'acme', name: 'pay' });
  const base = { 'go.mod': 'module acme.dev/pay\n\ngo 1.24\n', ...files(siblings, 'sibling', false) };
  repo.commit({ branch: 'main', files: { ...base, ...files(changed, 'changed', false) } });
  const service = await serve(environmentFor(github), {
    signals: false,
    pace: { spacingMs: 0, retryBaseMs: 20, backoffMs: 100 },
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
    repo.openPullRequest({ title: 'Change', head: 'topic' });
    await settle();
    row(`cold review, ${changed} changed Go files beside ${siblings}`, calls(github), changed <= 5 ? 9 : 18);
    github.requests.length = 0;
    repo.push('topic', { files: { 'p0/changed0.go': files(1, 'changed', false)['p0/changed0.go'] ?? '' } });
    await settle();
    row('  the next push, of one file', calls(github), 8);
    if (github.violations.length > 0) throw new Error(github.violations.join('\n'));
  } finally {
    await service.close();
    await github.close();
  }
}

function row(what: string, made: readonly string[], wanted: number): void {
  const met = made.length <= wanted ? 'met' : 'MISSED';
  console.log(`${what.padEnd(52)} ${String(made.length).padStart(3)} calls  ${met}: ≤ ${wanted}`);
  const counts = new Map<string, number>();
  for (const call of made) counts.set(call, (counts.get(call) ?? 0) + 1);
  console.log(`    ${[...counts].map(([call, n]) => (n === 1 ? call : `${n} × ${call}`)).join(', ')}`);
}

await review(5, 20);
await review(100, 300);
