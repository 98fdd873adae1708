import { Lexer, type Token } from 'marked';

/** A line of a comment that its reader sees as the author's own words. */
export interface ProseLine {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * The lines of top-level paragraphs that begin as plain text. Code blocks and spans, quotations, lists, HTML and HTML
 * comments are left out. Which is which is decided by a Markdown parser: where a fence or a quotation ends depends on
 * so much context that a scan by lines would run commands that their reader sees as an example.
 */
export function proseLines(text: string): readonly ProseLine[] {
  const lines: ProseLine[] = [];
  let line = 1;
  for (const token of blocksOf(text)) {
    if (token.type === 'paragraph' || isUnderlined(token)) lines.push(...plainLines(token, line));
    line += count(token.raw, '\n');
  }
  return lines;
}

/** Dashes below a paragraph, such as those above a signature, make it a heading; it still reads as a paragraph. */
function isUnderlined(token: Token): boolean {
  return token.type === 'heading' && !/^ {0,3}#/.test(token.raw);
}

function blocksOf(text: string): readonly Token[] {
  try {
    return new Lexer({ gfm: true }).lex(text);
  } catch (error) {
    // Thousands of nested quotations exhaust the stack. Nobody who talks to us writes that.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Everything in a paragraph that is not plain text, so that a line starting within it does not count. */
const MASK = '\u0000';

function plainLines(block: Token, firstLine: number): readonly ProseLine[] {
  const inline = 'tokens' in block ? (block.tokens ?? []) : [];
  const masked = inline.map((token) => (token.type === 'text' ? token.raw : token.raw.replace(/\S/g, MASK)));
  return masked
    .join('')
    .split('\n')
    .map((text, index) => ({ text, line: firstLine + index }));
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
