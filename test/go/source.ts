import { GoPackage, SourceFile } from '../../src/engine/source.ts';
import { loadGoParser } from '../../src/parser.ts';
import { completeSnippet } from '../rules/snippet.ts';

const parser = await loadGoParser('wasm');

/** A package from snippets by path; missing package clauses and standard imports are added. */
export function packageFrom(
  files: Readonly<Record<string, string>>,
  goMod: string | null = 'module m\n\ngo 1.24\n',
) {
  const pkg = new GoPackage({
    dir: '',
    name: 'example',
    complete: true,
    goMod: goMod === null ? null : { path: 'go.mod', oid: '', text: goMod },
  });
  for (const [path, code] of Object.entries(files))
    pkg.files.push(new SourceFile(path, parser.parse(completeSnippet(code)), pkg));
  return pkg;
}

export function fileFrom(code: string, goMod?: string | null): SourceFile {
  return packageFrom({ 'example.go': code }, goMod).files[0] as SourceFile;
}
