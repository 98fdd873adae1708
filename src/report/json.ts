import type { Finding, Verdict } from '../engine/verdict.ts';

/** The contract `reefpilot.verdict/v1`: exactly these keys, always in this order. */
export function toJson(verdict: Verdict): string {
  const contract = {
    schema: verdict.schema,
    ruleset: verdict.ruleset,
    repo: verdict.repo,
    base: verdict.base,
    head: verdict.head,
    conclusion: verdict.conclusion,
    findings: verdict.findings.map(finding),
    obligations: verdict.obligations.map((o) => ({
      rule: o.rule,
      group: o.group,
      path: o.path,
      line: o.line,
      verdict: o.verdict,
      evidence: { path: o.evidence.path, line: o.evidence.line, text: o.evidence.text },
    })),
    checklist: verdict.checklist.map((line) => ({
      group: line.group,
      met: line.met,
      violated: line.violated,
      unknown: line.unknown,
      waived: line.waived,
      state: line.state,
    })),
    ledger: verdict.ledger.map((entry) => ({
      path: entry.path,
      status: entry.status,
      reason: entry.reason,
      functionsSkipped: entry.functionsSkipped,
    })),
  };
  return `${JSON.stringify(contract, null, 2)}\n`;
}

function finding(f: Finding) {
  return {
    rule: f.rule,
    group: f.group,
    severity: f.severity,
    confidence: f.confidence,
    path: f.path,
    line: f.line,
    endLine: f.endLine,
    column: f.column,
    function: f.function,
    message: f.message,
    introduced: f.introduced,
    fingerprint: f.fingerprint,
    trace: f.trace.map((step) => ({ path: step.path, line: step.line, label: step.label })),
    ...(f.suggestion === undefined
      ? {}
      : {
          suggestion: {
            startLine: f.suggestion.startLine,
            endLine: f.suggestion.endLine,
            lines: f.suggestion.lines,
          },
        }),
  };
}
