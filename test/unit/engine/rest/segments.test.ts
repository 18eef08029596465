import { describe, expect, it } from '@jest/globals';
import { sizeOf } from '../../../../src/engine/rest/segments.ts';
import type { IndexSize } from '../../../../src/engine/port.ts';
import type { Http } from '../../../../src/engine/transport.ts';

const segment = { num_docs: 10, deleted_docs: 0, size_in_bytes: 1000, search: true };
type Segment = typeof segment;
const copyOf = (primary: boolean, ...segments: readonly Segment[]) => ({
  routing: { primary },
  ...(segments.length > 0 && { segments: Object.fromEntries(segments.map((each, at) => [`_${at}`, each])) }),
});

async function sized(shards: object, failed = 0): Promise<IndexSize> {
  const body = { _shards: { failed }, indices: { 'kibana-v1': { shards } } };
  const http: Http = { send: async () => ({ status: 200, headers: {}, body }), close: async () => undefined };
  return sizeOf(http, 'kibana-v1');
}

describe('the size of an index', () => {
  it('is that of the segments of its primary shards, of which the largest of each are summed', async () => {
    const large = { ...segment, size_in_bytes: 3000 };
    const shards = {
      0: [copyOf(true, segment, large), copyOf(false, large)],
      1: [copyOf(true, segment)],
      2: [copyOf(true)],
    };
    expect(await sized(shards)).toEqual({ bytes: 5000, largestBytes: 4000 });
  });

  it('leaves out deleted documents, and segments that no search sees', async () => {
    const merged = { ...segment, search: false };
    const halved = { ...segment, num_docs: 5, deleted_docs: 5 };
    const empty = { ...segment, num_docs: 0, deleted_docs: 0 };
    const shards = { 0: [copyOf(true, segment, merged, halved, empty)] };
    expect(await sized(shards)).toEqual({ bytes: 1500, largestBytes: 1000 });
  });

  it('is not told where a shard did not answer', async () => {
    await expect(sized({ 0: [copyOf(true, segment)] }, 1)).rejects.toMatchObject({ reason: 'ShardUnavailable' });
  });
});
