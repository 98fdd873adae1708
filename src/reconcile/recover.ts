import type { Language } from '../engine/verdict.ts';
import type { Outcome as Next, Turn } from '../queue/port.ts';
import { type CheckPort, type Ports, troubleOf } from './ports.ts';
import { type Ending, ending } from './words.ts';

/** What a pass had got to when it failed. */
export interface Failure {
  readonly error: unknown;
  readonly correlation: string;
  /** Null when not even the check could be reached. */
  readonly check: CheckPort | null;
  readonly language: Language;
  readonly where: object;
}

/**
 * Turns whatever stopped a pass into what to do next. A check that was begun is either concluded here or will be by
 * the pass that is asked for; it is never left open.
 */
export async function recover(failure: Failure, ports: Ports, turn: Turn): Promise<Next> {
  const { error, correlation } = failure;
  const trouble = troubleOf(error);
  const fields = { err: error, correlation, attempt: turn.attempt, ...failure.where };
  switch (trouble?.kind) {
    case 'rate-limited':
      ports.log.warn(fields, 'rate limited, the installation is left alone for a while');
      return { kind: 'pause', forMs: trouble.retryAfterMs ?? 60_000 };
    case 'moved':
      ports.log.info(fields, 'the pull request changed meanwhile, starting over');
      return close(failure, 'superseded', { kind: 'again', afterMs: 0 }, ports, turn);
    case 'retry':
      ports.log.warn(fields, 'GitHub failed');
      return turn.isLast ? close(failure, 'unreachable', { kind: 'done' }, ports, turn) : { kind: 'retry' };
    case 'vanished':
      ports.log.warn(fields, 'a commit is not there');
      // Once more: a commit that was pushed a moment ago may not be everywhere yet.
      return turn.attempt === 1
        ? { kind: 'retry' }
        : close(failure, 'vanished', { kind: 'done' }, ports, turn);
    case 'gone':
      ports.log.warn(fields, 'cannot be reached');
      return turn.attempt === 1 ? { kind: 'retry' } : { kind: 'done' };
    case 'forbidden':
      ports.log.error(fields, 'a permission is missing');
      return close(failure, 'forbidden', { kind: 'done' }, ports, turn);
    default:
      ports.log.error(fields, 'a pass failed for a reason of our own');
      return close(failure, 'not-evaluated', { kind: 'done' }, ports, turn);
  }
}

async function close(failure: Failure, name: Ending, then: Next, ports: Ports, turn: Turn): Promise<Next> {
  const { check, correlation, language } = failure;
  if (check === null) return then;
  try {
    await check.conclude(ending(name, language, { id: correlation }));
    return then;
  } catch (error) {
    const trouble = troubleOf(error);
    ports.log.error({ err: error, correlation, ...failure.where }, 'the check could not be concluded');
    if (trouble?.kind === 'rate-limited') return { kind: 'pause', forMs: trouble.retryAfterMs ?? 60_000 };
    // The sweep will find the open check should this have been the last try.
    return trouble?.kind === 'retry' && !turn.isLast ? { kind: 'retry' } : then;
  }
}
