import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryQueue, type MemoryQueueOptions } from '../../src/queue/memory.ts';
import type { Outcome, Turn } from '../../src/queue/port.ts';

interface Payload {
  readonly pr: number;
  readonly asked: readonly string[];
}

const done: Outcome = { kind: 'done' };
let open: MemoryQueue<Payload>[] = [];

function queueOf(options: Partial<MemoryQueueOptions<Payload>> = {}): MemoryQueue<Payload> {
  const queue = new MemoryQueue<Payload>({
    merge: (older, newer) => ({ ...newer, asked: [...older.asked, ...newer.asked] }),
    onError: () => undefined,
    backoffMs: 5,
    ...options,
  });
  open.push(queue);
  return queue;
}

function job(pr: number, asked: string, lane = 'a') {
  return { key: `repo#${pr}`, lane, payload: { pr, asked: [asked] } };
}

/** Opens a gate from outside. */
function gate(): { readonly wait: Promise<void>; readonly open: () => void } {
  let release = () => {};
  const wait = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { wait, open: () => release() };
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.map((queue) => queue.close(0)));
  open = [];
});

describe('one key', () => {
  it('runs once for many hints that wait, and loses nothing that was asked', async () => {
    const queue = queueOf();
    const seen: Payload[] = [];
    for (const asked of ['push', 'rerun', 'push']) await queue.enqueue(job(1, asked));
    queue.work(async (payload) => {
      seen.push(payload);
      return done;
    });
    await queue.idle();
    expect(seen).toEqual([{ pr: 1, asked: ['push', 'rerun', 'push'] }]);
  });

  it('never runs twice at once, and runs once more for what came in meanwhile', async () => {
    const queue = queueOf();
    const first = gate();
    let running = 0;
    let most = 0;
    const seen: (readonly string[])[] = [];
    queue.work(async ({ asked }) => {
      most = Math.max(most, ++running);
      seen.push(asked);
      if (seen.length === 1) await first.wait;
      running--;
      return done;
    });
    await queue.enqueue(job(1, 'first'));
    for (let i = 0; i < 10; i++) await queue.enqueue(job(1, `late${i}`));
    expect(queue.stats()).toEqual({ running: 1, waiting: 1 });
    first.open();
    await queue.idle();
    expect(most).toBe(1);
    expect(seen.length).toBe(2);
    expect(seen[1]?.at(-1)).toBe('late9');
  });

  it('is given back what a failed try had asked for, together with what is newer', async () => {
    const queue = queueOf();
    const first = gate();
    const seen: (readonly string[])[] = [];
    queue.work(async ({ asked }) => {
      seen.push(asked);
      if (seen.length > 1) return done;
      await first.wait;
      return { kind: 'retry' };
    });
    await queue.enqueue(job(1, 'rerun'));
    await queue.enqueue(job(1, 'push'));
    first.open();
    await queue.idle();
    expect(seen).toEqual([['rerun'], ['rerun', 'push']]);
  });
});

describe('lanes', () => {
  it('keeps a lane to its share and lets others pass', async () => {
    const queue = queueOf({ concurrency: 3, laneConcurrency: 1 });
    const hold = gate();
    const started: number[] = [];
    queue.work(async ({ pr }) => {
      started.push(pr);
      await hold.wait;
      return done;
    });
    for (const pr of [1, 2, 3]) await queue.enqueue(job(pr, 'x', 'busy'));
    await queue.enqueue(job(9, 'x', 'other'));
    expect(started).toEqual([1, 9]);
    hold.open();
    await queue.idle();
    expect(started).toEqual([1, 9, 2, 3]);
  });

  it('lets what is urgent pass when everything is taken, but not through a pause', async () => {
    const queue = queueOf({ concurrency: 1, laneConcurrency: 1 });
    const hold = gate();
    const started: string[] = [];
    let pauses = 1;
    queue.work(async ({ asked }) => {
      started.push(asked.join());
      if (asked[0] === 'slow') await hold.wait;
      return asked[0] === 'limited' && pauses-- > 0 ? { kind: 'pause', forMs: 30 } : done;
    });
    await queue.enqueue(job(1, 'slow'));
    await queue.enqueue(job(2, 'next'));
    await queue.enqueue({ ...job(3, 'urgent'), urgent: true });
    expect(started).toEqual(['slow', 'urgent']);
    hold.open();
    await queue.idle();
    await queue.enqueue(job(4, 'limited'));
    await sleep(1);
    const before = started.length;
    await queue.enqueue({ ...job(5, 'urgent'), urgent: true });
    expect(started.length).toBe(before);
    await queue.idle();
    expect(started.slice(before).sort()).toEqual(['limited', 'urgent']);
  });

  it('serves lanes in turn', async () => {
    const queue = queueOf({ concurrency: 1 });
    const started: number[] = [];
    for (const pr of [1, 2, 3]) await queue.enqueue(job(pr, 'x', 'big'));
    await queue.enqueue(job(9, 'x', 'small'));
    queue.work(async ({ pr }) => {
      started.push(pr);
      return done;
    });
    await queue.idle();
    expect(started).toEqual([1, 9, 2, 3]);
  });

  it('pauses a whole lane, and only that, for as long as it is told', async () => {
    const queue = queueOf({ concurrency: 1 });
    const at = new Map<string, number>();
    const begin = performance.now();
    let paused = false;
    queue.work(async ({ pr }) => {
      if (pr === 1 && !paused) {
        paused = true;
        return { kind: 'pause', forMs: 80 };
      }
      at.set(String(pr), performance.now() - begin);
      return done;
    });
    await queue.enqueue(job(1, 'x', 'limited'));
    await queue.enqueue(job(2, 'x', 'limited'));
    await queue.enqueue(job(3, 'x', 'free'));
    await queue.idle();
    expect(at.get('1')).toBeGreaterThanOrEqual(75);
    expect(at.get('2')).toBeGreaterThanOrEqual(75);
    expect([...at.keys()][0]).toBe('3');
  });
});

describe('tries', () => {
  it('tries again with growing pauses and says which try is the last', async () => {
    const queue = queueOf({ maxAttempts: 3 });
    const turns: Turn[] = [];
    queue.work(async (_, turn) => {
      turns.push(turn);
      return { kind: 'retry' };
    });
    await queue.enqueue(job(1, 'x'));
    await queue.idle();
    expect(turns).toEqual([
      { attempt: 1, isLast: false },
      { attempt: 2, isLast: false },
      { attempt: 3, isLast: true },
    ]);
  });

  it('does not count a pause as a try', async () => {
    const queue = queueOf({ maxAttempts: 2 });
    const attempts: number[] = [];
    queue.work(async (_, { attempt }) => {
      attempts.push(attempt);
      return attempts.length < 5 ? { kind: 'pause', forMs: 1 } : done;
    });
    await queue.enqueue(job(1, 'x'));
    await queue.idle();
    expect(attempts).toEqual([1, 1, 1, 1, 1]);
  });

  it.each([10, 11, 12, 13])('comes back after %i ms, wherever the clock moves on', async (afterMs) => {
    // A clock that moves with every look at it: a job may come due between any two of them.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now++);
    const queue = queueOf();
    let calls = 0;
    queue.work(async () => (++calls < 3 ? { kind: 'again', afterMs } : done));
    await queue.enqueue(job(1, 'x'));
    const isIdle = await Promise.race([queue.idle().then(() => true), sleep(5_000, false)]);
    expect({ isIdle, calls }).toEqual({ isIdle: true, calls: 3 });
  });

  it('survives work that throws, tells about it, and tries again', async () => {
    const errors: unknown[] = [];
    const queue = queueOf({ onError: (error) => errors.push(error) });
    let calls = 0;
    queue.work(async () => {
      if (++calls === 1) throw new Error('bug');
      return done;
    });
    await queue.enqueue(job(1, 'x'));
    await queue.idle();
    expect(calls).toBe(2);
    expect(String(errors[0])).toContain('bug');
  });

  it('gives a new hint all its tries, at once', async () => {
    const queue = queueOf({ backoffMs: 10_000 });
    const attempts: number[] = [];
    queue.work(async (_, { attempt }) => {
      attempts.push(attempt);
      return attempts.length === 1 ? { kind: 'retry' } : done;
    });
    await queue.enqueue(job(1, 'x'));
    await sleep(5);
    expect(queue.stats()).toEqual({ running: 0, waiting: 1 });
    await queue.enqueue(job(1, 'y'));
    await queue.idle();
    expect(attempts).toEqual([1, 1]);
  });
});

describe('closing', () => {
  it('waits for what runs and starts nothing more', async () => {
    const queue = queueOf({ concurrency: 1 });
    const hold = gate();
    const finished: number[] = [];
    queue.work(async ({ pr }) => {
      await hold.wait;
      finished.push(pr);
      return { kind: 'again', afterMs: 0 };
    });
    await queue.enqueue(job(1, 'x'));
    await queue.enqueue(job(2, 'x'));
    const closing = queue.close(5_000);
    hold.open();
    expect(await closing).toBe(true);
    await queue.enqueue(job(3, 'x'));
    await sleep(5);
    expect(finished).toEqual([1]);
    expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it('does not wait longer than it may', async () => {
    const queue = queueOf();
    queue.work(() => new Promise(() => {}));
    await queue.enqueue(job(1, 'x'));
    expect(await queue.close(10)).toBe(false);
  });
});
