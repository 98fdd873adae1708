/** What a person can act on: the message says what is wrong and what to do about it. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly kind:
    | 'git-missing'
    | 'not-a-repository'
    | 'unsafe-repository'
    | 'no-work-tree'
    | 'bad-path'
    | 'unknown-revision'
    | 'no-default-branch'
    | 'no-merge-base'
    | 'failed';

  constructor(kind: GitError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
