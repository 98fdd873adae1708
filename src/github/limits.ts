/**
 * What GitHub documents about its own limits, in its words where it has any. Everything that splits, clips or waits
 * takes its number from here, so that a changed limit is one edit.
 */

/** "The Checks API limits the number of annotations to a maximum of 50 per API request." Later ones are appended. */
export const ANNOTATIONS_PER_REQUEST = 50;

/** "Maximum length: 65535 characters" for a check run's `summary` and `text`; counted in bytes to be safe with CJK. */
export const CHECK_TEXT_BYTES = 65_535;

/** "The maximum size is 255 characters" for an annotation's title, "64 KB" for its message. */
export const ANNOTATION_TITLE = 255;
export const ANNOTATION_MESSAGE_BYTES = 64 * 1024;

/** "body is too long (maximum is 65536 characters)"; cut well before, since what GitHub counts has changed before. */
export const BODY_CHARACTERS = 60_000;

/** "The response … includes details about the files that were changed … up to a maximum of 300 files." */
export const COMPARE_FILES = 300;

/** "Responses include a maximum of 3000 files." */
export const LISTED_FILES = 3_000;

/** "per_page: The number of results per page (max 100)", and "first and last … within 1-100" for GraphQL. */
export const PER_PAGE = 100;

/** No documented cap on aliases; 50 has always been answered, hundreds have been seen to fail. */
export const BLOB_ALIASES = 50;
/** Batches are halved on trouble, but not below this. */
export const BLOB_ALIASES_FLOOR = 5;
/** Above this much text GraphQL has been seen to answer 500 or to run into its 10 s limit. */
export const BLOB_BATCH_BYTES = 1_500_000;
/** GraphQL cuts `Blob.text` here and sets `isTruncated`. */
export const GRAPHQL_TEXT_BYTES = 512_000;

/** "GitHub will terminate the connection" after 10 s; what takes much longer is not coming. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** "wait for at least one minute before retrying" when a secondary limit names no time of its own. */
export const SECONDARY_WAIT_MS = 60_000;

/** "If you are making a large number of POST, PATCH, PUT, or DELETE requests, wait at least one second between each". */
export const WRITE_SPACING_MS = 1_000;

/** "Webhook payloads are capped at 25 MB"; a larger event is never sent. */
export const WEBHOOK_BYTES = 25 * 1024 * 1024;

/** Newer versions exist; this one is what the code was checked against. */
export const API_VERSION = '2022-11-28';

/** Cuts at a character boundary so that the text fits `bytes` of UTF-8, and says that it did. */
export function clipBytes(text: string, bytes: number, note = '\n\n…'): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = bytes - Buffer.byteLength(note);
  // `stream: true` drops the character that the cut went through instead of replacing it.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, room), { stream: true }) + note;
}

/** Cuts a comment body, but not the marker lines at its end: without them the comment would not be known as ours. */
export function clipBody(text: string): string {
  if (text.length <= BODY_CHARACTERS) return text;
  const markers = /(?:\n<!-- reefpilot:[^\n]*)*\s*$/.exec(text)?.[0] ?? '';
  return `${text.slice(0, Math.max(0, BODY_CHARACTERS - markers.length))}\n\n…${markers}`;
}
