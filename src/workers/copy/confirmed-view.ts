import { withJitter } from '../../domain/back-off.ts';
import { RetryableError } from '../../domain/errors.ts';
import type { ShardStand, TimeLimit, View } from '../../engine/view-port.ts';
import type { CopyParts } from './parts.ts';

/**
 * A view of one shard of which nothing can be rolled back any more, and in which everything up to its checkpoint is. A view
 * that was just opened promises neither: it shows operations that no other copy holds yet, which a failover undoes and
 * whose sequence numbers it gives to others, and it may lack some below the highest that it shows.
 */
export type ConfirmedView = {
  readonly shard: number;
  readonly view: View;
  /** What is read next begins above it; never above the highest number that was seen. */
  readonly checkpoint: number;
  readonly primaryTerm: number;
};

type ViewParts = Pick<CopyParts, 'engine' | 'clock' | 'signal' | 'random'>;

/** `_stats` of an index with a copy that cannot be reached answers after minutes, if at all. */
const limit: TimeLimit = { timeoutMs: 10_000 };
/** How long copies may take until they agree; a failover is over by then, or the run is told. */
const patienceMs = 60_000;
const pauseMs = 50;
/** Copies that have not agreed by then write their logs now and then only, which is when they agree. */
const flushAfterMs = 250;

/** Numbers of the shards of an index. */
export async function shardsOfIndex({ engine }: Pick<CopyParts, 'engine'>, index: string): Promise<readonly number[]> {
  return [...(await engine.views.primaryTerms(index, limit)).keys()].sort((one, other) => one - other);
}

/** Reads every shard of an index through a confirmed view, `width` of them at a time; views are closed whatever happens. */
export async function throughViews(
  parts: ViewParts,
  { index, width }: { readonly index: string; readonly width: number },
  read: (view: ConfirmedView, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const shards = await shardsOfIndex(parts, index);
  for (let from = 0; from < shards.length; from += width) {
    const views = await confirmedViews(parts, index, shards.slice(from, from + width));
    try {
      await allOrNone(parts.signal, views, read);
    } finally {
      await closeAll(parts, views);
    }
  }
}

/** Nothing goes on once one of them has failed, and all have ended before that is thrown. */
async function allOrNone<T>(
  signal: AbortSignal,
  each: readonly T[],
  work: (one: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const works = each.map(async one => {
    try {
      await work(one, either);
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(works);
  if (failed.signal.aborted) throw failed.signal.reason;
}

/**
 * Opens and confirms a view of each of these shards. RetryableError when the copies do not agree in time, or one does not
 * answer: then nothing is known, and nothing may be copied.
 */
export async function confirmedViews(
  parts: ViewParts,
  index: string,
  shards: readonly number[],
): Promise<readonly ConfirmedView[]> {
  const confirmed: ConfirmedView[] = [];
  const endMs = parts.clock.elapsedMs() + patienceMs;
  try {
    for (let left = shards; left.length > 0;) {
      const opened = await openedViews(parts, index, left);
      const isConfirmed = await confirmation(parts, { index, views: opened, endMs }).catch(async (error: unknown) => {
        await closeAll(parts, opened);
        throw error;
      });
      confirmed.push(...opened.filter(isConfirmed));
      const lost = opened.filter(view => !isConfirmed(view));
      await closeAll(parts, lost);
      left = lost.map(({ shard }) => shard);
      if (left.length > 0) await pause(parts, index, endMs);
    }
    return confirmed;
  } catch (error) {
    await closeAll(parts, confirmed);
    throw error;
  }
}

/** Term and checkpoint first, then the refresh, then the views: everything up to the checkpoint is in them. */
async function openedViews(
  parts: ViewParts,
  index: string,
  shards: readonly number[],
): Promise<readonly ConfirmedView[]> {
  const { engine, signal } = parts;
  signal.throwIfAborted();
  const terms = await engine.views.primaryTerms(index, limit);
  const stands = await engine.views.stands(index, limit);
  const refreshed = await engine.indices.refresh(index);
  const copies = stands.flatMap(stand => stand.copies.filter(({ active }) => active)).length;
  if (refreshed < copies)
    throw new RetryableError('ShardUnavailable', `refresh of ${index}: ${refreshed} of ${copies} copies answered`);
  const opened: ConfirmedView[] = [];
  try {
    for (const shard of shards) {
      signal.throwIfAborted();
      const checkpoint = primaryOf(stands, shard)?.globalCheckpoint;
      const primaryTerm = terms.get(shard);
      if (checkpoint === undefined || primaryTerm === undefined) throw unconfirmed(index);
      opened.push({ shard, primaryTerm, checkpoint, view: await engine.views.open(index, shard) });
    }
    return opened;
  } catch (error) {
    await closeAll(parts, opened);
    throw error;
  }
}

type Opened = { readonly index: string; readonly views: readonly ConfirmedView[]; readonly endMs: number };

/**
 * Waits until no copy holds more than all do, of what the views may show, and each copy that may have been viewed holds all
 * that they have to show; or until a shard has another primary than when its view was opened, which may have undone what that
 * shows. Says which of them are confirmed.
 */
async function confirmation(
  parts: ViewParts,
  { index, views, endMs }: Opened,
): Promise<(view: ConfirmedView) => boolean> {
  const { engine, clock, signal } = parts;
  const startMs = clock.elapsedMs();
  let stands = await engine.views.stands(index, limit);
  const highest = new Map(stands.map(({ shard, copies }) => [shard, Math.max(...copies.map(copy => copy.maxSeqNo))]));
  for (let isFlushed = false; ;) {
    const settled = new Set(views.filter(view => isSettled(view, stands, highest)));
    // After the copies were asked.
    const terms = await engine.views.primaryTerms(index, limit);
    const isSame = ({ shard, primaryTerm }: ConfirmedView): boolean => terms.get(shard) === primaryTerm;
    if (settled.size === views.length || !views.every(isSame)) return view => settled.has(view) && isSame(view);
    if (!isFlushed && clock.elapsedMs() - startMs >= flushAfterMs) {
      await engine.views.flush(index);
      isFlushed = true;
    } else await pause(parts, index, endMs);
    signal.throwIfAborted();
    stands = await engine.views.stands(index, limit);
  }
}

function isSettled(
  { shard, checkpoint }: ConfirmedView,
  stands: readonly ShardStand[],
  highest: ReadonlyMap<number, number>,
): boolean {
  const global = primaryOf(stands, shard)?.globalCheckpoint ?? -Infinity;
  const copies = stands.find(stand => stand.shard === shard)?.copies ?? [];
  return (
    global >= (highest.get(shard) ?? Infinity) &&
    copies.every(copy => !copy.active || copy.localCheckpoint >= checkpoint)
  );
}

function primaryOf(stands: readonly ShardStand[], shard: number): ShardStand['copies'][number] | undefined {
  return stands.find(stand => stand.shard === shard)?.copies.find(({ primary }) => primary);
}

async function pause({ clock, signal, random }: ViewParts, index: string, endMs: number): Promise<void> {
  if (clock.elapsedMs() >= endMs) throw unconfirmed(index);
  await clock.sleep(withJitter(2 * pauseMs, random), signal);
  signal.throwIfAborted();
}

function unconfirmed(index: string): RetryableError {
  return new RetryableError(
    'ShardUnavailable',
    `the copies of a shard of ${index} do not agree about what was written: nothing can be copied from it now`,
  );
}

/** What cannot be closed now runs out by itself. */
async function closeAll({ engine }: ViewParts, views: readonly ConfirmedView[]): Promise<void> {
  for (const { view } of views) await engine.views.close(view).catch(() => undefined);
}
