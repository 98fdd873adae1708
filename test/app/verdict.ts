import { createHash } from 'node:crypto';
import type { Snapshot, SourceText } from '../../src/engine/snapshot.ts';
import type { Finding, Verdict } from '../../src/engine/verdict.ts';

/**
 * A stand-in for the engine that depends on the Snapshot alone: every line `leak("name")` is a violated obligation,
 * every `safe("name")` a met one, every `doubt("name")` one that nobody can decide.
 */
export async function analyse(snapshot: Snapshot): Promise<Verdict> {
  const old = new Set(snapshot.baseFiles.flatMap(leaks).map((leak) => leak.fingerprint));
  const findings = snapshot.headFiles
    .flatMap(leaks)
    .map((leak) => ({ ...leak, introduced: !old.has(leak.fingerprint) }));
  const introduced = findings.filter((finding) => finding.introduced);
  const obligations = snapshot.headFiles.flatMap((file) =>
    lines(file, /^\s*(safe|leak|doubt)\("\w+"\)/).map(({ line, text, name }) => ({
      rule: 'lost-cancel',
      group: 'context' as const,
      path: file.path,
      line,
      verdict: OUTCOMES[name] ?? ('violated' as const),
      evidence: { path: file.path, line, text },
      fingerprint: hash(file.path, text),
      proposed: false,
      code: hash(file.text),
    })),
  );
  const met = obligations.filter((o) => o.verdict === 'met').length;
  const violated = introduced.length;
  const unknown = obligations.filter((o) => o.verdict === 'unknown').length;
  return {
    schema: 'reefpilot.verdict/v1',
    ruleset: 'stand-in',
    repo: snapshot.repo,
    base: snapshot.base,
    head: snapshot.head,
    conclusion: violated > 0 && snapshot.settings.failOn !== 'never' ? 'failure' : 'success',
    findings,
    obligations,
    checklist: [
      {
        group: 'context',
        met,
        violated,
        unknown,
        waived: 0,
        state: violated > 0 ? 'fail' : unknown > 0 ? 'attest' : 'pass',
      },
    ],
    ledger: [
      ...snapshot.headFiles.map(({ path }) => ({
        path,
        status: 'analysed' as const,
        reason: '',
        functionsSkipped: [],
      })),
      ...snapshot.skipped,
    ],
  };
}

const OUTCOMES: Readonly<Record<string, 'met' | 'unknown'>> = { safe: 'met', doubt: 'unknown' };

function leaks(file: SourceText): readonly Finding[] {
  return lines(file, /^\s*leak\("(\w+)"\)/).map(({ line, text, name }) => ({
    rule: 'lost-cancel',
    group: 'context',
    severity: 'error',
    confidence: 'high',
    path: file.path,
    line,
    endLine: line,
    column: 2,
    function: 'F',
    message: `The context of ${name} is never cancelled.`,
    introduced: true,
    fingerprint: hash(file.path, text),
    trace: [],
  }));
}

function lines(file: SourceText, pattern: RegExp) {
  return file.text.split('\n').flatMap((text, index) => {
    const name = pattern.exec(text)?.[1];
    return name === undefined ? [] : [{ line: index + 1, text: text.trim(), name }];
  });
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

/** A Go file that does these things, one on a line, from line 4 on. */
export function goFile(...calls: readonly string[]): string {
  return ['package pay', '', 'func F() {', ...calls.map((call) => `\t${call}`), '}', ''].join('\n');
}
