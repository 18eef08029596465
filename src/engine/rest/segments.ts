import { z } from 'zod';
import { errorOfShards } from '../errors.ts';
import type { IndexSize } from '../port.ts';
import type { Http } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { parsed } from './reply.ts';

/** What an index holds, by its segments: the store of the statistics is up to ten seconds old, and counts files that are about to go. */

const segment = z.object({
  num_docs: z.number(),
  deleted_docs: z.number(),
  size_in_bytes: z.number(),
  search: z.boolean(),
});
const copy = z.object({
  routing: z.object({ primary: z.boolean() }),
  segments: z.record(z.string(), segment).optional(),
});
const segmentsReply = z.object({
  _shards: z.object({ failed: z.number() }),
  indices: z.record(z.string(), z.object({ shards: z.record(z.string(), z.array(copy)) })).optional(),
});
const counted = ['num_docs', 'deleted_docs', 'size_in_bytes', 'search'].map(
  field => `indices.*.shards.*.segments.*.${field}`,
);

export async function sizeOf(http: Http, name: string): Promise<IndexSize> {
  const query = { filter_path: ['_shards.failed', 'indices.*.shards.*.routing.primary', ...counted].join(',') };
  const reply = await http.send({ method: 'GET', path: `${indexPath(name)}/_segments`, query, idempotent: true });
  const { _shards, indices = {} } = parsed(segmentsReply, reply, 'segments');
  if (_shards.failed > 0) throw errorOfShards(`segments of ${name}`, _shards.failed);
  const primaries = Object.values(indices)
    .flatMap(({ shards }) => Object.values(shards).flat())
    .filter(({ routing }) => routing.primary);
  // What no search sees any more is there until the next flush alone.
  const shards = primaries.map(({ segments = {} }) =>
    Object.values(segments)
      .filter(({ search }) => search)
      .map(kept),
  );
  return {
    bytes: sum(shards.flat()),
    largestBytes: sum(shards.map(sizes => Math.max(0, ...sizes))),
  };
}

/** Bytes of a segment, less the share of its deleted documents. */
function kept({ num_docs: there, deleted_docs: deleted, size_in_bytes: bytes }: z.output<typeof segment>): number {
  return there === 0 ? 0 : Math.round((bytes * there) / (there + deleted));
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, each) => total + each, 0);
}
