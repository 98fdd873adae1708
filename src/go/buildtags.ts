import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { KNOWN_ARCH, KNOWN_OS } from './platforms.ts';

/** A build expression: of `//go:build`, of `// +build` lines, or of the endings of a file name. */
export type Constraint =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'not'; readonly of: Constraint }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Constraint[] };

export interface BuildConstraint {
  /** What must hold for the file to be compiled; null when it always is. */
  readonly when: Constraint | null;
  /** The Go version that its `//go:build` line implies; null when the line implies none. */
  readonly goMinor: number | null;
}

/** When a file takes part in the build: its name and the comments above its package clause say so. */
export const buildConstraint: Analysis<BuildConstraint> = {
  name: 'buildConstraint',
  run(file) {
    const header = headerComments(file).map((c) => c.text);
    const line = header.find((text) => /^\/\/go:build\s/.test(text));
    const written = line === undefined ? plusBuild(header) : parseBuildLine(line);
    const parts = [fromName(file.path), written].filter((c) => c !== null);
    return {
      when: parts.length > 1 ? { kind: 'and', of: parts } : (parts[0] ?? null),
      goMinor: line === undefined || written === null ? null : impliedMinor(written, true),
    };
  },
};

/** Comments above the package clause: the only place where Go reads directives for the whole file. */
export function headerComments(file: SourceFile): readonly Node[] {
  const out: Node[] = [];
  for (const node of file.tree.root.descendants('comment', 'package_clause')) {
    if (node.is('package_clause')) break;
    out.push(node);
  }
  return out;
}

/** `//go:build linux && !cgo`; null when the line cannot be read: the file then counts as always built. */
export function parseBuildLine(line: string): Constraint | null {
  const tokens = line.replace(/^\/\/go:build\s/, '').match(/&&|\|\||[!()]|[\p{L}\p{N}_.]+|\S/gu) ?? [];
  let at = 0;
  const list = (kind: 'and' | 'or', sign: string, item: () => Constraint | null): Constraint | null => {
    const of: Constraint[] = [];
    do {
      const one = item();
      if (one === null) return null;
      of.push(one);
    } while (tokens[at] === sign && ++at > 0);
    return of.length === 1 ? (of[0] as Constraint) : { kind, of };
  };
  const or = (): Constraint | null => list('or', '||', () => list('and', '&&', unary));
  const unary = (): Constraint | null => {
    const token = tokens[at++];
    if (token === '!') {
      const of = unary();
      return of === null ? null : { kind: 'not', of };
    }
    if (token === '(') {
      const inner = or();
      return tokens[at++] === ')' ? inner : null;
    }
    return token !== undefined && /^[\p{L}\p{N}_.]+$/u.test(token) ? { kind: 'tag', tag: token } : null;
  };
  const whole = or();
  return at === tokens.length ? whole : null;
}

/** `// +build a,b c` is (a && b) || c, and several lines hold together. Read only where there is no `//go:build`. */
function plusBuild(header: readonly string[]): Constraint | null {
  const lines = header.flatMap((text): Constraint[] => {
    const options = /^\/\/\s*\+build\s+(.*)$/.exec(text)?.[1]?.trim().split(/\s+/);
    if (options === undefined) return [];
    const of = options.map((option): Constraint => ({ kind: 'and', of: option.split(',').map(plusTag) }));
    return [{ kind: 'or', of }];
  });
  return lines.length === 0 ? null : { kind: 'and', of: lines };
}

function plusTag(text: string): Constraint {
  return text.startsWith('!')
    ? { kind: 'not', of: { kind: 'tag', tag: text.slice(1) } }
    : { kind: 'tag', tag: text };
}

/** `dial_linux_arm64_test.go`: the platform that a file name asks for. */
function fromName(path: string): Constraint | null {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/s, '');
  // What stands before the first underscore never counts: linux.go is for every system.
  const parts = base.split('_').slice(1);
  if (parts.at(-1) === 'test') parts.pop();
  const last = parts.at(-1);
  const before = parts.at(-2);
  if (last === undefined) return null;
  const tag = (name: string): Constraint => ({ kind: 'tag', tag: name });
  if (before !== undefined && KNOWN_OS.has(before) && KNOWN_ARCH.has(last))
    return { kind: 'and', of: [tag(before), tag(last)] };
  return KNOWN_OS.has(last) || KNOWN_ARCH.has(last) ? tag(last) : null;
}

/** Least Go version under which the expression (its negation where `holds` is false) can be true, as Go computes it. */
function impliedMinor(c: Constraint, holds: boolean): number | null {
  if (c.kind === 'not') return impliedMinor(c.of, !holds);
  if (c.kind === 'tag') {
    const minor = /^go1\.(\d+)$/.exec(c.tag)?.[1];
    return holds && minor !== undefined ? Number(minor) : null;
  }
  const minors = c.of.map((part) => impliedMinor(part, holds) ?? -1);
  const all = (c.kind === 'and') === holds;
  const minor = all ? Math.max(...minors) : Math.min(...minors);
  return minor < 0 ? null : minor;
}
