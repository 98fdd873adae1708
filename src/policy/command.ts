import { nearest } from './nearest.ts';
import { proseLines } from './prose.ts';

/** What `/reef …` can be asked to do. Everything else about commands is derived from this table. */
export const VERBS = {
  rescan: { usage: '/reef rescan', summary: 'check the pull request again' },
  help: { usage: '/reef help', summary: 'list the commands and who may use them' },
} as const satisfies Record<string, { readonly usage: string; readonly summary: string }>;

export type Verb = keyof typeof VERBS;

/** A command somebody wrote, with its 1-based line in the comment. */
export interface Command {
  readonly verb: Verb;
  readonly line: number;
}

/** A line that was meant as a command and is none. `message` is Markdown and safe to post. */
export interface CommandProblem {
  readonly line: number;
  readonly message: string;
}

export interface Commands {
  readonly commands: readonly Command[];
  readonly problems: readonly CommandProblem[];
}

/** Only so much of a comment is read. */
export const MAX_SCANNED_CHARS = 8192;

/** One comment may ask for only so much. */
export const MAX_COMMANDS = 10;

/**
 * The commands of a comment: `/reef <verb>` at the start of a line. What a reader sees as code, as a quotation, or not
 * at all is no command. Never throws, and bounded in time because it is bounded in what it reads.
 */
export function parseCommands(body: string): Commands {
  const commands: Command[] = [];
  const problems: CommandProblem[] = [];
  for (const { text, line } of proseLines(scannedPart(body))) {
    const [first, verb, ...rest] = text.trimEnd().split(/[ \t]+/);
    if (first !== '/reef') continue;
    if (commands.length + problems.length === MAX_COMMANDS) {
      problems.push({ line, message: `only the first ${MAX_COMMANDS} commands of a comment are read` });
      break;
    }
    const command = verb?.toLowerCase();
    if (command === undefined) problems.push({ line, message: `missing verb; ${verbList()}` });
    else if (!isVerb(command)) problems.push({ line, message: unknownVerb(command) });
    else if (rest.length > 0)
      problems.push({ line, message: `\`${VERBS[command].usage}\` takes no argument` });
    else commands.push({ verb: command, line });
  }
  return { commands, problems };
}

function scannedPart(body: string): string {
  if (body.length <= MAX_SCANNED_CHARS) return body;
  // Whole lines only: half a command might be another one.
  return body.slice(0, body.lastIndexOf('\n', MAX_SCANNED_CHARS) + 1);
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}

function unknownVerb(word: string): string {
  const guess = nearest(word, Object.keys(VERBS));
  const hint = guess === null ? verbList() : `did you mean \`${guess}\`?`;
  // The word comes from anybody: it is repeated only when it cannot mean anything in Markdown.
  return /^[a-z][a-z0-9-]{0,31}$/.test(word) ? `unknown verb \`${word}\`, ${hint}` : `unknown verb, ${hint}`;
}

function verbList(): string {
  const usages = Object.values(VERBS).map((verb) => `\`${verb.usage}\``);
  return `the commands are ${usages.join(' and ')}`;
}
