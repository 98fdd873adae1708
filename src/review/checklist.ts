import type { ChecklistLine, Language, Verdict } from '../engine/verdict.ts';
import type { AttestItem } from './attest.ts';
import { codeSpan, safeInline } from './escape.ts';
import { deltaOf, nextState } from './fate.ts';
import { MAX_COMMENT_CHARS } from './limits.ts';
import type { Links } from './links.ts';
import {
  compareFindings,
  evidenceItem,
  findingItem,
  folded,
  ledgerItem,
  shownGroups,
  siteCount,
  stateIcon,
  unreadEntries,
} from './lists.ts';
import { parseMarkers, renderMarker, type StickyState } from './markers.ts';
import type { DecideOptions, Plan } from './model.ts';
import { introducedOf, titleOf } from './title.ts';
import { GROUP_NAMES, say, WITHHELD_NAMES } from './words.ts';

export interface ChecklistInput {
  readonly verdict: Verdict;
  readonly headSha: string;
  readonly withheld: Plan['withheld'];
  readonly links: Links;
  readonly language: Language;
  readonly failOn: DecideOptions['failOn'];
  /** The sticky comment as it is now: its state makes the delta. */
  readonly previous: string | null;
  readonly attest: readonly AttestItem[];
  readonly attestMarker: (item: AttestItem) => string;
}

/** How many entries each list may have; the next size is tried when the comment would be too long. */
const SIZES = [40, 15, 5, 1, 0] as const;

/** The sticky comment: the checklist with the evidence behind it. */
export function checklistBody(input: ChecklistInput): string {
  const previous = stateIn(input.previous);
  const state = nextState(previous, input.verdict, input.headSha);
  const marker = renderMarker({ kind: 'sticky', state });
  const bodies = SIZES.map((size) => () => [...render(input, state, size), '', marker].join('\n'));
  for (const body of bodies) {
    const text = body();
    if (text.length <= MAX_COMMENT_CHARS) return text;
  }
  // Only the state itself can still be too long; without it the next push has no delta, but there is a comment.
  return [...render(input, state, 0), '', renderMarker({ kind: 'sticky', state: null })].join('\n');
}

/** The remembered state of a sticky comment; null when the text is no sticky comment or remembers nothing. */
function stateIn(body: string | null): StickyState | null {
  const markers = body === null ? [] : parseMarkers(body);
  return markers.find((marker) => marker.kind === 'sticky')?.state ?? null;
}

function render(input: ChecklistInput, state: StickyState | null, size: number): readonly string[] {
  const { verdict, language, links, headSha } = input;
  const title = `### Reefpilot: ${titleOf(verdict, language, input.failOn, input.attest)}`;
  const delta = deltaOf(state, verdict);
  const facts = [say(language, 'reviewed', { commit: links.commit(headSha) })];
  if (delta) facts.push(say(language, 'delta', { ...delta }));
  const incomplete = verdict.conclusion === 'incomplete' ? ['', say(language, 'incomplete')] : [];
  const shrunk = size < SIZES[0] ? ['', say(language, 'shrunk')] : [];
  const groups = shownGroups(verdict).flatMap((line) => groupLines(line, input, size));
  const sections = [
    attestLines(input, size),
    withheldLines(input, size),
    earlierLines(input, size),
    ledgerLines(input, size),
  ];
  const rest = sections.flatMap((section) => (section.length > 0 ? ['', ...section] : []));
  return [title, '', facts.join(' '), ...incomplete, ...shrunk, '', ...groups, ...rest];
}

function groupLines(line: ChecklistLine, input: ChecklistInput, size: number): readonly string[] {
  const { verdict, language, links } = input;
  const name = GROUP_NAMES[line.group][language];
  const counts =
    siteCount(line) === 0
      ? say(language, 'countsNone')
      : say(language, 'counts', {
          met: line.met,
          violated: line.violated,
          unknown: line.unknown,
          waived: line.waived,
        });
  const findings = introducedOf(verdict)
    .filter((finding) => finding.group === line.group)
    .sort(compareFindings)
    .map((finding) => `  - ${findingItem(finding, links)}`);
  const evidence = verdict.obligations
    .filter((obligation) => obligation.group === line.group && obligation.verdict === 'met')
    .map((obligation) => `- ${evidenceItem(obligation, links)}`);
  const proof =
    evidence.length > 0 && size > 0
      ? folded(say(language, 'evidence', { n: evidence.length }), first(evidence, size, '- ', language)).map(
          (text) => (text === '' ? '' : `  ${text}`),
        )
      : [];
  return [
    `- ${stateIcon(line)} **${name}**: ${counts}`,
    ...first(findings, size, '  - ', language),
    ...(proof.length > 0 ? ['', ...proof] : []),
  ];
}

/** Task boxes for what no analysis can vouch for. */
function attestLines(input: ChecklistInput, size: number): readonly string[] {
  const { attest, language } = input;
  if (attest.length === 0) return [];
  const items = attest.map((item) => attestBox(item, input));
  return [
    `**${say(language, 'attest')}**`,
    '',
    ...first(items, size, '- ', language),
    '',
    say(language, 'attestHow'),
  ];
}

/** A box that somebody has ticked who may not, or that was ticked while we were away, comes out open again. */
function attestBox(item: AttestItem, { language, links, attestMarker }: ChecklistInput): string {
  const { obligation, by } = item;
  const text = safeInline(obligation.evidence.text, 240);
  const what = say(language, obligation.verdict === 'waived' ? 'attestWaived' : 'attestUnknown', { text });
  const box = by === null ? '[ ]' : '[x]';
  const who = by === null ? '' : ` ${say(language, 'attestedBy', { login: codeSpan(by) })}`;
  return `- ${box} ${links.site(obligation)} ${codeSpan(obligation.rule)} ${what}${who} ${attestMarker(item)}`;
}

/** What the change touches and has not brought along: nobody is asked to mend it here, and everybody may know. */
function earlierLines(input: ChecklistInput, size: number): readonly string[] {
  const { verdict, language, links } = input;
  const touched = new Set(
    verdict.obligations.flatMap((o) => (o.verdict === 'violated' ? [o.fingerprint] : [])),
  );
  const items = verdict.findings
    .filter((finding) => !finding.introduced && touched.has(finding.fingerprint))
    .sort(compareFindings)
    .map((finding) => `- ${findingItem(finding, links)}`);
  if (items.length === 0) return [];
  return folded(say(language, 'alreadyThere', { n: items.length }), first(items, size, '- ', language));
}

function withheldLines(input: ChecklistInput, size: number): readonly string[] {
  const { language, links } = input;
  // What is not new, or only information, is no comment that somebody would miss.
  const missed = input.withheld.filter(
    ({ because }) => because !== 'already-there' && because !== 'below-threshold',
  );
  if (missed.length === 0) return [];
  const items = missed.map(
    ({ finding, because }) =>
      `- ${links.site(finding)} ${codeSpan(finding.rule)}: ${WITHHELD_NAMES[because][language]}`,
  );
  return [`**${say(language, 'withheld')}**`, '', ...first(items, size, '- ', language)];
}

function ledgerLines(input: ChecklistInput, size: number): readonly string[] {
  const { verdict, language } = input;
  const items = unreadEntries(verdict).map((entry) => `- ${ledgerItem(entry, language)}`);
  if (items.length === 0) return [];
  return folded(say(language, 'ledger', { n: items.length }), first(items, size, '- ', language));
}

/** The first `size` items, then how many more there are. */
function first(
  items: readonly string[],
  size: number,
  bullet: string,
  language: Language,
): readonly string[] {
  if (items.length <= size) return items;
  return [...items.slice(0, size), `${bullet}${say(language, 'more', { n: items.length - size })}`];
}
