import type { Tick } from '../review/attest.ts';

/** Where something is, and through which installation it is reached. */
export interface Where {
  readonly installationId: number;
  readonly owner: string;
  readonly name: string;
}

/**
 * "This may need attention": names and numbers, nothing of what an event said. `fresh` is somebody's wish for a new
 * run of a check that is finished.
 */
export type Hint =
  | (Where & {
      readonly kind: 'pull';
      readonly number: number;
      readonly fresh: boolean;
      /** Boxes of our checklist that somebody has ticked: nothing on GitHub says afterwards who it was. */
      readonly ticks?: readonly Tick[];
    })
  /** This head will have to wait for its review: it should show that one is coming. */
  | (Where & { readonly kind: 'announce'; readonly number: number; readonly sha: string })
  | (Where & {
      readonly kind: 'group';
      readonly headSha: string;
      readonly headRef: string;
      readonly baseSha: string;
      readonly baseRef: string;
      readonly fresh: boolean;
    })
  /** All open pull requests with this head. */
  | (Where & { readonly kind: 'commit'; readonly sha: string; readonly fresh: boolean })
  /** All open pull requests of an installation whose check is missing. */
  | { readonly kind: 'installation'; readonly installationId: number }
  /** All installations. */
  | { readonly kind: 'sweep' };

/** Hints with one key are about one thing and are worked on one after the other. */
export function keyOf(hint: Hint): string {
  switch (hint.kind) {
    case 'pull':
      return `${place(hint)}#${hint.number}`;
    case 'announce':
      return `${place(hint)}#${hint.number}:announce`;
    case 'group':
      return `${place(hint)}@group:${hint.headSha}`;
    case 'commit':
      return `${place(hint)}@${hint.sha}`;
    case 'installation':
      return `installation:${hint.installationId}`;
    case 'sweep':
      return 'sweep';
  }
}

/** GitHub counts its limits per installation. */
export function laneOf(hint: Hint): string {
  return hint.kind === 'sweep' ? 'sweep' : String(hint.installationId);
}

/** What only says that others wait must not wait behind them. */
export function isUrgent(hint: Hint): boolean {
  return hint.kind === 'announce';
}

/** More than anybody ticks between two passes. */
const MAX_TICKS = 200;

/** One hint for two about the same thing: wishes and ticks must survive the next push's hint. */
export function mergeHints(older: Hint, newer: Hint): Hint {
  const wasFresh = 'fresh' in older && older.fresh;
  const merged = wasFresh && 'fresh' in newer ? { ...newer, fresh: true } : newer;
  if (older.kind !== 'pull' || merged.kind !== 'pull') return merged;
  const ticks = [...(older.ticks ?? []), ...(merged.ticks ?? [])].slice(-MAX_TICKS);
  return ticks.length === 0 ? merged : { ...merged, ticks };
}

/** Names on GitHub do not care for case. */
function place({ owner, name }: Where): string {
  return `${owner}/${name}`.toLowerCase();
}
