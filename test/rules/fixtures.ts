import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { completeSnippet, type Example, type GoFile, readmeExamples } from './snippet.ts';

/** All executed examples of a rule: its README, and `testdata/` where there is one. */
export function examplesOf(dir: string): readonly Example[] {
  const testdata = join(dir, 'testdata');
  return [
    ...readmeExamples(readFileSync(join(dir, 'README.md'), 'utf8')),
    ...(existsSync(testdata) ? testdataExamples(testdata, testdata, '1.24') : []),
  ];
}

/**
 * A Go file is an example of its own; a folder `go1.N` sets the version of what lies in it; a folder with `head/` (and
 * `base/`) is one change, any other folder is one package.
 */
function testdataExamples(dir: string, root: string, go: string): readonly Example[] {
  return readdirSync(dir).flatMap((name): readonly Example[] => {
    const path = join(dir, name);
    const label = relative(root, path);
    if (!statSync(path).isDirectory())
      return [{ name: label, section: 'testdata', go, head: [file(path, name)], base: null }];
    const version = /^go(1\.\d+)$/.exec(name)?.[1];
    if (version !== undefined) return testdataExamples(path, root, version);
    if (existsSync(join(path, 'head')))
      return [
        {
          name: label,
          section: 'testdata',
          go,
          head: tree(join(path, 'head')),
          base: tree(join(path, 'base')),
        },
      ];
    return [{ name: label, section: 'testdata', go, head: tree(path), base: null }];
  });
}

function tree(dir: string): readonly GoFile[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.go'))
    .sort()
    .map((name) => file(join(dir, name), name));
}

function file(path: string, name: string): GoFile {
  return { path: name, text: completeSnippet(readFileSync(path, 'utf8')) };
}
