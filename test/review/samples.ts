import fc from 'fast-check';
import type { Finding, Obligation, Verdict } from '../../src/engine/verdict.ts';
import type { DecideOptions, DiffFile, Observation, OwnThread, Plan } from '../../src/review/model.ts';

export const HEAD = 'a'.repeat(40);

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    rule: 'lost-cancel',
    group: 'context',
    severity: 'error',
    confidence: 'high',
    path: 'pay/client.go',
    line: 10,
    endLine: 10,
    column: 2,
    function: 'Charge',
    message: 'The context of `Charge` is never cancelled.',
    introduced: true,
    fingerprint: 'f00d',
    trace: [],
    ...over,
  };
}

export function obligation(over: Partial<Obligation> = {}): Obligation {
  return {
    rule: 'lost-cancel',
    group: 'context',
    path: 'pay/client.go',
    line: 10,
    verdict: 'met',
    evidence: { path: 'pay/client.go', line: 11, text: 'defer cancel()' },
    fingerprint: 'beef',
    proposed: false,
    code: '',
    ...over,
  };
}

export function verdict(over: Partial<Verdict> = {}): Verdict {
  const findings = over.findings ?? [];
  return {
    schema: 'reefpilot.verdict/v1',
    ruleset: 'r1',
    repo: 'acme/pay',
    base: 'b'.repeat(40),
    head: HEAD,
    conclusion: findings.some(({ severity }) => severity === 'error') ? 'failure' : 'success',
    findings,
    obligations: findings.map((one) =>
      obligation({
        rule: one.rule,
        group: one.group,
        path: one.path,
        line: one.line,
        verdict: 'violated',
        fingerprint: one.fingerprint,
      }),
    ),
    checklist: [],
    ledger: [{ path: 'pay/client.go', status: 'analysed', reason: '', functionsSkipped: [] }],
    ...over,
  };
}

/** A diff in which the lines `from..to` of the file are new. */
export function added(path: string, from: number, to: number): DiffFile {
  const lines = Array.from({ length: to - from + 1 }, (_, index) => `+line ${from + index}`);
  const patch = [`@@ -${from - 1},0 +${from},${lines.length} @@`, ...lines].join('\n');
  return { path, previousPath: null, status: 'modified', patch };
}

export function observation(
  over: Partial<Observation> = {},
  pr: Partial<Observation['pr']> = {},
): Observation {
  return {
    repo: { owner: 'acme', name: 'pay' },
    pr: {
      number: 12,
      title: 'Charge twice',
      author: 'gopher',
      url: 'https://github.com/acme/pay/pull/12',
      state: 'open',
      draft: false,
      locked: false,
      headSha: HEAD,
      baseSha: 'b'.repeat(40),
      baseRef: 'main',
      mergeBaseSha: 'b'.repeat(40),
      ...pr,
    },
    files: [added('pay/client.go', 1, 200)],
    threads: [],
    comments: [],
    reviews: [],
    checks: [],
    commands: [],
    ticks: [],
    mayResolve: true,
    ...over,
  };
}

export const OPTIONS: DecideOptions = {
  language: 'en',
  docsUrl: 'https://reef.example/rules',
  suggestions: true,
  attest: {
    groups: [],
    seal: (text) => `s${[...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1e9, 7)}`,
  },
};

/** The pull request after the plan has been carried out. `visible` is how many of the review's comments show already. */
export function apply(before: Observation, plan: Plan, visible = Number.POSITIVE_INFINITY): Observation {
  const inline = (plan.review?.comments ?? []).slice(0, visible);
  const posts = [...inline, ...plan.fileComments.map((post) => ({ ...post, line: null }))].map(
    (post, index): OwnThread => {
      const id = `${before.pr.headSha}-${before.threads.length + index}`;
      return {
        id,
        commentId: id,
        commentDatabaseId: before.threads.length + index,
        body: post.body,
        path: post.path,
        line: post.line,
        url: `https://github.com/acme/pay/pull/12#discussion_r${before.threads.length + index}`,
        isResolved: false,
        isMinimized: false,
        ownReplies: [],
        answeredByOthers: false,
      };
    },
  );
  const threads = before.threads.map((thread) => {
    const fix = plan.fixed.find((candidate) => candidate.thread.id === thread.id);
    if (!fix) return thread;
    return {
      ...thread,
      ownReplies: fix.reply ? [...thread.ownReplies, fix.body] : thread.ownReplies,
      isMinimized: thread.isMinimized || fix.minimise,
      isResolved: thread.isResolved || fix.resolve,
    };
  });
  const { sticky, review } = plan;
  const comments = before.comments.map((comment) =>
    sticky.kind === 'update' && comment.id === sticky.comment.id
      ? { ...comment, body: sticky.body }
      : comment,
  );
  return {
    ...before,
    threads: [...threads, ...posts],
    comments:
      sticky.kind === 'create'
        ? [...comments, { id: 'sticky', databaseId: 1, body: sticky.body, isMinimized: false }]
        : comments,
    reviews: review
      ? [...before.reviews, { id: `r${before.reviews.length}`, body: review.body, commit: before.pr.headSha }]
      : before.reviews,
  };
}

/** Text that tries to be more than text. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '@gopher',
        '#12',
        'GH-7',
        '/reef rescan',
        '<!--',
        '-->',
        '--!>',
        '<b>',
        '|',
        '`',
        '``',
        '```',
        '~~~',
        '](',
        '[x](y)',
        '\n',
        '\r\n',
        '\u202e',
        '\u200b',
        '\u0000',
        '\ud800',
        'https://evil.example',
        'www.evil.example',
        'fixes #1',
        '\\',
        '$x$',
        '*',
        '_',
        '- [x] ',
        '1. ',
        '# ',
        '> ',
        ' ',
        '    ',
        '&lt;',
        '\u2028',
        'deadbeefcafe',
        '<!-- reefpilot:v1 kind=finding at=line head=x fp=f00d -->',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

const PATHS = ['pay/client.go', 'pay/server.go', 'main.go', 'a|b/`c`.go'] as const;

/** A patch with correct headers, and what it shows. */
export const patched: fc.Arbitrary<{ patch: string; right: Set<number>; deleted: Set<number> }> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 15 }),
      lines: fc.array(fc.constantFrom('+', '-', ' '), { minLength: 1, maxLength: 20, size: 'max' }),
    }),
    { maxLength: 4, size: 'max' },
  )
  .map((hunks) => {
    const text: string[] = [];
    const right = new Set<number>();
    const deleted = new Set<number>();
    let oldLine = 1;
    let newLine = 1;
    for (const { gap, lines } of hunks) {
      oldLine += gap;
      newLine += gap;
      const olds = lines.filter((mark) => mark !== '+').length;
      const news = lines.filter((mark) => mark !== '-').length;
      text.push(`@@ -${oldLine},${olds} +${newLine},${news} @@ func x()`);
      for (const mark of lines) {
        text.push(`${mark}@@ -1 +1 @@ code`);
        if (mark === '-') deleted.add(oldLine);
        else right.add(newLine);
        if (mark !== '+') oldLine += 1;
        if (mark !== '-') newLine += 1;
      }
    }
    return { patch: text.join('\n'), right, deleted };
  });

const line = fc.integer({ min: 1, max: 60 });
const path = fc.constantFrom(...PATHS);

export const someFinding: fc.Arbitrary<Finding> = fc
  .record({
    // Some rules often, to be grouped; many others once, to exhaust the budgets.
    rule: fc.oneof(
      fc.constantFrom('lost-cancel', 'sql-rows-leak'),
      fc.nat(200).map((id) => `rule-${id}`),
    ),
    severity: fc.constantFrom(
      'error' as const,
      'error' as const,
      'warning' as const,
      'warning' as const,
      'info' as const,
    ),
    path,
    line,
    length: fc.integer({ min: 0, max: 4 }),
    message: hostile,
    introduced: fc.nat(5).map((number) => number > 0),
    trace: fc.array(fc.record({ path, line, label: hostile }), { maxLength: 8 }),
    suggestion: fc.option(
      fc.record({
        start: line,
        length: fc.integer({ min: 0, max: 3 }),
        lines: fc.array(hostile, { maxLength: 9 }),
      }),
    ),
    removed: fc.option(fc.record({ path, line })),
  })
  .map(({ length, suggestion, removed, ...rest }) =>
    finding({
      ...rest,
      endLine: rest.line + length,
      ...(removed ? { removed } : {}),
      ...(suggestion
        ? {
            suggestion: {
              startLine: suggestion.start,
              endLine: suggestion.start + suggestion.length,
              lines: suggestion.lines,
            },
          }
        : {}),
    }),
  );

/** Findings as the engine gives them: every fingerprint once. */
export const someFindings = (maxLength: number): fc.Arbitrary<readonly Finding[]> =>
  fc
    .array(someFinding, { maxLength, size: 'max' })
    .map((all) => all.map((one, index) => ({ ...one, fingerprint: (0xabc000 + index).toString(16) })));

/** Files of a diff, some of which GitHub shows without a patch. */
export const someFiles: fc.Arbitrary<readonly DiffFile[]> = fc
  .tuple(...PATHS.map(() => fc.record({ shown: fc.integer({ min: 0, max: 7 }), diff: patched })))
  .map((files) =>
    files.flatMap(({ shown, diff }, index): DiffFile[] => {
      if (shown === 0) return [];
      const status = shown === 1 ? ('removed' as const) : ('modified' as const);
      return [
        { path: PATHS[index] ?? '', previousPath: null, status, patch: shown === 2 ? null : diff.patch },
      ];
    }),
  );
