/** The command was given something that it cannot work with; the message says what would do. Exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
