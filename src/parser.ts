import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { loadParser, type Parser } from './syntax/parse.ts';

/** Loads the Go parser, finding the grammar's WASM beside the bundle, or in node_modules when run from source. */
export function loadGoParser(binding?: 'native' | 'wasm'): Promise<Parser> {
  return loadParser({ grammarWasm, ...(binding === undefined ? {} : { binding }) });
}

async function grammarWasm(): Promise<Uint8Array> {
  try {
    return await readFile(new URL('./tree-sitter-go.wasm', import.meta.url));
  } catch {
    const require = createRequire(import.meta.url);
    return readFile(require.resolve('tree-sitter-go/tree-sitter-go.wasm'));
  }
}
