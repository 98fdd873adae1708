import type { Rule } from '../engine/rule.ts';
import type { Finding, Language, Severity, Suggestion, Verdict } from '../engine/verdict.ts';

export interface SarifOptions {
  /** The rule table lists all of them, so that a scan without findings still says what was looked for. */
  readonly rules: readonly Rule[];
  readonly version: string;
  readonly language: Language;
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** SARIF 2.1.0 as GitHub code scanning and editors read it. */
export function toSarif(verdict: Verdict, options: SarifOptions): string {
  const { language } = options;
  const rules = [...options.rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const indexOf = new Map(rules.map((rule, index) => [rule.id, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Reefpilot',
            version: options.version,
            rules: rules.map((rule) => ({
              id: rule.id,
              name: rule.id,
              shortDescription: { text: rule.title[language] },
              fullDescription: { text: rule.checklist[language] },
              help: { text: `reefpilot rules ${rule.id}` },
              defaultConfiguration: { level: LEVELS[rule.severity] },
              properties: { group: rule.group, precision: PRECISION[rule.confidence], tags: [rule.group] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: verdict.conclusion !== 'incomplete',
            toolExecutionNotifications: verdict.ledger
              .filter((entry) => entry.status !== 'analysed')
              .map((entry) => ({
                level: entry.status === 'failed' ? 'error' : entry.status === 'partial' ? 'warning' : 'note',
                message: { text: entry.reason === '' ? entry.status : `${entry.status}: ${entry.reason}` },
                locations: [{ physicalLocation: { artifactLocation: artifact(entry.path) } }],
              })),
          },
        ],
        results: verdict.findings.map((f) => result(f, indexOf.get(f.rule), verdict.base !== null)),
        properties: { ruleset: verdict.ruleset, conclusion: verdict.conclusion },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** The words of GitHub code scanning. */
const PRECISION = { high: 'very-high', medium: 'high', low: 'medium' } as const;

function result(f: Finding, ruleIndex: number | undefined, isChange: boolean) {
  return {
    ruleId: f.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[f.severity],
    message: { text: f.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(f.path),
          region: { startLine: f.line, startColumn: f.column, endLine: f.endLine },
        },
        ...(f.function === ''
          ? {}
          : { logicalLocations: [{ fullyQualifiedName: f.function, kind: 'function' }] }),
      },
    ],
    partialFingerprints: { 'reefpilot/v1': f.fingerprint },
    ...(isChange ? { baselineState: f.introduced ? 'new' : 'unchanged' } : {}),
    ...(f.trace.length === 0 ? {} : { codeFlows: [codeFlow(f)] }),
    ...(f.suggestion === undefined ? {} : { fixes: [fix(f.path, f.suggestion)] }),
    properties: { group: f.group, confidence: f.confidence },
  };
}

function codeFlow(f: Finding) {
  const locations = f.trace.map((step) => ({
    location: {
      physicalLocation: { artifactLocation: artifact(step.path), region: { startLine: step.line } },
      message: { text: step.label },
    },
  }));
  return { threadFlows: [{ locations }] };
}

function fix(path: string, suggestion: Suggestion) {
  const { startLine, endLine, lines } = suggestion;
  // A region without an end column stops before the line break; to delete lines, the break has to go too.
  const deletedRegion =
    lines.length === 0
      ? { startLine, startColumn: 1, endLine: endLine + 1, endColumn: 1 }
      : { startLine, startColumn: 1, endLine };
  const replacements = [{ deletedRegion, insertedContent: { text: lines.join('\n') } }];
  return { artifactChanges: [{ artifactLocation: artifact(path), replacements }] };
}

function artifact(path: string) {
  return { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}
