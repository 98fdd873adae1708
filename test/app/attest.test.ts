import { describe, expect, it } from 'vitest';
import { open, shown, world } from './harness.ts';
import { goFile } from './verdict.ts';

const DOUBTFUL = { 'new.go': goFile('doubt("n")') };

async function asked() {
  const at = await world();
  at.repo.commit({ branch: 'main', files: { '.github/reefpilot.yml': 'attest: [context]\n' } });
  at.repo.setPermission('kim', 'write');
  at.repo.setPermission('dev', 'write');
  at.repo.setPermission('passer-by', 'read');
  const service = await at.start();
  const pull = open(at.repo, DOUBTFUL);
  await at.settle(service);
  const sticky = () => {
    const [comment] = at.repo.comments(pull);
    if (comment === undefined) throw new Error('no checklist');
    return comment;
  };
  const tick = async (by: string, box = '[x]') => {
    at.repo.edit(sticky(), by, sticky().body.replace(/- \[.\]/, `- ${box}`));
    await at.settle(service);
  };
  return { ...at, service, pull, sticky, tick, conclusion: () => shown(at.repo, pull).checks.at(-1) };
}

describe('what only a person can confirm', () => {
  it('holds the check back until somebody does who may', async () => {
    const { conclusion, tick, sticky } = await asked();
    expect(conclusion()).toBe('failure');
    await tick('passer-by');
    expect(conclusion()).toBe('failure');
    expect(sticky().body).toContain('- [ ]');
    // The author of the change is not the one to ask.
    await tick('dev');
    expect(conclusion()).toBe('failure');
    await tick('kim');
    expect(conclusion()).toBe('success');
    expect(sticky().body).toContain('confirmed by `kim`');
  });

  it('stays confirmed over pushes that change something else, lapses with its code, and can be taken back', async () => {
    const { repo, service, settle, conclusion, tick } = await asked();
    await tick('kim');
    repo.push('topic', { files: { 'more.go': goFile('safe("m")') } });
    await settle(service);
    expect(conclusion()).toBe('success');
    await tick('kim', '[ ]');
    expect(conclusion()).toBe('failure');
    await tick('kim');
    expect(conclusion()).toBe('success');
    repo.push('topic', { files: { 'new.go': goFile('doubt("n")', 'safe("n")') } });
    await settle(service);
    expect(conclusion()).toBe('failure');
  });

  it('survives a pass that overwrites the comment before the event comes', async () => {
    const { github, repo, service, settle, conclusion, sticky } = await asked();
    github.webhooks.hold();
    repo.edit(sticky(), 'kim', sticky().body.replace('- [ ]', '- [x]'));
    repo.push('topic', { files: { 'more.go': goFile('safe("m")') } });
    github.webhooks.release('last-in-first-out');
    await settle(service);
    expect(conclusion()).toBe('success');
  });

  it('holds in the merge queue too', async () => {
    const { repo, service, settle, pull, tick } = await asked();
    await tick('kim');
    repo.commit({ branch: 'main', files: { 'pay.go': goFile('safe("other")') } });
    const group = repo.mergeGroup(pull);
    await settle(service);
    expect(repo.checkRuns(group.headSha).map((run) => run.conclusion)).toEqual(['success']);
  });
});
