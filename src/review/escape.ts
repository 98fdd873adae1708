/**
 * Untrusted text (names, paths, messages, titles: all of it comes from the change under review) on its way into
 * Markdown that GitHub posts in our name. Escaping by backslash does not stop mentions, because GitHub looks for them
 * after rendering; a zero-width space does.
 */

const ZWSP = '\u200b';

/** Looks like `|` but separates no table cells, not even inside a code span, where `\|` would show its backslash. */
const BAR = '\u2223';

const DEFAULT_MAX = 500;

/**
 * One line without control, bidi or other invisible characters, at most `max` UTF-16 units. For places that show plain
 * text, such as annotations, and the first step of everything below.
 */
export function plainText(text: string, max: number = DEFAULT_MAX): string {
  // Cut early, so that a huge input costs nothing; stripping can only make it shorter.
  const clean = text
    .slice(0, max * 4)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
  return clip(clean, max);
}

/** The first `max` UTF-16 units, marked with an ellipsis when something is missing; splits no character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Text as a code span whose fence is longer than any run of backticks inside. */
export function codeSpan(text: string, max: number = DEFAULT_MAX): string {
  return fenced(plainText(text, max));
}

/**
 * A sentence that may contain names in simple code spans (`` `name` ``): those stay, everything else loses its power to
 * mention, link, close issues, format, open HTML or start a command, wherever on a line the result is put.
 */
export function safeInline(text: string, max: number = DEFAULT_MAX): string {
  const clean = plainText(text, max);
  // A run of exactly one backtick, then no backtick, then again a run of exactly one: anything else is no span.
  const parts = clean.split(/(?<!`)`(?!`)([^`]+)`(?!`)/);
  const escaped = parts.map((part, index) => (index % 2 === 1 ? fenced(part) : escapeText(part)));
  return neutraliseStart(escaped.join(''));
}

function fenced(clean: string): string {
  if (clean.trim() === '') return '` `';
  const body = clean
    .replace(/[@#]/g, `$&${ZWSP}`)
    .replace(/<(?=!)/g, `<${ZWSP}`)
    .replace(/--(?=!?>)/g, `--${ZWSP}`)
    .replaceAll('|', BAR);
  const longest = Math.max(0, ...Array.from(body.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  // Markdown takes one space off both ends, so it is given one where a backtick would touch the fence.
  const pad = /^`|`$/.test(body) ? ' ' : '';
  return `${fence}${pad}${body}${pad}${fence}`;
}

function escapeText(text: string): string {
  return text
    .replace(/[\\`*_[\]~|]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#$]/g, `$&${ZWSP}`)
    .replace(/:(?=\/\/)/g, `:${ZWSP}`)
    .replace(/www(?=\.)/gi, `$&${ZWSP}`)
    .replace(/GH-(?=\d)/gi, `$&${ZWSP}`)
    .replace(/(?<![0-9a-z])[0-9a-f](?=[0-9a-f]{6,39}(?![0-9a-z]))/gi, `$&${ZWSP}`);
}

/** Commands of this and other bots, lists, rules and headings are recognised at the start of a line only. */
function neutraliseStart(text: string): string {
  if (text.startsWith('/')) return `${ZWSP}${text}`;
  if (/^[-+=]/.test(text)) return `\\${text}`;
  return text.replace(/^(\d{1,9})(?=[.)])/, '$1\\');
}
