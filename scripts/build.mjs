/**
 * Bundles the command line and the worker into dist/. Nothing is written before the whole build has succeeded; then
 * every file takes its place by renaming, entry points last, and what is left of older builds goes. So dist/ works at
 * every moment, also while two builds run at once.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const entries = ['cli.js', 'worker.js'];
const require = createRequire(import.meta.url);

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: entries.map((name) => `src/${name.replace(/js$/, 'ts')}`),
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  splitting: true,
  sourcemap: true,
  logLevel: 'warning',
  write: false,
});
const files = new Map(outputFiles.map((file) => [basename(file.path), file.contents]));
files.set('tree-sitter-go.wasm', await readFile(require.resolve('tree-sitter-go/tree-sitter-go.wasm')));
// What `reefpilot demo` reads: the descriptions of GitHub's API, and the sample repository.
await include('test/github/schema', 'schema');
await include('test/fixtures/payments', 'payments');

await mkdir(dist, { recursive: true });
const before = await list(dist);
for (const name of [...files.keys()].filter((name) => !entries.includes(name))) await put(name);
for (const name of entries) await put(name);
for (const name of before) {
  // Files in the making belong to a build that runs now.
  if (!files.has(name) && !name.endsWith('.tmp'))
    await rm(join(dist, name), { recursive: true, force: true });
}

async function list(dir) {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => relative(dir, join(e.parentPath, e.name)));
}

async function include(from, to) {
  for (const name of await list(join(root, from)))
    files.set(join(to, name), await readFile(join(root, from, name)));
}

async function put(name) {
  await mkdir(dirname(join(dist, name)), { recursive: true });
  const temporary = join(dist, `${name}.${process.pid}.tmp`);
  await writeFile(temporary, files.get(name), { mode: name === 'cli.js' ? 0o755 : 0o644 });
  await rename(temporary, join(dist, name));
}
