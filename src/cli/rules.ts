import { readFile } from 'node:fs/promises';
import { rules } from '../../rules/index.ts';
import type { Rule } from '../engine/rule.ts';
import { GROUPS, type Language } from '../engine/verdict.ts';
import type { Io } from './io.ts';
import { findRule } from './options.ts';

export interface RulesOptions {
  readonly format: 'pretty' | 'json';
  readonly lang: Language;
}

/** `reefpilot rules [ID]`: the catalogue, or the page of one rule. */
export async function listRules(id: string | undefined, options: RulesOptions, io: Io): Promise<number> {
  const chosen = id === undefined ? rules : [findRule(id, rules)];
  if (options.format === 'json') {
    await io.out(
      `${JSON.stringify(
        chosen.map((rule) => describe(rule, options.lang)),
        null,
        2,
      )}\n`,
    );
    return 0;
  }
  const [only] = chosen;
  await io.out(
    id === undefined || only === undefined ? catalogue(options.lang) : await page(only, options.lang),
  );
  return 0;
}

function describe(rule: Rule, language: Language) {
  const { id, group, severity, confidence, tests, since, aliases } = rule;
  const [title, checklist] = [rule.title[language], rule.checklist[language]];
  return { id, group, severity, confidence, tests, since, title, checklist, aliases };
}

function catalogue(language: Language): string {
  const width = Math.max(0, ...rules.map((rule) => rule.id.length));
  const sections = GROUPS.flatMap((group) => {
    const own = rules.filter((rule) => rule.group === group);
    if (own.length === 0) return [];
    const lines = own.map((r) => `  ${r.id.padEnd(width)}  ${r.severity.padEnd(7)}  ${r.title[language]}`);
    return [`${group}\n${lines.join('\n')}\n`];
  });
  return sections.join('\n');
}

async function page(rule: Rule, language: Language): Promise<string> {
  const { id, group, severity, confidence, since } = rule;
  const head = `${id} (${group}, ${severity}, confidence ${confidence}, since ${since})\n${rule.title[language]}\n${rule.checklist[language]}\n`;
  const readme = await readPage(rule);
  return readme === null ? head : `${head}\n${readme}`;
}

/** Pages are part of the package, beside `dist/`; from source the module lies one folder deeper. */
async function readPage(rule: Rule): Promise<string | null> {
  for (const up of ['../', '../../']) {
    try {
      return await readFile(
        new URL(`${up}rules/${rule.group}/${rule.id}/README.md`, import.meta.url),
        'utf8',
      );
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return null;
}
