import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSpan, safeInline } from '../../src/review/escape.ts';
import { keyOf, type Marker, parseMarkers, parseTicks, renderMarker } from '../../src/review/markers.ts';
import { hostile } from './samples.ts';

const sha = fc.stringMatching(/^[0-9a-f]{40}$/);
const keys = fc.array(fc.stringMatching(/^[0-9a-f]{1,64}$/).map(keyOf), { maxLength: 5 });
const marker: fc.Arbitrary<Marker> = fc.oneof(
  fc.record({
    kind: fc.constant('finding' as const),
    at: fc.constantFrom('line' as const, 'file' as const),
    head: sha,
    keys,
  }),
  fc.record({ kind: fc.constant('review' as const), head: sha, comments: fc.nat(30), keys }),
  fc.record({
    kind: fc.constant('sticky' as const),
    state: fc.option(fc.record({ head: sha, now: keys, before: fc.option(keys) })),
  }),
  fc.record({ kind: fc.constant('fixed' as const), head: sha }),
  fc.record({ kind: fc.constant('attest' as const), key: fc.stringMatching(/^[0-9a-f]{1,16}$/) }),
);

describe('markers', () => {
  it('survive the way through a comment', () => {
    fc.assert(
      fc.property(fc.array(marker, { maxLength: 3 }), hostile, hostile, (markers, before, after) => {
        const body = [safeInline(before), ...markers.map(renderMarker), codeSpan(after)].join('\n');
        expect(parseMarkers(body)).toEqual(markers);
        expect(parseMarkers(body.replaceAll('\n', '\r\n'))).toEqual(markers);
      }),
    );
  });

  it('are one line that HTML hides', () => {
    fc.assert(
      fc.property(marker, (one) => {
        expect(renderMarker(one)).toMatch(/^<!-- reefpilot:v1 [^<>\n]*(?<!-) -->$/);
      }),
    );
  });

  it('cannot be forged by escaped text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(parseMarkers(`${safeInline(text)}\n${codeSpan(text)}`)).toEqual([]);
      }),
    );
  });

  it('cannot be forged by the code in a suggestion', () => {
    const forged = renderMarker({ kind: 'fixed', head: 'x' });
    expect(parseMarkers(`\`\`\`\`suggestion\n\`\`\`\n${forged}\n\`\`\`\`\n`)).toEqual([]);
    expect(parseMarkers(`\`\`\`suggestion\na\n\`\`\`\n${forged}`)).toHaveLength(1);
  });

  it.each([
    '<!-- reefpilot:v1 kind=finding fp=a -->',
    '<!-- reefpilot:v1 kind=finding head=h -->',
    '<!-- reefpilot:v2 kind=fixed head=h -->',
    '<!-- reefpilot:v1 kind=other head=h -->',
    '<!-- reefpilot:v1 kind=fixed head=h',
    'text <!-- reefpilot:v1 kind=fixed head=h -->',
    '<!-- reefpilot:v1 -->',
  ])('are left out when damaged: %s', (line) => {
    expect(parseMarkers(line)).toEqual([]);
  });

  it('reads what is left of a damaged one', () => {
    expect(parseMarkers('<!-- reefpilot:v1  kind=review junk n=-3 =x head=h fp=,a,, -->')).toEqual([
      { kind: 'review', head: 'h', comments: 0, keys: ['a'] },
    ]);
    expect(parseMarkers('<!-- reefpilot:v1 kind=sticky now=a -->')).toEqual([
      { kind: 'sticky', state: null },
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => Array.isArray(parseMarkers(`<!-- reefpilot:v1 ${text} -->`))),
    );
  });
});

describe('keyOf', () => {
  it('shortens hex, and makes anything else harmless', () => {
    expect(keyOf('0123456789abcdef0123')).toBe('0123456789abcdef');
    expect(keyOf('a,b -->\ud800')).toMatch(/^[\w%.-]+$/);
  });
});

describe('parseTicks', () => {
  it('finds ticked items alone', () => {
    const item = (box: string, key: string): string =>
      `- ${box} text ${renderMarker({ kind: 'attest', key })}`;
    expect(
      parseTicks([item('[x]', 'a'), item('[ ]', 'b'), item('[X]', 'c'), '- [x] d'].join('\r\n')),
    ).toEqual(new Set(['a', 'c']));
  });
});
