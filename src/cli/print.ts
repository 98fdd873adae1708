import type { Rule } from '../engine/rule.ts';
import type { Language, Verdict } from '../engine/verdict.ts';
import { toJson } from '../report/json.ts';
import { toMarkdown } from '../report/markdown.ts';
import { toPretty } from '../report/pretty.ts';
import { toSarif } from '../report/sarif.ts';
import { VERSION } from '../version.ts';
import type { Io } from './io.ts';
import type { Format } from './options.ts';

export interface PrintOptions {
  readonly format: Format;
  readonly lang: Language;
}

export async function printVerdict(
  verdict: Verdict,
  sources: ReadonlyMap<string, string>,
  options: PrintOptions,
  rules: readonly Rule[],
  io: Io,
): Promise<void> {
  await io.out(render(verdict, sources, options, rules, io.colour));
}

function render(
  verdict: Verdict,
  sources: ReadonlyMap<string, string>,
  { format, lang }: PrintOptions,
  rules: readonly Rule[],
  colour: boolean,
): string {
  switch (format) {
    case 'json':
      return toJson(verdict);
    case 'sarif':
      return toSarif(verdict, { rules, version: VERSION, language: lang });
    case 'markdown':
      return toMarkdown(verdict, { language: lang });
    case 'pretty':
      return toPretty(verdict, sources, { language: lang, colour });
  }
}

/** The exit code of a verdict: the conclusion knows `--fail-on`. */
export function exitCode(verdict: Verdict): number {
  if (verdict.conclusion === 'failure') return 1;
  return verdict.conclusion === 'incomplete' ? 3 : 0;
}
