import { readFileSync } from 'node:fs';

/** Every variable that is read, in the order of `.env.example`; a test compares the two. */
export const VARIABLES = [
  'APP_ID',
  'PRIVATE_KEY',
  'PRIVATE_KEY_PATH',
  'WEBHOOK_SECRET',
  'WEBHOOK_PATH',
  'HOST',
  'PORT',
  'GHE_HOST',
  'GITHUB_API_URL',
  'DOCS_URL',
  'LOG_LEVEL',
  'SWEEP_MINUTES',
] as const;

export type Variable = (typeof VARIABLES)[number];
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Environment {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly webhookPath: string;
  readonly host: string;
  readonly port: number;
  /** Null is github.com. */
  readonly apiUrl: string | null;
  readonly docsUrl: string;
  readonly logLevel: LogLevel;
  /** Zero turns the sweep off, the one at the start excepted. */
  readonly sweepMs: number;
}

/** Names everything that is wrong at once. Never holds a value, since some of them are secrets. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

const DEFAULT_DOCS = 'https://github.com/reefpilot/reefpilot/blob/main/rules';
const MIN_SECRET = 32;

/** @throws EnvironmentError */
export function readEnvironment(raw: RawEnvironment): Environment {
  const problems: string[] = [];
  const get = (name: Variable): string => raw[name]?.trim() ?? '';
  const check = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return otherwise;
    }
  };
  const environment: Environment = {
    appId: check(() => integer('APP_ID', get('APP_ID'), 1, Number.MAX_SAFE_INTEGER), 0),
    privateKey: check(() => privateKey(get('PRIVATE_KEY'), get('PRIVATE_KEY_PATH')), ''),
    webhookSecret: check(() => secret(raw.WEBHOOK_SECRET ?? ''), ''),
    webhookPath: check(() => path(get('WEBHOOK_PATH') || '/api/github/webhooks'), '/'),
    host: get('HOST') || '0.0.0.0',
    port: check(() => integer('PORT', get('PORT') || '3000', 0, 65_535), 0),
    apiUrl: check(() => apiUrl(get('GITHUB_API_URL'), get('GHE_HOST')), null),
    docsUrl: check(() => url('DOCS_URL', get('DOCS_URL') || DEFAULT_DOCS), ''),
    logLevel: check(() => logLevel(get('LOG_LEVEL') || 'info'), 'info'),
    sweepMs: check(() => integer('SWEEP_MINUTES', get('SWEEP_MINUTES') || '15', 0, 1440), 0) * 60_000,
  };
  if (problems.length > 0) {
    throw new EnvironmentError(
      `The environment is not complete:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
  return environment;
}

function integer(name: Variable, text: string, least: number, most: number): number {
  if (text === '') throw new Error(`${name} is missing`);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new Error(`${name} must be a whole number from ${least} to ${most}`);
  return value;
}

/**
 * Probot takes `development` for a secret that is not set, and then believes whoever signs with it; so there must be
 * one, and one that cannot be guessed.
 */
function secret(text: string): string {
  if (text === '') throw new Error('WEBHOOK_SECRET is missing; make one with `openssl rand -hex 32`');
  if (text === 'development') throw new Error('WEBHOOK_SECRET is the one that everybody knows');
  if (text.length < MIN_SECRET) throw new Error(`WEBHOOK_SECRET has fewer than ${MIN_SECRET} characters`);
  return text;
}

/** As PEM, with real or with written-out line breaks, or as base64 of a PEM. */
function privateKey(text: string, file: string): string {
  if (text === '' && file === '') throw new Error('PRIVATE_KEY or PRIVATE_KEY_PATH is missing');
  if (text !== '' && file !== '') throw new Error('only one of PRIVATE_KEY and PRIVATE_KEY_PATH may be set');
  const given = file === '' ? text : readKeyFile(file);
  const pem = given.includes('-----BEGIN') ? given : Buffer.from(given, 'base64').toString('utf8');
  const key = pem.replaceAll('\\n', '\n').trim();
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[\s\S]+\n-----END [A-Z ]*PRIVATE KEY-----$/.test(key)) {
    throw new Error(
      `${file === '' ? 'PRIVATE_KEY' : 'PRIVATE_KEY_PATH'} does not hold a private key in PEM form`,
    );
  }
  return key;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Error(`PRIVATE_KEY_PATH cannot be read (${code})`);
  }
}

function apiUrl(api: string, gheHost: string): string | null {
  if (api !== '') return url('GITHUB_API_URL', api);
  if (gheHost === '') return null;
  if (!/^[a-z0-9.-]+(?::\d+)?$/i.test(gheHost))
    throw new Error('GHE_HOST must be a host name, such as git.example.com');
  return `https://${gheHost}/api/v3`;
}

function url(name: Variable, text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Error(`${name} must be an http(s) address`);
  }
  return text.replace(/\/+$/, '');
}

function path(text: string): string {
  if (!/^\/[\w./-]*$/.test(text))
    throw new Error('WEBHOOK_PATH must be a path, such as /api/github/webhooks');
  return text;
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new Error(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
