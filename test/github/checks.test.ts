import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure, openScene, type Scene } from './testing.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(async () => {
  const { invalidResponses } = scene.github;
  await scene.github.close();
  expect(invalidResponses).toEqual([]);
});

const annotation = {
  path: 'pay/new.go',
  start_line: 1,
  end_line: 1,
  annotation_level: 'warning' as const,
  message: 'm',
};
const output = { title: 't', summary: 's' };

function create(more: object = {}) {
  return scene.octokit.rest.checks.create({
    ...scene.at,
    name: 'reefpilot',
    head_sha: scene.pull.headSha,
    ...more,
  });
}

it('goes from in progress to concluded and collects annotations', async () => {
  const { octokit, at, repo, pull, github } = scene;
  repo.requireChecks({ context: 'reefpilot', appId: github.app.id });
  const { data: run } = await create({ status: 'in_progress', external_id: 'job-1' });
  expect(run).toMatchObject({
    status: 'in_progress',
    conclusion: null,
    external_id: 'job-1',
    pull_requests: [{ number: 1 }],
  });
  expect(repo.isMergeable(pull.headSha)).toBe(false);
  const update = { ...at, check_run_id: run.id };
  await octokit.rest.checks.update({
    ...update,
    output: { ...output, annotations: Array(50).fill(annotation) },
  });
  await octokit.rest.checks.update({
    ...update,
    conclusion: 'success',
    output: { ...output, annotations: [annotation] },
  });
  expect(repo.checkRuns()).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
  expect(repo.checkRuns()[0]?.annotations).toHaveLength(51);
  expect(repo.isMergeable(pull.headSha)).toBe(true);
  expect(github.violations).toEqual([]);
});

it('lists the latest run of a name, or all', async () => {
  const { octokit, at, pull, github } = scene;
  const first = await create({ conclusion: 'failure' });
  const second = await create({ status: 'queued' });
  const query = { ...at, ref: pull.headSha, check_name: 'reefpilot', app_id: github.app.id };
  const latest = await octokit.rest.checks.listForRef({ ...query, filter: 'latest' });
  expect(latest.data.check_runs.map((run) => run.id)).toEqual([second.data.id]);
  const all = await octokit.rest.checks.listForRef({ ...query, filter: 'all' });
  expect(all.data.check_runs.map((run) => run.id)).toEqual([second.data.id, first.data.id]);
  expect((await octokit.rest.checks.listForRef({ ...query, check_name: 'other' })).data.total_count).toBe(0);
});

it.each([
  ['51 annotations', { output: { ...output, annotations: Array(51).fill(annotation) } }],
  ['a summary of 65,536 characters', { output: { ...output, summary: 'x'.repeat(65_536) } }],
  ['a text of 65,536 bytes in fewer characters', { output: { ...output, text: '界'.repeat(22_000) } }],
  [
    'an action label of 21 characters',
    { actions: [{ label: 'x'.repeat(21), description: 'd', identifier: 'i' }] },
  ],
  ['four actions', { actions: Array(4).fill({ label: 'l', description: 'd', identifier: 'i' }) }],
  ['completion without a conclusion', { status: 'completed' }],
  ['an unknown conclusion', { conclusion: 'fine' }],
  ['an unknown commit', { head_sha: 'c'.repeat(40) }],
  [
    'columns on several lines',
    { output: { ...output, annotations: [{ ...annotation, end_line: 2, start_column: 1 }] } },
  ],
])('refuses %s', async (_name, more) => {
  expect((await failure(create(more))).status).toBe(422);
  expect(scene.repo.checkRuns()).toEqual([]);
});
