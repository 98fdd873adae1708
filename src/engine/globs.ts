/**
 * Path globs: `*` and `?` stay inside one segment, `**` spans any number of them. As in a `.gitignore`, a pattern
 * without a slash matches at any depth, a leading slash anchors it at the root, and a pattern that matches a
 * directory matches everything below it. There are no classes, braces or negation.
 *
 * Matching walks two cursors and never builds a regular expression, so no pattern can be made to run for long.
 */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const compiled = patterns.map(compile).filter((segments) => segments.length > 0);
  return (path) => {
    const names = path.split('/');
    return compiled.some((segments) => matchSegments(segments, names));
  };
}

function compile(pattern: string): readonly string[] {
  const trimmed = pattern.trim();
  const segments = trimmed.split('/').filter((segment) => segment !== '' && segment !== '.');
  const anchored = trimmed.replace(/\/+$/, '').includes('/');
  return anchored || segments.length === 0 ? segments : ['**', ...segments];
}

/** True when the pattern matches all of `names` or a leading part of it (a directory). */
function matchSegments(pattern: readonly string[], names: readonly string[]): boolean {
  let p = 0;
  let n = 0;
  let retryPattern = -1;
  let retryName = 0;
  for (;;) {
    const segment = pattern[p];
    const name = names[n];
    if (segment === undefined) return true;
    if (segment === '**') {
      retryPattern = ++p;
      retryName = n;
      // `dir/**` means what is below the directory, not the directory's own name.
      if (p === pattern.length) return name !== undefined;
      continue;
    }
    if (name !== undefined && matchName(segment, name)) {
      p++;
      n++;
      continue;
    }
    if (retryPattern < 0 || retryName >= names.length) return false;
    p = retryPattern;
    n = ++retryName;
  }
}

function matchName(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let starName = 0;
  while (n < name.length) {
    const c = pattern[p];
    if (c === '*') {
      star = p++;
      starName = n;
    } else if (c !== undefined && (c === '?' || c === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++starName;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
