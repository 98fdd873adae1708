// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from the repository as one line that a terminal shows as it is: escape sequences, line breaks and
 * bidirectional overrides become visible `\u{…}`. Tabs stay.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Text from the repository as Markdown that means just itself: no markup, links, mentions or references. */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&:=$]/g, '\\$&')
    .replace(/@/g, '@\u200b')
    .replace(/\\#(?=\d)/g, '\\#\u200b');
}

/** Text from the repository as a code span. */
export function codeSpan(text: string): string {
  const line = printable(text).replaceAll('\t', ' ');
  const fence = fenceFor(line, 1);
  const pad = /^`|`$|^ .* $/.test(line) || line.trim() === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Lines from the repository as a code block. */
export function codeBlock(lines: readonly string[], language: string): string {
  const body = lines.map(printable).join('\n');
  const fence = fenceFor(body, 3);
  return `${fence}${language}\n${body}\n${fence}`;
}

/** More backticks in a row than the text has anywhere. */
function fenceFor(text: string, least: number): string {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return '`'.repeat(Math.max(least, longest + 1));
}
