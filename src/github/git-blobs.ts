import type { TreeEntry } from '../engine/select.ts';
import type { Repo } from './repo.ts';

/** Blobs of a repository on a host, by name. */
export interface BlobSource {
  /** Such as `https://github.com/owner/name.git`. */
  readonly url: string;
  /** Of the installation; good for reading the repository. */
  readonly token: string;
  readonly oids: readonly string[];
}

/** Brings blobs over the git protocol, in any order. It may leave some out, and throws where git is missing or fails. */
export type GitBlobs = (source: BlobSource) => AsyncIterable<readonly [oid: string, bytes: Uint8Array]>;

/** From here on git is quicker than the API and spares it; docs/architecture.md has the measurement. */
const GIT_BLOBS = 400;
const GIT_BLOB_BYTES = 10 * 1024 * 1024;

/** Whether so many blobs are better brought by git. */
function isForGit(wanted: readonly TreeEntry[]): boolean {
  return (
    wanted.length >= GIT_BLOBS || wanted.reduce((sum, { size }) => sum + (size ?? 0), 0) >= GIT_BLOB_BYTES
  );
}

/** What git brings of the blobs. It never throws: the API has every blob too, so nothing is lost but time. */
export async function* bytesFromGit(
  { client, gitBlobs, owner, name, log }: Repo,
  wanted: readonly TreeEntry[],
): AsyncGenerator<readonly [oid: string, bytes: Uint8Array], void, undefined> {
  if (gitBlobs === null || !isForGit(wanted)) return;
  const repo = `${owner}/${name}`;
  let brought = 0;
  try {
    const { token } = (await client.auth({ type: 'installation' })) as { readonly token: string };
    const url = gitUrl(client.request.endpoint.DEFAULTS.baseUrl, owner, name);
    for await (const blob of gitBlobs({ url, token, oids: wanted.map(({ oid }) => oid) })) {
      brought++;
      yield blob;
    }
    log.info({ repo, wanted: wanted.length, brought }, 'blobs came over git');
  } catch (err) {
    log.warn(
      { err, repo, wanted: wanted.length, brought },
      'git did not bring the blobs; the API is asked for them',
    );
  }
}

/**
 * Where git finds a repository, by where the API is: the token goes nowhere else. github.com and data residency have
 * the API on `api.` of the host, an Enterprise Server below `/api/v3` of it.
 */
export function gitUrl(apiUrl: string, owner: string, name: string): string {
  const { protocol, host } = new URL(apiUrl);
  return `${protocol}//${host.replace(/^api\.(?=github\.com$|[^.]+\.ghe\.com$)/, '')}/${owner}/${name}.git`;
}
