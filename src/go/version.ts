import { directoryOf } from '../engine/paths.ts';
import type { Analysis, GoPackage, PackageAnalysis, SourceFile } from '../engine/source.ts';
import { buildConstraint, headerComments } from './buildtags.ts';
import { keyValue, type ModuleFile, minorOf, parseModuleFile } from './modfile.ts';
import { std } from './std.ts';

/** The language of a module without a `go` line, and of a workspace without one. */
const DEFAULT_MODULE = 16;
const DEFAULT_WORKSPACE = 18;
/** A `//go:build go1.N` line never takes a file below this language: only since then does it set one. */
const LEAST_BY_FILE = 21;
/** Timers and tickers: channels without a buffer, collected without Stop. */
const SYNCHRONOUS_TIMERS = 23;
/** Toolchain that has no asynctimerchan any more. */
const ONLY_SYNCHRONOUS_TIMERS = 27;
const LOOP_VARIABLE_PER_ITERATION = 22;

/**
 * Which Go a file is written in, and which will run it. What depends on it has one of three meanings:
 *  - the *language* is that of the file's own module, raised or lowered by the file's `//go:build go1.N`;
 *  - the *runtime's* behaviour is that of the main module (or the workspace), which a library does not know;
 *  - what the *toolchain* brings is there whatever the `go` line says, and only a lower bound of it is known.
 * Minor versions: 21 is Go 1.21. Without a go.mod everything is null, and what asks stays silent.
 */
export interface FileVersion {
  readonly language: number | null;
  /** The version whose defaults the program runs with. Not `certain` in a library: then it is the least there can be. */
  readonly runtime: { readonly version: number | null; readonly certain: boolean };
  /** The toolchain is at least this one. */
  readonly toolchain: number | null;
  /** Each iteration of a `for` has its own variables. */
  readonly loopVarPerIteration: boolean | null;
  /** Nothing stale in a timer's channel after Stop or Reset, and no leak without Stop. */
  readonly synchronousTimers: boolean | 'main module decides' | null;
  /** Whether `path.Name` or `path.Type.Member` exists at the file's version; false when the version is unknown. */
  has(path: string, name: string): boolean;
}

/** What go.mod says about the Go that a package is compiled with; `versionOf` tells it for one file. */
export interface GoVersion {
  /** The `go` directive; 16 when a go.mod has none; null when there is no go.mod. */
  readonly language: number | null;
  readonly toolchain: number | null;
  readonly godebug: ReadonlyMap<string, string>;
  readonly modulePath: string | null;
  has(path: string, name: string): boolean;
}

export const goVersion: PackageAnalysis<GoVersion> = {
  name: 'goVersion',
  run(pkg) {
    const mod = pkg.goMod === null ? null : parseModuleFile(pkg.goMod.text);
    const language = mod === null ? null : (mod.go ?? DEFAULT_MODULE);
    return {
      language,
      toolchain: mod?.toolchain ?? null,
      godebug: mod?.godebug ?? new Map(),
      modulePath: mod?.module ?? null,
      has: (path, name) => exists(path, name, language),
    };
  },
};

/** See `FileVersion`. */
export function versionOf(file: SourceFile): FileVersion {
  return file.get(fileVersion);
}

const fileVersion: Analysis<FileVersion> = {
  name: 'fileVersion',
  run(file) {
    const { language: ofModule } = file.pkg.get(goVersion);
    const program = file.pkg.get(programVersion);
    if (ofModule === null || program === null) return NOTHING_KNOWN;
    const tag = file.get(buildConstraint).goMinor;
    const language = tag === null ? ofModule : Math.max(tag, LEAST_BY_FILE);
    const toolchain = Math.max(program.toolchain, tag ?? 0);
    return {
      language,
      runtime: { version: program.runtime, certain: program.certain },
      toolchain,
      loopVarPerIteration: language >= LOOP_VARIABLE_PER_ITERATION,
      synchronousTimers: toolchain >= ONLY_SYNCHRONOUS_TIMERS || program.synchronousTimers,
      has: (path, name) => exists(path, name, language),
    };
  },
};

const NOTHING_KNOWN: FileVersion = {
  language: null,
  runtime: { version: null, certain: false },
  toolchain: null,
  loopVarPerIteration: null,
  synchronousTimers: null,
  has: () => false,
};

interface ProgramVersion {
  readonly runtime: number;
  readonly certain: boolean;
  readonly toolchain: number;
  readonly synchronousTimers: boolean | 'main module decides';
}

/** What is known about the program that the package will be part of; null without a go.mod. */
const programVersion: PackageAnalysis<ProgramVersion | null> = {
  name: 'programVersion',
  run(pkg) {
    if (pkg.goMod === null) return null;
    const mod = parseModuleFile(pkg.goMod.text);
    const own = mod.go ?? DEFAULT_MODULE;
    if (!pkg.moduleHasMain) {
      // The main module's go line is never below that of a module it requires.
      const timers = own >= SYNCHRONOUS_TIMERS || ('main module decides' as const);
      return { runtime: own, certain: false, toolchain: own, synchronousTimers: timers };
    }
    const work = workspaceOf(pkg);
    const runtime = work === null ? own : (work.go ?? DEFAULT_WORKSPACE);
    const settings = new Map([...(work ?? mod).godebug, ...fileSettings(pkg)]);
    const timers = settings.get('asynctimerchan');
    const defaults = minorOf(settings.get('default') ?? '') ?? runtime;
    return {
      runtime,
      certain: true,
      toolchain: Math.max(own, runtime, (work ?? mod).toolchain ?? 0),
      synchronousTimers: timers === undefined ? defaults >= SYNCHRONOUS_TIMERS : timers === '0',
    };
  },
};

/** The go.work that the go tool goes by when it builds the module: the nearest one, if it uses the module. */
function workspaceOf({ goMod, goWork }: GoPackage): ModuleFile | null {
  if (goMod === null || goWork === null) return null;
  const work = parseModuleFile(goWork.text);
  const [home, module] = [directoryOf(goWork.path), directoryOf(goMod.path)];
  return work.use.some((path) => join(home, path) === module) ? work : null;
}

/** `//go:debug key=value` lines: they hold for the program whose main package they stand in. */
function fileSettings(pkg: GoPackage): readonly [string, string][] {
  if (!pkg.isMain) return [];
  return pkg.files
    .filter((file) => !file.isTest)
    .flatMap(headerComments)
    .flatMap((comment) => {
      const setting = /^\/\/go:debug[ \t]+(\S+=\S*)/.exec(comment.text)?.[1];
      return setting === undefined ? [] : [keyValue(setting)];
    });
}

function exists(path: string, name: string, version: number | null): boolean {
  const since = std.since(path, name);
  return since !== null && version !== null && since <= version;
}

/** `a/b` for `a` and `./b`; what leaves the repository is no directory of it. */
function join(home: string, path: string): string | null {
  const parts = home === '' ? [] : home.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}
