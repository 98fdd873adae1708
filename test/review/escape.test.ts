import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { clip, codeSpan, plainText, safeInline } from '../../src/review/escape.ts';
import { hostile } from './samples.ts';

const ZWSP = '\u200b';

/** What the reader sees: Markdown rendered, the rest of HTML undone. */
function shown(markdown: string): string {
  const html = marked.parse(markdown, { async: false, gfm: true });
  return html
    .replace(/<\/?(?:p|code)>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(ZWSP, '')
    .trim();
}

describe('safeInline', () => {
  it('keeps simple code spans', () => {
    expect(safeInline('`resp.Body` of `Get` is never closed')).toBe('`resp.Body` of `Get` is never closed');
  });

  it.each([
    ['mentions', 'ask @gopher', `ask @${ZWSP}gopher`],
    ['references', 'fixes #12, GH-3', `fixes #${ZWSP}12, GH-${ZWSP}3`],
    ['links', '[a](https://b)', `\\[a\\](https:${ZWSP}//b)`],
    ['bare hosts', 'www.a.b', `www${ZWSP}.a.b`],
    ['HTML', '<img src=x>', '&lt;img src=x&gt;'],
    ['entities', '&lt;', '&amp;lt;'],
    ['tables', 'a | b', 'a \\| b'],
    ['commands', '/merge now', `${ZWSP}/merge now`],
    ['lists', '- a', '\\- a'],
    ['numbered lists', '1. a', '1\\. a'],
    ['fences', '```go', '\\`\\`\\`go'],
    ['commits', 'see deadbeefcafe', `see d${ZWSP}eadbeefcafe`],
    ['lines', 'a\r\nb\u2028c', 'a b c'],
    ['direction', 'a\u202eb\u2066c', 'abc'],
    ['lone surrogates', 'a\ud800b', 'a\ufffdb'],
    ['unbalanced backticks', '`a', '\\`a'],
    ['longer spans', '``a``', '\\`\\`a\\`\\`'],
  ])('disarms %s', (_, text, expected) => {
    expect(safeInline(text)).toBe(expected);
  });

  it('cannot be read as anything but text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = safeInline(text);
        expect(safe).not.toMatch(/[@#][^\u200b]/);
        expect(safe).not.toMatch(/<!--|-->|--!>|[\n\r]|^\s*\//);
        expect(safe).not.toMatch(/(?<!\\)\|/);
        // No element but paragraphs and code: no link, heading, list, emphasis, table, comment or foreign HTML.
        expect(marked.parse(safe, { async: false, gfm: true })).toMatch(
          /^(?:<p>(?:[^<]|<\/?code>)*<\/p>\s*)?$/,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('shows what was written, but for bars and backticks', () => {
    const quiet = (text: string): string => text.replace(/[`|\u2223\s]/g, '');
    fc.assert(
      fc.property(hostile, (text) => {
        expect(quiet(shown(safeInline(text)))).toBe(quiet(plainText(text)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('codeSpan', () => {
  it('outgrows the backticks inside', () => {
    expect(codeSpan('a``b`c')).toBe('```a``b`c```');
    expect(codeSpan('`a')).toBe('`` `a ``');
  });

  it('shows something for nothing', () => {
    expect(codeSpan('')).toBe('` `');
  });

  it('is one code element, whatever is inside', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const span = codeSpan(text);
        expect(span).not.toMatch(/[@#][^\u200b]/);
        expect(span).not.toMatch(/<!--|-->|--!>|[\n\r|]/);
        const html = marked.parse(`a ${span} b`, { async: false, gfm: true });
        expect(html).toMatch(/^<p>a <code>[^<]*<\/code> b<\/p>\s*$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('clip', () => {
  it('splits no character', () => {
    expect(clip('ab😀c', 4)).toBe('ab…');
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('abcd', 3)).toBe('ab…');
  });

  it('bounds everything built on it', () => {
    expect(plainText('x'.repeat(9999), 10)).toHaveLength(10);
    expect(codeSpan('x'.repeat(9999), 10)).toHaveLength(12);
  });
});
