import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attestMarker } from '../../src/review/attest.ts';
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
  attest: [],
  attestMarker: (item) => attestMarker(item, PLACE, OPTIONS.attest),
  ...over,
});
const PLACE = 'acme/pay#12';
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

  it('names what the change touches and did not bring along, apart from its own', () => {
    const old = finding({ fingerprint: 'old', introduced: false, line: 70 });
    const far = finding({ fingerprint: 'far', introduced: false, line: 90 });
    const now = verdict({
      findings: [old, far],
      conclusion: 'success',
      obligations: [obligation({ verdict: 'violated', fingerprint: 'old', line: 70 })],
    });
    const body = checklistBody(input({ verdict: now }));
    expect(body).toContain('in code that it touches: 1 finding</summary>');
    expect(body).toContain(':70');
    expect(body).not.toContain(':90');
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
        const doubt = obligation({ verdict: 'unknown', evidence });
        const obligations = [doubt, obligation({ evidence })];
        const body = checklistBody(
          input({
            attest: [{ obligation: doubt, key: 'k', required: true, by: text }],
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
