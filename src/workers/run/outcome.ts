import { exitCodes, type ExitCode } from '../../api/exit-codes.ts';
import { type Reason, reasons } from '../../api/reasons.ts';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';

/** A version that this program cannot bring up to date: it has to be built anew. */
export class FullReindexNeededError extends Error {
  override readonly name = 'FullReindexNeededError';
}

/** Some files were refused by the engine; the version keeps its old commit. */
export class FilesFailedError extends Error {
  override readonly name = 'FilesFailedError';
}

/** The process was asked to end: everything sent was awaited, the rest is for the next run. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** A process of Git or a wait that was cut short says only that it was; the signal says why. */
export function causeOf(error: unknown, { signal }: { readonly signal: AbortSignal }): unknown {
  return signal.aborted ? signal.reason : error;
}

export type Failure = Problem & { readonly exitCode: ExitCode };

/** What the operator is told about an error: the exit code that decides about another try, and the reason. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TerminalError) {
    return { exitCode: reasons[error.reason].exitCode ?? exitCodes.badConfiguration, reason: error.reason, message };
  }
  if (error instanceof RetryableError) return { exitCode: exitCodes.transient, reason: error.reason, message };
  if (error instanceof ConflictError) return { exitCode: exitCodes.lockLost, reason: 'LockLost', message };
  if (error instanceof StoppedError) return { exitCode: exitCodes.transient, reason: 'WorkerFailed', message };
  if (error instanceof FullReindexNeededError) {
    return { exitCode: exitCodes.fullReindexNeeded, reason: 'FullReindexNeeded', message };
  }
  return { exitCode: exitCodes.retry, reason: refusalOf(error), message };
}

function refusalOf(error: unknown): Reason {
  if (error instanceof FilesFailedError) return 'DocumentsRejected';
  return error instanceof RefusedRequestError ? 'RequestRefused' : 'Unexpected';
}
