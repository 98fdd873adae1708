import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom: each folder, and the folders it may import at run time or for types. */
const MAY: Readonly<
  Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>
> = {
  'src/syntax': { values: [], types: [] },
  'src/engine': { values: ['src/syntax'], types: [] },
  'src/go': { values: ['src/syntax', 'src/engine'], types: [] },
  rules: { values: ['src/syntax', 'src/engine', 'src/go'], types: [] },
  'src/review': { values: ['src/engine'], types: [] },
  'src/policy': { values: ['src/engine'], types: [] },
  'src/report': { values: ['src/engine'], types: [] },
  'src/github': { values: ['src/engine'], types: ['src/review', 'src/policy', 'src/reconcile'] },
  'src/queue': { values: [], types: ['src/review', 'src/engine', 'src/reconcile'] },
  'src/reconcile': { values: ['src/review', 'src/policy', 'src/engine'], types: ['src/github', 'src/queue'] },
  'src/git': { values: ['src/engine', 'src/policy'], types: [] },
};

/** Folders that touch no file, network, process, clock or randomness. */
const PURE = ['src/syntax', 'src/engine', 'src/go', 'rules', 'src/review', 'src/policy', 'src/report'];
const IMPURE_MODULES = /^(?:node:(?!crypto$)|probot|@octokit|pino|bottleneck|nock)/;
const IMPURE_CODE =
  /\bprocess\.|\bDate\.now\b|new Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bfetch\(|\bsetTimeout\(/;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => path.endsWith('.ts'));
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, 'utf8');
  const out: Import[] = [];
  for (const m of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)';/gms))
    out.push({ file, target: m[2] as string, typeOnly: m[1] !== undefined || onlyTypes(m[0]) });
  for (const m of text.matchAll(/import\(\s*'([^']+)'\s*\)/g))
    out.push({ file, target: m[1] as string, typeOnly: false });
  return out;
}

/** `import { type A, type B } from` */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/s.exec(statement)?.[1];
  if (names === undefined) return false;
  return names.split(',').every((n) => n.trim() === '' || n.trim().startsWith('type '));
}

function folderOf(path: string): string {
  if (path.startsWith('rules/')) return 'rules';
  const parts = path.split('/');
  return parts.length > 2 ? parts.slice(0, 2).join('/') : path;
}

const files = [...sources('src'), ...sources('rules')];

describe('the import rules', () => {
  it.each(Object.entries(MAY))('%s', (folder, may) => {
    for (const file of files.filter((f) => folderOf(f) === folder))
      for (const i of importsOf(file)) {
        if (!i.target.startsWith('.')) continue;
        const target = folderOf(relative('.', join(dirname(file), i.target)));
        if (target === folder) continue;
        const allowed = i.typeOnly ? [...may.values, ...may.types] : may.values;
        expect(allowed, `${file} imports ${i.target}${i.typeOnly ? ' for types' : ''}`).toContain(target);
      }
  });

  it('knows every folder', () => {
    const roots = ['src/cli', 'src/demo'];
    const folders = new Set(files.map(folderOf).filter((f) => !f.endsWith('.ts')));
    for (const folder of folders) expect([...Object.keys(MAY), ...roots]).toContain(folder);
  });
});

describe('the pure core', () => {
  const pure = files.filter((f) => PURE.includes(folderOf(f)));

  it('imports nothing that touches the world', () => {
    for (const file of pure)
      for (const i of importsOf(file)) expect(i.target, file).not.toMatch(IMPURE_MODULES);
  });

  it('reads no clock, process or randomness', () => {
    for (const file of pure) {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$|`[^`]*`|'[^'\n]*'/gm, '0');
      expect(code, file).not.toMatch(IMPURE_CODE);
    }
  });
});

describe('sizes', () => {
  it.each(sources('rules').filter((f) => f.endsWith('rule.ts')))('%s stays within 120 lines', (file) => {
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThanOrEqual(121);
  });
});
