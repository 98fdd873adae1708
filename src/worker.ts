import { parentPort } from 'node:worker_threads';
import { rules } from '../rules/index.ts';
import { analyse } from './engine/analyse.ts';
import type { Snapshot } from './engine/snapshot.ts';
import type { Verdict } from './engine/verdict.ts';
import { loadGoParser } from './parser.ts';
import { VERSION } from './version.ts';

/** What the worker answers: once `ready`, then one answer for each snapshot. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'error'; readonly message: string };

const port = parentPort;
if (port === null) throw new Error('worker.js is started by the analyst, not by hand');
const engine = { parser: await loadGoParser(), rules, version: VERSION };
const post = (message: WorkerMessage) => port.postMessage(message);
port.on('message', (snapshot: Snapshot) => {
  try {
    post({ kind: 'verdict', verdict: analyse(snapshot, engine) });
  } catch (error) {
    post({ kind: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
post({ kind: 'ready' });
