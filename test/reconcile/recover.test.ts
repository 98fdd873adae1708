import { describe, expect, it } from 'vitest';
import { pullOfGroup } from '../../src/reconcile/group.ts';
import { type Hint, keyOf, laneOf, mergeHints } from '../../src/reconcile/hint.ts';
import type { CheckPort, Outcome, Ports } from '../../src/reconcile/ports.ts';
import { recover } from '../../src/reconcile/recover.ts';

class Trouble extends Error {
  override readonly name = 'Trouble';
  constructor(
    readonly kind: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(kind);
  }
}

const log = { info: () => {}, warn: () => {}, error: () => {} };

async function recovered(
  error: unknown,
  turn: { attempt: number; isLast: boolean },
  refuses: unknown = null,
) {
  const said: Outcome[] = [];
  const check: CheckPort = {
    begin: async () => {},
    config: async () => null,
    conclude: async (outcome) => {
      if (refuses !== null) throw refuses;
      said.push(outcome);
    },
  };
  const failure = { error, correlation: 'c0ffee', check, language: 'en', where: {} } as const;
  const next = await recover(failure, { log } as unknown as Ports, turn);
  return { next, said: said.map((outcome) => [outcome.conclusion, outcome.title]) };
}

const FIRST = { attempt: 1, isLast: false };
const LAST = { attempt: 5, isLast: true };

describe('what follows a failure', () => {
  it.each([
    [new Trouble('rate-limited', 5000), LAST, { kind: 'pause', forMs: 5000 }, []],
    [new Trouble('retry'), FIRST, { kind: 'retry' }, []],
    [
      new Trouble('retry'),
      LAST,
      { kind: 'done' },
      [['failure', 'Could not evaluate: GitHub did not answer']],
    ],
    [new Trouble('moved'), FIRST, { kind: 'again', afterMs: 0 }, [['cancelled', 'Superseded']]],
    [new Trouble('vanished'), FIRST, { kind: 'retry' }, []],
    [
      new Trouble('vanished'),
      { attempt: 2, isLast: false },
      { kind: 'done' },
      [['failure', 'Could not evaluate: the commit is gone']],
    ],
    [new Trouble('gone'), FIRST, { kind: 'retry' }, []],
    [new Trouble('gone'), { attempt: 2, isLast: false }, { kind: 'done' }, []],
    [
      new Trouble('forbidden'),
      FIRST,
      { kind: 'done' },
      [['failure', 'Could not evaluate: a permission is missing']],
    ],
    [new TypeError('bug'), FIRST, { kind: 'done' }, [['failure', 'Could not evaluate this change']]],
    ['thrown text', FIRST, { kind: 'done' }, [['failure', 'Could not evaluate this change']]],
  ] as const)('%s', async (error, turn, next, said) => {
    expect(await recovered(error, turn)).toEqual({ next, said });
  });

  it('is another try when not even that could be said', async () => {
    const bug = new TypeError('bug');
    expect((await recovered(bug, FIRST, new Trouble('retry'))).next).toEqual({ kind: 'retry' });
    expect((await recovered(bug, LAST, new Trouble('retry'))).next).toEqual({ kind: 'done' });
    expect((await recovered(bug, FIRST, new Trouble('rate-limited', 7))).next).toEqual({
      kind: 'pause',
      forMs: 7,
    });
  });
});

describe('hints', () => {
  const where = { installationId: 3, owner: 'Acme', name: 'Pay' };
  const pull = (fresh: boolean): Hint => ({ kind: 'pull', ...where, number: 4, fresh });

  it('about one thing have one key, however it is spelt', () => {
    expect(keyOf(pull(true))).toBe('acme/pay#4');
    const keys = new Set([
      keyOf(pull(false)),
      keyOf({ kind: 'commit', ...where, sha: 'abc', fresh: true }),
      keyOf({ kind: 'group', ...where, headSha: 'abc', headRef: '', baseSha: '', baseRef: '', fresh: false }),
      keyOf({ kind: 'installation', installationId: 3 }),
      keyOf({ kind: 'sweep' }),
    ]);
    expect(keys.size).toBe(5);
    expect(laneOf(pull(true))).toBe('3');
  });

  it('do not lose the wish for a fresh run', () => {
    expect(mergeHints(pull(true), pull(false))).toEqual(pull(true));
    expect(mergeHints(pull(false), pull(true))).toEqual(pull(true));
    expect(mergeHints(pull(false), pull(false))).toEqual(pull(false));
  });
});

describe('the pull request of a merge group', () => {
  const sha = 'a'.repeat(40);
  it.each([
    [`refs/heads/gh-readonly-queue/main/pr-12-${sha}`, 12],
    [`refs/heads/gh-readonly-queue/release/1.x/pr-3-${sha}`, 3],
    [`refs/heads/gh-readonly-queue/pr-7-${sha}/pr-8-${sha}`, 8],
    [`refs/heads/gh-readonly-queue/main/pr-12-${sha}x`, null],
    ['refs/heads/gh-readonly-queue/main/pr-x-abc', null],
    ['refs/heads/main', null],
  ])('of %s is %s', (ref, number) => {
    expect(pullOfGroup(ref)).toBe(number);
  });
});
