import { z } from 'zod';
import type { JsonObject } from '../../../domain/json.ts';
import type { Engine } from '../../../engine/port.ts';
import { requireWhole } from '../tree/pages.ts';

/** How many files of a version have no text in it, by reason; reasons that no file has are absent. */
export type SkipCounts = Readonly<Record<string, number>>;

/** More than there are reasons. */
const mostReasons = 100;

/** To be asked of file documents, beside other aggregations. */
export const skipAggregation: JsonObject = { skips: { terms: { field: 'skip_reason', size: mostReasons } } };

const reply = z.object({
  skips: z.object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.number() })) }),
});

/** Reads the answer to {@link skipAggregation}. */
export function skipCountsIn(aggregations: JsonObject): SkipCounts {
  const { buckets } = reply.parse(aggregations).skips;
  return Object.fromEntries(buckets.map(({ key, doc_count }) => [key, doc_count]));
}

/** The counts of a version as its last refresh left it. */
export async function readSkipCounts(engine: Engine, index: string): Promise<SkipCounts> {
  const body = { size: 0, query: { term: { doc: 'file' } }, aggs: skipAggregation };
  const found = await engine.documents.search(index, body);
  requireWhole(found.failedShards);
  return skipCountsIn(found.aggregations);
}

/** `3 binary, 1 symlink`: most first, then by name. Pure. */
export function skipText(skips: SkipCounts): string {
  const byCount = Object.entries(skips).sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return byCount.map(([reason, count]) => `${count} ${reason}`).join(', ');
}
