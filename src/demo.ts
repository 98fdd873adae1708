import { once } from 'node:events';
import pc from 'picocolors';
import { createGitHubDouble } from '../test/github/index.ts';
import { type Scene, startStory } from './demo/story.ts';

export interface DemoOptions {
  /** End after the second verdict; the default only when nobody is at the terminal. */
  readonly once: boolean;
  readonly out: (text: string) => Promise<void>;
}

/**
 * A real pull request from webhook to verdict, against a GitHub on this machine's loopback: two pushes, and what the
 * app made of them. Nothing is left behind.
 * @returns 0 when the app did what the sample calls for, else 1.
 */
export async function runDemo({ once: stopAtOnce, out }: DemoOptions): Promise<number> {
  const say = (line = '') => out(`${line}\n`);
  const github = await createGitHubDouble({ validateResponses: false });
  try {
    const story = await startStory(github);
    try {
      await say(
        pc.bold('An embedded GitHub, the app beside it, and one pull request of a Go payment service.'),
      );
      const first = await story.push('feature');
      await tell(say, first, github.requests.length);
      const calls = github.requests.length;
      const second = await story.push('fixes');
      await tell(say, second, github.requests.length - calls);
      await say(`\nThe pull request as a person sees it: ${pc.cyan(story.page)}`);
      const problems = [...expectations(first, second), ...github.violations];
      for (const problem of problems) await say(pc.red(`not as it should be: ${problem}`));
      if (!stopAtOnce && process.stdin.isTTY && process.stdout.isTTY) {
        await say(pc.dim('Press Ctrl-C to end.'));
        await once(process, 'SIGINT');
      }
      return problems.length === 0 ? 0 : 1;
    } finally {
      await story.close();
    }
  } finally {
    await github.close();
  }
}

async function tell(say: (line?: string) => Promise<void>, scene: Scene, calls: number): Promise<void> {
  const { check } = scene;
  const colour = check?.conclusion === 'success' ? pc.green : pc.red;
  await say(`\n${pc.bold(`▸ push ${scene.headSha.slice(0, 7)}`)} “${scene.push}”`);
  await say(
    `  check    ${colour(check?.conclusion ?? check?.status ?? 'missing')}: ${check?.output.title ?? ''}`,
  );
  for (const thread of scene.open)
    await say(`  open     ${place(thread)}  ${headline(thread.comments[0]?.body ?? '')}`);
  for (const thread of scene.fixed)
    await say(
      `  ${pc.green('fixed')}    ${place(thread)}  ${thread.comments.at(-1)?.body.split('\n')[0] ?? ''}`,
    );
  for (const line of scene.sticky.split('\n').filter((l) => /^- \S+ \*\*/.test(l)))
    await say(`  ${pc.dim(line.replace(/\*/g, '').slice(2))}`);
  await say(
    pc.dim(
      `  ${scene.reviews} review(s), ${scene.stickies} checklist, ${calls} API calls, ${scene.milliseconds} ms`,
    ),
  );
}

function place(thread: Scene['open'][number]): string {
  return `${thread.path}:${thread.line ?? thread.originalLine ?? '-'}`;
}

/** The first line of a comment without its Markdown. */
function headline(body: string): string {
  const line = body.split('\n').find((l) => l.trim() !== '' && !l.startsWith('<!--')) ?? '';
  return line.replace(/[*`]/g, '');
}

/** What a first-class review of the sample looks like; CI runs the demo with `--once` and believes it. */
function expectations(first: Scene, second: Scene): readonly string[] {
  const out: string[] = [];
  const expect = (what: string, isSo: boolean) => {
    if (!isSo) out.push(what);
  };
  expect('the first check fails', first.check?.conclusion === 'failure');
  expect('the first push gets one review with four comments', first.reviews === 1 && first.open.length === 4);
  expect('the second check fails for what is left', second.check?.conclusion === 'failure');
  expect('the second push repeats nothing', second.reviews === 1 && second.open.length === 2);
  expect('two findings are taken back', second.fixed.length === 2);
  expect('there is one checklist', first.stickies === 1 && second.stickies === 1);
  return out;
}
