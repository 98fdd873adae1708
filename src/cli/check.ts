import { analyse } from '../engine/analyse.ts';
import { findRange, readChange } from '../git/change.ts';
import { Repository } from '../git/repository.ts';
import { CONFIG_PATH } from '../policy/config.ts';
import { loadEngine } from './engine.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { type CommonOptions, type ConfigText, readConfigFile, settingsFrom } from './options.ts';
import { exitCode, printVerdict } from './print.ts';
import { today } from './today.ts';

export interface CheckOptions extends CommonOptions {
  readonly repo: string;
  readonly base?: string;
  readonly head: string;
  readonly all?: boolean;
}

/** `reefpilot check`: reviews what a change introduces. */
export async function check(options: CheckOptions, io: Io): Promise<number> {
  const engine = await loadEngine();
  const repository = await Repository.open(options.repo);
  try {
    const range = await findRange(repository, options.base ?? null, options.head);
    // From the base, never from the head: a change must not choose the rules it is judged by.
    const config =
      options.config === undefined
        ? await configAt(repository, range.tip)
        : await readConfigFile(options.config);
    const settings = settingsFrom(config, options, engine.rules);
    const snapshot = await readChange(repository, range, settings, today());
    if (range.base === range.head)
      io.note(`reefpilot: nothing to compare: the head is part of ${range.against}; pass --base REV`);
    const verdict = analyse(snapshot, engine);
    const shown =
      options.all === true ? verdict : { ...verdict, findings: verdict.findings.filter((f) => f.introduced) };
    const sources = new Map(snapshot.headFiles.map((file) => [file.path, file.text]));
    await printVerdict(shown, sources, { ...options, lang: settings.language }, engine.rules, io);
    return exitCode(verdict);
  } finally {
    repository.close();
  }
}

async function configAt(repository: Repository, commit: string): Promise<ConfigText | null> {
  const blob = await repository.file(commit, CONFIG_PATH);
  if (blob === null) return null;
  const name = `${commit.slice(0, 12)}:${CONFIG_PATH}`;
  if ('unreadable' in blob) throw new UsageError(`${name} is ${blob.unreadable}`);
  return { name, text: blob.text };
}
