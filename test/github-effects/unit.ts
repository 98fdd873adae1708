import { Lru } from '../../src/github/cache.ts';
import { appOctokit, politeFetch } from '../../src/github/octokit.ts';
import { Pacer } from '../../src/github/pacer.ts';
import type { Repo } from '../../src/github/repo.ts';

export const API = 'https://api.github.com';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `acme/pay` through a client as the app has it, but impatient. */
export function repo(options: { readonly timeoutMs?: number } = {}): Repo {
  const Octokit = appOctokit({ retryBaseMs: 1, spacingMs: 0 });
  const client = new Octokit({
    auth: { token: 'ghs_unit' },
    log: quiet,
    // Resolved at each call: nock replaces the global one.
    request: { fetch: politeFetch((...args) => globalThis.fetch(...args), options.timeoutMs) },
  });
  return {
    client,
    owner: 'acme',
    name: 'pay',
    app: { id: 7, login: 'reefpilot[bot]' },
    pacer: new Pacer(0),
    ruleset: 'rules',
    caches: { blobs: new Lru(1e6), trees: new Lru(1e4), runs: new Lru(100), facts: new Lru(1e4) },
    log: quiet,
    gitBlobs: null,
    mayResolve: false,
  };
}
