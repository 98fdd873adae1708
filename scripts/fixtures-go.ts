/**
 * Compiles every Go example of the rules with the installed toolchain, at the version each of them names. Modules other
 * than the standard library are stood in for by `test/rules/stubs/<module path>/`, so that nothing is downloaded.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
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

/** Every stub, whether or not an example imports it: what is not imported is not looked for. */
function requirements(): string {
  const stubs = resolve('test/rules/stubs');
  return readdirSync(stubs, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'go.mod')
    .sort()
    .map((path) => {
      const module = /^module (\S+)$/m.exec(readFileSync(join(stubs, path), 'utf8'))?.[1] ?? '';
      // The version must agree with the path: `…/v5`, `….v3`.
      const major = /[/.]v(\d+)$/.exec(module)?.[1] ?? '0';
      return `require ${module} v${major}.0.0\nreplace ${module} => ${JSON.stringify(join(stubs, dirname(path)))}\n`;
    })
    .join('');
}

let failed = false;
const required = requirements();
for (const [version, names] of versions) {
  const dir = join(root, version);
  writeFileSync(join(dir, 'go.mod'), `module example.com/fixtures\n\ngo ${version}\n\n${required}`);
  // vet type-checks test files as well; one cheap analyser, because the fixtures are full of what the others find.
  const run = spawnSync('go', ['vet', '-buildtag', './...'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', GOWORK: 'off' },
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
