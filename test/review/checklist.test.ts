import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChecklistInput, checklistBody } from '../../src/review/checklist.ts';
import { linksFor } from '../../src/review/links.ts';
import { parseMarkers } from '../../src/review/markers.ts';
import { finding, HEAD, hostile, OPTIONS, obligation, observation, verdict } from './samples.ts';

const input = (over: Partial<ChecklistInput> = {}): ChecklistInput => ({
  verdict: verdict(),
  headSha: HEAD,
  withheld: [],
  links: linksFor(observation().pr, OPTIONS.docsUrl),
  language: 'en',
  failOn: 'error',
  previous: null,
  ...over,
});
const BLOB = `https://github.com/acme/pay/blob/${HEAD}`;

describe('checklistBody', () => {
  it('shows the required groups always and first, others when they have a site', () => {
    const line = { met: 1, violated: 0, unknown: 0, waived: 0, state: 'pass' as const };
    const checklist = [
      { ...line, group: 'memory' as const, met: 0 },
      { ...line, group: 'concurrency' as const },
      { ...line, group: 'context' as const },
    ];
    const body = checklistBody(input({ verdict: verdict({ checklist }) }));
    expect(body.match(/^- .*$/gm)).toEqual([
      '- ➖ **Deadlines**: nothing in this change needs it',
      '- ✅ **Context propagation**: 1 met · 0 violated · 0 unknown · 0 waived',
      '- ➖ **Release of resources**: nothing in this change needs it',
      '- ✅ **Concurrency**: 1 met · 0 violated · 0 unknown · 0 waived',
    ]);
  });

  it('links findings and evidence to the code', () => {
    const checklist = [
      { group: 'context' as const, met: 1, violated: 1, unknown: 0, waived: 0, state: 'fail' as const },
    ];
    const one = finding({ path: 'a b/(c).go' });
    const body = checklistBody(
      input({ verdict: verdict({ findings: [one], checklist, obligations: [obligation()] }) }),
    );
    expect(body).toContain('### Reefpilot: 1 blocking finding\n');
    expect(body).toContain(
      `  - 🔴 [\`a b/(c).go:10\`](${BLOB}/a%20b/%28c%29.go#L10) \`lost-cancel\`: The context of`,
    );
    expect(body).toContain(`← [\`pay/client.go:11\`](${BLOB}/pay/client.go#L11) \`defer cancel()\``);
  });

  it('asks a human about what is unknown or waived by the change, and keeps the ticks', () => {
    const checklist = [
      { group: 'context' as const, met: 0, violated: 0, unknown: 1, waived: 1, state: 'attest' as const },
    ];
    const obligations = [
      obligation({ verdict: 'unknown', fingerprint: 'a1' }),
      obligation({ verdict: 'waived', fingerprint: 'a2' }),
      obligation({ verdict: 'waived', fingerprint: 'a3', group: 'memory' }),
    ];
    const now = verdict({ checklist, obligations });
    const body = checklistBody(input({ verdict: now }));
    expect(body.match(/^- \[ \] .*id=(a\d)/gm)).toHaveLength(2);
    const ticked = body.replace('- [ ]', '- [x]');
    const next = checklistBody(input({ verdict: now, previous: ticked, headSha: 'd'.repeat(40) }));
    expect(next.match(/^- \[x\] .*id=a1/gm)).toHaveLength(1);
    expect(next.match(/^- \[ \] .*id=a2/gm)).toHaveLength(1);
    const other = [obligation({ verdict: 'unknown', fingerprint: 'a9' })];
    const changed = checklistBody(
      input({ verdict: verdict({ checklist, obligations: other }), previous: ticked }),
    );
    expect(changed).not.toContain('[x]');
  });

  it('says why a finding has no comment', () => {
    const withheld = [
      { finding: finding(), because: 'outside-diff' as const },
      { finding: finding({ line: 77 }), because: 'below-threshold' as const },
    ];
    const body = checklistBody(input({ withheld }));
    expect(body).toContain('`lost-cancel`: the diff shows no line of it');
    expect(body).not.toContain(':77');
  });

  it('lists what was not analysed, and blames no author', () => {
    const ledger = [
      { path: 'ok.go', status: 'analysed' as const, reason: '', functionsSkipped: [] },
      { path: 'big.go', status: 'failed' as const, reason: 'too | large', functionsSkipped: [] },
      { path: 'bad.go', status: 'partial' as const, reason: 'syntax', functionsSkipped: ['f', '@g'] },
    ];
    const body = checklistBody(input({ verdict: verdict({ ledger, conclusion: 'incomplete' }) }));
    expect(body).toContain('Could not evaluate this change');
    expect(body).toContain('a limit or a fault of Reefpilot, not of the change');
    expect(body).toContain('analysed: 2 files</summary>');
    expect(body).toContain('- `big.go` failed: too \\| large');
    expect(body).toContain('- `bad.go` partly analysed: syntax; skipped: `f`, `@\u200bg`');
    expect(body).not.toContain('ok.go');
  });

  it('speaks Chinese', () => {
    expect(checklistBody(input({ language: 'zh-CN' }))).toContain('### Reefpilot: 未发现问题');
  });

  it('carries one marker, whatever the names in it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const one = finding({ path: text, message: text, rule: text });
        const ledger = [{ path: text, status: 'partial' as const, reason: text, functionsSkipped: [text] }];
        const evidence = { path: text, line: 1, text };
        const obligations = [obligation({ verdict: 'unknown', evidence }), obligation({ evidence })];
        const body = checklistBody(
          input({
            verdict: verdict({ findings: [one], ledger, obligations }),
            withheld: [{ finding: one, because: 'draft' }],
          }),
        );
        expect(parseMarkers(body)).toMatchObject([{ kind: 'sticky' }]);
        expect(body.match(/<!--/g)).toHaveLength(2);
      }),
    );
  });
});
