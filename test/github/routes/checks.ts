/** Check runs and suites. */
import { type Call, HttpError, input, type JsonObject, numberParam, ok, paginate, param } from '../http.ts';
import { latestRuns, showAnnotation, showCheckRun, showCheckSuite } from '../present-review.ts';
import type { Need, Route } from '../router.ts';
import type { Annotation, CheckRun, CheckStatus } from '../state.ts';
import { actor, commitOf, found, type Parts, repositoryOf } from './shared.ts';

const READ: Need = [['checks', 'read']];
const WRITE: Need = [['checks', 'write']];
const TEXT_BYTES = 65_535;
const ANNOTATION_BYTES = 65_536;
const TITLE_CHARACTERS = 255;

interface CheckInput {
  name?: string;
  head_sha?: string;
  details_url?: string;
  external_id?: string;
  status?: CheckStatus;
  conclusion?: string;
  started_at?: string;
  completed_at?: string;
  output?: { title?: string; summary: string; text?: string; annotations?: Annotation[] };
  actions?: CheckRun['actions'];
}

export function checkRoutes(parts: Parts): Route[] {
  const { world, show, app, events } = parts;
  return [
    {
      operation: 'POST /repos/{owner}/{repo}/check-runs',
      auth: 'installation',
      needs: WRITE,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const wanted = input<CheckInput>(call);
        const headSha = wanted.head_sha ?? '';
        if (!/^[0-9a-f]{40}$/.test(headSha) || repo.git.resolve(headSha) !== headSha) {
          throw new HttpError(422, `No commit found for SHA: ${headSha}`);
        }
        checkInput(wanted);
        const run: CheckRun = {
          kind: 'CheckRun',
          ...world.identify('CheckRun'),
          repo,
          suite: world.checkSuite(repo, headSha),
          appId: app.id,
          name: wanted.name ?? '',
          headSha,
          status: 'queued',
          conclusion: null,
          externalId: '',
          detailsUrl: null,
          startedAt: world.timestamp(),
          completedAt: null,
          output: { title: null, summary: null, text: null },
          annotations: [],
          actions: [],
        };
        repo.checkRuns.push(world.register(run));
        apply(parts, run, wanted);
        events.checkRun(run, 'created', actor(parts));
        if (run.status === 'completed') events.checkRun(run, 'completed', actor(parts));
        return { status: 201, body: showCheckRun(show, run) };
      },
    },
    {
      operation: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
      auth: 'installation',
      needs: WRITE,
      handle: (call) => {
        const run = runOf(parts, call);
        if (run.appId !== app.id)
          throw new HttpError(
            403,
            'Invalid app_id `1` - check run can only be modified by the GitHub App that created it.',
          );
        const wanted = input<CheckInput>(call);
        checkInput(wanted);
        const was = run.status;
        apply(parts, run, wanted);
        if (run.status === 'completed' && was !== 'completed')
          events.checkRun(run, 'completed', actor(parts));
        return ok(showCheckRun(show, run));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
      auth: 'installation',
      needs: READ,
      handle: (call) => ok(showCheckRun(show, runOf(parts, call))),
    },
    {
      operation: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
      auth: 'installation',
      needs: READ,
      handle: (call) => {
        const run = runOf(parts, call);
        return paginate(call, world.url, run.annotations, (annotation) =>
          showAnnotation(show, run, annotation),
        );
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      auth: 'installation',
      needs: READ,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const sha = commitOf(repo, param(call, 'ref'));
        const [name, status, appId] = ['check_name', 'status', 'app_id'].map((key) => call.query.get(key));
        let runs = repo.checkRuns.filter((run) => run.headSha === sha);
        if (name) runs = runs.filter((run) => run.name === name);
        if (appId) runs = runs.filter((run) => run.appId === Number(appId));
        if (call.query.get('filter') !== 'all') runs = latestRuns(runs);
        if (status) runs = runs.filter((run) => run.status === status);
        return counted(call, parts, 'check_runs', runs.reverse(), (run) => showCheckRun(show, run));
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/commits/{ref}/check-suites',
      auth: 'installation',
      needs: READ,
      handle: (call) => {
        const repo = repositoryOf(parts, call);
        const sha = commitOf(repo, param(call, 'ref'));
        const suites = repo.checkSuites.filter((suite) => suite.headSha === sha);
        return counted(call, parts, 'check_suites', suites, (suite) => showCheckSuite(show, suite));
      },
    },
  ];
}

function counted<T>(
  call: Call,
  { world }: Parts,
  key: string,
  items: readonly T[],
  show: (item: T) => JsonObject,
) {
  const page = paginate(call, world.url, items, show);
  return { ...page, body: { total_count: items.length, [key]: page.body } };
}

function runOf(parts: Parts, call: Call): CheckRun {
  return found(parts.world.checkRun(repositoryOf(parts, call), numberParam(call, 'check_run_id')));
}

/** Limits the published schema does not state, or states in characters where bytes count. */
function checkInput(wanted: CheckInput): void {
  const invalid = (message: string): HttpError => new HttpError(422, `Invalid request.\n\n${message}`);
  if (wanted.status === 'completed' && wanted.conclusion === undefined) {
    throw invalid('"conclusion" is required when "status" is "completed".');
  }
  if (wanted.conclusion === 'stale') throw invalid('"stale" can only be set by GitHub.');
  for (const [field, text] of [
    ['summary', wanted.output?.summary],
    ['text', wanted.output?.text],
  ]) {
    const bytes = Buffer.byteLength(text ?? '');
    if (bytes > TEXT_BYTES)
      throw invalid(`"${field}": only ${TEXT_BYTES} bytes are allowed; ${bytes} were supplied.`);
  }
  for (const annotation of wanted.output?.annotations ?? []) {
    const { start_line, end_line, start_column, end_column, message, raw_details, title } = annotation;
    if (start_line < 1 || end_line < start_line) throw invalid('"end_line" must not be before "start_line".');
    if (start_line !== end_line && (start_column !== undefined || end_column !== undefined)) {
      throw invalid('columns are only allowed when "start_line" and "end_line" are the same.');
    }
    if ((title ?? '').length > TITLE_CHARACTERS)
      throw invalid(`annotation titles have at most ${TITLE_CHARACTERS} characters.`);
    if (Math.max(Buffer.byteLength(message), Buffer.byteLength(raw_details ?? '')) > ANNOTATION_BYTES) {
      throw invalid('annotation messages have at most 64 KB.');
    }
  }
}

function apply({ world }: Parts, run: CheckRun, wanted: CheckInput): void {
  if (wanted.name !== undefined) run.name = wanted.name;
  if (wanted.details_url !== undefined) run.detailsUrl = wanted.details_url;
  if (wanted.external_id !== undefined) run.externalId = wanted.external_id;
  if (wanted.started_at !== undefined) run.startedAt = wanted.started_at;
  if (wanted.status !== undefined) run.status = wanted.status;
  if (wanted.conclusion !== undefined) {
    // Giving a conclusion completes the run, whatever status came with it.
    run.status = 'completed';
    run.conclusion = wanted.conclusion;
    run.completedAt = wanted.completed_at ?? world.timestamp();
  } else if (wanted.status !== undefined && wanted.status !== 'completed') {
    run.conclusion = null;
    run.completedAt = null;
  }
  if (wanted.output) {
    const { title, summary, text, annotations = [] } = wanted.output;
    run.output = { title: title ?? run.output.title, summary, text: text ?? null };
    run.annotations.push(...annotations);
  }
  if (wanted.actions) run.actions = wanted.actions;
}
