import type { PendingCommand } from '../review/model.ts';
import { PER_PAGE } from './limits.ts';
import { ONCE } from './octokit.ts';
import { at, type Repo, write } from './repo.ts';
import { explain, statusOf } from './trouble.ts';

/** 👀 while it is worked on, 🚀 when done, 😕 when it was refused or not understood. The last two end it. */
export type Ack = 'eyes' | 'rocket' | 'confused';

/** What GitHub says somebody may do in a repository. */
export interface Access {
  readonly permission: string;
  readonly role: string;
}

/**
 * Whether we have answered a comment for good. The reaction is the record: it survives us, and it is where people look.
 * Over GraphQL a reaction of a bot has no user, so this is REST.
 */
export async function isAnswered(repo: Repo, command: PendingCommand): Promise<boolean> {
  const fact = `answered:${repo.owner}/${repo.name}:${command.kind}:${command.databaseId}`;
  if (repo.caches.facts.get(fact)) return true;
  const where = { ...at(repo), comment_id: command.databaseId, per_page: PER_PAGE };
  const { data } = await (command.kind === 'issue_comment'
    ? repo.client.rest.reactions.listForIssueComment(where)
    : repo.client.rest.reactions.listForPullRequestReviewComment(where));
  const isAnswer = data.some(
    ({ user, content }) => user?.login === repo.app.login && (content === 'rocket' || content === 'confused'),
  );
  if (isAnswer) repo.caches.facts.set(fact, true);
  return isAnswer;
}

/** Reacting twice is reacting once, so this one is safe to repeat. A comment that is gone needs no reaction. */
export async function react(repo: Repo, command: PendingCommand, content: Ack): Promise<void> {
  const where = { ...at(repo), comment_id: command.databaseId, content, request: ONCE };
  try {
    await write<unknown>(repo, () =>
      command.kind === 'issue_comment'
        ? repo.client.rest.reactions.createForIssueComment(where)
        : repo.client.rest.reactions.createForPullRequestReviewComment(where),
    );
  } catch (error) {
    const kind = explain(error)?.kind;
    if (kind !== 'gone' && kind !== 'forbidden' && statusOf(error) !== 422) throw error;
    repo.log.warn({ err: error, comment: command.databaseId }, 'could not react to a command');
  }
}

/**
 * Fails closed: whatever is not a clear answer is no permission. `author_association` is never used, it shows private
 * members of an organisation as strangers.
 * @throws Trouble `rate-limited` or `retry`: those say nothing about the person.
 */
export async function accessOf(repo: Repo, login: string): Promise<Access> {
  try {
    const { data } = await repo.client.rest.repos.getCollaboratorPermissionLevel({
      ...at(repo),
      username: login,
    });
    return { permission: data.permission, role: data.role_name };
  } catch (error) {
    const trouble = explain(error);
    if (trouble?.kind === 'rate-limited' || trouble?.kind === 'retry') throw trouble;
    return { permission: 'none', role: 'none' };
  }
}
