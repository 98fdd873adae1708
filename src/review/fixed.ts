import type { Language, Verdict } from '../engine/verdict.ts';
import { safeInline } from './escape.ts';
import { type Fate, fates } from './fate.ts';
import type { Links } from './links.ts';
import { renderMarker } from './markers.ts';
import type { Observation, Plan } from './model.ts';
import type { KnownThread, Posted } from './posted.ts';
import { say } from './words.ts';

/**
 * Threads all of whose findings are gone. Each is answered once, and hidden unless somebody else has said something in
 * it. What was not analysed is not fixed.
 */
export function fixedThreads(
  observation: Observation,
  verdict: Verdict,
  posted: Posted,
  links: Links,
  language: Language,
): Plan['fixed'] {
  if (verdict.conclusion === 'incomplete') return [];
  const fate = fates(verdict);
  const unread = unreadFolders(verdict);
  const { headSha } = observation.pr;
  return posted.threads.flatMap((known) => {
    const { thread } = known;
    const ends = known.keys.map(fate);
    if (!ends.every(({ kind }) => kind === 'gone' || kind === 'waived')) return [];
    if (unread.has(folderOf(thread.path))) return [];
    const reply = known.fixedAt === null;
    // Only the push that was answered may still be completed: later ones leave alone what people have reopened.
    if (!reply && known.fixedAt !== headSha) return [];
    const minimise = !thread.isMinimized && !thread.answeredByOthers;
    const resolve = observation.mayResolve && !thread.isResolved;
    if (!reply && !minimise && !resolve) return [];
    return [{ thread, body: answer(known, ends, headSha, links, language), reply, minimise, resolve }];
  });
}

function answer(
  known: KnownThread,
  ends: readonly Fate[],
  headSha: string,
  links: Links,
  language: Language,
): string {
  const commit = links.commit(headSha);
  const waived = ends.find((end) => end.kind === 'waived');
  const words = waived
    ? say(language, 'fixedWaived', { commit, text: safeInline(waived.evidence.text, 240) })
    : say(language, 'fixed', { commit });
  return `${words}\n${renderMarker({ kind: 'fixed', head: known.fixedAt ?? headSha })}`;
}

/**
 * Packages in which something that should have been read was not. A finding belongs to its package, not to its file,
 * so the whole folder has to wait.
 */
function unreadFolders(verdict: Verdict): ReadonlySet<string> {
  const unread = verdict.ledger.filter(({ status }) => status === 'failed' || status === 'partial');
  return new Set(unread.map((entry) => folderOf(entry.path)));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
