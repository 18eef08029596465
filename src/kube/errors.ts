import { z } from 'zod';
import { ConflictError, RefusedRequestError, RetryableError } from '../domain/errors.ts';

/** What the API server answers instead of an object when it does not do what was asked. */
const statusObject = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  code: z.number().default(0),
});

/** An unsuccessful answer of the API server, before it is known whether it was expected. */
export type Refusal = { readonly status: number; readonly reason: string; readonly message: string };

/** Reads the Status object of an answer; a proxy in between may have sent anything else. */
export const refusalOf = (status: number, body: unknown): Refusal => {
  const parsed = statusObject.safeParse(body);
  if (!parsed.success) return { status, reason: '', message: `HTTP ${status} without a Status object` };
  return { status: parsed.data.code || status, reason: parsed.data.reason, message: parsed.data.message };
};

export const isMissing = (refusal: Refusal): boolean => refusal.status === 404;

export const alreadyExists = (refusal: Refusal): boolean =>
  refusal.status === 409 && refusal.reason === 'AlreadyExists';

/** The resourceVersion, or the continue token of a list, is older than what the server still remembers. */
export const isExpired = (refusal: Refusal): boolean => refusal.status === 410;

const isTransient = (status: number): boolean => status === 429 || status === 408 || status >= 500;

/**
 * The error for an answer that was not expected: `asked` names the call, for instance `create jobs ns/name`. Its cause is
 * the refusal.
 */
export const refusalError = (asked: string, refusal: Refusal): Error => {
  const { status, reason, message } = refusal;
  const cause = refusal;
  const text = `${asked}: ${status} ${reason}: ${message}`.slice(0, 1024);
  if (status === 409) return new ConflictError(text, { cause });
  if (status === 401 || status === 403) return new RetryableError('KubernetesDenied', text, { cause });
  // 404 where an object was not asked for: its namespace or its kind is not there (yet).
  if (isTransient(status) || status === 404 || status === 410)
    return new RetryableError('KubernetesUnavailable', text, { cause });
  // A policy may refuse with it what it lets pass once it, or the spec, is mended.
  if (status === 400 || status === 422) return new RetryableError('ManifestRejected', text, { cause });
  return new RefusedRequestError(text, { cause });
};

/** The error for a call that got no answer, or none in time. Whether the server did it is unknown. */
export const unansweredError = (asked: string, cause: unknown): RetryableError => {
  const why = cause instanceof Error ? `${cause.message}${codeOf(cause)}` : String(cause);
  return new RetryableError('KubernetesUnavailable', `${asked}: no answer: ${why}`, { cause });
};

const codeOf = (error: Error): string => ('code' in error ? ` (${String(error.code)})` : '');
