import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '../../../../src/domain/errors.ts';
import { restViews } from '../../../../src/engine/rest/views.ts';
import type { HttpReply, HttpRequest } from '../../../../src/engine/transport.ts';

/** An engine that gives this answer, and what it was asked. */
function anEngine(answer: unknown, can = { openPit: true, preferPrimary: false }, status = 200) {
  const asked: HttpRequest[] = [];
  const http = {
    send: async (request: HttpRequest): Promise<HttpReply> => {
      asked.push(request);
      return { status, body: answer, headers: {} };
    },
    close: async () => undefined,
  };
  return { views: restViews(http, async () => can), asked };
}

const limit = { timeoutMs: 1_234 };
const question = { above: 4, size: 10, sources: true };
const stand = { max_seq_no: 3, local_checkpoint: 2, global_checkpoint: 1 };
const copy = { routing: { state: 'STARTED', primary: true }, seq_no: stand };
const stats = (copies: readonly object[], failed = 0) => ({
  _shards: { failed },
  indices: { i: { shards: { '0': copies } } },
});
const page = (given: object = {}, hits = '', tail = '') => {
  const head = { pit_id: 'next', timed_out: false, _shards: { failed: 0 }, ...given };
  return Buffer.from(`${JSON.stringify(head).slice(0, -1)},"hits":{"max_score":null,"hits":[${hits}]}}${tail}`);
};

describe('where the copies of a shard stand', () => {
  it('is asked with a limit of time', async () => {
    const { views, asked } = anEngine(stats([copy]));
    expect(await views.stands('i', limit)).toEqual([
      { shard: 0, copies: [{ primary: true, active: true, maxSeqNo: 3, localCheckpoint: 2, globalCheckpoint: 1 }] },
    ]);
    expect(asked).toMatchObject([{ timeoutMs: 1_234 }]);
    const terms = anEngine({ metadata: { indices: { i: { primary_terms: { '0': 7 } } } } });
    expect(await terms.views.primaryTerms('i', limit)).toEqual(new Map([[0, 7]]));
    expect(terms.asked).toMatchObject([{ timeoutMs: 1_234 }]);
  });

  it.each([
    ['a shard did not answer', stats([copy], 1)],
    ['a copy that is searched has nothing to say', stats([{ ...copy, seq_no: undefined }])],
  ])('is not known when %s', async (_, answer) => {
    await expect(anEngine(answer).views.stands('i', limit)).rejects.toThrow(RetryableError);
  });

  it('says nothing of a copy that is being made and has not begun', async () => {
    const made = { routing: { state: 'INITIALIZING', primary: false }, seq_no: null };
    const begun = { routing: { state: 'INITIALIZING', primary: false }, seq_no: stand };
    const [shard] = await anEngine(stats([copy, made, begun])).views.stands('i', limit);
    expect(shard?.copies.map(({ active }) => active)).toEqual([true, false]);
  });
});

describe('a view of one shard', () => {
  it.each([
    [{ openPit: true, preferPrimary: false }, { id: 'v' }, '/i/_pit', '_shards:2'],
    [
      { openPit: false, preferPrimary: true },
      { pit_id: 'v', _shards: { failed: 0 } },
      '/i/_search/point_in_time',
      '_shards:2|_primary',
    ],
  ])('is opened and closed as the engine does it: %j', async (can, answer, path, preference) => {
    const { views, asked } = anEngine(answer, can);
    expect(await views.open('i', 2)).toEqual({ id: 'v' });
    expect(asked).toMatchObject([{ method: 'POST', path, query: { preference } }]);
    await views.close({ id: 'v' });
    expect(asked[1]).toMatchObject({ method: 'DELETE', path: path.replace('/i', '') });
  });

  it('is none when its shard did not answer', async () => {
    const { views } = anEngine({ pit_id: 'v', _shards: { failed: 1 } });
    await expect(views.open('i', 0)).rejects.toThrow(RetryableError);
  });

  it('is read as bytes, never through a filter, with a mark of its own each time', async () => {
    const { views, asked } = anEngine(page({}, '{"n":1},{"n":2}'));
    const [first, second] = [await views.page({ id: 'v' }, question), await views.page({ id: 'v' }, question)];
    expect(first.hits.toString()).toBe('{"n":1},{"n":2}');
    expect(first.view).toEqual({ id: 'next' });
    expect(first.mark).not.toBe(second.mark);
    expect(asked[0]?.asBytes).toBe(true);
    expect(asked[0]?.query).not.toHaveProperty('filter_path');
    expect(asked[0]?.json).toMatchObject({ query: { range: { _seq_no: { gt: 4, _name: first.mark } } } });
  });

  it.each([
    ['a shard failed', page({ _shards: { failed: 1 } }), 200],
    ['the engine ran out of time', page({ timed_out: true }), 200],
    ['it stopped half-way', page({ terminated_early: true }), 200],
    ['the view is gone', { error: { type: 'search_context_missing_exception', reason: 'none' } }, 404],
  ])('is to be read again when %s', async (_, answer, status) => {
    const { views } = anEngine(answer, undefined, status);
    await expect(views.page({ id: 'v' }, question)).rejects.toThrow(RetryableError);
  });

  it.each([
    ['something comes after the hits', page({}, '', ' ')],
    ['there are no hits', Buffer.from('{"took":1}')],
  ])('is not taken from an answer in which %s', async (_, answer) => {
    await expect(anEngine(answer).views.page({ id: 'v' }, question)).rejects.toThrow(TerminalError);
  });
});
