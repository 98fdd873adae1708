import { type Marker, parseMarkers } from './markers.ts';
import type { Observation, OwnThread } from './model.ts';

/** One of our threads with what its markers say. */
export interface KnownThread {
  readonly thread: OwnThread;
  readonly keys: readonly string[];
  readonly at: 'line' | 'file';
  /** The head its comment was written for. */
  readonly head: string;
  /** The head at which we said that its findings are gone; null while they are not. */
  readonly fixedAt: string | null;
}

/** What is on the pull request already. */
export interface Posted {
  readonly threads: readonly KnownThread[];
  /** Whether a comment stands for this finding, visible or on its way. */
  readonly has: (key: string) => boolean;
  /** The address of the latest thread in which this finding was reported and fixed. */
  readonly earlier: (key: string) => string | null;
  /** Comments written for this head, which count against its budgets. */
  readonly inlineAtHead: number;
  readonly filesAtHead: number;
  readonly findingsAtHead: number;
}

/** Reads the markers of our threads and reviews. */
export function postedOn(observation: Observation): Posted {
  const { headSha } = observation.pr;
  const threads = observation.threads.flatMap((thread) => knownThread(thread));
  const reviews = observation.reviews
    .flatMap((review) => parseMarkers(review.body))
    .filter((marker): marker is Extract<Marker, { kind: 'review' }> => marker.kind === 'review')
    .filter((review) => review.head === headSha);
  const atHead = threads.filter((known) => known.head === headSha);
  const inlineAtHead = atHead.filter((known) => known.at === 'line');
  const filesAtHead = atHead.filter((known) => known.at === 'file');

  const open = new Set(threads.flatMap((known) => (known.fixedAt === null ? known.keys : [])));
  const announced = tally(reviews.flatMap((review) => review.keys));
  const visible = tally(inlineAtHead.flatMap((known) => known.keys));
  return {
    threads,
    // GitHub is eventually consistent: a review can be visible before its comments. Counting tells a comment that
    // is still on its way from one that was answered as fixed and whose finding is back at the same head.
    has: (key) => open.has(key) || (announced.get(key) ?? 0) > (visible.get(key) ?? 0),
    earlier: (key) =>
      threads.findLast((known) => known.fixedAt !== null && known.keys.includes(key))?.thread.url ?? null,
    inlineAtHead: Math.max(
      inlineAtHead.length,
      reviews.reduce((sum, review) => sum + review.comments, 0),
    ),
    filesAtHead: filesAtHead.length,
    findingsAtHead: Math.max(keyCount(inlineAtHead), keyCount(reviews)) + keyCount(filesAtHead),
  };
}

function knownThread(thread: OwnThread): readonly KnownThread[] {
  const marker = parseMarkers(thread.body).find((candidate) => candidate.kind === 'finding');
  if (!marker || marker.keys.length === 0) return [];
  const fixed = thread.ownReplies
    .flatMap((reply) => parseMarkers(reply))
    .findLast((candidate) => candidate.kind === 'fixed');
  const { keys, at, head } = marker;
  return [{ thread, keys, at, head, fixedAt: fixed?.head ?? null }];
}

function keyCount(holders: readonly { readonly keys: readonly string[] }[]): number {
  return holders.reduce((sum, holder) => sum + holder.keys.length, 0);
}

function tally(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
