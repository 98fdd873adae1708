import { DEFAULT_SETTINGS, type Settings } from '../engine/snapshot.ts';
import { GROUPS, type Group, LANGUAGES, SEVERITIES } from '../engine/verdict.ts';
import { nearest } from './nearest.ts';
import { type ConfigProblem, type Entry, quote, Reader } from './yaml.ts';

/** Where a repository keeps its configuration. */
export const CONFIG_PATH = '.github/reefpilot.yml';

/** A larger file is refused unread. */
export const MAX_CONFIG_BYTES = 32 * 1024;

/** The configuration of a repository: what decides a verdict, and what only decides how it is shown. */
export interface RepositorySettings extends Settings {
  /** Whether comments may carry suggestion blocks. */
  readonly suggestions: boolean;
  /** Groups in which a person has to vouch for what could not be decided before the check passes. */
  readonly attest: readonly Group[];
}

export const DEFAULT_REPOSITORY_SETTINGS: RepositorySettings = {
  ...DEFAULT_SETTINGS,
  suggestions: true,
  attest: [],
};

export interface Config {
  /** The defaults when there is any problem: half a configuration is not what anybody asked for. */
  readonly settings: RepositorySettings;
  readonly problems: readonly ConfigProblem[];
}

const KEYS = ['rules', 'fail-on', 'language', 'tests', 'ignore', 'suggestions', 'attest'] as const;
const RULE_KEYS = ['only', 'exclude'] as const;
const FAIL_ON = [...SEVERITIES, 'never'] as const;

/** Every pattern is matched against every changed file. */
const MAX_PATTERNS = 200;
const MAX_PATTERN_CHARS = 200;

/** Reads a configuration; `knownRules` are the ids of the catalogue. Never throws. */
export function parseConfig(text: string, knownRules: readonly string[], path: string = CONFIG_PATH): Config {
  // No text of more characters than that can have fewer bytes.
  if (text.length > MAX_CONFIG_BYTES || new TextEncoder().encode(text).length > MAX_CONFIG_BYTES) {
    return invalid([{ path, line: 1, message: `larger than ${MAX_CONFIG_BYTES} bytes; shorten it` }]);
  }
  const reader = new Reader(text, path);
  const settings = readSettings(reader, knownRules);
  return reader.problems.length > 0 ? invalid(reader.problems) : { settings, problems: [] };
}

/** A problem in one line: file, line, what is wrong and what to do. */
export function describeProblem(problem: ConfigProblem): string {
  return `${problem.path}:${problem.line}: ${problem.message}`;
}

function invalid(problems: readonly ConfigProblem[]): Config {
  return {
    settings: DEFAULT_REPOSITORY_SETTINGS,
    problems: [...problems].sort((a, b) => a.line - b.line),
  };
}

function readSettings(reader: Reader, knownRules: readonly string[]): RepositorySettings {
  const settings = { ...DEFAULT_REPOSITORY_SETTINGS };
  for (const entry of reader.entries(reader.root, 'the configuration', KEYS)) {
    switch (entry.key as (typeof KEYS)[number]) {
      case 'rules':
        Object.assign(settings, readRules(reader, entry, knownRules));
        break;
      case 'fail-on':
        settings.failOn = reader.word(entry, FAIL_ON) ?? settings.failOn;
        break;
      case 'language':
        settings.language = reader.word(entry, LANGUAGES) ?? settings.language;
        break;
      case 'tests':
        settings.tests = reader.flag(entry) ?? settings.tests;
        break;
      case 'suggestions':
        settings.suggestions = reader.flag(entry) ?? settings.suggestions;
        break;
      case 'attest':
        settings.attest = readGroups(reader, entry);
        break;
      case 'ignore':
        settings.ignore = readPatterns(reader, entry);
        break;
    }
  }
  return settings;
}

function readRules(
  reader: Reader,
  rules: Entry,
  knownRules: readonly string[],
): Pick<Settings, 'rules' | 'excludeRules'> {
  let only: readonly string[] = [];
  let exclude: readonly string[] = [];
  for (const entry of reader.entries(rules.node, 'rules', RULE_KEYS)) {
    const ids = readRuleIds(reader, entry, knownRules);
    if (entry.key === 'only') only = ids;
    else exclude = ids;
  }
  // An empty list excludes nothing and, just so, selects nothing in particular.
  return { rules: only.length > 0 ? only : null, excludeRules: exclude };
}

function readRuleIds(reader: Reader, list: Entry, knownRules: readonly string[]): readonly string[] {
  const ids = new Set<string>();
  for (const entry of reader.strings(list)) {
    if (knownRules.includes(entry.key)) {
      ids.add(entry.key);
      continue;
    }
    const guess = nearest(entry.key, knownRules);
    const hint = guess === null ? '`reefpilot rules` lists them all' : `did you mean ${quote(guess)}?`;
    reader.reject(entry, `unknown rule ${quote(entry.key)} in rules.${list.key}; ${hint}`);
  }
  return [...ids];
}

function readGroups(reader: Reader, list: Entry): readonly Group[] {
  const groups = new Set<Group>();
  for (const entry of reader.strings(list)) {
    const group = GROUPS.find((name) => name === entry.key);
    if (group !== undefined) {
      groups.add(group);
      continue;
    }
    const guess = nearest(entry.key, GROUPS);
    const hint = guess === null ? `write one of ${GROUPS.join(', ')}` : `did you mean ${quote(guess)}?`;
    reader.reject(entry, `unknown group ${quote(entry.key)} in attest; ${hint}`);
  }
  return [...groups];
}

function readPatterns(reader: Reader, list: Entry): readonly string[] {
  const patterns = reader.strings(list);
  if (patterns.length > MAX_PATTERNS) {
    reader.reject(
      list,
      `ignore has ${patterns.length} patterns; at most ${MAX_PATTERNS} are allowed, join some with **`,
    );
  }
  for (const pattern of patterns) {
    const problem = patternProblem(pattern.key);
    if (problem) reader.reject(pattern, `ignore pattern ${quote(pattern.key)} ${problem}`);
  }
  return patterns.map((pattern) => pattern.key);
}

function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_CHARS) return `is longer than ${MAX_PATTERN_CHARS} characters; shorten it`;
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    return 'leaves the repository; write it relative to the root, as in `gen/**`';
  }
  if (pattern.startsWith('!')) return 'is a negation, which is not supported; list what is to be ignored';
  return null;
}
