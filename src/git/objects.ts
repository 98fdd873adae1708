import { type BlobText, decodeBlob, MAX_FILE_BYTES, TOO_LARGE } from '../engine/blobs.ts';
import { GitError } from './errors.ts';
import { type GitOptions, type GitProcess, startFailure, startGit } from './process.ts';

/** The content of an object; null when the repository does not have it. */
type Content = Buffer | 'too large' | null;

interface Request {
  readonly resolve: (content: Content) => void;
  readonly reject: (error: Error) => void;
}

const NEWLINE = 0x0a;

/**
 * One `git cat-file --batch` for the life of a repository. Requests are answered in order; an object larger than
 * the limit is drained, never held.
 */
export class ObjectReader {
  readonly #child: GitProcess;
  readonly #waiting: Request[] = [];
  #buffered: Buffer = Buffer.alloc(0);
  /** Parts of the object that is being received, and how many of its bytes (with the final newline) are to come. */
  #parts: Buffer[] = [];
  #missingBytes = 0;
  #size = 0;
  #failure: GitError | null = null;

  constructor(directory: string, options: GitOptions = {}) {
    this.#child = startGit(directory, ['cat-file', '--batch'], options);
    this.#child.on('error', (error) => this.#fail(startFailure(error)));
    let complaint = '';
    this.#child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-2000);
    });
    this.#child.on('close', () => this.#fail(endOf(complaint)));
    // A broken pipe shows as `close` too, which tells the requests that wait.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** The text of a blob; null when the repository does not have the object (a corrupt one, or a race with gc). */
  async read(oid: string): Promise<BlobText | null> {
    const content = await this.#content(oid);
    return content === 'too large' ? { unreadable: TOO_LARGE } : content && decodeBlob(content);
  }

  /** The bytes of a blob; null when the repository does not have it, or when it is larger than a file may be. */
  async bytes(oid: string): Promise<Buffer | null> {
    const content = await this.#content(oid);
    return content === 'too large' ? null : content;
  }

  #content(oid: string): Promise<Content> {
    if (!/^[0-9a-f]{40,64}$/.test(oid))
      return Promise.reject(new GitError('failed', `not an object id: ${oid}`));
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${oid}\n`);
    });
  }

  close(): void {
    this.#failure ??= new GitError('failed', 'the repository was closed');
    this.#child.stdin.end();
    this.#child.kill();
  }

  #receive(chunk: Buffer): void {
    let rest: Buffer = chunk;
    while (rest.length > 0) {
      if (this.#missingBytes > 0) rest = this.#receiveContent(rest);
      else rest = this.#receiveHeader(rest);
    }
  }

  #receiveHeader(chunk: Buffer): Buffer {
    const newline = chunk.indexOf(NEWLINE);
    const part = newline < 0 ? chunk : chunk.subarray(0, newline);
    this.#buffered = Buffer.concat([this.#buffered, part]);
    if (newline < 0) return Buffer.alloc(0);
    const header = this.#buffered.toString('latin1');
    this.#buffered = Buffer.alloc(0);
    const size = /^[0-9a-f]+ [a-z]+ (\d+)$/.exec(header)?.[1];
    if (size === undefined) {
      this.#waiting.shift()?.resolve(null);
    } else {
      this.#size = Number(size);
      this.#missingBytes = this.#size + 1;
    }
    return chunk.subarray(newline + 1);
  }

  #receiveContent(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#missingBytes);
    this.#missingBytes -= part.length;
    if (this.#size <= MAX_FILE_BYTES) this.#parts.push(part);
    if (this.#missingBytes === 0) {
      const content =
        this.#size > MAX_FILE_BYTES ? 'too large' : Buffer.concat(this.#parts).subarray(0, this.#size);
      this.#parts = [];
      this.#waiting.shift()?.resolve(content);
    }
    return chunk.subarray(part.length);
  }

  #fail(error: GitError): void {
    this.#failure ??= error;
    for (const request of this.#waiting.splice(0)) request.reject(this.#failure);
  }
}

function endOf(complaint: string): GitError {
  // Git ends at the first object that a partial clone lacks, since it must not fetch it.
  return complaint.includes('promisor')
    ? new GitError(
        'failed',
        'this partial clone lacks file contents; fetch them: git fetch --refetch --no-filter',
      )
    : new GitError('failed', `git cat-file ended unexpectedly: ${complaint.trim()}`);
}
