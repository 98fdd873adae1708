import type { Snapshot } from '../engine/snapshot.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Ports } from './ports.ts';

/** The analyst has limits of its own; this one holds should they not, so that no check stays open. */
export async function analyseInTime(snapshot: Snapshot, ports: Ports): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const ms = ports.analysisTimeoutMs;
    timer = setTimeout(() => reject(new Error(`the analysis took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([ports.analyse(snapshot), late]);
  } finally {
    clearTimeout(timer);
  }
}
