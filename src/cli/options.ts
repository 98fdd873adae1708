import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Rule } from '../engine/rule.ts';
import { DEFAULT_SETTINGS, type Settings } from '../engine/snapshot.ts';
import { LANGUAGES, type Language, SEVERITIES } from '../engine/verdict.ts';
import { describeProblem, parseConfig } from '../policy/config.ts';
import { nearest } from '../policy/nearest.ts';
import { UsageError } from './errors.ts';

export const FORMATS = ['pretty', 'json', 'sarif', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

/** Options that `check`, `scan` and `explain` share, as commander delivers them. */
export interface CommonOptions {
  readonly format: Format;
  readonly rules?: readonly string[];
  readonly excludeRules?: readonly string[];
  readonly tests?: boolean;
  readonly config?: string;
  readonly failOn?: Settings['failOn'];
  readonly lang?: Language;
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'how to print the verdict').choices(FORMATS).default('pretty'))
    .option('--rules <ids>', 'run only these rules, comma-separated', ruleList)
    .option('--exclude-rules <ids>', 'run all but these rules, comma-separated', ruleList)
    .option('--tests', 'apply every rule to _test.go files too')
    .option('--config <file>', "read this configuration instead of the repository's")
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from this severity on (default: "error")').choices([
        ...SEVERITIES,
        'never',
      ]),
    )
    .addOption(new Option('--lang <language>', 'language of the report (default: "en")').choices(LANGUAGES));
}

/** `--rules a,b --rules c` is a, b and c. */
function ruleList(value: string, previous: readonly string[] = []): readonly string[] {
  const ids = value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length === 0) throw new InvalidArgumentError('name at least one rule.');
  return [...previous, ...ids];
}

/** The repository's configuration as text, with the name to call it by in messages. */
export interface ConfigText {
  readonly name: string;
  readonly text: string;
}

export async function readConfigFile(path: string): Promise<ConfigText> {
  try {
    return { name: path, text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new UsageError(
      `--config ${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`,
    );
  }
}

/** What the repository configures, overridden by what the command line says. */
export function settingsFrom(
  config: ConfigText | null,
  options: CommonOptions,
  rules: readonly Rule[],
): Settings {
  for (const id of [...(options.rules ?? []), ...(options.excludeRules ?? [])]) findRule(id, rules);
  const configured = config === null ? DEFAULT_SETTINGS : parseSettings(config, rules);
  return {
    rules: options.rules ?? configured.rules,
    excludeRules: options.excludeRules ?? configured.excludeRules,
    tests: options.tests ?? configured.tests,
    failOn: options.failOn ?? configured.failOn,
    language: options.lang ?? configured.language,
    ignore: configured.ignore,
  };
}

/** Stricter than the app, which must go on with the defaults: here somebody is there to correct the file. */
function parseSettings({ name, text }: ConfigText, rules: readonly Rule[]): Settings {
  const { settings, problems } = parseConfig(
    text,
    rules.map((rule) => rule.id),
    name,
  );
  if (problems.length > 0) throw new UsageError(problems.map(describeProblem).join('\n'));
  return settings;
}

/** @throws UsageError with what may have been meant. */
export function findRule(id: string, rules: readonly Rule[]): Rule {
  const rule = rules.find((r) => r.id === id);
  if (rule !== undefined) return rule;
  const near = nearest(
    id,
    rules.map((r) => r.id),
  );
  const hint = near !== null ? `did you mean ${near}?` : '"reefpilot rules" lists them';
  throw new UsageError(`unknown rule '${id}': ${hint}`);
}
