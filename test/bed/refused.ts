/** Nothing was started, for a reason that the user can do something about; the message says what. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
