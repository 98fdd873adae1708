/** The text of one blob, or why it has none. */
export type BlobText = { readonly text: string } | { readonly unreadable: string };

/** A file above this size is not read: no hand-written Go file comes near it. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

export const TOO_LARGE = `larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`;

/** Decodes what git stores. Go source is UTF-8 by definition, so anything else is not Go, whatever its name says. */
export function decodeBlob(bytes: Uint8Array): BlobText {
  if (bytes.byteLength > MAX_FILE_BYTES) return { unreadable: TOO_LARGE };
  if (bytes.includes(0)) return { unreadable: 'binary (contains a NUL byte)' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { unreadable: 'not valid UTF-8' };
    throw error;
  }
}

const GENERATED = /^\/\/ Code generated .* DO NOT EDIT\.\r?$/;

/** The convention of https://go.dev/s/generatedcode: the marker is a line of its own before the package clause. */
export function isGenerated(text: string): boolean {
  let inBlock = false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (inBlock) {
      inBlock = !line.includes('*/');
    } else if (GENERATED.test(line)) {
      return true;
    } else if (line.startsWith('/*')) {
      inBlock = !line.includes('*/', 2);
    } else if (!line.startsWith('//') && line.trim() !== '') {
      return false;
    }
  }
  return false;
}
