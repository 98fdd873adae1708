/** GitHub refuses comment bodies above 65,536 characters; the rest is a margin for what it counts differently. */
export const MAX_COMMENT_CHARS = 60_000;

/** Documented for a check run's `summary` and `text`; counted in bytes of UTF-8 to be on the safe side. */
export const MAX_CHECK_BYTES = 65_535;

/** Documented for an annotation's title. */
export const MAX_TITLE_CHARS = 255;

/** At most so many inline comments per push: the largest review that never met a secondary rate limit. */
export const MAX_INLINE_COMMENTS = 30;

/** File comments are created one request each, so fewer. */
export const MAX_FILE_COMMENTS = 10;

/** Grouped comments name the fingerprints of all their findings in a marker, which has to fit into a comment. */
export const MAX_FINDINGS_PER_PUSH = 1500;

const utf8 = new TextEncoder();

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return utf8.encode(text).length;
}

/** Room kept for the line that says how much is missing. */
const MORE_RESERVE = 200;

/** The first lines that fit into `maxBytes` of UTF-8, followed, when some do not fit, by `more(how many)`. */
export function joinWithin(
  lines: readonly string[],
  maxBytes: number,
  more: (missing: number) => string,
): string {
  const sizes = lines.map((line) => byteLength(line) + 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= maxBytes) return lines.join('\n');
  let used = 0;
  let kept = 0;
  for (const size of sizes) {
    if (used + size > maxBytes - MORE_RESERVE) break;
    used += size;
    kept += 1;
  }
  return [...lines.slice(0, kept), more(lines.length - kept)].join('\n');
}
