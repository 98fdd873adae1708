import { Command, CommanderError, Option } from 'commander';
import { LANGUAGES } from '../engine/verdict.ts';
import { GitError } from '../git/errors.ts';
import { EnvironmentError } from '../github/environment.ts';
import { VERSION } from '../version.ts';
import { type CheckOptions, check } from './check.ts';
import { doctor } from './doctor.ts';
import { UsageError } from './errors.ts';
import { explain } from './explain.ts';
import type { Io } from './io.ts';
import { addCommonOptions, type CommonOptions } from './options.ts';
import { listRules, type RulesOptions } from './rules.ts';
import { scan } from './scan.ts';

/** Exit codes of the contract. */
const USAGE = 2;
const INCOMPLETE = 3;

/** Runs one command line and gives the exit code; prints only through `io`. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let printed = '';
  let complaint = '';
  let code = 0;
  const program = buildProgram(io, (result) => {
    code = result;
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: (text) => {
        complaint += text;
      },
    });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return explainFailure(error, io);
    // Help and version are answers; everything else is wrong usage.
    if (error.exitCode === 0) code = 0;
    else {
      // Without a command commander prints the whole help as its complaint.
      const noCommand = error.code === 'commander.help';
      io.note(noCommand ? 'reefpilot: name a command; "reefpilot --help" lists them' : oneLine(complaint));
      code = USAGE;
    }
  }
  if (printed !== '') await io.out(printed);
  return code;
}

function buildProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('reefpilot')
    .description('Reviews Go changes for the mistakes that sink production services.')
    .version(VERSION)
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  addCommonOptions(program.command('check'))
    .description('review a change')
    .option('--repo <dir>', 'the repository, which may be bare', '.')
    .option('--base <rev>', 'compare with the merge base with this revision (default: the default branch)')
    .option('--head <rev>', 'the change: a revision, or "worktree" for the files on disk', 'HEAD')
    .option('--all', 'list also findings that the change did not introduce')
    .action(async (options: CheckOptions) => done(await check(options, io)));
  addCommonOptions(program.command('scan'))
    .description('list every finding in a tree')
    .argument('[paths...]', 'files or directories (default: the current directory)')
    .action(async (paths: readonly string[], options: CommonOptions) => done(await scan(paths, options, io)));
  program
    .command('rules')
    .description('print the catalogue, or the page of one rule')
    .argument('[id]', 'a rule')
    .addOption(new Option('--format <format>', 'how to print').choices(['pretty', 'json']).default('pretty'))
    .addOption(new Option('--lang <language>', 'language').choices(LANGUAGES).default('en'))
    .action(async (id: string | undefined, options: RulesOptions) => done(await listRules(id, options, io)));
  addCommonOptions(program.command('explain'))
    .description('say why a site got its verdict')
    .argument('<rule>', 'a rule')
    .argument('<path:line>', 'a line of a Go file on disk')
    .action(async (rule: string, place: string, options: CommonOptions) =>
      done(await explain(rule, place, options, io)),
    );
  program
    .command('serve')
    .description('run the GitHub App')
    .action(async () => {
      const { serve } = await import('../serve.ts');
      await serve(io.environment);
    });
  program
    .command('demo')
    .description('review a sample pull request without GitHub')
    .option('--once', 'exit with the outcome instead of keeping the page up')
    .action(async (options: { readonly once?: boolean }) => {
      const { runDemo } = await import('../demo.ts');
      done(await runDemo({ once: options.once === true, out: io.out }));
    });
  program
    .command('doctor')
    .description('say what works on this machine')
    .action(async () => done(await doctor(io)));
  return program;
}

const EXIT_CODES = `
Exit codes:
  0  no finding at or above --fail-on
  1  there is one
  2  usage or configuration error
  3  analysis incomplete`;

function explainFailure(error: unknown, io: Io): number {
  if (error instanceof UsageError || error instanceof EnvironmentError || error instanceof GitError) {
    io.note(`reefpilot: ${error.message}`);
    return error instanceof GitError && error.kind === 'failed' ? INCOMPLETE : USAGE;
  }
  // Anything else is a bug of ours; its stack is what a report needs.
  io.note(`reefpilot: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return INCOMPLETE;
}

/** Commander breaks its suggestions over two lines. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, 'reefpilot: ')
    .replace(/\s*\n\s*/g, ' ');
}
