import type { SourceFile } from '../engine/source.ts';
import { buildConstraint, type Constraint } from './buildtags.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Every GOOS and GOARCH that Go knows as the ending of a file name (internal/syslist). */
export const KNOWN_OS = words(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos',
);
export const KNOWN_ARCH = words(
  'amd64 arm64 386 amd64p32 arm armbe arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ' +
    'ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm',
);
const UNIX = words('aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris');
/** What a system also answers to. */
const ALSO: ReadonlyMap<string, string> = new Map([
  ['android', 'linux'],
  ['illumos', 'solaris'],
  ['ios', 'darwin'],
]);
/** More free tags than this are not tried out: the files count as compatible. */
const MAX_FREE_TAGS = 8;

/** Whether some build compiles both files. */
export function compatible(a: SourceFile, b: SourceFile): boolean {
  const one = a.get(buildConstraint).when;
  const other = b.get(buildConstraint).when;
  if (a === b || (one === null && other === null)) return true;
  const parts = [one, other].filter((c) => c !== null);
  return satisfiable({ kind: 'and', of: parts });
}

/** Whether some platform, toolchain and choice of tags makes the expression true. */
export function satisfiable(c: Constraint): boolean {
  const tags = tagsOf(c, new Set<string>());
  const systems = tags.has('unix') || some(tags, KNOWN_OS) ? [...KNOWN_OS] : ['linux'];
  const archs = some(tags, KNOWN_ARCH) ? [...KNOWN_ARCH] : ['amd64'];
  const minors = [...tags].flatMap((t) => /^go1\.(\d+)$/.exec(t)?.[1] ?? []).map(Number);
  const versions = minors.length === 0 ? [Number.MAX_SAFE_INTEGER] : [...minors, Math.min(...minors) - 1];
  const free = [...tags].filter((t) => isFree(t));
  if (free.length > MAX_FREE_TAGS) return true;
  for (const os of systems)
    for (const arch of archs)
      for (const minor of versions)
        for (let chosen = 0; chosen < 1 << free.length; chosen++) {
          const truth = (tag: string): boolean => {
            const index = free.indexOf(tag);
            return index >= 0 ? (chosen & (1 << index)) !== 0 : holds(tag, os, arch, minor);
          };
          if (evaluate(c, truth)) return true;
        }
  return false;
}

function holds(tag: string, os: string, arch: string, minor: number): boolean {
  if (tag === 'unix') return UNIX.has(os);
  const wanted = /^go1\.(\d+)$/.exec(tag)?.[1];
  if (wanted !== undefined) return Number(wanted) <= minor;
  return tag === os || tag === arch || tag === ALSO.get(os) || tag === 'gc' || tag === 'go1';
}

/** A tag that a build may set or not. By convention nobody sets `ignore`; gccgo is not told apart from gc. */
function isFree(tag: string): boolean {
  const fixed =
    KNOWN_OS.has(tag) || KNOWN_ARCH.has(tag) || /^(?:unix|gc|gccgo|ignore|go1(?:\.\d+)?)$/.test(tag);
  return !fixed;
}

function evaluate(c: Constraint, truth: (tag: string) => boolean): boolean {
  switch (c.kind) {
    case 'tag':
      return truth(c.tag);
    case 'not':
      return !evaluate(c.of, truth);
    case 'and':
      return c.of.every((part) => evaluate(part, truth));
    case 'or':
      return c.of.some((part) => evaluate(part, truth));
  }
}

function tagsOf(c: Constraint, into: Set<string>): ReadonlySet<string> {
  if (c.kind === 'tag') into.add(c.tag);
  else if (c.kind === 'not') tagsOf(c.of, into);
  else for (const part of c.of) tagsOf(part, into);
  return into;
}

function some(tags: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  return [...tags].some((t) => known.has(t));
}
