import type { TextArgs } from './pass.ts';
import type { Language, Text } from './verdict.ts';

/** Fills `{name}` in a text. @throws when the text names an argument that is not given: a bug in a rule. */
export function say(text: Text, language: Language, args: TextArgs = {}): string {
  return text[language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    if (value === undefined) throw new Error(`text asks for {${name}}, which the rule did not give`);
    return String(value);
  });
}
