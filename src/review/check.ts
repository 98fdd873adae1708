import type { Finding, Language, Verdict } from '../engine/verdict.ts';
import { type AttestItem, unconfirmed } from './attest.ts';
import { clip, codeSpan, plainText, safeInline } from './escape.ts';
import { joinWithin, MAX_CHECK_BYTES, MAX_TITLE_CHARS } from './limits.ts';
import type { Links } from './links.ts';
import {
  compareFindings,
  evidenceItem,
  findingItem,
  ledgerItem,
  shownGroups,
  stateIcon,
  unreadEntries,
} from './lists.ts';
import type { Annotation, CheckOutcome, DecideOptions } from './model.ts';
import { introducedOf, titleOf } from './title.ts';
import { GROUP_NAMES, SEVERITY_NAMES, say } from './words.ts';

export interface CheckInput {
  readonly verdict: Verdict;
  readonly links: Links;
  readonly language: Language;
  readonly failOn: DecideOptions['failOn'];
  readonly notices: readonly string[];
  readonly attest: readonly AttestItem[];
}

/** Ten requests of 50, the number GitHub takes at a time. */
const MAX_ANNOTATIONS = 500;

/** Far below the documented 64 KB, and more than anybody reads. */
const MAX_ANNOTATION_CHARS = 4000;

/** The check run's conclusion with the words around it. */
export function checkOutcome(input: CheckInput): CheckOutcome {
  const { verdict, language } = input;
  const findings = [...introducedOf(verdict)].sort(compareFindings);
  const more = (n: number): string => `\n${say(language, 'more', { n })}`;
  return {
    conclusion: conclusionOf(verdict, input.attest),
    title: clip(titleOf(verdict, language, input.failOn, input.attest), MAX_TITLE_CHARS),
    summary: joinWithin(summaryLines(findings, input), MAX_CHECK_BYTES, more),
    text: joinWithin(textLines(findings.length, input), MAX_CHECK_BYTES, more),
    annotations: findings.slice(0, MAX_ANNOTATIONS).map((finding) => annotate(finding, language)),
  };
}

/**
 * An analysis that did not finish must not pass a required check: it fails closed, with words that blame us. Neither may
 * what the repository wants a person to confirm and nobody has.
 */
function conclusionOf(verdict: Verdict, attest: readonly AttestItem[]): CheckOutcome['conclusion'] {
  if (verdict.conclusion === 'incomplete' || unconfirmed(attest) > 0) return 'failure';
  return verdict.conclusion;
}

function summaryLines(
  findings: readonly Finding[],
  { verdict, links, language }: CheckInput,
): readonly string[] {
  const incomplete = verdict.conclusion === 'incomplete' ? [say(language, 'incomplete'), ''] : [];
  const items = findings.map((finding) => `- ${findingItem(finding, links)}`);
  const list = items.length > 0 ? ['', `#### ${say(language, 'findings')}`, '', ...items] : [];
  return [...incomplete, ...checklistTable(verdict, language), ...list];
}

function checklistTable(verdict: Verdict, language: Language): readonly string[] {
  const head = ['headerGroup', 'headerMet', 'headerViolated', 'headerUnknown', 'headerWaived'] as const;
  return [
    `| | ${head.map((key) => say(language, key)).join(' | ')} |`,
    '|---|---|--:|--:|--:|--:|',
    ...shownGroups(verdict).map(
      (line) =>
        `| ${stateIcon(line)} | ${GROUP_NAMES[line.group][language]} | ${line.met} | ${line.violated} | ${line.unknown} | ${line.waived} |`,
    ),
  ];
}

function textLines(findings: number, { verdict, links, language, notices }: CheckInput): readonly string[] {
  const unread = unreadEntries(verdict);
  const waived = verdict.obligations.filter((obligation) => obligation.verdict === 'waived');
  const noticeItems = notices.map((notice) => `- ${safeInline(notice, 1000)}`);
  if (findings > MAX_ANNOTATIONS) {
    noticeItems.push(`- ${say(language, 'annotationsCut', { n: findings - MAX_ANNOTATIONS })}`);
  }
  const read = unread.length > 0 ? [] : [say(language, 'allAnalysed', { n: verdict.ledger.length }), ''];
  return [
    ...section(say(language, 'notices'), noticeItems),
    ...section(
      say(language, 'ledger', { n: unread.length }),
      unread.map((entry) => `- ${ledgerItem(entry, language)}`),
    ),
    ...(verdict.ledger.length > 0 ? read : []),
    ...section(
      say(language, 'waivers'),
      waived.map((obligation) => `- ${evidenceItem(obligation, links)}`),
    ),
    `ruleset ${codeSpan(verdict.ruleset)} · head ${codeSpan(verdict.head)}`,
  ];
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length > 0 ? [`#### ${title}`, '', ...items, ''] : [];
}

/** Annotations are plain text: GitHub renders no Markdown in them. */
function annotate(finding: Finding, language: Language): Annotation {
  const trace = finding.trace.map((step) => {
    const place = step.path === finding.path ? `L${step.line}` : `${plainText(step.path, 200)}:${step.line}`;
    return `${place} ${plainText(step.label, 100)}`;
  });
  const path = trace.length > 0 ? `\n${say(language, 'trace')}: ${trace.join(' → ')}` : '';
  const level = ({ error: 'failure', warning: 'warning', info: 'notice' } as const)[finding.severity];
  return {
    path: finding.path,
    startLine: finding.line,
    endLine: Math.max(finding.line, finding.endLine),
    level,
    title: clip(
      `${SEVERITY_NAMES[finding.severity][language]}: ${plainText(finding.rule, 100)}`,
      MAX_TITLE_CHARS,
    ),
    message: clip(`${plainText(finding.message, 2000)}${path}`, MAX_ANNOTATION_CHARS),
  };
}
