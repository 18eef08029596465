import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { AnswerTooLargeError } from '../../../../../src/engine/errors.ts';
import type { Documents } from '../../../../../src/engine/port.ts';
import { readPages } from '../../../../../src/workers/index/tree/pages.ts';

type Page = { readonly size: number; readonly search_after?: readonly [number] };

/** Documents of these sizes in order, behind an engine whose answers are read up to a limit; `asked` has each page size. */
function anEngine(sizes: readonly number[], mostBytes: number, failedShards = 0) {
  const asked: number[] = [];
  const search = async (_index: string, body: JsonObject) => {
    const { size, search_after: [after] = [-1] } = body as unknown as Page; // as readPages asks
    asked.push(size);
    const from = after + 1;
    const page = sizes.slice(from, from + size);
    if (page.reduce((sum, each) => sum + each, 0) > mostBytes)
      throw new AnswerTooLargeError('NotASearchEngine', 'larger than is read');
    const hits = page.map((_bytes, at) => ({ id: String(from + at), source: {}, sort: [from + at] }));
    return { hits, total: sizes.length, failedShards };
  };
  return { documents: { search } as unknown as Documents, asked }; // nothing else of it is called
}

async function found(documents: Documents): Promise<readonly number[]> {
  const ids: number[] = [];
  for await (const hits of readPages(documents, 'kibana-v1', { sort: [{ path: 'asc' }] }))
    ids.push(...hits.map(({ id }) => Number(id)));
  return ids;
}

describe('pages of what a query finds', () => {
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

  it('are as large as they may be where answers are small', async () => {
    const { documents, asked } = anEngine(Array(12_000).fill(1) as number[], 1_000_000);
    expect(await found(documents)).toEqual(numbers(12_000));
    expect(asked).toEqual([5000, 5000, 5000]);
  });

  it('shrink where an answer is larger than is read, miss nothing, and grow again behind it', async () => {
    const sizes = [...(Array(400).fill(1) as number[]), ...(Array(20).fill(900) as number[])];
    const { documents, asked } = anEngine([...sizes, ...(Array(6000).fill(1) as number[])], 10_000);
    expect(await found(documents)).toEqual(numbers(6420));
    expect(asked.slice(0, 3)).toEqual([5000, 1250, 313]);
    expect(Math.min(...asked)).toBeLessThanOrEqual(11);
    expect(asked.at(-1)).toBeGreaterThan(2000);
    expect(asked.length).toBeLessThan(40);
  });

  it('shrink to one document, and give up where that is too large', async () => {
    const { documents, asked } = anEngine([1, 5, 1], 5);
    expect(await found(documents)).toEqual([0, 1, 2]);
    expect(Math.min(...asked)).toBeLessThanOrEqual(2);
    await expect(found(anEngine([1, 6, 1], 5).documents)).rejects.toBeInstanceOf(AnswerTooLargeError);
  });

  it('of some shards only are none: what they lack would look deleted', async () => {
    await expect(found(anEngine([1], 5, 1).documents)).rejects.toMatchObject({ reason: 'ShardUnavailable' });
  });
});
