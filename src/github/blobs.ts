import { createHash } from 'node:crypto';
import { decodeBlob } from '../engine/blobs.ts';
import type { BlobText, TreeEntry } from '../engine/select.ts';
import { bytesFromGit } from './git-blobs.ts';
import { BLOB_ALIASES, BLOB_ALIASES_FLOOR, BLOB_BATCH_BYTES, GRAPHQL_TEXT_BYTES } from './limits.ts';
import { ONCE } from './octokit.ts';
import { blobsQuery } from './queries.ts';
import { at, type Repo } from './repo.ts';
import { explain, partialData, statusOf } from './trouble.ts';

interface RawBlob {
  readonly oid?: string;
  readonly byteSize?: number;
  readonly isBinary?: boolean | null;
  readonly isTruncated?: boolean;
  readonly text?: string | null;
}

/**
 * Reads blobs by hash: from the cache, else very many over git, else many to a query, else one by one where GraphQL's
 * text is not the content.
 * A blob that GitHub does not have is missing from the result.
 * @throws Octokit's errors, once smaller batches have not helped either.
 */
export async function readBlobs(
  repo: Repo,
  repositoryId: number,
  wanted: readonly TreeEntry[],
): Promise<ReadonlyMap<string, BlobText>> {
  const texts = new Map<string, BlobText>();
  const keep = (oid: string, blob: BlobText) => {
    texts.set(oid, blob);
    const weight = 'text' in blob ? blob.text.length * 2 + 100 : 100;
    repo.caches.blobs.set(`${repositoryId}:${oid}`, blob, weight);
  };
  const missing = new Map<string, TreeEntry>();
  for (const entry of wanted) {
    const cached = repo.caches.blobs.get(`${repositoryId}:${entry.oid}`);
    if (cached === undefined) missing.set(entry.oid, entry);
    else texts.set(entry.oid, cached);
  }
  for await (const [oid, bytes] of bytesFromGit(repo, [...missing.values()])) {
    if (!missing.has(oid) || !isBlob(oid, bytes)) continue;
    keep(oid, decodeBlob(bytes));
    missing.delete(oid);
  }
  const single: string[] = [];
  const many: TreeEntry[] = [];
  for (const entry of missing.values()) {
    if ((entry.size ?? 0) > GRAPHQL_TEXT_BYTES) single.push(entry.oid);
    else many.push(entry);
  }
  for (const batch of batches(many)) {
    for (const [oid, blob] of await readBatch(repo, batch)) {
      const text = wholeText(oid, blob);
      if (text === null) single.push(oid);
      else keep(oid, text);
    }
  }
  for (const oid of single) {
    const blob = await readOne(repo, oid);
    if (blob !== null) keep(oid, blob);
  }
  return texts;
}

/** Splits by number and by bytes, in the order given. */
export function batches(entries: readonly TreeEntry[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { oid, size } of entries) {
    const last = all.at(-1);
    bytes += size ?? 0;
    if (last === undefined || last.length === BLOB_ALIASES || bytes > BLOB_BATCH_BYTES) {
      all.push([oid]);
      bytes = size ?? 0;
    } else {
      last.push(oid);
    }
  }
  return all;
}

/** Halves a batch that is too much for GitHub, down to a floor; a smaller one that fails is not about its size. */
async function readBatch(
  repo: Repo,
  oids: readonly string[],
): Promise<readonly (readonly [string, RawBlob])[]> {
  try {
    const answer = await repo.client.graphql<unknown>(blobsQuery(oids), {
      owner: repo.owner,
      name: repo.name,
      request: ONCE,
    });
    return pick(answer, oids);
  } catch (error) {
    const trouble = explain(error);
    // Blobs that do not exist come as errors beside those that do; they are asked for once more, singly.
    if (trouble?.kind === 'gone' && partialData(error) !== null) return pick(partialData(error), oids);
    if (trouble?.kind !== 'retry' || oids.length <= BLOB_ALIASES_FLOOR) throw error;
    const half = Math.ceil(oids.length / 2);
    return [...(await readBatch(repo, oids.slice(0, half))), ...(await readBatch(repo, oids.slice(half)))];
  }
}

function pick(answer: unknown, oids: readonly string[]): readonly (readonly [string, RawBlob])[] {
  const { repository } = answer as { readonly repository: Readonly<Record<string, RawBlob | null>> | null };
  return oids.map((oid, index) => [oid, repository?.[`b${index}`] ?? {}] as const);
}

/**
 * GraphQL cuts text at 512 000 bytes and replaces what is not UTF-8, so the text is believed only when it hashes to
 * the blob's own name.
 */
function wholeText(oid: string, blob: RawBlob): BlobText | null {
  if (typeof blob.text !== 'string' || blob.isTruncated === true) return null;
  const bytes = Buffer.from(blob.text);
  return isBlob(oid, bytes) ? decodeBlob(bytes) : null;
}

/** Whether `bytes` are the content of blob `oid`; 64 digits mean a sha256 repository. */
export function isBlob(oid: string, bytes: Uint8Array): boolean {
  const hash = createHash(oid.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex') === oid;
}

/** As base64: asked for raw, Octokit decodes the answer as text and loses what is not UTF-8. */
async function readOne(repo: Repo, oid: string): Promise<BlobText | null> {
  try {
    const { data } = await repo.client.rest.git.getBlob({ ...at(repo), file_sha: oid });
    const bytes = Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8');
    return isBlob(oid, bytes) ? decodeBlob(bytes) : { unreadable: 'content does not match its hash' };
  } catch (error) {
    if ([404, 409, 422].includes(statusOf(error))) return null;
    throw error;
  }
}
