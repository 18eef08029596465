import type { Reason } from '../api/reasons.ts';
import { errors as transportErrors } from '@elastic/transport';
import { bounded } from '../domain/bounded-text.ts';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../domain/errors.ts';
import { responseTooLarge, unaskedEncoding } from './connection.ts';

/** The request was sent, or may have been, and no answer came: it may have been carried out. Read before doing it again. */
export class LostReplyError extends RetryableError {}

/**
 * A block refuses writes: nothing was carried out, and nothing will be until it is lifted. Trying again is for those who
 * can wait, not for whoever asks twice a second.
 */
export class BlockedError extends RetryableError {}

/** The answer is larger than it is read: less has to be asked for at a time. */
export class AnswerTooLargeError extends TerminalError {}

/** Codes that TLS gives when the server's certificate cannot be trusted. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes of failures before the first byte of a request left: nothing can have been carried out. */
const unsent: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What went wrong below HTTP, and what it says about the request. */
export type Failure = {
  readonly kind: 'untrusted' | 'closed' | 'unsent' | 'lost' | 'timeout' | 'unreadable';
  readonly code: string;
};

/** Sorts an error that the transport threw; `undefined` for anything that is none of its failures (a bug). */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof transportErrors.TimeoutError) return { kind: 'timeout', code: 'TIMED_OUT' };
  if (error instanceof transportErrors.DeserializationError) return { kind: 'unreadable', code: 'MALFORMED_JSON' };
  if (error instanceof transportErrors.NoLivingConnectionsError) return { kind: 'closed', code: 'CLOSED' };
  if (!(error instanceof transportErrors.ConnectionError)) return undefined;
  const code = error.message;
  if (untrusted.has(code)) return { kind: 'untrusted', code };
  if (unsent.has(code)) return { kind: 'unsent', code };
  return { kind: code === responseTooLarge || code === unaskedEncoding ? 'unreadable' : 'lost', code };
}

/** A name that has no address here, or no server of names that could tell. */
const unresolved: ReadonlySet<string> = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/** What was tried: the request ("PUT /kibana-v7"), and the hosts that it could go to. */
export type Tried = { readonly what: string; readonly hosts: string };

/** The error to throw for a failure. Where nothing was reached its hosts are named: they may stand in no spec. */
export function errorOfFailure(failure: Failure, { what, hosts }: Tried): Error {
  switch (failure.kind) {
    case 'untrusted':
      return new TerminalError(
        'UnknownCA',
        bounded(`${what}: the server certificate is not trusted (${failure.code})`),
      );
    case 'closed':
      // Another one was opened meanwhile, say with a new password: whoever asks anew gets that.
      return new RetryableError('EngineUnavailable', bounded(`${what}: this connection was given up`));
    case 'unsent':
      return new RetryableError(
        'EngineUnavailable',
        bounded(`${what}: the engine cannot be reached (${meaningOf(failure.code)}): ${hosts}`),
      );
    case 'lost':
    case 'timeout':
      return new LostReplyError('EngineUnavailable', bounded(`${what}: no answer came (${failure.code})`));
    case 'unreadable': {
      const message = bounded(`${what}: the answer is not what a search engine gives (${failure.code})`);
      if (failure.code === responseTooLarge) return new AnswerTooLargeError('NotASearchEngine', message);
      return new TerminalError('NotASearchEngine', message);
    }
  }
}

function meaningOf(code: string): string {
  return unresolved.has(code) ? `${code}, the name cannot be resolved` : code;
}

/** What an engine says about a refused request. Both are '' where it says nothing, or is no engine. */
export type EngineError = { readonly type: string; readonly reason: string };

/**
 * Reads `{"error": {"type", "reason", "caused_by"}}`, the reason with that of its first cause where it does not say it itself;
 * some answers carry a plain string there.
 */
export function engineErrorOf(body: unknown): EngineError {
  const error = fieldOf(body, 'error');
  if (typeof error === 'string') return { type: '', reason: bounded(error) };
  const [reason, cause] = [textOf(fieldOf(error, 'reason')), firstCauseOf(error)];
  const said = cause === '' || reason.includes(cause) ? reason : `${reason}: ${cause}`;
  return { type: textOf(fieldOf(error, 'type')), reason: bounded(said) };
}

/** Nothing was sent: the time that the caller had for it is over. */
export function outOfTime(what: string): RetryableError {
  return new RetryableError('EngineUnavailable', bounded(`${what}: no time was left for it`));
}

/** An answer is bounded, and so is how deep its causes can be nested. */
function firstCauseOf(error: unknown): string {
  let cause = '';
  for (let next = fieldOf(error, 'caused_by'); next !== undefined; next = fieldOf(next, 'caused_by'))
    cause = textOf(fieldOf(next, 'reason'));
  return cause;
}

/** The error to throw for an HTTP status that the caller did not expect, decided by status and error type alone. */
export function errorOfStatus(status: number, body: unknown, what: string): Error {
  const { type, reason } = engineErrorOf(body);
  const said = bounded(`${what}: ${status} ${type} ${reason}`.trimEnd());
  if (type === 'cluster_block_exception') return blocked(status, said);
  if (status === 401 || status === 403) {
    // What the engine says here names users and privileges: for its own log, not for a status that many can read.
    const cause =
      status === 401 ? 'the engine does not accept the credentials' : 'the credentials lack a privilege for this';
    return new TerminalError('AuthenticationFailed', bounded(`${what}: ${cause} (${status})`));
  }
  if (status === 413) return new TerminalError('RequestTooLarge', bounded(`${what}: 413, too large to be taken`));
  if (status === 502 || status === 503 || status === 504) return new LostReplyError(refusalOf(status, type), said);
  if (status === 429 || status === 408 || status >= 500) return new RetryableError(refusalOf(status, type), said);
  if (type === 'index_not_found_exception') return new ConflictError(said);
  if (status < 400 || type === '') {
    return new TerminalError('NotASearchEngine', bounded(`${what}: ${status} is not an answer of a search engine`));
  }
  return new RefusedRequestError(said);
}

/** 429 = for want of disk space, 503 = until the cluster has formed, 403 = by somebody's setting. */
function blocked(status: number, said: string): RetryableError {
  if (status === 503) return new RetryableError('EngineUnavailable', said);
  return new BlockedError(status === 429 ? 'DiskFull' : 'WritesBlocked', said);
}

/** What a refusal means that may pass by itself: "does not answer" only where nothing like an engine answered. */
function refusalOf(status: number, type: string): Reason {
  // A search for which no shard has room is refused as one whose shards all failed.
  if (status === 429 || overload.has(type)) return 'EngineOverloaded';
  return shardTrouble.has(type) ? 'ShardUnavailable' : 'EngineUnavailable';
}

/** No copy of a shard is there to be asked: the index is red. */
const shardTrouble: ReadonlySet<string> = new Set([
  'no_shard_available_action_exception',
  'search_phase_execution_exception',
  'unavailable_shards_exception',
]);

const overload: ReadonlySet<string> = new Set([
  'circuit_breaking_exception',
  'process_cluster_event_timeout_exception',
]);

/** The error for an answer that only some shards gave: it says too little without saying so. */
export function errorOfShards(what: string, failed: number): RetryableError {
  const shards = failed === 1 ? '1 shard' : `${failed} shards`;
  return new RetryableError('ShardUnavailable', bounded(`${what}: ${shards} did not answer`));
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
