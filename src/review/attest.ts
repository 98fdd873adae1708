import type { Group, Obligation, Verdict } from '../engine/verdict.ts';
import { keyOf, parseAttested, renderMarker } from './markers.ts';

/** Which undecided sites a person has to vouch for, and how what they said is kept from being forged. */
export interface AttestPolicy {
  /** Groups in which an undecided site, or a waiver that the change brings along, holds the check back. */
  readonly groups: readonly Group[];
  /** A keyed digest that only this app can make. */
  readonly seal: (text: string) => string;
}

/** Somebody who may has ticked these boxes. */
export interface Tick {
  readonly by: string;
  readonly keys: readonly string[];
}

/** One thing that no analysis can vouch for. */
export interface AttestItem {
  readonly obligation: Obligation;
  readonly key: string;
  /** The check waits for it. */
  readonly required: boolean;
  /** Who has confirmed it, for the code as it is now. */
  readonly by: string | null;
}

/**
 * What a person is asked to confirm: undecided sites of the groups the policy names, and every waiver that the change
 * itself brings along. A confirmation is bound to the code of the declaration: when that changes, it lapses; a push that
 * changes something else leaves it alone. `place` tells one pull request from another.
 */
export function attestItems(
  verdict: Verdict,
  previous: string | null,
  ticks: readonly Tick[],
  place: string,
  { groups, seal }: AttestPolicy,
): readonly AttestItem[] {
  const written = previous === null ? new Map<string, never>() : parseAttested(previous);
  const told = new Map(ticks.flatMap(({ by, keys }) => keys.map((key) => [key, by] as const)));
  const asked = verdict.obligations.filter(
    // A waiver from the base branch was somebody's decision already; one the change brings along was not.
    ({ verdict: result, group, proposed }) => proposed || (result === 'unknown' && groups.includes(group)),
  );
  return asked.map((obligation) => {
    const key = attestKey(obligation);
    const known = written.get(key);
    const isOurs = known !== undefined && known.seal === seal(sealed(place, key, known.by));
    const by = told.get(key) ?? (isOurs ? known.by : null);
    return { obligation, key, required: groups.includes(obligation.group), by };
  });
}

export function attestMarker({ key, by }: AttestItem, place: string, { seal }: AttestPolicy): string {
  return renderMarker({
    kind: 'attest',
    key,
    ...(by === null ? {} : { by, seal: seal(sealed(place, key, by)) }),
  });
}

/** How many items the check still waits for. */
export function unconfirmed(items: readonly AttestItem[]): number {
  return items.filter((item) => item.required && item.by === null).length;
}

function attestKey({ fingerprint, code }: Obligation): string {
  return code === '' ? keyOf(fingerprint) : `${keyOf(fingerprint)}.${keyOf(code)}`;
}

function sealed(place: string, key: string, by: string): string {
  return `attest ${place} ${key} ${by}`;
}
