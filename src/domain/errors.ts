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

/** Somebody else changed the thing in between: read it again, make no noise. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}
