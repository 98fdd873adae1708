import { describe, expect, it } from 'vitest';
import { externalId, parseExternalId } from '../../src/github/external-id.ts';
import { BODY_CHARACTERS, CHECK_TEXT_BYTES, clipBody, clipBytes } from '../../src/github/limits.ts';
import { blobsQuery } from '../../src/github/queries.ts';

const SHA = 'a'.repeat(40);

describe('the external id of a run', () => {
  it.each([
    { kind: 'pull', owner: 'acme', name: 'pay.go', number: 12, sha: SHA },
    {
      kind: 'group',
      owner: 'acme',
      name: 'pay',
      sha: SHA,
      base: 'b'.repeat(64),
      baseRef: 'refs/heads/release/1..2',
      headRef: `refs/heads/gh-readonly-queue/main/pr-1-${SHA}`,
    },
  ] as const)('says what the run is about: $kind', (target) => {
    expect(parseExternalId(externalId(target))).toEqual(target);
  });

  it('is the documented one', () => {
    const target = { kind: 'pull', owner: 'acme', name: 'pay', number: 12, sha: SHA } as const;
    expect(externalId(target)).toBe(`reefpilot:acme/pay#12@${SHA}`);
  });

  it.each([
    '',
    'x',
    `reefpilot:acme/pay#12@${SHA}x`,
    `reefpilot:acme/pay#@${SHA}`,
    `reefpilot-group:a/b@${SHA}`,
  ])('of somebody else says nothing: %s', (id) => {
    expect(parseExternalId(id)).toBeNull();
  });
});

describe('cutting', () => {
  it('counts bytes and never splits a character', () => {
    const text = '水'.repeat(30_000);
    const cut = clipBytes(text, CHECK_TEXT_BYTES);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(CHECK_TEXT_BYTES);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(CHECK_TEXT_BYTES - 8);
    expect(cut).not.toContain('\ufffd');
    expect(clipBytes('short', 10)).toBe('short');
  });

  it('keeps the markers at the end of a comment', () => {
    const marker = '<!-- reefpilot:v1 kind=finding at=line head=abc fp=0123 -->';
    const body = clipBody(`${'x'.repeat(BODY_CHARACTERS)}\n\n${marker}`);
    expect(body.length).toBeLessThan(65_536);
    expect(body.endsWith(`\n${marker}`)).toBe(true);
    expect(clipBody(`short\n${marker}`)).toBe(`short\n${marker}`);
  });
});

describe('a query for blobs', () => {
  it('takes nothing but hashes into its text', () => {
    expect(blobsQuery([SHA])).toContain(`b0: object(oid: "${SHA}")`);
    expect(() => blobsQuery(['") { x }'])).toThrow('not a git object id');
    expect(() => blobsQuery(Array.from({ length: 51 }, () => SHA))).toThrow('51 blobs');
  });
});
