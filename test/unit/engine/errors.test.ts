import { describe, expect, it } from '@jest/globals';
import { errors as transportErrors } from '@elastic/transport';
import {
  BlockedError,
  engineErrorOf,
  errorOfFailure,
  errorOfStatus,
  failureOf,
  LostReplyError,
} from '../../../src/engine/errors.ts';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../../src/domain/errors.ts';

type Row = readonly [string, number, string, abstract new (...args: never[]) => Error, string | undefined];

describe('a refusal of the engine', () => {
  it.each<Row>([
    ['a write block', 403, 'cluster_block_exception', BlockedError, 'WritesBlocked'],
    ['a full disk, or what is set by hand like it', 429, 'cluster_block_exception', BlockedError, 'DiskFull'],
    ['a cluster that has not formed', 503, 'cluster_block_exception', RetryableError, 'EngineUnavailable'],
    ['a write into a red shard', 503, 'unavailable_shards_exception', LostReplyError, 'ShardUnavailable'],
    ['a document in a red shard', 503, 'no_shard_available_action_exception', LostReplyError, 'ShardUnavailable'],
    ['a search in red shards', 503, 'search_phase_execution_exception', LostReplyError, 'ShardUnavailable'],
    ['a full queue', 429, 'es_rejected_execution_exception', RetryableError, 'EngineOverloaded'],
    ['a full queue of the other engine', 429, 'rejected_execution_exception', RetryableError, 'EngineOverloaded'],
    [
      'a search for which no shard has room',
      429,
      'search_phase_execution_exception',
      RetryableError,
      'EngineOverloaded',
    ],
    ['a full heap', 429, 'circuit_breaking_exception', RetryableError, 'EngineOverloaded'],
    [
      'a master with too much to do',
      503,
      'process_cluster_event_timeout_exception',
      LostReplyError,
      'EngineOverloaded',
    ],
    ['a cluster without a master', 503, 'master_not_discovered_exception', LostReplyError, 'EngineUnavailable'],
    ['a proxy that finds no engine', 502, '', LostReplyError, 'EngineUnavailable'],
    ['a body that is too large', 413, '', TerminalError, 'RequestTooLarge'],
    ['credentials', 401, 'security_exception', TerminalError, 'AuthenticationFailed'],
    ['an index that is gone', 404, 'index_not_found_exception', ConflictError, undefined],
    ['a mapping that conflicts', 400, 'illegal_argument_exception', RefusedRequestError, undefined],
    ['a query that it cannot read', 400, 'parsing_exception', RefusedRequestError, undefined],
    ['a page of something else', 404, '', TerminalError, 'NotASearchEngine'],
  ])('of %s is told as what it is: %d %s', (_, status, type, kind, reason) => {
    const error = errorOfStatus(status, { error: { type, reason: 'why it was' } }, 'PUT /a');
    expect(error).toBeInstanceOf(kind);
    if (reason !== undefined) expect(error).toMatchObject({ reason });
    expect(error.message).toMatch(/^PUT \/a: /);
    if (type !== '' && type !== 'security_exception') expect(error.message).toContain(`${type} why it was`);
  });
});

describe('what an engine says', () => {
  it.each([
    ['comes with its first cause', ['failed to parse field [must]', 'outer', 'empty clause found'], 'failed to parse field [must]: empty clause found'],
    ['says it once', ['Failed to parse mapping: no handler', 'no handler'], 'Failed to parse mapping: no handler'],
  ])('%s', (_, [outer = '', ...causes], reason) => {
    const error = [outer, ...causes].toReversed().reduce<object | undefined>((cause, each) => ({ reason: each, ...(cause && { caused_by: cause }) }), undefined);
    expect(engineErrorOf({ error })).toEqual({ type: '', reason });
  }); // prettier-ignore
});

describe('an engine that is not reached', () => {
  const tried = { what: 'GET /', hosts: 'search-es-http.team.svc:9200' };
  const told = (code: string): Error => {
    const failure = failureOf(new transportErrors.ConnectionError(code));
    if (failure === undefined) throw new Error(`${code} is no failure`);
    return errorOfFailure(failure, tried);
  };

  it.each([
    ['ECONNREFUSED', 'ECONNREFUSED'],
    ['ENOTFOUND', 'ENOTFOUND, the name cannot be resolved'],
    ['EAI_AGAIN', 'EAI_AGAIN, the name cannot be resolved'],
  ])('is told with where it was looked for: %s', (code, meaning) => {
    expect(told(code)).toMatchObject({
      name: 'RetryableError',
      reason: 'EngineUnavailable',
      message: `GET /: the engine cannot be reached (${meaning}): search-es-http.team.svc:9200`,
    });
  });
});
