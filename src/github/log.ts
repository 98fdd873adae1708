import { type Logger, pino } from 'pino';
import type { LogLevel } from './environment.ts';
import { statusOf } from './trouble.ts';

/**
 * Installation tokens are being moved to a long form without a fixed length, so anything that begins like one goes,
 * and so does everything that looks like a signed token or a key.
 */
const SECRETS = [
  /\b(?:gh[a-z]_|github_pat_|v1\.)[\w.-]{16,}/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /\b(bearer|token|basic)\s+[\w.~+/=-]{16,}/gi,
] as const;

/** Replaces what must not be in a log. */
export function redact(text: string): string {
  return SECRETS.reduce((rest, secret) => rest.replace(secret, '[redacted]'), text);
}

/** JSON lines on standard output, or where a test wants them. */
export function createLog(level: LogLevel, write?: (line: string) => void): Logger {
  const options = {
    name: 'reefpilot',
    level,
    // An Octokit or webhook error carries the whole request or event along; these are the parts worth keeping.
    serializers: { err: errorFields, error: errorFields },
    hooks: { streamWrite: redact },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const status = statusOf(error) || statusOf(cause);
  const errors = error instanceof AggregateError ? error.errors.map((e) => String(e)) : [];
  return {
    type: name,
    message,
    ...(status === 0 ? {} : { status }),
    ...(errors.length === 0 ? {} : { errors }),
    stack,
  };
}
