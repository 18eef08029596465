import { errorOfStatus } from '../../engine/errors.ts';
import type { BulkItem } from '../../engine/port.ts';
import { isShutOut } from '../../fences/write-alias.ts';

/** What an item of a bulk reply means for the operation. */
export type ItemVerdict = 'done' | 'again' | 'shut-out' | 'disk-full' | 'refused';

/**
 * 409 or a missing write alias = a newer writer is at work; 429 with a block = a full disk; other 429, 503 and blocks pass
 * (a take-over blocks an index for a moment); a delete that finds nothing is done; anything else will not get better.
 */
export function itemVerdict(item: BulkItem): ItemVerdict {
  if (item.status < 300) return 'done';
  if (isShutOut(item)) return 'shut-out';
  if (item.errorType === 'cluster_block_exception') return item.status === 429 ? 'disk-full' : 'again';
  if (item.status === 404 && item.op === 'delete') return 'done';
  if (item.status === 429 || item.status >= 500) return 'again';
  return 'refused';
}

/** The same where versions say what was copied: a 409 says that it is there already, or something newer is. */
export function copiedItemVerdict(item: BulkItem): ItemVerdict {
  return isThere(item) ? 'done' : itemVerdict(item);
}

/** Nothing was written: the document stands there with this version, or with a higher one. */
export function isThere({ status }: BulkItem): boolean {
  return status === 409;
}

/** What the engine said about an item that it did not take, as an error of this program. */
export function itemError({ status, errorType = '', errorReason = '' }: BulkItem): Error {
  return errorOfStatus(status, { error: { type: errorType, reason: errorReason } }, 'a document');
}
