import type { Node } from '../syntax/tree.ts';
import type { SourceFile } from './source.ts';

/** A comment that asks for silence about some lines of its file. */
export interface Suppression {
  readonly comment: Node;
  /** Lower-case names of rules or linters; null silences everything. */
  readonly names: ReadonlySet<string> | null;
  readonly reason: string;
  /** Last UTC day on which it holds, or null. */
  readonly until: string | null;
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface Suppressions {
  readonly all: readonly Suppression[];
  /** Comments that meant to suppress and are not honoured, each with what to do. */
  readonly problems: readonly string[];
}

const REEF = /^\/\/\s?reef:ignore(?:\s+(.*))?$/;
const NOLINT = /^\/\/\s?nolint(?::([\w,\- ]+))?(?:\s*\/\/\s*(.*))?\s*$/;
const LINT_IGNORE = /^\/\/lint:ignore\s+(\S+)(?:\s+(.*))?$/;
const NOSEC = /^\/\/\s*#nosec\b\s*((?:G\d+\s*)*)(?:--\s*(.*))?/;

export function suppressionsOf(file: SourceFile): Suppressions {
  const all: Suppression[] = [];
  const problems: string[] = [];
  for (const comment of file.tree.root.descendants('comment')) {
    const text = comment.text.trimEnd();
    if (!/reef:ignore|nolint|lint:ignore|#nosec/.test(text)) continue;
    const parsed = parse(text);
    if (parsed === null) continue;
    if (typeof parsed === 'string') problems.push(`line ${comment.line}: ${parsed}`);
    else all.push({ comment, ...parsed, ...extent(file, comment) });
  }
  return { all, problems };
}

type Parsed = Pick<Suppression, 'names' | 'reason' | 'until'>;

/** A string says why the comment is not honoured; null: not a suppression. */
function parse(text: string): Parsed | string | null {
  let m = REEF.exec(text);
  if (m !== null) return parseReef(m[1] ?? '');
  m = NOLINT.exec(text);
  if (m !== null) {
    const names = m[1] === undefined ? null : nameSet(m[1].split(','));
    return { names: names?.has('all') ? null : names, reason: m[2] ?? 'nolint', until: null };
  }
  m = LINT_IGNORE.exec(text);
  if (m !== null)
    return { names: nameSet((m[1] as string).split(',')), reason: m[2] ?? 'lint:ignore', until: null };
  m = NOSEC.exec(text);
  if (m !== null) {
    const ids = (m[1] ?? '').trim();
    return { names: ids === '' ? null : nameSet(ids.split(/\s+/)), reason: m[2] ?? '#nosec', until: null };
  }
  return null;
}

function parseReef(rest: string): Parsed | string {
  const [head, ...reason] = rest.split(/\s--\s|^--\s/);
  const words = (head ?? '')
    .trim()
    .split(/\s+/)
    .filter((w) => w !== '');
  const rules = words.filter((w) => !w.startsWith('until='));
  const until = words.find((w) => w.startsWith('until='))?.slice('until='.length) ?? null;
  if (rules.length === 0) return 'name the rule: //reef:ignore <rule> -- <reason>';
  if (reason.join(' -- ').trim() === '') return 'give a reason: //reef:ignore <rule> -- <reason>';
  if (until !== null && !isDate(until)) return `until=${until} is not a date of the form YYYY-MM-DD`;
  return { names: nameSet(rules.flatMap((r) => r.split(','))), reason: reason.join(' -- ').trim(), until };
}

function isDate(text: string): boolean {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return date !== null && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function nameSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((n) => n.trim().toLowerCase()).filter((n) => n !== ''));
}

/**
 * A comment behind code speaks of that line; alone on its line, of the next line of code. Where that line opens a
 * top-level declaration, of the whole declaration (as golangci-lint reads it).
 */
function extent(file: SourceFile, comment: Node): { firstLine: number; lastLine: number } {
  const { tree } = file;
  const before = tree.text.slice(tree.lineStart(comment.line), comment.start);
  let line = comment.line;
  if (before.trim() === '') {
    line++;
    while (/^\s*\/\//.test(tree.lineText(line))) line++;
  }
  const declaration = tree.root.children.find((c) => c.line === line);
  return { firstLine: line, lastLine: declaration?.endLine ?? line };
}

/** The suppression that covers a site of the rule, if one does. Expired ones are skipped. */
export function covering(
  suppressions: Suppressions,
  rule: { readonly id: string; readonly aliases: readonly string[] },
  line: number,
  today: string,
): Suppression | null {
  const names = ['reefpilot', rule.id, ...rule.aliases].map((n) => n.toLowerCase());
  for (const s of suppressions.all) {
    if (line < s.firstLine || line > s.lastLine) continue;
    if (s.until !== null && s.until < today) continue;
    if (s.names === null || names.some((n) => s.names?.has(n))) return s;
  }
  return null;
}
