/**
 * Hidden markers: what Reefpilot has to remember lives in its own comments, one marker a line. Only comments that the
 * app itself wrote may be given to the parser; anybody can paste a marker.
 */

export type Marker =
  /** Below a comment on findings. `at` tells the budgets of inline and of file comments apart. */
  | {
      readonly kind: 'finding';
      readonly at: 'line' | 'file';
      readonly head: string;
      readonly keys: readonly string[];
    }
  /** In a review's body: what was posted with it, since its comments may become visible later than itself. */
  | {
      readonly kind: 'review';
      readonly head: string;
      readonly comments: number;
      readonly keys: readonly string[];
    }
  /** In the sticky comment; `state` is null when there is too much to remember or nothing is known yet. */
  | { readonly kind: 'sticky'; readonly state: StickyState | null }
  /** In the answer below a thread whose findings are gone. */
  | { readonly kind: 'fixed'; readonly head: string }
  /** At the end of a task-list item; who has confirmed it, under our seal: whoever may edit our comment could write a name. */
  | { readonly kind: 'attest'; readonly key: string; readonly by?: string; readonly seal?: string };

/** What the delta "2 fixed · 1 new …" is computed from. */
export interface StickyState {
  readonly head: string;
  /** Findings at `head`. */
  readonly now: readonly string[];
  /** Findings of the push before; null at the first one. */
  readonly before: readonly string[] | null;
}

/** A long list of fingerprints would eat the comment; 64 bits are plenty within one pull request. */
const KEY_LENGTH = 16;

/** The form of a fingerprint in markers, and the only form in which markers and findings are compared. */
export function keyOf(fingerprint: string): string {
  if (/^[0-9a-f]+$/.test(fingerprint)) return fingerprint.slice(0, KEY_LENGTH);
  return encodeURIComponent(fingerprint.replace(/\p{Cs}/gu, '\ufffd'));
}

/** One line, without the line break. */
export function renderMarker(marker: Marker): string {
  return `<!-- reefpilot:v1 ${fieldsOf(marker).join(' ')} -->`;
}

function fieldsOf(marker: Marker): readonly string[] {
  const kind = `kind=${marker.kind}`;
  switch (marker.kind) {
    case 'finding':
      return [kind, `at=${marker.at}`, `head=${word(marker.head)}`, `fp=${words(marker.keys)}`];
    case 'review':
      return [kind, `head=${word(marker.head)}`, `n=${marker.comments}`, `fp=${words(marker.keys)}`];
    case 'sticky': {
      if (!marker.state) return [kind];
      const { head, now, before } = marker.state;
      const fields = [kind, `head=${word(head)}`, `now=${words(now)}`];
      return before ? [...fields, `before=${words(before)}`] : fields;
    }
    case 'fixed':
      return [kind, `head=${word(marker.head)}`];
    case 'attest': {
      const { key, by, seal } = marker;
      const fields = [kind, `id=${word(key)}`];
      return by === undefined ? fields : [...fields, `by=${word(by)}`, `seal=${word(seal ?? '')}`];
    }
  }
}

/** Values come from keys and shas, which are harmless; this keeps a marker whole should one ever not be. */
function word(value: string): string {
  return value.replace(/[^\w.%!~*'()-]/g, '_');
}

function words(values: readonly string[]): string {
  return values.map(word).join(',');
}

const MARKER = /^<!-- reefpilot:v1 ([^<>]*) -->$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * The markers of a comment, damaged ones left out. A marker is a whole line outside code fences: a suggestion block may
 * quote code that contains the text of a marker.
 */
export function parseMarkers(body: string): readonly Marker[] {
  const markers: Marker[] = [];
  let fence: string | null = null;
  for (const raw of body.split('\n')) {
    const line = raw.trimEnd();
    const run = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (run?.startsWith(fence) && line.trim() === run) fence = null;
    } else if (run) {
      fence = run;
    } else {
      const marker = readMarker(line);
      if (marker) markers.push(marker);
    }
  }
  return markers;
}

const TICKED = /^\s*[-*] \[[xX]\] .*(<!-- reefpilot:v1 kind=attest [^<>]*-->)\s*$/;

/** Keys of the task-list items that somebody has ticked in the sticky comment. */
export function parseTicks(body: string): ReadonlySet<string> {
  const ticked = new Set<string>();
  for (const line of body.split('\n')) {
    const marker = readMarker(TICKED.exec(line)?.[1] ?? '');
    if (marker?.kind === 'attest') ticked.add(marker.key);
  }
  return ticked;
}

/** Ticked items that say who has confirmed them, by key. What they say is not proven yet. */
export function parseAttested(
  body: string,
): ReadonlyMap<string, { readonly by: string; readonly seal: string }> {
  const attested = new Map<string, { by: string; seal: string }>();
  for (const line of body.split('\n')) {
    const marker = readMarker(TICKED.exec(line)?.[1] ?? '');
    if (marker?.kind !== 'attest' || marker.by === undefined) continue;
    attested.set(marker.key, { by: marker.by, seal: marker.seal ?? '' });
  }
  return attested;
}

function readMarker(line: string): Marker | null {
  const text = MARKER.exec(line)?.[1];
  if (text === undefined) return null;
  const fields = new Map<string, string>();
  for (const field of text.split(' ')) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1));
  }
  return fromFields(fields);
}

function fromFields(fields: ReadonlyMap<string, string>): Marker | null {
  const head = fields.get('head');
  const keys = list(fields.get('fp'));
  switch (fields.get('kind')) {
    case 'finding':
      if (!head || !keys) return null;
      return { kind: 'finding', at: fields.get('at') === 'file' ? 'file' : 'line', head, keys };
    case 'review':
      if (!head || !keys) return null;
      return { kind: 'review', head, comments: count(fields.get('n')), keys };
    case 'sticky': {
      const now = list(fields.get('now'));
      const before = list(fields.get('before'));
      return { kind: 'sticky', state: head && now ? { head, now, before } : null };
    }
    case 'fixed':
      return head ? { kind: 'fixed', head } : null;
    case 'attest': {
      const key = fields.get('id');
      const by = fields.get('by');
      const seal = fields.get('seal');
      if (!key) return null;
      return by && seal ? { kind: 'attest', key, by, seal } : { kind: 'attest', key };
    }
    default:
      return null;
  }
}

function list(value: string | undefined): readonly string[] | null {
  return value === undefined ? null : value.split(',').filter((item) => item !== '');
}

function count(value: string | undefined): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
