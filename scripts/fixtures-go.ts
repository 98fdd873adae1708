/** Compiles every Go example of the rules with the installed toolchain, at the version each of them names. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { examplesOf } from '../test/rules/fixtures.ts';
import { ruleFolders } from './gen-rules.ts';

const root = mkdtempSync(join(tmpdir(), 'reefpilot-fixtures-'));
const versions = new Map<string, string[]>();
let count = 0;
for (const folder of ruleFolders())
  examplesOf(folder.dir).forEach((example, i) => {
    for (const [side, files] of [
      ['head', example.head],
      ['base', example.base ?? []],
    ] as const)
      for (const file of files) {
        const name = join(`${folder.id}-${i}-${side}`, file.path);
        const target = join(root, example.go, name);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, file.text);
        versions.set(example.go, [
          ...(versions.get(example.go) ?? []),
          `${folder.id}: ${example.name} is ${name}`,
        ]);
        count++;
      }
  });

let failed = false;
for (const [version, names] of versions) {
  const dir = join(root, version);
  writeFileSync(join(dir, 'go.mod'), `module example.com/fixtures\n\ngo ${version}\n`);
  // vet type-checks test files as well; one cheap analyser, because the fixtures are full of what the others find.
  const run = spawnSync('go', ['vet', '-buildtag', './...'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off' },
  });
  if (run.error !== undefined)
    throw new Error('no Go toolchain: `go` cannot be started', { cause: run.error });
  if (run.status !== 0) {
    failed = true;
    console.error(run.stderr);
    for (const name of names)
      if (run.stderr.includes(name.split(' is ')[1] ?? '')) console.error(`  ${name}`);
  }
}
rmSync(root, { recursive: true });
console.log(failed ? 'some Go examples do not compile' : `${count} Go files compile`);
process.exitCode = failed ? 1 : 0;
