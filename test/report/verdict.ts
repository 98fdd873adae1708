import type { Finding, Verdict } from '../../src/engine/verdict.ts';

export const FINDING: Finding = {
  rule: 'lost-cancel',
  group: 'context',
  severity: 'error',
  confidence: 'high',
  path: 'pay/client.go',
  line: 3,
  endLine: 3,
  column: 2,
  function: '(*Client).Charge',
  message: 'cancel is not called when Charge returns early',
  introduced: true,
  fingerprint: 'f00d',
  trace: [
    { path: 'pay/client.go', line: 3, label: 'acquired' },
    { path: 'pay/client.go', line: 5, label: 'returns without cancel' },
  ],
  suggestion: {
    startLine: 3,
    endLine: 3,
    lines: ['\tctx, cancel := context.WithTimeout(ctx, d)', '\tdefer cancel()'],
  },
};

export const SOURCES: ReadonlyMap<string, string> = new Map([
  [
    'pay/client.go',
    'package pay\nfunc (c *Client) Charge() error {\n\tctx, cancel := context.WithTimeout(ctx, d)\n\tif bad {\n\t\treturn nil\n\t}\n}\n',
  ],
]);

export const VERDICT: Verdict = {
  schema: 'reefpilot.verdict/v1',
  ruleset: 'r1',
  repo: 'acme/pay',
  base: 'b'.repeat(40),
  head: 'c'.repeat(40),
  conclusion: 'failure',
  findings: [FINDING],
  obligations: [
    {
      rule: 'lost-cancel',
      group: 'context',
      path: 'pay/client.go',
      line: 3,
      verdict: 'violated',
      evidence: { path: 'pay/client.go', line: 3, text: 'ctx, cancel := …' },
      fingerprint: 'f00d',
      proposed: false,
      code: '',
    },
  ],
  checklist: [
    { group: 'deadlines', met: 0, violated: 0, unknown: 0, waived: 0, state: 'pass' },
    { group: 'context', met: 2, violated: 1, unknown: 0, waived: 0, state: 'fail' },
    { group: 'finalizers', met: 0, violated: 0, unknown: 1, waived: 0, state: 'attest' },
  ],
  ledger: [
    { path: 'pay/client.go', status: 'analysed', reason: '', functionsSkipped: [] },
    { path: 'pay/odd.go', status: 'partial', reason: 'syntax error', functionsSkipped: ['Odd'] },
    { path: 'vendor/a.go', status: 'skipped', reason: 'vendored code', functionsSkipped: [] },
  ],
};

export const EMPTY: Verdict = {
  ...VERDICT,
  conclusion: 'success',
  findings: [],
  obligations: [],
  checklist: [],
  ledger: [],
};

/** Everything that a repository can write into a finding, hostile. */
export const HOSTILE: Verdict = {
  ...VERDICT,
  findings: [
    {
      ...FINDING,
      path: 'a`b/**x**\u001b[31m.go',
      function: '`<script>`',
      message:
        '</details> @team #12 [x](http://evil) ![i](//e) | **bold** \u202e\u001b]0;x\u0007\n# heading `code`',
      trace: [{ path: 'x\ny.go', line: 1, label: '<img src=x> @team' }],
      suggestion: { startLine: 1, endLine: 1, lines: ['```', '</details>\u001b[2J'] },
    },
  ],
  ledger: [{ path: '`@team`', status: 'failed', reason: '<b>|', functionsSkipped: ['\u001b[2J'] }],
};
