/** The lines of a go.mod or go.work that decide which Go compiles and runs a package. Minor versions: 21 is Go 1.21. */
export interface ModuleFile {
  /** Null when the file has no `go` line. */
  readonly go: number | null;
  readonly toolchain: number | null;
  readonly godebug: ReadonlyMap<string, string>;
  /** Path of the module; null in a go.work. */
  readonly module: string | null;
  /** Directories that a go.work joins, as written. */
  readonly use: readonly string[];
}

export function parseModuleFile(text: string): ModuleFile {
  let go: number | null = null;
  let toolchain: number | null = null;
  let module: string | null = null;
  const godebug = new Map<string, string>();
  const use: string[] = [];
  for (const [verb, rest] of directives(text)) {
    if (verb === 'go') go = minorOf(rest) ?? go;
    else if (verb === 'toolchain') toolchain = minorOf(rest) ?? toolchain;
    else if (verb === 'module') module = unquote(rest);
    else if (verb === 'use') use.push(unquote(rest));
    else if (verb === 'godebug') for (const pair of rest.split(/\s+/)) godebug.set(...keyValue(pair));
  }
  return { go, toolchain, godebug, module, use };
}

/** `[verb, rest]` of every line; those of a block carry the verb of the block. */
function* directives(text: string): Generator<readonly [string, string]> {
  let block: string | null = null;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/\/\/.*$/, '').trim();
    const opened = /^(\w+)\s*\($/.exec(line)?.[1];
    if (opened !== undefined) block = opened;
    else if (line === ')') block = null;
    else if (line !== '') yield block === null ? split(line) : [block, line];
  }
}

/** 23 for `1.23`, `1.23rc1`, `1.23.4` and `go1.23.4-custom`; null for `default` and what is no version of Go 1. */
export function minorOf(version: string): number | null {
  const minor = /^(?:go)?1\.(\d+)/.exec(version)?.[1];
  return minor === undefined ? null : Number(minor);
}

export function keyValue(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function split(line: string): [string, string] {
  const space = line.search(/\s/);
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space).trim()];
}

function unquote(text: string): string {
  return text.replace(/^["`]|["`]$/g, '');
}
