import { describe, expect, it } from 'vitest';
import { attestItems, attestMarker, type Tick, unconfirmed } from '../../src/review/attest.ts';
import { checklistBody } from '../../src/review/checklist.ts';
import { linksFor } from '../../src/review/links.ts';
import { HEAD, OPTIONS, obligation, observation, verdict } from './samples.ts';

const PLACE = 'acme/pay#12';
const policy = { ...OPTIONS.attest, groups: ['context' as const] };
const doubt = obligation({ verdict: 'unknown', fingerprint: 'a1', code: 'c1' });
const other = obligation({ verdict: 'unknown', fingerprint: 'a2', code: 'c2' });

/** One pass over the comment as it is: the next body, and what is still waited for. */
function pass(
  previous: string | null,
  ticks: readonly Tick[] = [],
  obligations = [doubt, other],
  place = PLACE,
) {
  const now = verdict({ obligations });
  const attest = attestItems(now, previous, ticks, place, policy);
  const body = checklistBody({
    verdict: now,
    headSha: HEAD,
    withheld: [],
    links: linksFor(observation().pr, OPTIONS.docsUrl),
    language: 'en',
    failOn: 'error',
    previous,
    attest,
    attestMarker: (item) => attestMarker(item, place, policy),
  });
  return { body, waiting: unconfirmed(attest), boxes: body.match(/^- \[.\]/gm) };
}

const tick: Tick = { by: 'kim', keys: ['a1.c1'] };

describe('what a person has to vouch for', () => {
  it('is asked once for each undecided site of the groups the policy names', () => {
    expect(pass(null)).toMatchObject({ waiting: 2, boxes: ['- [ ]', '- [ ]'] });
    const elsewhere = obligation({ verdict: 'unknown', group: 'memory', fingerprint: 'a3' });
    expect(pass(null, [], [elsewhere]).boxes).toBeNull();
  });

  it('is asked for waivers that the change brings along, without waiting for an answer', () => {
    const waived = obligation({ verdict: 'waived', group: 'memory', fingerprint: 'a4', proposed: true });
    const old = obligation({ verdict: 'waived', group: 'memory', fingerprint: 'a5' });
    expect(pass(null, [], [waived, old])).toMatchObject({ waiting: 0, boxes: ['- [ ]'] });
  });

  it('is remembered in the comment with the name, over any number of passes', () => {
    const first = pass(pass(null).body, [tick]);
    expect(first).toMatchObject({ waiting: 1, boxes: ['- [x]', '- [ ]'] });
    expect(first.body).toContain('confirmed by `kim`');
    const second = pass(first.body);
    expect(second.body).toBe(first.body);
  });

  it('counts for nothing when it was only ticked, or when the name was written by hand', () => {
    const { body } = pass(null);
    expect(pass(body.replace('- [ ]', '- [x]'))).toMatchObject({ waiting: 2, boxes: ['- [ ]', '- [ ]'] });
    const forged = body.replace('- [ ]', '- [x]').replace('id=a1.c1', 'id=a1.c1 by=kim seal=s1');
    expect(pass(forged).waiting).toBe(2);
    // A confirmation of another pull request is none here.
    const there = pass(pass(null, [], [doubt], 'acme/pay#13').body, [tick], [doubt], 'acme/pay#13').body;
    expect(pass(there, [], [doubt]).waiting).toBe(1);
  });

  it('is taken back by whoever unticks it', () => {
    const { body } = pass(pass(null).body, [tick]);
    expect(pass(body.replace('- [x]', '- [ ]'))).toMatchObject({ waiting: 2 });
  });

  it('lapses when its code changes, and only then', () => {
    const { body } = pass(pass(null).body, [tick]);
    const moved = { ...doubt, line: 99 };
    expect(pass(body, [], [moved, { ...other, code: 'c9' }]).waiting).toBe(1);
    expect(pass(body, [], [{ ...doubt, code: 'c9' }, other]).waiting).toBe(2);
  });
});
