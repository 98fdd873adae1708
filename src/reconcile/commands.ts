import type { Language } from '../engine/verdict.ts';
import { type Commands, parseCommands, VERBS } from '../policy/command.ts';
import { type Decision, mayAttest, mayRun, roleOf } from '../policy/permission.ts';
import type { Tick } from '../review/attest.ts';
import type { PendingCommand } from '../review/model.ts';
import type { PullPort } from './ports.ts';
import { say } from './words.ts';

/** A comment with commands in it that has no answer yet. */
export interface Pending {
  readonly comment: PendingCommand;
  readonly commands: Commands;
}

/**
 * Comments that ask for something and were not answered. Read from GitHub on every pass, so that one whose event was
 * lost is answered by the next; our reaction on the comment is the record that it was.
 */
export async function pendingCommands(pull: PullPort): Promise<readonly Pending[]> {
  const pending: Pending[] = [];
  for (const comment of pull.mentions) {
    const commands = parseCommands(comment.body);
    if (commands.commands.length + commands.problems.length === 0) continue;
    if (!(await pull.isAnswered(comment))) pending.push({ comment, commands });
  }
  return pending;
}

/** What became of a comment's commands: to be told, and to be done by the pass. */
export interface Answer {
  readonly comment: PendingCommand;
  readonly rescan: boolean;
  readonly isRefused: boolean;
  readonly lines: readonly string[];
}

/** Decides who may. @throws Trouble when GitHub cannot be asked. */
export async function judge(
  pull: PullPort,
  { comment, commands }: Pending,
  language: Language,
): Promise<Answer> {
  const lines = commands.problems.map(({ line, message }) =>
    say('line', language, { line: String(line), message }),
  );
  let rescan = false;
  let help = false;
  let isRefused = lines.length > 0;
  for (const verb of new Set(commands.commands.map((command) => command.verb))) {
    const decision = await permit(pull, comment, verb);
    if (!decision.allowed) {
      isRefused = true;
      lines.push(say('refused', language, { usage: VERBS[verb].usage, needs: decision.needs }));
    } else if (verb === 'rescan') rescan = true;
    else help = true;
  }
  if (help) lines.push(helpText(language));
  return { comment, rescan, isRefused, lines };
}

/** Asks GitHub only where the answer could change the decision. */
async function permit(pull: PullPort, comment: PendingCommand, verb: keyof typeof VERBS): Promise<Decision> {
  const caller = { isAuthor: comment.author === pull.author, isBot: comment.authorIsBot };
  const unasked = mayRun(verb, { ...caller, role: 'none' });
  if (unasked.allowed || caller.isBot) return unasked;
  const { permission, role } = await pull.access(comment.author);
  return mayRun(verb, { ...caller, role: roleOf({ permission, roleName: role }) });
}

/** Ticks of people who may vouch for this change; GitHub is asked once for each of them. */
export async function authorised(pull: PullPort, ticks: readonly Tick[]): Promise<readonly Tick[]> {
  const allowed = new Map<string, boolean>();
  for (const { by } of ticks) {
    if (allowed.has(by)) continue;
    const isAuthor = by === pull.author;
    const { permission, role } = isAuthor ? NOBODY : await pull.access(by);
    allowed.set(by, mayAttest({ isAuthor, isBot: false, role: roleOf({ permission, roleName: role }) }));
  }
  return ticks.filter(({ by }) => allowed.get(by) === true);
}

const NOBODY = { permission: 'none', role: 'none' } as const;

function helpText(language: Language): string {
  const items = Object.values(VERBS).map(({ usage, summary }) => `- \`${usage}\` — ${summary}`);
  return [say('commands', language), '', ...items].join('\n');
}

/** Says that the commands are seen, and what there is to say about them: once for each comment. */
export async function answer(pull: PullPort, { comment, lines }: Answer): Promise<void> {
  await pull.react(comment, 'eyes');
  if (lines.length === 0) return;
  const marker = `<!-- reefpilot:v1 kind=reply id=${comment.databaseId} -->`;
  if (pull.ownComments.some((own) => own.body.includes(marker))) return;
  await pull.reply(`@${comment.author}\n\n${lines.join('\n\n')}\n\n${marker}`);
}

/** The last thing to be written: until then the comment counts as unanswered. */
export function finish(pull: PullPort, { comment, isRefused }: Answer): Promise<void> {
  return pull.react(comment, isRefused ? 'confused' : 'rocket');
}
