import type { Finding, Language, Suggestion, TraceStep } from '../engine/verdict.ts';
import { codeSpan, safeInline } from './escape.ts';
import { joinWithin } from './limits.ts';
import type { Links } from './links.ts';
import { folded } from './lists.ts';
import { keyOf, renderMarker } from './markers.ts';
import type { Placement } from './model.ts';
import { carriesSuggestion } from './place.ts';
import { SEVERITY_ICONS, SEVERITY_NAMES, say } from './words.ts';

/** What every comment on one pull request shares. */
export interface CommentContext {
  readonly language: Language;
  readonly links: Links;
  readonly headSha: string;
  readonly suggestions: boolean;
}

/** More than so many new findings of one rule become one comment. */
export const GROUP_ABOVE = 3;

/** A comment that needs scrolling is not read: what is longer gets folded. */
const MAX_UNFOLDED_LINES = 12;

const MAX_TRACE_STEPS = 6;

/** Larger replacements are no quick fix, and one click commits them. */
const MAX_SUGGESTION_CHARS = 4000;

/** A group's folded list shares its comment with the marker that names all of the group. */
const MAX_LIST_BYTES = 20_000;

/**
 * The Markdown below a finding's place. Several findings are those of one rule, the first of them at the place;
 * `earlier` is the address of a thread in which the same was reported and fixed before.
 */
export function commentBody(
  findings: readonly [Finding, ...Finding[]],
  placement: Placement,
  context: CommentContext,
  earlier: string | null,
): string {
  const [first, ...others] = findings;
  const { language } = context;
  const head = [...headline(first, others.length, language), ...remarks(first, placement, context, earlier)];
  const trace = first.trace.length > 0 || first.removed ? ['', traceLine(first, context)] : [];
  const foot = [footer(first, context)];
  const room = MAX_UNFOLDED_LINES - head.length - trace.length - foot.length - 2;
  const extra =
    others.length > 0 ? otherSites(others, room, context) : suggestionLines(first, placement, context, room);
  const marker = renderMarker({
    kind: 'finding',
    at: placement.kind === 'file' ? 'file' : 'line',
    head: context.headSha,
    keys: findings.map((finding) => keyOf(finding.fingerprint)),
  });
  const middle = extra.length > 0 ? ['', ...extra] : [];
  return [...head, ...trace, ...middle, '', ...foot, marker].join('\n');
}

function headline(first: Finding, others: number, language: Language): readonly string[] {
  const severity = `${SEVERITY_ICONS[first.severity]} **${SEVERITY_NAMES[first.severity][language]}**`;
  const rule = codeSpan(first.rule);
  const message = safeInline(first.message);
  if (others === 0) return [`${severity} ${rule}: ${message}`];
  return [`${severity} ${say(language, 'grouped', { n: others + 1, rule })}`, message];
}

/** Sentences about the place itself: when the anchor is not the site, the text has to name the true line. */
function remarks(
  finding: Finding,
  placement: Placement,
  { language, links }: CommentContext,
  earlier: string | null,
): readonly string[] {
  const lines: string[] = [];
  const link = links.site(finding);
  if (placement.kind === 'line' && placement.side === 'LEFT') {
    lines.push(say(language, 'safeguard', { link }));
  } else if (placement.kind === 'line' && !placement.exact && carriesSuggestion(finding, placement)) {
    lines.push(say(language, 'fixHere', { link }));
  } else if (placement.kind !== 'line' || !placement.exact) {
    lines.push(say(language, 'aboutLine', { link }));
  }
  if (earlier !== null && /^https?:\/\/[^\s()<>]+$/.test(earlier)) {
    lines.push(say(language, 'again', { url: earlier }));
  }
  return lines;
}

function traceLine(finding: Finding, { language, links }: CommentContext): string {
  const { trace, removed } = finding;
  const shown = trace.length > MAX_TRACE_STEPS ? [...trace.slice(0, 3), null, ...trace.slice(-2)] : trace;
  const steps = shown.map((step) => (step === null ? '…' : traceStep(step, finding.path, links)));
  // What used to discharge the obligation, on the other side of the diff.
  const deleted = removed ? [`${links.lineBefore(removed)} ${say(language, 'deletedBefore')}`] : [];
  return `${say(language, 'trace')}: ${[steps.join(' → '), ...deleted].filter((part) => part !== '').join(' · ')}`;
}

function traceStep(step: TraceStep, path: string, links: Links): string {
  return `${step.path === path ? links.line(step) : links.site(step)} ${safeInline(step.label, 100)}`;
}

function suggestionLines(
  finding: Finding,
  placement: Placement,
  context: CommentContext,
  room: number,
): readonly string[] {
  const { suggestion } = finding;
  const wanted = context.suggestions && suggestion && carriesSuggestion(finding, placement);
  if (!wanted || !isHarmless(suggestion)) return [];
  const block = suggestionBlock(suggestion);
  if (block.length <= room) return block;
  const summary = say(context.language, 'suggestionFolded', { n: suggestion.lines.length });
  return folded(summary, block);
}

/** One click commits a suggestion, so nothing in it may be invisible; it is not rewritten but left out. */
function isHarmless(suggestion: Suggestion): boolean {
  const text = suggestion.lines.join('');
  return text.length <= MAX_SUGGESTION_CHARS && !/[^\P{Cc}\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text);
}

function suggestionBlock(suggestion: Suggestion): readonly string[] {
  // Go's raw strings are written with backticks.
  const runs = suggestion.lines.flatMap((line) => Array.from(line.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [`${fence}suggestion`, ...suggestion.lines, fence];
}

/** The other sites of a group: as many as fit, the rest folded. */
function otherSites(others: readonly Finding[], room: number, context: CommentContext): readonly string[] {
  const { language, links } = context;
  const items = others.map((finding) => `- ${links.site(finding)} ${safeInline(finding.message, 160)}`);
  const title = say(language, 'alsoHere');
  if (items.length + 1 <= room) return [title, ...items];
  // The folded rest shows two lines.
  const shown = Math.max(0, room - 3);
  const rest = items.slice(shown);
  const list = joinWithin(rest, MAX_LIST_BYTES, (n) => `- ${say(language, 'more', { n })}`);
  return [title, ...items.slice(0, shown), ...folded(say(language, 'more', { n: rest.length }), [list])];
}

function footer(finding: Finding, { language, links }: CommentContext): string {
  const rule = finding.rule.replace(/[^\w./-]/g, '');
  const ignore = `//reef:ignore ${rule} -- ${say(language, 'ignoreReason')}`;
  const why = `[${say(language, 'why')}](${links.rule(finding)})`;
  return `${why} · ${say(language, 'commands', { ignore })}`;
}
