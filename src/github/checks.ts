import { createHash } from 'node:crypto';
import type { Annotation, CheckOutcome, OwnCheck } from '../review/model.ts';
import { externalId } from './external-id.ts';
import {
  ANNOTATION_MESSAGE_BYTES,
  ANNOTATION_TITLE,
  ANNOTATIONS_PER_REQUEST,
  CHECK_TEXT_BYTES,
  clipBytes,
  PER_PAGE,
} from './limits.ts';
import { ONCE } from './octokit.ts';
import { at, type Repo, write } from './repo.ts';
import { statusOf } from './trouble.ts';

/** Never renamed and never with anything of a pull request in it: branch protection knows the check by this name. */
export const CHECK_NAME = 'reefpilot';

/** The button below a finished check. Its lengths are the documented maxima or less. */
export const RERUN = {
  label: 'Re-run',
  identifier: 'rerun',
  description: 'Review this commit again',
} as const;

/** What a check is about. Deterministic, so a pass after a crash finds the run of the one before. */
export interface CheckSubject {
  readonly headSha: string;
  readonly externalId: string;
  /** Buttons need a pull request: a merge group's run has none. */
  readonly actions: boolean;
}

export function pullSubject({ owner, name }: Repo, number: number, sha: string): CheckSubject {
  return { headSha: sha, externalId: externalId({ kind: 'pull', owner, name, number, sha }), actions: true };
}

/** A run on GitHub with what is needed to go on with it. */
export interface Run extends OwnCheck {
  /** Digest of the outcome it shows, or null. */
  readonly digest: string | null;
  /** Digest of what the outcome was worked out from, or null. */
  readonly input: string | null;
  readonly annotations: number;
}

export type Conclusion = CheckOutcome['conclusion'] | 'cancelled';
export interface Outcome extends Omit<CheckOutcome, 'conclusion'> {
  readonly conclusion: Conclusion;
}

/** All runs of ours on one commit, newest first, also those of other pull requests with the same head. */
export async function listRuns(repo: Repo, headSha: string): Promise<readonly Run[]> {
  const { data } = await repo.client.rest.checks.listForRef({
    ...at(repo),
    ref: headSha,
    check_name: CHECK_NAME,
    app_id: repo.app.id,
    filter: 'all',
    per_page: PER_PAGE,
  });
  return data.check_runs
    .map((run) =>
      runFrom({
        id: run.id,
        status: run.status,
        conclusion: run.conclusion,
        externalId: run.external_id,
        summary: run.output.summary,
        annotations: run.output.annotations_count,
      }),
    )
    .sort((a, b) => b.id - a.id);
}

/** A run as REST or GraphQL tell of it, in lower case. */
export function runFrom(raw: {
  readonly id: number;
  readonly status: string;
  readonly conclusion: string | null;
  readonly externalId: string | null;
  readonly summary: string | null;
  readonly annotations: number;
}): Run {
  const { id, status, conclusion, externalId, annotations } = raw;
  return {
    id,
    status: status === 'completed' || status === 'queued' ? status : 'in_progress',
    conclusion,
    externalId,
    digest: DIGEST.exec(raw.summary ?? '')?.[1] ?? null,
    input: DIGEST.exec(raw.summary ?? '')?.[2] ?? null,
    annotations,
  };
}

/**
 * Makes sure that the commit has a run for this subject: the check must show before any work is done, or the pull
 * request hangs at "Expected — Waiting for status to be reported" should we never get to it.
 * An unfinished run is continued. A finished one is kept, unless a fresh one was asked for.
 */
export async function ensureRun(
  repo: Repo,
  subject: CheckSubject,
  runs: readonly Run[],
  fresh: boolean,
): Promise<Run> {
  const newest = runs.find((run) => run.externalId === subject.externalId);
  if (newest !== undefined && (newest.status !== 'completed' || !fresh)) return newest;
  return newest === undefined
    ? firstRun(repo, subject, 'in_progress')
    : createRun(repo, subject, 'in_progress');
}

/** Says that a review is coming, where nothing says anything yet. */
export async function queueRun(repo: Repo, subject: CheckSubject, runs: readonly Run[]): Promise<void> {
  if (runs.some((run) => run.externalId === subject.externalId)) return;
  await firstRun(repo, subject, 'queued');
}

/** Two who have both seen no run make one: writes of an installation come one after the other. */
function firstRun(repo: Repo, subject: CheckSubject, status: 'queued' | 'in_progress'): Promise<Run> {
  return write(
    repo,
    async () => repo.caches.runs.get(subject.externalId) ?? (await postRun(repo, subject, status)),
  );
}

function createRun(repo: Repo, subject: CheckSubject, status: 'queued' | 'in_progress'): Promise<Run> {
  return write(repo, () => postRun(repo, subject, status));
}

async function postRun(repo: Repo, subject: CheckSubject, status: 'queued' | 'in_progress'): Promise<Run> {
  const { data } = await repo.client.rest.checks.create({
    ...at(repo),
    name: CHECK_NAME,
    head_sha: subject.headSha,
    external_id: subject.externalId,
    status,
    output:
      status === 'queued'
        ? { title: 'Waiting', summary: 'Other reviews come first.' }
        : { title: 'Reviewing', summary: 'The Go files of this change are being reviewed.' },
    request: ONCE,
  });
  const { externalId } = subject;
  const run: Run = {
    id: data.id,
    status,
    conclusion: null,
    externalId,
    digest: null,
    input: null,
    annotations: 0,
  };
  repo.caches.runs.set(externalId, run);
  return run;
}

/**
 * Shows the outcome, and remembers what it was worked out from (null: nothing was worked out); does nothing when the run shows it already.
 * Annotations are appended by GitHub, so a run that was left half way is continued where it stopped, and a finished
 * one that says something else is followed by a new run instead of being added to.
 */
export async function concludeRun(
  repo: Repo,
  subject: CheckSubject,
  run: Run,
  outcome: Outcome,
  input: string | null,
): Promise<void> {
  const digest = digestOf(outcome);
  if (run.status === 'completed' && run.digest === digest) return;
  const open = run.status === 'completed' ? await createRun(repo, subject, 'in_progress') : run;
  try {
    await show(repo, subject, open, outcome, { digest, input });
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    // Something in it is not to GitHub's liking. A check that says less is better than one that never ends.
    repo.log.error(
      { err: error, run: open.id },
      'the full outcome was refused, concluding with the short one',
    );
    await show(repo, subject, open, { ...outcome, annotations: [] }, { digest, input });
  }
}

async function show(
  repo: Repo,
  subject: CheckSubject,
  run: Run,
  outcome: Outcome,
  { digest, input }: Pick<Run, 'digest' | 'input'>,
): Promise<void> {
  const from = input === null ? '' : ` input=${input}`;
  const marker = `\n\n<!-- reefpilot:v1 outcome=${digest}${from} -->`;
  const output = {
    title: outcome.title,
    summary: clipBytes(outcome.summary, CHECK_TEXT_BYTES - marker.length) + marker,
    ...(outcome.text === '' ? {} : { text: clipBytes(outcome.text, CHECK_TEXT_BYTES) }),
  };
  const annotations = outcome.annotations.slice(run.annotations).map(annotation);
  const last =
    Math.max(0, Math.ceil(annotations.length / ANNOTATIONS_PER_REQUEST) - 1) * ANNOTATIONS_PER_REQUEST;
  const update = (batch: typeof annotations, more: object) =>
    write(repo, () =>
      repo.client.rest.checks.update({
        ...at(repo),
        check_run_id: run.id,
        ...more,
        output: { ...output, annotations: batch },
        request: ONCE,
      }),
    );
  for (let from = 0; from < last; from += ANNOTATIONS_PER_REQUEST) {
    await update(annotations.slice(from, from + ANNOTATIONS_PER_REQUEST), {});
  }
  await update(annotations.slice(last), {
    status: 'completed',
    conclusion: outcome.conclusion,
    ...(subject.actions ? { actions: [RERUN] } : {}),
  });
}

const DIGEST = /<!-- reefpilot:v1 outcome=([0-9a-f]+)(?: input=([0-9a-f]+))? -->/;

function digestOf(outcome: Outcome): string {
  const { conclusion, title, summary, text, annotations } = outcome;
  const said = JSON.stringify([conclusion, title, summary, text, annotations]);
  return createHash('sha256').update(said).digest('hex').slice(0, 16);
}

function annotation(from: Annotation) {
  return {
    path: from.path,
    start_line: from.startLine,
    end_line: from.endLine,
    annotation_level: from.level,
    title: from.title.slice(0, ANNOTATION_TITLE),
    message: clipBytes(from.message, ANNOTATION_MESSAGE_BYTES),
  };
}
