/** Wrong usage or configuration: exit code 2, with the message as the only line printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
