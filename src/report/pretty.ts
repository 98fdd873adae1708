import type { Finding, Language, Severity, Verdict } from '../engine/verdict.ts';
import { say } from '../engine/words.ts';
import { type Colours, coloursFor, type Paint } from './colours.ts';
import { codeFrame } from './frame.ts';
import { checklistLines, countFiles, countFindings, ledgerNotices } from './summary.ts';
import { printable } from './text.ts';
import { CONCLUSION_WORDS, GROUP_WORDS, SEVERITY_WORDS, STATE_WORDS, STATUS_WORDS, WORDS } from './words.ts';

export interface PrettyOptions {
  readonly language: Language;
  readonly colour: boolean;
}

/** How many paths of one reason are listed before the rest is counted. */
const MAX_PATHS = 5;

/** For people at a terminal. `sources` are texts by path for the code frames; findings without one have no frame. */
export function toPretty(
  verdict: Verdict,
  sources: ReadonlyMap<string, string>,
  options: PrettyOptions,
): string {
  const colours = coloursFor(options.colour);
  const blocks: string[] = [];
  let path: string | null = null;
  let lines: readonly string[] = [];
  for (const finding of verdict.findings) {
    if (finding.path !== path) {
      path = finding.path;
      lines = sources.get(path)?.split('\n') ?? [];
      blocks.push(colours.bold(printable(path)));
    }
    blocks.push(findingBlock(finding, lines, options, colours));
  }
  blocks.push(summary(verdict, options.language, colours));
  return `${blocks.join('\n\n')}\n`;
}

function findingBlock(f: Finding, source: readonly string[], o: PrettyOptions, c: Colours): string {
  const severity = paint(f.severity, c)(SEVERITY_WORDS[f.severity][o.language]);
  const where = f.function === '' ? '' : c.dim(` ${printable(f.function)}`);
  const out = [
    `  ${f.line}:${f.column}  ${severity}  ${c.bold(f.rule)}${where}`,
    `  ${printable(f.message)}`,
  ];
  if (!f.introduced) out.push(c.dim(`  (${WORDS.existing[o.language]})`));
  const frame = codeFrame(source, f);
  const gutter = Math.max(0, ...frame.map((line) => String(line.number ?? '').length));
  for (const { number, text } of frame) {
    const code = number === null ? paint(f.severity, c)(text) : text;
    out.push(`  ${c.dim(`${String(number ?? '').padStart(gutter)} |`)} ${code}`.trimEnd());
  }
  for (const step of f.trace) out.push(`    ${c.dim('→')} ${place(step, f.path)}: ${printable(step.label)}`);
  if (f.removed !== undefined) {
    const when = WORDS.atBase[o.language];
    out.push(`    ${c.dim('→')} ${place(f.removed, f.path)} (${when}): ${WORDS.removed[o.language]}`);
  }
  if (f.suggestion !== undefined) {
    out.push(`    ${WORDS.suggestion[o.language]}:`);
    const { startLine, endLine, lines } = f.suggestion;
    for (const line of source.slice(startLine - 1, endLine)) out.push(c.red(`    - ${code(line)}`));
    for (const line of lines) out.push(c.green(`    + ${code(line)}`));
  }
  out.push(c.dim(`    ${say(WORDS.more, o.language, { rule: f.rule })}`));
  return out.join('\n');
}

function code(line: string): string {
  return printable(line.replace(/\r$/, '')).replaceAll('\t', '    ');
}

function place(at: { readonly path: string; readonly line: number }, here: string): string {
  return at.path === here ? String(at.line) : `${printable(at.path)}:${at.line}`;
}

function summary(verdict: Verdict, language: Language, c: Colours): string {
  const out: string[] = [];
  const groups = checklistLines(verdict);
  if (groups.length > 0) {
    const width = Math.max(...groups.map((line) => GROUP_WORDS[line.group][language].length));
    out.push(WORDS.checklist[language]);
    for (const line of groups) {
      const counts = (['met', 'violated', 'unknown', 'waived'] as const)
        .filter((kind) => line[kind] > 0)
        .map((kind) => `${line[kind]} ${WORDS[kind][language]}`)
        .join(', ');
      const mark = line.state === 'pass' ? c.green('✔') : line.state === 'fail' ? c.red('✘') : c.yellow('?');
      out.push(
        `  ${mark} ${GROUP_WORDS[line.group][language].padEnd(width)}  ${STATE_WORDS[line.state][language]}: ${counts}`,
      );
    }
    out.push('');
  }
  const notices = ledgerNotices(verdict);
  if (notices.length > 0) {
    out.push(WORDS.notAnalysed[language]);
    for (const { status, reason, paths } of notices) {
      const why = reason === '' ? '' : ` (${printable(reason)})`;
      out.push(`  ${STATUS_WORDS[status][language]}${why}: ${some(paths, language)}`);
    }
    out.push('');
  }
  const count = countFiles(verdict, language);
  out.push(
    `${c.bold(countFindings(verdict, language))} (${count}; ${CONCLUSION_WORDS[verdict.conclusion][language]})`,
  );
  return out.join('\n');
}

function some(paths: readonly string[], language: Language): string {
  const listed = paths.slice(0, MAX_PATHS).map(printable);
  const rest = paths.length - listed.length;
  if (rest > 0) listed.push(say(WORDS.andMore, language, { count: rest }));
  return listed.join(', ');
}

function paint(severity: Severity, c: Colours): Paint {
  return severity === 'error' ? c.red : severity === 'warning' ? c.yellow : c.cyan;
}
