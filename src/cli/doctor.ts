import { rules } from '../../rules/index.ts';
import { runGit } from '../git/process.ts';
import { EnvironmentError, readEnvironment } from '../github/environment.ts';
import { loadGoParser } from '../parser.ts';
import { VERSION } from '../version.ts';
import type { Io } from './io.ts';

interface Finding {
  /** `optional`: worth knowing, but nothing is wrong. */
  readonly state: 'ok' | 'bad' | 'optional';
  readonly what: string;
  readonly detail: string;
}

const MIN_NODE = [20, 19] as const;
const MIN_GIT = [2, 30] as const;

/** `reefpilot doctor`: says what works on this machine. Fails only for what `check` and `scan` need. */
export async function doctor(io: Io): Promise<number> {
  const findings = [node(), await git(), await parser(), catalogue(), app(io)];
  const marks = { ok: 'ok  ', bad: 'FAIL', optional: '-   ' };
  const lines = findings.map((f) => `${marks[f.state]} ${f.what}: ${f.detail}`);
  await io.out(`reefpilot ${VERSION}\n${lines.join('\n')}\n`);
  return findings.some((f) => f.state === 'bad') ? 3 : 0;
}

function node(): Finding {
  const ok = atLeast(process.versions.node, MIN_NODE);
  const detail = ok
    ? process.versions.node
    : `${process.versions.node}; Node ${MIN_NODE.join('.')} or later is needed`;
  return { state: ok ? 'ok' : 'bad', what: 'Node.js', detail };
}

async function git(): Promise<Finding> {
  try {
    const { stdout } = await runGit('.', ['version']);
    const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
    const ok = atLeast(version, MIN_GIT);
    const detail = ok ? version : `${version}; git ${MIN_GIT.join('.')} or later is needed`;
    return { state: ok ? 'ok' : 'bad', what: 'git', detail };
  } catch (error) {
    return { state: 'bad', what: 'git', detail: message(error) };
  }
}

async function parser(): Promise<Finding> {
  try {
    const { binding } = await loadGoParser();
    return { state: 'ok', what: 'Go parser', detail: `tree-sitter, ${binding} binding` };
  } catch (error) {
    return { state: 'bad', what: 'Go parser', detail: message(error) };
  }
}

function catalogue(): Finding {
  return { state: rules.length > 0 ? 'ok' : 'bad', what: 'rules', detail: String(rules.length) };
}

/** The messages name variables and never hold a value, since some of them are secrets. */
function app(io: Io): Finding {
  try {
    readEnvironment(io.environment);
    return { state: 'ok', what: 'GitHub App (serve)', detail: 'the environment is complete' };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { state: 'optional', what: 'GitHub App (serve)', detail: error.message };
  }
}

function atLeast(version: string, least: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
