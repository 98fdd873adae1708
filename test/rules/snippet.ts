import { STD } from '../../src/go/knowledge/std.gen.ts';

/** What a fixture says must be found on a line: part of the message, and the severity when it is named. */
export interface Want {
  readonly line: number;
  readonly severity: string | null;
  readonly text: string;
}

export interface GoFile {
  readonly path: string;
  readonly text: string;
}

/** Where several standard packages end alike, the one that snippets mean. */
const PREFERRED: Readonly<Record<string, string>> = {
  template: 'text/template',
  rand: 'math/rand',
  pprof: 'runtime/pprof',
  scanner: 'text/scanner',
};

/** Adds a package clause and the imports of the standard packages that a snippet names, as goimports would. */
export function completeSnippet(code: string, packageName = 'example'): string {
  if (/^\s*(?:\/\/.*\n\s*)*package \w+/.test(code)) return code;
  const names = new Set([...code.matchAll(/(?<![\w.)\]"])([a-z]\w*)\.[A-Z]/g)].map((m) => m[1] as string));
  const imports = Object.keys(STD).filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return names.has(name) && (PREFERRED[name] ?? path) === path && !path.startsWith('go/');
  });
  const block = imports.length === 0 ? '' : `import (\n${imports.map((i) => `\t"${i}"`).join('\n')}\n)\n\n`;
  return `package ${packageName}\n\n${block}${code}`;
}

/** `// want "part of the message"`, optionally `// want info "…"`; several quoted parts mean several findings. */
export function wantsOf(file: GoFile): readonly Want[] {
  return file.text.split('\n').flatMap((text, i) => {
    const m = /\/\/ want (?:(error|warning|info) )?((?:"[^"]*"\s*)+)/.exec(text);
    if (m === null) return [];
    return [...(m[2] as string).matchAll(/"([^"]*)"/g)].map((q) => ({
      line: i + 1,
      severity: m[1] ?? null,
      text: q[1] as string,
    }));
  });
}

export interface MetMark {
  readonly line: number;
  readonly verdict: 'met' | 'unknown' | 'waived';
}

/** `// met`, `// unknown` or `// waived` at the end of a site's line. */
export function marksOf(file: GoFile): readonly MetMark[] {
  return file.text.split('\n').flatMap((text, i) => {
    const m = /\/\/ (met|unknown|waived)\s*$/.exec(text);
    return m === null ? [] : [{ line: i + 1, verdict: m[1] as MetMark['verdict'] }];
  });
}

export interface Example {
  readonly name: string;
  readonly section: string;
  /** Version of the module's go directive. */
  readonly go: string;
  readonly head: readonly GoFile[];
  readonly base: readonly GoFile[] | null;
}

/**
 * Go blocks of a rule's README. The info string may name `go=1.21` and `path=cmd/x/main.go`; without a package clause
 * a block is completed, so that the page shows only what matters.
 */
export function readmeExamples(markdown: string): readonly Example[] {
  const out: Example[] = [];
  let section = '';
  let fence: { info: string; lines: string[] } | null = null;
  markdown.split('\n').forEach((line, i) => {
    const heading = /^## (.*)$/.exec(line);
    if (fence === null && heading !== null) section = heading[1] as string;
    const open = /^```go\b(.*)$/.exec(line);
    if (fence === null && open !== null) fence = { info: open[1] as string, lines: [] };
    else if (fence !== null && line.startsWith('```')) {
      const option = (key: string) => new RegExp(`\\b${key}=(\\S+)`).exec(fence?.info ?? '')?.[1];
      const path = option('path') ?? 'example.go';
      const packageName = /(^|\/)main\.go$/.test(path) ? 'main' : 'example';
      const text = completeSnippet(`${fence.lines.join('\n')}\n`, packageName);
      const example = {
        name: `README line ${i + 1 - fence.lines.length}`,
        section,
        go: option('go') ?? '1.24',
      };
      out.push({ ...example, head: [{ path, text }], base: null });
      fence = null;
    } else if (fence !== null) fence.lines.push(line);
  });
  return out;
}
