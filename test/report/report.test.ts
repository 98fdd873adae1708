import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { codeFrame } from '../../src/report/frame.ts';
import { toJson } from '../../src/report/json.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { toPretty } from '../../src/report/pretty.ts';
import { codeSpan, printable } from '../../src/report/text.ts';
import { EMPTY, FINDING, HOSTILE, SOURCES, VERDICT } from './verdict.ts';

const plain = { language: 'en', colour: false } as const;

describe('pretty', () => {
  it('shows the finding in its code with trace, suggestion, checklist and ledger', () => {
    expect(toPretty(VERDICT, SOURCES, plain)).toBe(`pay/client.go

  3:2  error  lost-cancel (*Client).Charge
  cancel is not called when Charge returns early
  2 | func (c *Client) Charge() error {
  3 |     ctx, cancel := context.WithTimeout(ctx, d)
    |     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    → 3: acquired
    → 5: returns without cancel
    suggestion:
    -     ctx, cancel := context.WithTimeout(ctx, d)
    +     ctx, cancel := context.WithTimeout(ctx, d)
    +     defer cancel()
    reefpilot rules lost-cancel

Checklist
  ✘ context     fail: 2 met, 1 violated
  ? finalizers  needs a person: 1 unknown

Not analysed
  partly analysed (syntax error): pay/odd.go (Odd)
  skipped (vendored code): vendor/a.go

1 finding: 1 error (2 files analysed; failure)
`);
  });

  it('needs no sources, says when there is nothing, and speaks Chinese', () => {
    expect(toPretty(VERDICT, new Map(), plain)).toContain('cancel is not called');
    expect(toPretty(EMPTY, new Map(), plain)).toBe('No findings. (0 files analysed; success)\n');
    expect(toPretty(VERDICT, SOURCES, { ...plain, language: 'zh-CN' })).toContain('检查清单');
  });

  it('names a deleted safeguard and a finding that was there before', () => {
    const finding = { ...FINDING, introduced: false, removed: { path: 'pay/client.go', line: 9 } };
    const text = toPretty({ ...VERDICT, findings: [finding] }, SOURCES, plain);
    expect(text).toContain('→ 9 (before the change): the safeguard was deleted here');
    expect(text).toContain('(not introduced by this change)');
  });

  it('sends nothing to the terminal that a repository wrote as an escape sequence', () => {
    const text = toPretty(HOSTILE, new Map([[HOSTILE.findings[0]?.path ?? '', 'a\u001b[2Jb']]), plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(toPretty(VERDICT, SOURCES, { ...plain, colour: true })).toContain('\u001b[31merror\u001b[39m');
  });
});

describe('code frame', () => {
  it('copes with places outside of the text, long lines and wide characters', () => {
    expect(codeFrame(['a'], { line: 9, endLine: 9, column: 1 })).toEqual([]);
    const long = codeFrame(['x'.repeat(5_000_000)], { line: 1, endLine: 1, column: 4_000_000 });
    expect(long[0]?.text).toHaveLength(120);
    expect(codeFrame(['日本 := x'], { line: 1, endLine: 1, column: 4 })[1]?.text).toBe('     ~~~~');
    expect(codeFrame(['a', 'b', 'c', 'd', 'e', 'f'], { line: 1, endLine: 6, column: 1 }).length).toBe(5);
  });
});

describe('json', () => {
  it('has exactly the keys of the contract, in order', () => {
    const parsed: unknown = JSON.parse(
      toJson({ ...VERDICT, findings: [{ ...FINDING, removed: { path: 'x', line: 1 } }, { ...FINDING }] }),
    );
    const keys = (value: unknown) => Object.keys(value as object).join(' ');
    const { findings, obligations, checklist, ledger } = parsed as Record<string, unknown[]>;
    expect(keys(parsed)).toBe(
      'schema ruleset repo base head conclusion findings obligations checklist ledger',
    );
    expect(keys(findings?.[0])).toBe(
      'rule group severity confidence path line endLine column function message introduced fingerprint trace suggestion',
    );
    expect(keys(obligations?.[0])).toBe('rule group path line verdict evidence');
    expect(keys(checklist?.[0])).toBe('group met violated unknown waived state');
    expect(keys(ledger?.[0])).toBe('path status reason functionsSkipped');
  });

  it('does not depend on the order in which keys were set', () => {
    const shuffled = Object.fromEntries(Object.entries(VERDICT).reverse()) as unknown as typeof VERDICT;
    expect(toJson(shuffled)).toBe(toJson(VERDICT));
  });
});

describe('markdown', () => {
  it('shows findings, checklist and ledger', () => {
    const text = toMarkdown(VERDICT, { language: 'en' });
    expect(text).toContain('### `pay/client.go`');
    expect(text).toContain('- **error** `lost-cancel` `pay/client.go:3` `(*Client).Charge`');
    expect(text).toContain('| context | 2 | 1 | 0 | 0 | fail |');
    expect(text).toContain('- skipped (vendored code): `vendor/a.go`');
  });

  it('lets nothing of the repository become markup, a link or a mention', () => {
    const html = marked.parse(toMarkdown(HOSTILE, { language: 'en' }), { async: false, gfm: true });
    expect(html).not.toMatch(/<(script|img|b|a|details|h1)\b/);
    expect(html).not.toContain('</details>');
    const outsideCode = html.replace(/<(code|pre)\b.*?<\/\1>/gs, '');
    expect(outsideCode).not.toMatch(/@team|#12/);
    expect(html).not.toContain('\u001b');
    expect(html.match(/<h3>/g)).toHaveLength(3);
  });

  it('keeps code spans whole', () => {
    for (const text of ['`', '``a`', ' a ', 'a\nb', '', '`a`b``c```']) {
      const html = marked.parseInline(codeSpan(text), { async: false });
      const inner = /^<code>(.*)<\/code>$/s.exec(html)?.[1];
      expect(inner?.trim()).toBe(printable(text).trim());
    }
  });
});
