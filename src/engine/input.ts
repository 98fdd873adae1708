import { digest } from './fingerprint.ts';
import type { Selection, TreeEntry } from './select.ts';
import type { Settings } from './snapshot.ts';

/**
 * Everything a verdict depends on in one word: two changes with the same one have the same findings, whatever their
 * commits are called. Waivers end with a day, so the day is part of it.
 */
export function inputDigest(
  selection: Selection,
  settings: Settings,
  today: string,
  ruleset: string,
): string {
  const { changes, partialPackages, programs, skipped } = selection;
  const blobs = (entries: readonly TreeEntry[]) => entries.map(({ path, mode, oid }) => [path, mode, oid]);
  return digest(
    ruleset,
    today,
    JSON.stringify(settings),
    JSON.stringify([
      changes,
      blobs(selection.head),
      blobs(selection.base),
      partialPackages,
      programs,
      skipped,
    ]),
  );
}
