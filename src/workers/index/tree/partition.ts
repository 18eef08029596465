import { hash } from 'node:crypto';
import type { JsonObject } from '../../../domain/json.ts';
import { pathBytes } from './paths.ts';

/** The part of a version that one worker of several fills: `index` counts from 0, `count` is 1 to 256. */
export type Partition = { readonly index: number; readonly count: number };

const buckets = 256;

/**
 * The bucket of a path, `00` to `ff`: the first byte of the SHA-256 of the bytes that Git has for it. Every document holds
 * it, so the engine itself picks what belongs to a partition, however many there are.
 */
export function bucketOf(filePath: string): string {
  return hash('sha256', pathBytes(filePath), 'hex').slice(0, 2);
}

/** A partition of N holds the buckets that leave its index when they are divided by N: each path is in exactly one. */
export function isInPartition(filePath: string, { index, count }: Partition): boolean {
  return Number.parseInt(bucketOf(filePath), 16) % count === index;
}

/** The query, narrowed to the documents of a partition; absent = the whole version. */
export function withinPartition(query: JsonObject, partition: Partition | undefined): JsonObject {
  if (partition === undefined) return query;
  return { bool: { filter: [query, { terms: { bucket: bucketsOf(partition) } }] } };
}

function bucketsOf({ index, count }: Partition): readonly string[] {
  const own = Array.from({ length: buckets }, (_, bucket) => bucket).filter(bucket => bucket % count === index);
  return own.map(bucket => bucket.toString(16).padStart(2, '0'));
}
