import { describe, expect, it } from 'vitest';
import type { IssueComment, ReviewComment } from '../github/index.ts';
import { open, shown, world } from './harness.ts';
import { goFile } from './verdict.ts';

const LEAKY = { 'pay.go': goFile('safe("a")', 'leak("x")') };

function acks(comment: IssueComment | ReviewComment): readonly string[] {
  return comment.reactions.filter((r) => r.user.login === 'reefpilot[bot]').map((r) => r.content);
}

async function reviewed() {
  const at = await world();
  at.repo.state.roles.set('maria', 'write');
  const service = await at.start();
  const pull = open(at.repo, LEAKY);
  await at.settle(service);
  return { ...at, service, pull };
}

describe('/reef rescan', () => {
  it('makes a new run for whoever may, and says when it is done', async () => {
    const { repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'maria', '/reef rescan');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
    expect(shown(repo, pull)).toEqual({
      checks: ['failure', 'failure'],
      reviews: 1,
      threads: ['pay.go:5'],
      comments: 1,
    });
  });

  it('is there for the author, whatever their role', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'dev', 'please\n\n/reef rescan\n');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
    expect(github.requests.some((r) => r.route.includes('/collaborators/'))).toBe(false);
  });

  it('is refused to strangers, politely and once', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'stranger', '/reef rescan');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'confused']);
    expect(shown(repo, pull).checks).toEqual(['failure']);
    expect(shown(repo, pull).comments).toBe(2);
    expect(pull.comments.at(-1)?.body).toContain('was not run');
    for (const d of github.webhooks.deliveries.filter((one) => one.event === 'issue_comment')) {
      github.webhooks.redeliver(d.id);
    }
    await settle(service);
    expect(shown(repo, pull).comments).toBe(2);
  });

  it('is refused when GitHub does not say who somebody is', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    github.faults.on('GET /repos/{owner}/{repo}/collaborators/{username}/permission', { status: 404 });
    const comment = repo.comment(pull, 'maria', '/reef rescan');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'confused']);
  });

  it('works from a review thread as well', async () => {
    const { repo, pull, service, settle } = await reviewed();
    const [thread] = pull.threads;
    if (thread === undefined) throw new Error('no thread');
    const comment = repo.reply(thread, 'maria', '/reef rescan');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
    expect(shown(repo, pull).checks.length).toBe(2);
  });
});

describe('/reef help', () => {
  it('is answered once, also when the process dies before it has said so', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    // The reply gets through; the reaction that records it does not.
    const fault = github.faults.on('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
      nth: 2,
      disconnect: true,
    });
    const comment = repo.comment(pull, 'stranger', '/reef help');
    await settle(service);
    expect(fault.hits).toBe(1);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
    const replies = pull.comments.filter((c) => c.body.includes('/reef rescan') && c.author.kind === 'Bot');
    expect(replies.length).toBe(1);
  });
});

describe('what is no command', () => {
  it.each([
    ['a quotation', '> /reef rescan'],
    ['code', '```\n/reef rescan\n```'],
    ['a mention in a sentence', 'try /reef rescan some time'],
  ])('is left without an answer: %s', async (_, body) => {
    const { repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'maria', body);
    await settle(service);
    expect(comment.reactions).toEqual([]);
    expect(shown(repo, pull)).toMatchObject({ checks: ['failure'], comments: 1 });
  });

  it('is a comment of another bot', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    github.requests.length = 0;
    const comment = repo.comment(pull, 'other[bot]', '/reef rescan');
    await settle(service);
    expect(comment.reactions).toEqual([]);
    expect(github.requests).toEqual([]);
  });

  it('is what a comment was edited to', async () => {
    const { repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'dev', 'looks good');
    repo.edit(comment, 'maria', '/reef rescan');
    await settle(service);
    await service.sweep();
    repo.push('topic', { files: { 'pay.go': goFile('safe("a")') } });
    await settle(service);
    expect(comment.reactions).toEqual([]);
  });
});

describe('a command whose event was lost', () => {
  it('is answered by the next pass', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    github.webhooks.dropNext();
    const comment = repo.comment(pull, 'maria', '/reef help');
    await settle(service);
    expect(acks(comment)).toEqual([]);
    repo.push('topic', { files: { 'pay.go': goFile('safe("a")') } });
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
  });
});

describe('a rescan of a head that has no check yet', () => {
  it('needs one run, not two', async () => {
    const { github, repo, pull, service, settle } = await reviewed();
    github.webhooks.dropNext();
    const comment = repo.comment(pull, 'maria', '/reef rescan');
    repo.push('topic', { files: { 'pay.go': goFile('safe("a")') } });
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'rocket']);
    expect(shown(repo, pull).checks).toEqual(['success']);
  });
});

describe('mistyped commands', () => {
  it('get one answer that says what would have been right', async () => {
    const { repo, pull, service, settle } = await reviewed();
    const comment = repo.comment(pull, 'maria', '/reef recsan\n/reef');
    await settle(service);
    expect(acks(comment)).toEqual(['eyes', 'confused']);
    expect(pull.comments.at(-1)?.body).toContain('rescan');
    expect(shown(repo, pull).comments).toBe(2);
  });
});
