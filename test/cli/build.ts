import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Vitest's globalSetup: the end-to-end tests run what users run. */
export function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
}
