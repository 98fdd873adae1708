/** Directory of a repository path; '' at the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The order of every list in a Snapshot or Verdict: by UTF-16 unit, never by locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

export function isGoFile(path: string): boolean {
  return path.endsWith('.go');
}

export function isModuleFile(path: string): boolean {
  const name = baseName(path);
  return name === 'go.mod' || name === 'go.work';
}

const EXCLUDED_DIRECTORIES: ReadonlyMap<string, string> = new Map([
  ['vendor', 'vendored code'],
  ['third_party', 'third-party code'],
  ['node_modules', 'third-party code'],
  ['testdata', 'test data'],
]);

/** Why a file need not be reviewed. Every other reason to skip one leaves something unseen. */
const EXCUSES: ReadonlySet<string> = new Set([
  ...EXCLUDED_DIRECTORIES.values(),
  'generated',
  'ignored by the configuration',
  'submodule',
  'symbolic link',
]);

/** True for a ledger reason that says the file was never meant to be reviewed. */
export function isExcuse(reason: string): boolean {
  return EXCUSES.has(reason);
}

// Control characters and the bidirectional overrides make a path read as something else in a terminal or a comment.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Why a path cannot be trusted to mean one file inside the repository, or null. */
export function hostilePath(path: string): string | null {
  if (UNPRINTABLE.test(path)) return 'path contains control characters';
  if (path.includes('\ufffd')) return 'path is not valid UTF-8';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'path is absolute';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'path leaves the repository';
    if (segment.toLowerCase() === '.git') return 'path lies inside .git';
  }
  return null;
}

/** Why a file is not reviewed judging by its path alone, or null. */
export function excludedPath(path: string): string | null {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  for (const segment of segments) {
    const reason = EXCLUDED_DIRECTORIES.get(segment);
    if (reason !== undefined) return reason;
  }
  if (name.endsWith('.pb.go') || name.startsWith('zz_generated')) return 'generated';
  return null;
}
