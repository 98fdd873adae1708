import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Files = Record<string, string>;

/**
 * The sample repository: a payment service, a change that adds refunds and four hazards, and fixes for two of them.
 * Each folder holds the files that its commit writes.
 */
export function sample(step: 'base' | 'feature' | 'fixes'): Files {
  // Beside the bundle once built, in the fixtures when run from source.
  const root = import.meta.url.endsWith('.ts') ? '../../test/fixtures/payments' : './payments';
  const dir = fileURLToPath(new URL(`${root}/${step}/`, import.meta.url));
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  return Object.fromEntries(
    names.map((e) => {
      const path = `${e.parentPath}/${e.name}`.replaceAll('\\', '/');
      return [path.slice(dir.length).replace(/^\/+/, ''), readFileSync(path, 'utf8')];
    }),
  );
}
