import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/engine/verdict.ts';
import { type CommentContext, commentBody } from '../../src/review/comment.ts';
import { linksFor } from '../../src/review/links.ts';
import { parseMarkers } from '../../src/review/markers.ts';
import type { Placement } from '../../src/review/model.ts';
import { indexDiff, place } from '../../src/review/place.ts';
import { added, finding, HEAD, OPTIONS, observation, someFinding } from './samples.ts';

const context: CommentContext = {
  language: 'en',
  links: linksFor(observation().pr, OPTIONS.docsUrl),
  headSha: HEAD,
  suggestions: true,
};
const diff = indexDiff([added('pay/client.go', 1, 90), added('main.go', 1, 30)]);
const body = (one: Finding, over: Partial<CommentContext> = {}, earlier: string | null = null): string =>
  commentBody([one], place(one, diff, true), { ...context, ...over }, earlier);

/** Lines a reader sees before opening anything. */
function unfolded(text: string): number {
  const visible = text.replace(/(<details>.*<\/summary>)[\s\S]*?<\/details>/g, '$1\n</details>').split('\n');
  return visible.filter((line) => !line.startsWith('<!-- reefpilot')).length;
}

describe('commentBody', () => {
  it('says what goes wrong, on which path, what to do and where to read on', () => {
    const one = finding({
      trace: [
        { path: 'pay/client.go', line: 10, label: 'acquired' },
        { path: 'pay/client.go', line: 17, label: 'returns without `cancel`' },
      ],
      suggestion: { startLine: 10, endLine: 10, lines: ['ctx, cancel := x()', 'defer cancel()'] },
    });
    const blob = `https://github.com/acme/pay/blob/${HEAD}/pay/client.go`;
    expect(body(one)).toBe(
      [
        '🔴 **Error** `lost-cancel`: The context of `Charge` is never cancelled.',
        '',
        `Path: [L10](${blob}#L10) acquired → [L17](${blob}#L17) returns without \`cancel\``,
        '',
        '```suggestion',
        'ctx, cancel := x()',
        'defer cancel()',
        '```',
        '',
        '[Why](https://reef.example/rules/context/lost-cancel/README.md) · `/reef rescan` to check again · `//reef:ignore lost-cancel -- <reason>` above the line to accept it',
        `<!-- reefpilot:v1 kind=finding at=line head=${HEAD} fp=f00d -->`,
      ].join('\n'),
    );
  });

  it('speaks Chinese', () => {
    expect(body(finding(), { language: 'zh-CN' })).toContain('错误');
  });

  it('names the true line when the anchor is another', () => {
    const moved = finding({
      line: 95,
      endLine: 95,
      trace: [{ path: 'pay/client.go', line: 20, label: 'x' }],
    });
    expect(body(moved)).toContain('About [`pay/client.go:95`](');
    const placement: Placement = {
      kind: 'line',
      side: 'LEFT',
      path: 'a.go',
      line: 3,
      startLine: null,
      exact: false,
    };
    expect(commentBody([moved], placement, context, null)).toContain(
      'This removed line was what kept [`pay/client.go:95`]',
    );
  });

  it('links the thread in which the same was fixed before, if that is a link', () => {
    expect(body(finding(), {}, 'https://github.com/x#r1')).toContain(
      '([earlier thread](https://github.com/x#r1))',
    );
    expect(body(finding(), {}, 'https://x) [evil](javascript:1')).not.toContain('evil');
  });

  it('fences a suggestion longer than the raw strings in it', () => {
    const one = finding({ suggestion: { startLine: 10, endLine: 10, lines: ['x := ````y````'] } });
    expect(body(one)).toContain('`````suggestion\nx := ````y````\n`````');
  });

  it.each([
    ['invisible text', 'x := 1 // \u202eevil'],
    ['a line break', 'a\nb'],
    ['too much', 'x'.repeat(5000)],
  ])('leaves out a suggestion with %s', (_, line) => {
    expect(body(finding({ suggestion: { startLine: 10, endLine: 10, lines: [line] } }))).not.toContain(
      'suggestion',
    );
  });

  it('keeps tabs, which Go code begins with', () => {
    expect(body(finding({ suggestion: { startLine: 10, endLine: 10, lines: ['\tx()'] } }))).toContain(
      '\n\tx()\n',
    );
  });

  it('has no suggestion when its lines are not all in one hunk, or when they are turned off', () => {
    const apart = finding({ suggestion: { startLine: 90, endLine: 91, lines: ['x'] } });
    expect(body(apart)).not.toContain('```');
    const near = finding({ suggestion: { startLine: 10, endLine: 10, lines: ['x'] } });
    expect(body(near, { suggestions: false })).not.toContain('```');
  });

  it('lists the other sites of a group and names all fingerprints', () => {
    const group = [1, 2, 3, 4, 5, 6, 7, 8].map((line) =>
      finding({ line, endLine: line, fingerprint: `f${line}` }),
    );
    const [first, ...others] = group;
    if (!first) throw new Error('unreachable');
    const text = commentBody([first, ...others], place(first, diff, true), context, null);
    expect(text).toContain('8 sites of `lost-cancel`');
    for (const { line } of others) expect(text).toContain(`[\`pay/client.go:${line}\`](`);
    expect(parseMarkers(text)).toMatchObject([{ keys: ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8'] }]);
    expect(unfolded(text)).toBeLessThanOrEqual(12);
  });

  it('stays short, bounded and unambiguous', () => {
    fc.assert(
      fc.property(
        someFinding,
        fc.array(someFinding, { maxLength: 12 }),
        fc.boolean(),
        (first, others, back) => {
          const earlier = back ? 'https://github.com/acme/pay/pull/12#discussion_r1' : null;
          const text = commentBody([first, ...others], place(first, diff, true), context, earlier);
          expect(unfolded(text)).toBeLessThanOrEqual(12);
          expect(text.length).toBeLessThan(60_000);
          expect(parseMarkers(text)).toHaveLength(1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stays bounded for names of any length', () => {
    const long = '深/'.repeat(2000);
    const one = finding({
      path: long,
      message: '*'.repeat(9999),
      trace: Array.from({ length: 50 }, (_, index) => ({
        path: long,
        line: index + 1,
        label: '_'.repeat(999),
      })),
    });
    const others = Array.from({ length: 1499 }, (_, index) => ({
      ...one,
      fingerprint: (0xabcdef0123456000n + BigInt(index)).toString(16),
    }));
    expect(commentBody([one, ...others], { kind: 'file', path: long }, context, null).length).toBeLessThan(
      60_000,
    );
  });
});
