import type { Parser } from '../syntax/parse.ts';
import type { Node } from '../syntax/tree.ts';
import { declarationKey, declarationOf, digest, functionName, normalise } from './fingerprint.ts';
import { loadPackages } from './packages.ts';
import type { Statement, TextArgs, Violation } from './pass.ts';
import type { Rule } from './rule.ts';
import { type FileRun, runFile } from './run.ts';
import type { Snapshot } from './snapshot.ts';
import type { SourceFile } from './source.ts';
import { covering, type Suppressions, suppressionsOf } from './suppress.ts';
import type { Evidence, LedgerEntry, ObligationVerdict } from './verdict.ts';

/** One obligation found on one side of the change. */
export interface Site {
  readonly rule: Rule;
  readonly file: SourceFile;
  readonly node: Node;
  readonly verdict: ObligationVerdict;
  readonly violation: Violation | null;
  readonly reason: { readonly key: string; readonly args: TextArgs } | null;
  readonly evidence: Evidence;
  readonly fingerprint: string;
  readonly functionName: string;
  /** Key into `declarations`. */
  readonly declaration: string;
}

export interface Inspection {
  readonly sites: readonly Site[];
  readonly ledger: readonly LedgerEntry[];
  /** Package, declaration and ordinal → digest of its code: tells which declarations a change touches. */
  readonly declarations: ReadonlyMap<string, string>;
}

/** Runs the rules over one side of the snapshot. */
export function inspect(
  snapshot: Snapshot,
  side: 'head' | 'base',
  parser: Parser,
  rules: readonly Rule[],
): Inspection {
  const sources = side === 'head' ? snapshot.headFiles : snapshot.baseFiles;
  const { packages, ledger } = loadPackages(sources, snapshot, side, parser);
  const sites: Site[] = [];
  const declarations = new Map<string, string>();
  // Files that are packages of their own share a name and a directory: their sites are told apart by ordinals.
  const byName = new Map<string, Omit<Site, 'fingerprint'>[]>();
  for (const pkg of packages) {
    const name = `${pkg.dir}\0${pkg.name}`;
    const found = byName.get(name) ?? [];
    byName.set(name, found);
    const runs: { file: SourceFile; run: FileRun; suppressions: Suppressions }[] = [];
    for (const file of pkg.files) {
      const enabled = rules.filter((r) => r.tests || snapshot.settings.tests || !file.isTest);
      const run = runFile(file, enabled);
      const suppressions = suppressionsOf(file);
      runs.push({ file, run, suppressions });
      found.push(...sitesOf(file, run, suppressions, snapshot.today));
      // A scan compares nothing; it spent a twentieth of its time here.
      for (const d of snapshot.base === null ? [] : file.tree.root.children) {
        const key = declarationId(file, d);
        declarations.set(key, digest(key, normalise(d)));
      }
    }
    // Last: a rule may have asked about functions of another file than its own.
    ledger.push(...runs.map(({ file, run, suppressions }) => entryOf(file, run, suppressions)));
  }
  for (const found of byName.values()) sites.push(...withFingerprints(found));
  return { sites, ledger, declarations };
}

/** What was and was not analysed. Undecided flow leaves the file analysed: the sites that it concerns say `unknown`. */
function entryOf(file: SourceFile, run: FileRun, suppressions: Suppressions): LedgerEntry {
  const { undecided } = file;
  const gaps = undecided.map(({ name, why }) => `${name} (${why.join(', ')})`);
  const notes = [
    ...run.crashed.map((c) => `rule ${c.rule} failed (${c.message})`),
    ...new Set(run.skipped.map((s) => s.reason)),
    ...(gaps.length === 0 ? [] : [`control flow not followed: ${gaps.join(', ')}`]),
    ...suppressions.problems,
  ];
  return {
    path: file.path,
    status: run.crashed.length > 0 ? 'failed' : run.skipped.length > 0 ? 'partial' : 'analysed',
    reason: notes.join('; '),
    functionsSkipped: [...new Set([...run.skipped, ...undecided].map((f) => f.name))],
  };
}

function sitesOf(
  file: SourceFile,
  run: FileRun,
  suppressions: Suppressions,
  today: string,
): Omit<Site, 'fingerprint'>[] {
  return run.statements.map(({ rule, statement }) => {
    const { site: node } = statement;
    const waiver = statement.verdict === 'met' ? null : covering(suppressions, rule, node.line, today);
    const declaration = declarationOf(node);
    return {
      rule,
      file,
      node,
      verdict: waiver === null ? statement.verdict : 'waived',
      violation: statement.verdict === 'violated' ? statement.violation : null,
      reason:
        waiver === null && statement.verdict === 'unknown'
          ? { key: statement.reason, args: statement.args }
          : null,
      evidence:
        waiver === null
          ? evidenceOf(file, statement)
          : { path: file.path, line: waiver.comment.line, text: waiver.reason },
      functionName: functionName(declaration),
      declaration: declaration === null ? '' : declarationId(file, declaration),
    };
  });
}

function evidenceOf(file: SourceFile, statement: Statement): Evidence {
  const at = statement.verdict === 'met' ? statement.evidence : statement.site;
  return { path: file.pkg.fileOf(at).path, line: at.line, text: at.tree.lineText(at.line).trim() };
}

/** rule + package path + enclosing declaration + tokens of the site + ordinal among equals. */
function withFingerprints(found: readonly Omit<Site, 'fingerprint'>[]): Site[] {
  const seen = new Map<string, number>();
  return [...found]
    .sort((a, b) => (a.file.path < b.file.path ? -1 : a.file.path > b.file.path ? 1 : a.node.id - b.node.id))
    .map((site) => {
      const { dir, name } = site.file.pkg;
      const key = declarationKey(declarationOf(site.node));
      const identity = digest(site.rule.id, dir, name, key, normalise(site.node));
      const ordinal = seen.get(identity) ?? 0;
      seen.set(identity, ordinal + 1);
      return { ...site, fingerprint: ordinal === 0 ? identity : digest(identity, String(ordinal)) };
    });
}

function declarationId(file: SourceFile, declaration: Node): string {
  return [file.pkg.dir, file.pkg.name, declarationKey(declaration)].join('\0');
}
