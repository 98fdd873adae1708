import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding, Verdict } from '../../src/engine/verdict.ts';
import { MAX_COMMENT_CHARS } from '../../src/review/limits.ts';
import { parseMarkers } from '../../src/review/markers.ts';
import type { Observation, Plan } from '../../src/review/model.ts';
import { decide } from '../../src/review/plan.ts';
import {
  added,
  apply,
  finding,
  HEAD,
  OPTIONS,
  obligation,
  observation,
  someFiles,
  someFindings,
  verdict,
} from './samples.ts';

const NEXT = 'c'.repeat(40);
const at = (line: number, over: Partial<Finding> = {}): Finding =>
  finding({ line, endLine: line, fingerprint: (0xf000 + line).toString(16), ...over });
const many = (count: number, over: (index: number) => Partial<Finding>): readonly Finding[] =>
  Array.from({ length: count }, (_, index) => at(index + 1, over(index)));
const push = (before: Observation, headSha = NEXT): Observation => ({
  ...before,
  pr: { ...before.pr, headSha },
});
const posted = (plan: Plan): readonly string[] =>
  [...(plan.review?.comments ?? []), ...plan.fileComments].flatMap((comment) => comment.fingerprints);
const reasons = (plan: Plan): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { because } of plan.withheld) counts[because] = (counts[because] ?? 0) + 1;
  return counts;
};

describe('new findings', () => {
  it('make one review', () => {
    const plan = decide(observation(), verdict({ findings: [at(3), at(9)] }), OPTIONS);
    expect(plan.review?.comments.map(({ line }) => line)).toEqual([3, 9]);
    expect(plan.review?.body).toContain('2 new findings (Error: 2)');
    expect(plan.withheld).toEqual([]);
  });

  it('are not said again on the next push', () => {
    const found = verdict({ findings: [at(3)] });
    const first = observation();
    const second = push(apply(first, decide(first, found, OPTIONS)));
    expect(decide(second, found, OPTIONS).review).toBeNull();
    expect(posted(decide(second, verdict({ findings: [at(3), at(4)] }), OPTIONS))).toEqual([
      at(4).fingerprint,
    ]);
  });

  it('are not said again while GitHub shows the review before its comments', () => {
    const found = verdict({ findings: [at(3), at(4)] });
    const first = observation();
    for (const visible of [0, 1]) {
      expect(decide(apply(first, decide(first, found, OPTIONS), visible), found, OPTIONS).review).toBeNull();
    }
  });

  it('are not said again when somebody has resolved their thread', () => {
    const found = verdict({ findings: [at(3)] });
    const first = observation();
    const second = apply(first, decide(first, found, OPTIONS));
    const resolved = {
      ...second,
      threads: second.threads.map((thread) => ({ ...thread, isResolved: true })),
    };
    expect(decide(push(resolved), found, OPTIONS).review).toBeNull();
  });

  it('are said worst first, thirty at most', () => {
    const findings = [
      ...many(20, (index) => ({ rule: `w${index}`, severity: 'warning' })),
      ...many(20, (index) => ({ rule: `e${index}`, fingerprint: `e${index}` })),
    ];
    const plan = decide(observation(), verdict({ findings }), OPTIONS);
    expect(plan.review?.comments).toHaveLength(30);
    expect(posted(plan).filter((print) => print.startsWith('e'))).toHaveLength(20);
    expect(reasons(plan)).toEqual({ 'over-budget': 10 });
    const next = decide(push(apply(observation(), plan)), verdict({ findings }), OPTIONS);
    expect(next.review?.comments).toHaveLength(10);
  });

  it('get at most ten file comments', () => {
    const findings = many(13, (index) => ({ rule: `r${index}`, path: `f${index}.go` }));
    const files = findings.map(({ path }) => ({
      path,
      previousPath: null,
      status: 'added' as const,
      patch: null,
    }));
    const plan = decide(observation({ files }), verdict({ findings }), OPTIONS);
    expect(plan.fileComments).toHaveLength(10);
    expect(reasons(plan)).toEqual({ 'over-budget': 3 });
    expect(plan.review).toBeNull();
  });

  it('are grouped when one rule has more than three', () => {
    expect(
      decide(observation(), verdict({ findings: many(3, () => ({})) }), OPTIONS).review?.comments,
    ).toHaveLength(3);
    const grouped = decide(observation(), verdict({ findings: many(4, () => ({})) }), OPTIONS);
    expect(grouped.review?.comments).toHaveLength(1);
    expect(posted(grouped)).toHaveLength(4);
  });

  it('fill a group only as far as its marker fits, and go on with the next push', () => {
    const found = verdict({ findings: many(1600, () => ({ endLine: 1 })) });
    const start = observation({ files: [added('pay/client.go', 1, 1600)] });
    const plan = decide(start, found, OPTIONS);
    expect(posted(plan)).toHaveLength(1500);
    const after = apply(start, plan);
    expect(decide(after, found, OPTIONS).review).toBeNull();
    expect(posted(decide(push(after), found, OPTIONS))).toHaveLength(100);
  });

  it.each([
    ['already-there', at(3, { introduced: false }), {}],
    ['below-threshold', at(3, { severity: 'info' }), {}],
    ['outside-diff', at(3, { path: 'far.go' }), {}],
    ['draft', at(3), { draft: true }],
    ['locked', at(3), { locked: true }],
    ['closed', at(3), { state: 'closed' }],
  ] as const)('are withheld when %s', (because, one, pr) => {
    const plan = decide(observation({}, pr), verdict({ findings: [one] }), OPTIONS);
    expect(plan).toMatchObject({ review: null, fileComments: [], withheld: [{ because }] });
    expect(plan.check.title).not.toBe('');
  });

  it('follow when the draft is ready', () => {
    const found = verdict({ findings: [at(3)] });
    const draft = observation({}, { draft: true });
    const plan = decide(draft, found, OPTIONS);
    expect(plan.sticky.kind).toBe('create');
    const ready = apply(draft, plan);
    expect(
      decide({ ...ready, pr: { ...ready.pr, draft: false } }, found, OPTIONS).review?.comments,
    ).toHaveLength(1);
  });

  it('leave a conversation alone that is over', () => {
    const found = verdict({ findings: [at(3)] });
    const open = observation();
    const over = apply(open, decide(open, found, OPTIONS));
    const plan = decide({ ...over, pr: { ...over.pr, locked: true, headSha: NEXT } }, verdict(), OPTIONS);
    expect(plan).toMatchObject({ review: null, fixed: [], sticky: { kind: 'none' } });
  });
});

describe('findings that are gone', () => {
  const found = verdict({ findings: [at(3)] });
  const before = push(apply(observation(), decide(observation(), found, OPTIONS)));

  it('are answered, hidden and resolved, once', () => {
    const plan = decide(before, verdict(), OPTIONS);
    expect(plan.fixed).toMatchObject([{ reply: true, minimise: true, resolve: true }]);
    expect(plan.fixed[0]?.body).toContain('Fixed in [`ccccccc`](https://github.com/acme/pay/commit/');
    expect(decide(apply(before, plan), verdict(), OPTIONS).fixed).toEqual([]);
  });

  it('are not hidden under what other people said, nor resolved without the permission', () => {
    const answered = {
      ...before,
      mayResolve: false,
      threads: before.threads.map((one) => ({ ...one, answeredByOthers: true })),
    };
    expect(decide(answered, verdict(), OPTIONS).fixed).toMatchObject([
      { reply: true, minimise: false, resolve: false },
    ]);
  });

  it('are finished after a crash, but reopened threads of older pushes are left alone', () => {
    const plan = decide(before, verdict(), OPTIONS);
    const halfway = apply(before, {
      ...plan,
      fixed: plan.fixed.map((fix) => ({ ...fix, minimise: false, resolve: false })),
    });
    expect(decide(halfway, verdict(), OPTIONS).fixed).toMatchObject([
      { reply: false, minimise: true, resolve: true },
    ]);
    expect(decide(push(halfway, 'd'.repeat(40)), verdict(), OPTIONS).fixed).toEqual([]);
  });

  const unread = (status: 'partial' | 'failed', path: string): Partial<Verdict> => ({
    ledger: [{ path, status, reason: 'syntax', functionsSkipped: [] }],
  });
  it.each([
    ['the verdict is incomplete', { conclusion: 'incomplete' }],
    ['the file was not analysed', unread('failed', 'pay/client.go')],
    ['a file of the package was read in part', unread('partial', 'pay/other.go')],
    [
      'the base branch has it by now',
      { obligations: [obligation({ verdict: 'violated', fingerprint: at(3).fingerprint })] },
    ],
    [
      'nobody can tell',
      { obligations: [obligation({ verdict: 'unknown', fingerprint: at(3).fingerprint })] },
    ],
  ] as const)('are not fixed when %s', (_, over) => {
    expect(decide(before, verdict(over as Partial<Verdict>), OPTIONS).fixed).toEqual([]);
  });

  it('are not held up by another package', () => {
    expect(decide(before, verdict(unread('failed', 'pay/sub/x.go')), OPTIONS).fixed).toHaveLength(1);
  });

  it('are called waived when they are', () => {
    const evidence = { path: 'pay/client.go', line: 2, text: 'reviewed by @sre' };
    const waived = verdict({
      obligations: [obligation({ verdict: 'waived', fingerprint: at(3).fingerprint, evidence })],
    });
    expect(decide(before, waived, OPTIONS).fixed[0]?.body).toMatch(
      /^Waived as of .*: reviewed by @\u200bsre\n/,
    );
  });

  it('wait for the rest of their group', () => {
    const group = many(4, () => ({}));
    const start = observation();
    const grouped = push(apply(start, decide(start, verdict({ findings: group }), OPTIONS)));
    expect(decide(grouped, verdict({ findings: group.slice(3) }), OPTIONS).fixed).toEqual([]);
    expect(decide(grouped, verdict(), OPTIONS).fixed).toHaveLength(1);
  });

  it('get a new comment with a link when they come back', () => {
    const fixed = push(apply(before, decide(before, verdict(), OPTIONS)), 'd'.repeat(40));
    const back = decide(fixed, found, OPTIONS);
    expect(back.review?.comments[0]?.body).toContain(
      '[earlier thread](https://github.com/acme/pay/pull/12#discussion_r0)',
    );
    expect(decide(apply(fixed, back), found, OPTIONS).review).toBeNull();
  });

  it('come back at the very same head too', () => {
    const start = observation();
    const first = apply(start, decide(start, found, OPTIONS));
    const gone = apply(first, decide(first, verdict(), OPTIONS));
    expect(decide(gone, found, OPTIONS).review?.comments).toHaveLength(1);
  });

  it('leave threads alone whose marker is damaged', () => {
    const damaged = { ...before, threads: before.threads.map((one) => ({ ...one, body: 'edited' })) };
    expect(decide(damaged, verdict(), OPTIONS).fixed).toEqual([]);
  });
});

describe('the sticky comment', () => {
  it('is not made for a change without obligations, but updated when there was one', () => {
    const empty = verdict({ ledger: [] });
    expect(decide(observation(), empty, OPTIONS).sticky).toEqual({ kind: 'none' });
    const first = observation();
    const old = push(apply(first, decide(first, verdict({ findings: [at(3)] }), OPTIONS)));
    expect(decide(old, empty, OPTIONS).sticky).toMatchObject({ kind: 'update' });
  });

  it('tells what the last push changed', () => {
    const first = observation();
    const old = push(
      apply(first, decide(first, verdict({ findings: [at(1), at(2), at(3), at(4)] }), OPTIONS)),
    );
    const findings = [at(1), at(9)];
    const waived = obligation({ verdict: 'waived', fingerprint: at(2).fingerprint });
    const now = { ...verdict({ findings }), obligations: [...verdict({ findings }).obligations, waived] };
    const plan = decide(old, now, OPTIONS);
    expect(plan.sticky).toMatchObject({
      kind: 'update',
      body: expect.stringContaining('2 fixed · 1 new · 1 still there · 1 waived'),
    });
    expect(decide(apply(old, plan), now, OPTIONS).sticky).toEqual({ kind: 'none' });
  });

  it('calls nothing fixed that an incomplete analysis missed, and remembers what it knew', () => {
    const first = observation();
    const second = push(apply(first, decide(first, verdict({ findings: [at(1)] }), OPTIONS)));
    const lost = decide(second, verdict({ conclusion: 'incomplete' }), OPTIONS);
    if (lost.sticky.kind !== 'update') throw new Error('not updated');
    expect(lost.sticky.body).not.toContain('fixed');
    const third = push(apply(second, lost), 'd'.repeat(40));
    expect(decide(third, verdict(), OPTIONS).sticky).toMatchObject({
      body: expect.stringContaining('1 fixed · 0 new'),
    });
  });

  it('is compared without regard to line ends', () => {
    const found = verdict({ findings: [at(3)] });
    const first = observation();
    const after = apply(first, decide(first, found, OPTIONS));
    const crlf = {
      ...after,
      comments: after.comments.map((one) => ({ ...one, body: `${one.body.replaceAll('\n', '\r\n')}\r\n` })),
    };
    expect(decide(crlf, found, OPTIONS).sticky).toEqual({ kind: 'none' });
  });

  it('is the oldest one, should there be two', () => {
    const found = verdict({ findings: [at(3)] });
    const first = observation();
    const after = apply(first, decide(first, found, OPTIONS));
    const [sticky] = after.comments;
    if (!sticky) throw new Error('no sticky comment');
    const other = { ...sticky, id: 'other', body: 'We welcome this change.' };
    const twice = push({ ...after, comments: [other, sticky, { ...sticky, id: 'younger' }] });
    expect(decide(twice, found, OPTIONS).sticky).toMatchObject({ kind: 'update', comment: { id: 'sticky' } });
  });
});

// Whole pull requests, hundreds of times, on machines that do other things as well.
describe('decide', { timeout: 120_000 }, () => {
  const worlds = fc.record({
    findings: someFindings(150),
    files: someFiles,
    draft: fc.nat(4).map((number) => number === 0),
    later: fc.array(fc.boolean(), { maxLength: 150, size: 'max' }),
    conclusion: fc.constantFrom(
      'success' as const,
      'failure' as const,
      'neutral' as const,
      'incomplete' as const,
    ),
    visible: fc.constantFrom(0, 1, 99),
  });

  it('places every finding exactly once and is idempotent, push after push', () => {
    let comments = 0;
    let fixes = 0;
    let overBudget = 0;
    fc.assert(
      fc.property(worlds, ({ findings, files, draft, later, conclusion, visible }) => {
        const now = verdict({ findings, conclusion });
        const start = observation({ files }, { draft });
        const plan = decide(start, now, OPTIONS);
        const shown = [...posted(plan), ...plan.withheld.map((one) => one.finding.fingerprint)];
        expect(shown.sort()).toEqual(findings.map((one) => one.fingerprint).sort());
        expect(plan.review?.comments.length ?? 0).toBeLessThanOrEqual(30);
        overBudget += reasons(plan)['over-budget'] ?? 0;
        comments += plan.review?.comments.length ?? 0;

        const hidden = decide(apply(start, plan, visible), now, OPTIONS);
        expect(hidden).toMatchObject({ review: null, fixed: [] });
        const after = apply(start, plan);
        expect(decide(after, now, OPTIONS)).toMatchObject({
          review: null,
          fileComments: [],
          fixed: [],
          sticky: { kind: 'none' },
        });

        const rest = verdict({ findings: findings.filter((_, index) => later[index]), conclusion });
        const pushed = push(after);
        const second = decide(pushed, rest, OPTIONS);
        fixes += second.fixed.length;
        expect(decide(apply(pushed, second), rest, OPTIONS)).toMatchObject({
          review: null,
          fileComments: [],
          fixed: [],
          sticky: { kind: 'none' },
        });
      }),
      // Shrinking a whole pull request takes minutes and explains little.
      { numRuns: 100, endOnFailure: true },
    );
    expect(comments).toBeGreaterThan(100);
    expect(fixes).toBeGreaterThan(20);
    expect(overBudget).toBeGreaterThan(20);
  });

  it('does not depend on the order of its findings', () => {
    fc.assert(
      fc.property(someFindings(20), someFiles, (findings, files) => {
        const forward = decide(observation({ files }), verdict({ findings }), OPTIONS);
        const backward = decide(
          observation({ files }),
          { ...verdict({ findings }), findings: [...findings].reverse() },
          OPTIONS,
        );
        expect(backward).toEqual(forward);
      }),
      { numRuns: 50, endOnFailure: true },
    );
  });

  it('stays within all limits for thousands of findings', () => {
    const findings = many(4000, (index) => ({
      rule: index % 2 ? 'lost-cancel' : `r${index % 60}`,
      path: `深/${'长'.repeat(60)}/${index}.go`,
      fingerprint: (0x1000000000000000n + BigInt(index)).toString(16),
      message: '|`x`@a'.repeat(80),
    }));
    const files = findings.map(({ path, line }) => added(path, line, line));
    const start = observation({ files });
    const now = verdict({ findings });
    const plan = decide(start, now, OPTIONS);
    for (const { body } of plan.review?.comments ?? [])
      expect(body.length).toBeLessThanOrEqual(MAX_COMMENT_CHARS);
    expect(plan.review?.body.length).toBeLessThanOrEqual(MAX_COMMENT_CHARS);
    if (plan.sticky.kind !== 'create') throw new Error('no sticky comment');
    expect(plan.sticky.body.length).toBeLessThanOrEqual(MAX_COMMENT_CHARS);
    expect(parseMarkers(plan.sticky.body)).toMatchObject([{ kind: 'sticky' }]);
    expect(new TextEncoder().encode(plan.check.summary).length).toBeLessThanOrEqual(65_535);
    expect(decide(apply(start, plan), now, OPTIONS)).toMatchObject({
      review: null,
      fileComments: [],
      sticky: { kind: 'none' },
    });
  });

  it('changes nothing it is given', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) {
        for (const inner of Object.values(value)) freeze(inner);
        Object.freeze(value);
      }
      return value;
    };
    const start = freeze(observation());
    const now = freeze(verdict({ findings: [at(9), at(3)] }));
    expect(decide(start, now, OPTIONS)).toEqual(decide(start, now, OPTIONS));
    expect(decide(start, now, OPTIONS).headSha).toBe(HEAD);
  });
});
