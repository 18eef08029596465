import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '../../../../src/domain/errors.ts';
import { LostReplyError } from '../../../../src/engine/errors.ts';
import type { BulkItem, BulkReply, Documents } from '../../../../src/engine/port.ts';
import type { SteadyClock } from '../../../../src/runtime/clock.ts';
import { itemVerdict, type ItemVerdict } from '../../../../src/workers/bulk/bulk-item.ts';
import { BulkWriter, type FileWrite } from '../../../../src/workers/bulk/bulk-writer.ts';
import { deleteOperation, indexOperation } from '../../../../src/workers/bulk/operation.ts';

/** Waits that are counted and not waited for. */
function impatientClock(): SteadyClock & { readonly waitedMs: () => number } {
  let waitedMs = 0;
  return {
    now: () => new Date(waitedMs),
    elapsedMs: () => waitedMs,
    sleep: async ms => {
      waitedMs += ms;
      await new Promise(resolve => setImmediate(resolve));
    },
    waitedMs: () => waitedMs,
  };
}

type Answer = (ids: readonly string[], request: number) => readonly Partial<BulkItem>[] | Error;

/** An engine that only takes bulks, and remembers them in the order in which they were answered. */
function bulkTarget(answer: Answer) {
  const requests: (readonly string[])[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  let largestBytes = 0;
  const bulk: Documents['bulk'] = async (ndjson): Promise<BulkReply> => {
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    largestBytes = Math.max(largestBytes, ndjson.length);
    const ids = idsIn(ndjson);
    const number = requests.push(ids);
    await new Promise(resolve => setImmediate(resolve));
    atOnce -= 1;
    const answered = answer(ids, number);
    if (answered instanceof Error) throw answered;
    const items = ids.map((id, i): BulkItem => ({ id, op: 'index', status: 201, ...answered[i] }));
    return { tookMs: 1, items };
  };
  return { bulk, requests, most: () => ({ mostAtOnce, largestBytes }) };
}

function idsIn(ndjson: Uint8Array): readonly string[] {
  const matches = Buffer.from(ndjson)
    .toString()
    .matchAll(/^\{"(?:index|delete)":\{"_id":"([^"]+)"/gm);
  return [...matches].map(match => match[1] ?? '');
}

type Options = {
  readonly answer?: Answer;
  readonly bulkBytes?: number;
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  readonly clock?: ReturnType<typeof impatientClock>;
};

function setUp({
  answer = () => [],
  bulkBytes = 1000,
  concurrency = 2,
  signal = new AbortController().signal,
  clock = impatientClock(),
}: Options = {}) {
  const target = bulkTarget(answer);
  const written: string[] = [];
  const lost: true[] = [];
  const writer = new BulkWriter({
    // Only bulks are sent.
    documents: { bulk: target.bulk } as Documents,
    target: 'index.W0',
    bulkBytes,
    concurrency,
    clock,
    signal,
    random: () => 1,
    onLostReply: () => lost.push(true),
    onWritten: filePath => written.push(filePath),
  });
  return { writer, target, written, lost, clock };
}

const text = JSON.stringify({ content: 'x'.repeat(200) });

function aFile(name: string, chunks = 3, stale = 0): FileWrite {
  return {
    filePath: name,
    chunks: Array.from({ length: chunks }, (_, i) => indexOperation(`${name}.c${i}`, text, 1)),
    stale: Array.from({ length: stale }, (_, i) => deleteOperation(`${name}.s${i}`, 1)),
    document: indexOperation(`${name}.f`, '{}', 1),
  };
}

describe('an operation', () => {
  it('carries its token, so that an older writer loses', () => {
    expect(indexOperation('a', '{"x":1}', 7).bytes.toString()).toBe(
      '{"index":{"_id":"a","version":7,"version_type":"external_gte"}}\n{"x":1}\n',
    );
    expect(deleteOperation('a', 7).bytes.toString()).toBe(
      '{"delete":{"_id":"a","version":7,"version_type":"external_gte"}}\n',
    );
  });

  it.each<[string, Partial<BulkItem>, ItemVerdict]>([
    ['written', { status: 201 }, 'done'],
    ['written again', { status: 200 }, 'done'],
    ['a delete that found nothing', { op: 'delete', status: 404 }, 'done'],
    ['a higher token', { status: 409, errorType: 'version_conflict_engine_exception' }, 'shut-out'],
    ['a write alias that is gone', { status: 404, errorType: 'index_not_found_exception' }, 'shut-out'],
    ['a delete through one', { op: 'delete', status: 400, errorType: 'invalid_index_name_exception' }, 'shut-out'],
    ['a full queue', { status: 429, errorType: 'es_rejected_execution_exception' }, 'again'],
    ['a full disk', { status: 429, errorType: 'cluster_block_exception' }, 'disk-full'],
    ['a write block', { status: 403, errorType: 'cluster_block_exception' }, 'again'],
    ['a shard that is not there yet', { status: 503, errorType: 'unavailable_shards_exception' }, 'again'],
    ['a field that does not fit', { status: 400, errorType: 'document_parsing_exception' }, 'refused'],
  ])('answered with %s is %s', (_, item, verdict) => {
    expect(itemVerdict({ id: 'a', op: 'index', status: 200, ...item })).toBe(verdict);
  });
});

describe('the bulk writer', () => {
  it('writes chunks, then deletes stale ones, then the file document, each after the one before was answered', async () => {
    const { writer, target, written } = setUp();
    for (const name of ['a', 'b', 'c', 'd']) await writer.write(aFile(name, 3, 2));
    await writer.finish();
    for (const name of ['a', 'b', 'c', 'd']) {
      const at = (id: string): number => target.requests.findIndex(ids => ids.includes(`${name}.${id}`));
      expect(Math.max(at('c0'), at('c1'), at('c2'))).toBeLessThan(Math.min(at('s0'), at('s1')));
      expect(Math.max(at('s0'), at('s1'))).toBeLessThan(at('f'));
    }
    expect([...written].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps bodies near their size and two of them on their way', async () => {
    const { writer, target } = setUp();
    for (let i = 0; i < 50; i += 1) await writer.write(aFile(`file-${i}`));
    await writer.finish();
    expect(target.most()).toMatchObject({ mostAtOnce: 2 });
    expect(target.most().largestBytes).toBeLessThan(1000 + 400);
  });

  it('takes a file lazily: no more of it is in memory than bodies hold', async () => {
    let made = 0;
    const { writer, target } = setUp();
    function* chunks() {
      for (let i = 0; i < 1000; i += 1) {
        made += 1;
        yield indexOperation(`c${i}`, text, 1);
      }
    }
    const ahead: number[] = [];
    const watched = {
      ...aFile('large'),
      chunks: (function* () {
        for (const chunk of chunks()) {
          ahead.push(made - target.requests.flat().length);
          yield chunk;
        }
      })(),
    };
    await writer.write(watched);
    await writer.finish();
    expect(Math.max(...ahead)).toBeLessThan(20);
  });

  it('sends only those again that were refused for now', async () => {
    const answer: Answer = (ids, request) =>
      request === 1
        ? ids.map((_, i) => (i === 1 ? { status: 429, errorType: 'es_rejected_execution_exception' } : {}))
        : [];
    const { writer, target, clock } = setUp({ answer, bulkBytes: 100_000 });
    await writer.write(aFile('a'));
    await writer.finish();
    expect(target.requests).toEqual([['a.c0', 'a.c1', 'a.c2'], ['a.c1'], ['a.f']]);
    expect(clock.waitedMs()).toBe(200);
  });

  it('halves its bodies under pressure', async () => {
    const busy = { status: 429, errorType: 'es_rejected_execution_exception' };
    const answer: Answer = (ids, request) => (request <= 2 ? ids.map(() => busy) : []);
    const { writer, target } = setUp({ answer, bulkBytes: 400_000 });
    const large = JSON.stringify({ content: 'x'.repeat(50_000) });
    await writer.write({
      ...aFile('a', 0),
      chunks: Array.from({ length: 7 }, (_, i) => indexOperation(`c${i}`, large, 1)),
    });
    await writer.finish();
    expect(target.requests.map(ids => ids.length)).toEqual([7, 4, 3, 2, 2, 1]);
  });

  it('halves its bodies while the engine is slow, and lets them grow back', async () => {
    const clock = impatientClock();
    const answer: Answer = (_, request) => {
      if (request <= 2) void clock.sleep(2500);
      return [];
    };
    const { writer, target } = setUp({ answer, bulkBytes: 800_000, concurrency: 1, clock });
    const large = JSON.stringify({ content: 'x'.repeat(99_000) });
    await writer.write({
      ...aFile('a', 0),
      chunks: Array.from({ length: 40 }, (_, i) => indexOperation(`c${i}`, large, 1)),
    });
    await writer.finish();
    expect(target.requests.map(ids => ids.length)).toEqual([9, 5, 3, 4, 5, 6, 7, 1, 1]);
  });

  it('sends everything again after a lost reply, and says that one was lost', async () => {
    const answer: Answer = (_, request) => (request === 1 ? new LostReplyError('EngineUnavailable', 'lost') : []);
    const { writer, target, lost } = setUp({ answer });
    await writer.write(aFile('a'));
    await writer.finish();
    expect(target.requests.slice(0, 2)).toEqual([
      ['a.c0', 'a.c1', 'a.c2'],
      ['a.c0', 'a.c1', 'a.c2'],
    ]);
    expect(lost).toHaveLength(1);
  });

  it('gives up after less time than a lease lasts', async () => {
    const { writer, clock } = setUp({ answer: () => new RetryableError('EngineUnavailable', 'down') });
    await writer.write(aFile('a', 1));
    await expect(writer.finish()).rejects.toMatchObject({ name: 'RetryableError', reason: 'EngineUnavailable' });
    expect(clock.waitedMs()).toBe(16_200);
  });

  const blocked = { status: 403, errorType: 'cluster_block_exception', errorReason: 'index write (api)' };
  const red = { status: 503, errorType: 'unavailable_shards_exception', errorReason: 'primary is not active' };
  it.each<[string, Answer, string, RegExp]>([
    ['a block', ids => ids.map(() => blocked), 'WritesBlocked', /index write \(api\)/],
    ['a red shard', ids => ids.map(() => red), 'ShardUnavailable', /primary is not active/],
    ['a full queue', () => new RetryableError('EngineOverloaded', 'queue full'), 'EngineOverloaded', /queue full/],
    ['the last of several', (ids, n) => (n < 8 ? new LostReplyError('EngineUnavailable', 'x') : ids.map(() => blocked)), 'WritesBlocked', /1 documents.*block/],
  ])('gives up with what the engine said last: %s', async (_, answer, reason, message) => {
    const { writer } = setUp({ answer });
    await writer.write(aFile('a', 1));
    await expect(writer.finish()).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  }); // prettier-ignore

  it('makes smaller bodies for an engine or proxy that takes no large ones, and does not grow past them again', async () => {
    const tooLarge = new TerminalError('RequestTooLarge', '413');
    const sizes: number[] = [];
    const answer: Answer = ids => {
      sizes.push(ids.length);
      return ids.length > 3 ? tooLarge : [];
    };
    const { writer, clock } = setUp({ answer, bulkBytes: 800_000, concurrency: 1 });
    const large = JSON.stringify({ content: 'x'.repeat(99_000) });
    const chunks = Array.from({ length: 60 }, (_, i) => indexOperation(`c${i}`, large, 1));
    await writer.write({ ...aFile('a', 0), chunks });
    await writer.finish();
    expect(sizes.filter(size => size > 3)).toEqual([9, 5, 4]);
    expect(clock.waitedMs()).toBe(600);
  });

  it('ends with the reason for a single document that is too large', async () => {
    const { writer } = setUp({ answer: () => new TerminalError('RequestTooLarge', '413'), bulkBytes: 400 });
    await writer.write(aFile('a', 1));
    await expect(writer.finish()).rejects.toMatchObject({ name: 'TerminalError', reason: 'RequestTooLarge' });
  });

  it.each<[string, Partial<BulkItem>, object]>([
    ['when a newer writer is at work', { status: 409 }, { name: 'TerminalError', reason: 'LockLost' }],
    [
      'when a disk is full',
      { status: 429, errorType: 'cluster_block_exception' },
      { name: 'RetryableError', reason: 'DiskFull' },
    ],
  ])('stops at once %s', async (_, item, error) => {
    const { writer, target, written } = setUp({ answer: ids => ids.map(() => item) });
    await writer.write(aFile('a', 1));
    await expect(writer.finish()).rejects.toMatchObject(error);
    expect(target.requests).toHaveLength(1);
    expect(written).toEqual([]);
  });

  it('fails the one file that the engine refuses, writes no document for it, and goes on with the others', async () => {
    const refused = { status: 400, errorType: 'document_parsing_exception', errorReason: 'too deep' };
    const { writer, target, written } = setUp({ answer: ids => ids.map(id => (id === 'bad.c1' ? refused : {})) });
    for (const name of ['a', 'bad', 'b']) await writer.write(aFile(name, 2, 1));
    await writer.finish();
    expect(writer.failed).toEqual([{ filePath: 'bad', reason: 'document_parsing_exception: too deep' }]);
    expect([...written].sort()).toEqual(['a', 'b']);
    expect(target.requests.flat()).not.toContain('bad.f');
  });

  it('sends nothing more once it is told to stop, and says why', async () => {
    const stop = new AbortController();
    const { writer, target } = setUp({ signal: stop.signal });
    await writer.write(aFile('a'));
    const sent = target.requests.length;
    stop.abort(new Error('stopped'));
    await expect(writer.finish()).rejects.toThrow('stopped');
    expect(target.requests.length).toBe(sent);
  });

  it('leaves the document of a file alone when there is none to write', async () => {
    const { writer, target, written } = setUp();
    await writer.write({ filePath: 'a', chunks: [], stale: [deleteOperation('s', 1)] });
    await writer.finish();
    expect([target.requests, written]).toEqual([[['s']], ['a']]);
  });
});
