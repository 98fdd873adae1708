/** Writes every generated file, or with --check fails when one is out of date. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateKinds } from './gen-kinds.ts';
import { generateDocs, generateIndex } from './gen-rules.ts';
import { apiSource, generateStd } from './gen-std.ts';

const STD = 'src/go/knowledge/std.gen.ts';

/** `make` gives null where this machine lacks what the file is made from: then the committed file stands. */
interface Output {
  readonly path: string;
  make(): string | null | Promise<string>;
}

const outputs: readonly Output[] = [
  { path: 'src/syntax/kinds.gen.ts', make: generateKinds },
  { path: STD, make: makeStd },
  { path: 'rules/index.ts', make: generateIndex },
  { path: 'docs/rules.md', make: generateDocs },
];

/** Made from an installed Go toolchain; in a check only from one of the committed table's own release. */
function makeStd(): string | null {
  const committed = existsSync(STD) ? readFileSync(STD, 'utf8') : null;
  const minor = /STD_MINOR = (\d+)/.exec(committed ?? '')?.[1];
  let goroot: string;
  try {
    goroot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  } catch {
    if (committed === null)
      throw new Error(`${STD} is missing, and making it needs an installed Go toolchain`);
    return null;
  }
  const source = apiSource([goroot], minor === undefined ? null : Number(minor));
  if (source === null) return null;
  const made = generateStd(source);
  const newer = Number(/STD_MINOR = (\d+)/.exec(made)?.[1] ?? 0) > Number(minor ?? 0);
  return check && newer ? null : made;
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, make } of outputs) {
  const wanted = await make();
  if (wanted === null || (existsSync(path) && readFileSync(path, 'utf8') === wanted)) continue;
  stale.push(path);
  if (!check) writeFileSync(path, wanted);
}
if (check && stale.length > 0) {
  console.error(`Generated files are out of date: ${stale.join(', ')}. Run: npm run gen`);
  process.exitCode = 1;
} else {
  for (const path of stale) console.log(`wrote ${path}`);
}
