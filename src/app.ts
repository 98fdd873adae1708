import type { ApplicationFunction } from 'probot';
import { CHECK_NAME, RERUN } from './github/checks.ts';
import { parseExternalId } from './github/external-id.ts';
import type { Hint, Where } from './reconcile/hint.ts';
import { parseTicks } from './review/markers.ts';

export interface AppOptions {
  readonly appId: number;
  readonly hint: (hint: Hint) => Promise<void>;
  /** Whether what was hinted at has to wait for its turn. */
  readonly waits: (hint: Hint) => boolean;
}

/** The part of every event of a repository that says where it happened. */
interface Somewhere {
  readonly installation?: { readonly id: number } | undefined;
  readonly repository: { readonly name: string; readonly owner: { readonly login: string } };
}

interface Commented extends Somewhere {
  readonly comment: { readonly body: string };
  readonly sender: { readonly type?: string };
}

/**
 * Turns events into hints and does nothing else: what an event says may be old, repeated, or out of order, so all that
 * is taken from it is what to look at. GitHub waits at most ten seconds for the answer.
 */
export function reefpilot({ appId, hint, waits }: AppOptions): ApplicationFunction {
  const pull = async (payload: Somewhere, number: number, sha?: string): Promise<void> => {
    const where = whereOf(payload);
    if (where === null) return;
    const asked: Hint = { kind: 'pull', ...where, number, fresh: false };
    await hint(asked);
    if (sha !== undefined && waits(asked)) await hint({ kind: 'announce', ...where, number, sha });
  };

  return (app) => {
    app.on(
      [
        'pull_request.opened',
        'pull_request.reopened',
        'pull_request.synchronize',
        'pull_request.ready_for_review',
        'pull_request.converted_to_draft',
        'pull_request.closed',
      ],
      ({ payload: { pull_request: its, ...payload } }) =>
        pull(payload, its.number, its.state === 'open' ? its.head.sha : undefined),
    );
    // Another base is another diff, without a push.
    app.on('pull_request.edited', async ({ payload }) => {
      if (payload.changes.base !== undefined) await pull(payload, payload.pull_request.number);
    });
    // Only what is created: an edited comment may hold words that its author never wrote.
    app.on('issue_comment.created', async ({ payload }) => {
      if (payload.issue.pull_request && isCommand(payload)) await pull(payload, payload.issue.number);
    });
    // Who has ticked a box of our checklist is known to this event alone.
    app.on('issue_comment.edited', async ({ payload }) => {
      const where = whereOf(payload);
      const isOurs = payload.comment.performed_via_github_app?.id === appId;
      if (where === null || !payload.issue.pull_request || !isOurs || payload.sender.type === 'Bot') return;
      const before = parseTicks(payload.changes.body?.from ?? '');
      const keys = [...parseTicks(payload.comment.body)].filter((key) => !before.has(key));
      const ticks = keys.length === 0 ? [] : [{ by: payload.sender.login, keys }];
      // Without a new tick as well: one that was taken back may have held the check.
      await hint({ kind: 'pull', ...where, number: payload.issue.number, fresh: false, ticks });
    });
    app.on('pull_request_review_comment.created', async ({ payload }) => {
      if (isCommand(payload)) await pull(payload, payload.pull_request.number);
    });
    app.on(['check_run.rerequested', 'check_run.requested_action'], async ({ payload }) => {
      const { check_run: run } = payload;
      if (run.app?.id !== appId || run.name !== CHECK_NAME) return;
      if ('requested_action' in payload && payload.requested_action?.identifier !== RERUN.identifier) return;
      const where = whereOf(payload);
      if (where !== null) await hint(rerun(where, run.external_id ?? '', run.head_sha));
    });
    app.on('check_suite.rerequested', async ({ payload }) => {
      const where = whereOf(payload);
      if (payload.check_suite.app.id !== appId || where === null) return;
      // The suite of a fork's commit does not name its pull requests, so they are always asked for.
      await hint({ kind: 'commit', ...where, sha: payload.check_suite.head_sha, fresh: true });
    });
    app.on('merge_group.checks_requested', async ({ payload }) => {
      const where = payload.repository ? whereOf({ ...payload, repository: payload.repository }) : null;
      if (where === null) return;
      const {
        head_sha: headSha,
        head_ref: headRef,
        base_sha: baseSha,
        base_ref: baseRef,
      } = payload.merge_group;
      await hint({ kind: 'group', ...where, headSha, headRef, baseSha, baseRef, fresh: false });
    });
    // A check can be made a required one only after it has been seen, so the open pull requests get theirs now.
    app.on(
      [
        'installation.created',
        'installation.unsuspend',
        'installation.new_permissions_accepted',
        'installation_repositories.added',
      ],
      ({ payload }) => hint({ kind: 'installation', installationId: payload.installation.id }),
    );
  };
}

/** Null for an event that came by a repository's own webhook: there is nobody to act as. */
function whereOf({ installation, repository }: Somewhere): Where | null {
  if (installation === undefined) return null;
  return { installationId: installation.id, owner: repository.owner.login, name: repository.name };
}

/** A cheap look; the grammar decides later. Bots never command: two of them could keep each other busy. */
function isCommand({ comment, sender }: Commented): boolean {
  return sender.type !== 'Bot' && comment.body.includes('/reef');
}

/** Our run says what it was about; one that does not is looked up by its commit. */
function rerun(where: Where, externalId: string, sha: string): Hint {
  const target = parseExternalId(externalId);
  if (target?.kind === 'pull') return { kind: 'pull', ...where, number: target.number, fresh: true };
  if (target?.kind === 'group') {
    const { headRef, base: baseSha, baseRef } = target;
    return { kind: 'group', ...where, headSha: target.sha, headRef, baseSha, baseRef, fresh: true };
  }
  return { kind: 'commit', ...where, sha, fresh: true };
}
