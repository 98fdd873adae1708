import { afterEach, beforeEach, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.github.close());

const page = async (path: string): Promise<string> => (await fetch(`${scene.github.url}${path}`)).text();

it('shows the conversation, the diff with comments under their lines, and the checks', async () => {
  const { octokit, onPull, at, pull, repo } = scene;
  const body = 'Closes too late\n```suggestion\nvar X = 2\n```\n<!-- reefpilot:v1 fp=1 -->';
  await octokit.rest.pulls.createReview({
    ...onPull,
    event: 'COMMENT',
    body: 'One finding',
    comments: [{ path: 'pay/new.go', line: 3, body }],
  });
  await octokit.rest.checks.create({
    ...at,
    name: 'reefpilot',
    head_sha: pull.headSha,
    conclusion: 'failure',
    output: {
      title: '1 finding',
      summary: '| a | b |\n|---|---|\n| 1 | 2 |',
      annotations: [
        {
          path: 'pay/new.go',
          start_line: 3,
          end_line: 3,
          annotation_level: 'warning',
          message: '<b>raw</b>',
        },
      ],
    },
    actions: [{ label: 'Re-run', description: 'd', identifier: 'rerun' }],
  });
  repo.comment(
    1,
    'bob',
    '<script>alert(1)</script> [x](javascript:alert(1)) <details><summary>s</summary>in</details>',
  );
  const conversation = await page('/acme/pay/pull/1');
  expect(conversation).toContain('One finding');
  expect(conversation).toContain('<div class="del">var X = 1</div><div class="add">var X = 2</div>');
  expect(conversation).not.toContain('<script>');
  expect(conversation).not.toContain('href="javascript');
  expect(conversation).toContain('<details><summary>s</summary>');
  expect(conversation).not.toContain('reefpilot:v1');
  const files = await page('/acme/pay/pull/1/files');
  expect(files.indexOf('Closes too late')).toBeGreaterThan(files.indexOf('+var X = 1'));
  const checks = await page('/acme/pay/pull/1/checks');
  expect(checks).toContain('<table>');
  expect(checks).toContain('Re-run');
  expect(checks).not.toContain('<b>raw</b>');
  expect(await page('/')).toContain('/acme/pay/pull/1');
});

it.each([
  ['<img src=x onerror=alert(1)>', '<img'],
  ['<a href="javascript:alert(1)">x</a>', '<a '],
  ['<details ontoggle=alert(1)>', '<details ontoggle'],
  ['<!-- a --><b onclick=x>', '<b onclick'],
  ['[x](data:text/html,hi)', 'href='],
  ['![x](https://example.com/t.png)', '<img'],
  ['`<b>`', '<b>'],
])('renders %s harmlessly', (markdown, forbidden) => {
  expect(renderMarkdown(markdown, null)).not.toContain(forbidden);
});
