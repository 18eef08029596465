import type { Reason } from '../api/reasons.ts';

/** Will be tried again with back-off by the work queue; nothing else retries it. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Waits for a human or a changed spec: trying again cannot help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The engine or the API server understood a request and refused it for what it says: ours is wrong, or that is not as we think. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly reason: Reason = 'RequestRefused';
}

/** Errors that say why, in a word that objects tell; any other is a conflict or a bug. */
export function hasReason(error: unknown): error is RetryableError | TerminalError | RefusedRequestError {
  return error instanceof RetryableError || error instanceof TerminalError || error instanceof RefusedRequestError;
}

/** Somebody else changed the thing in between: read it again, make no noise. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}
