import type { Finding, Language, Verdict } from '../engine/verdict.ts';
import { say } from '../engine/words.ts';
import { checklistLines, countFindings, ledgerNotices } from './summary.ts';
import { codeBlock, codeSpan, escapeMarkdown } from './text.ts';
import { CONCLUSION_WORDS, GROUP_WORDS, SEVERITY_WORDS, STATE_WORDS, STATUS_WORDS, WORDS } from './words.ts';

const MAX_PATHS = 20;

/** For job summaries, issues and mail. Everything that comes from the repository is escaped. */
export function toMarkdown(verdict: Verdict, options: { readonly language: Language }): string {
  const { language } = options;
  const head = `**${escapeMarkdown(countFindings(verdict, language))}** ${CONCLUSION_WORDS[verdict.conclusion][language]}`;
  const blocks = [`## Reefpilot\n\n${head}`];
  let path: string | null = null;
  for (const finding of verdict.findings) {
    if (finding.path !== path) {
      path = finding.path;
      blocks.push(`### ${codeSpan(path)}`);
    }
    blocks.push(findingBlock(finding, language));
  }
  blocks.push(...checklist(verdict, language), ...ledger(verdict, language));
  return `${blocks.join('\n\n')}\n`;
}

function findingBlock(f: Finding, language: Language): string {
  const where = f.function === '' ? '' : ` ${codeSpan(f.function)}`;
  const out = [
    `- **${SEVERITY_WORDS[f.severity][language]}** \`${f.rule}\` ${f.path === '' ? '' : codeSpan(`${f.path}:${f.line}`)}${where}  `,
    `  ${escapeMarkdown(f.message)}`,
  ];
  for (const step of f.trace)
    out.push(`  - ${codeSpan(`${step.path}:${step.line}`)} ${escapeMarkdown(step.label)}`);
  if (f.removed !== undefined) {
    const { path, line } = f.removed;
    out.push(`  - ${codeSpan(`${path}:${line}`)} (${WORDS.atBase[language]}) ${WORDS.removed[language]}`);
  }
  if (f.suggestion !== undefined) {
    out.push('', indent(codeBlock(f.suggestion.lines, 'go')));
  }
  return out.join('\n');
}

function indent(block: string): string {
  return block.replace(/^/gm, '  ');
}

function checklist(verdict: Verdict, language: Language): readonly string[] {
  const lines = checklistLines(verdict);
  if (lines.length === 0) return [];
  const columns = (['group', 'met', 'violated', 'unknown', 'waived', 'state'] as const).map(
    (w) => WORDS[w][language],
  );
  const rows = lines.map((l) =>
    [
      GROUP_WORDS[l.group][language],
      l.met,
      l.violated,
      l.unknown,
      l.waived,
      STATE_WORDS[l.state][language],
    ].join(' | '),
  );
  const table = [columns.join(' | '), columns.map(() => '---').join(' | '), ...rows];
  return [`### ${WORDS.checklist[language]}`, table.map((row) => `| ${row} |`).join('\n')];
}

function ledger(verdict: Verdict, language: Language): readonly string[] {
  const notices = ledgerNotices(verdict);
  if (notices.length === 0) return [];
  const items = notices.map(({ status, reason, paths }) => {
    const listed = paths.slice(0, MAX_PATHS).map(codeSpan);
    const rest = paths.length - listed.length;
    if (rest > 0) listed.push(say(WORDS.andMore, language, { count: rest }));
    const why = reason === '' ? '' : ` (${escapeMarkdown(reason)})`;
    return `- ${STATUS_WORDS[status][language]}${why}: ${listed.join(', ')}`;
  });
  return [`### ${WORDS.notAnalysed[language]}`, items.join('\n')];
}
