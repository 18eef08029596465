import { bytesText } from '../../domain/byte-text.ts';
import type { Capacity, ClusterNode, IndexSize } from '../../engine/port.ts';
import { passed, refused, type Finding } from './check.ts';
import type { PlannedVersion } from './plan.ts';

const mib = 1024 ** 2;
/** The largest segment that an engine merges to by itself, in each shard. */
const largestSegmentBytes = 5 * 1024 * mib;
/** What the log of writes takes for each byte of segments, as measured on both engines, and what one shard flushes it at. */
const logPerByte = 1.4;
const largestLogBytes = 512 * mib;

/** What a version takes besides what is there already; undefined = not known, of a first build. */
export type Size = {
  /** Of the primary shards. */
  readonly bytes: number;
  /** Of each shard as many as the cluster has nodes for. */
  readonly copies: number;
  /** At the peak, without the log. */
  readonly needBytes: number;
  /** What the log of writes takes besides, as long as it is not flushed; at most. */
  readonly logBytes: number;
};

/**
 * A version is built without replicas, so its segments are made when those are: the peak is the larger of the primaries with
 * the segment that is being made, and of all copies. It is expected to get as large as the live one, and so are its segments.
 */
export function sizeOf(
  { replicas, shards, indices }: PlannedVersion,
  { nodes }: Capacity,
  live: IndexSize | undefined,
): Size | undefined {
  if (live === undefined) return undefined;
  const { bytes, largestBytes } = live;
  const copies = Math.max(1, Math.min(1 + replicas, nodes.filter(({ takesShards }) => takesShards).length));
  // What a segment is made of, by a merge or by packing it into one file, stays on the disk until that one is there.
  const making = Math.min(largestBytes, largestSegmentBytes * shards * indices);
  const logBytes = Math.min(Math.round(bytes * logPerByte), largestLogBytes * shards * indices);
  return { bytes, copies, needBytes: Math.max(bytes * copies, bytes + making), logBytes };
}

/** Bytes that may be filled before the node comes to its high watermark, from where the engine moves shards away. */
export function roomOf({ disk, watermarks }: Pick<ClusterNode, 'disk' | 'watermarks'>): number {
  return Math.max(0, (disk?.freeBytes ?? 0) - Math.max(watermarks.highBytes, watermarks.floodBytes));
}

/** The nodes that a new version may be put on and that say what they have left. */
function roomyNodes({ nodes }: Capacity): readonly ClusterNode[] {
  return nodes.filter(({ takesShards, disk }) => takesShards && disk !== undefined);
}

/** All bytes that new shards may fill, over all nodes. */
export function freeBytesOf(capacity: Capacity): number {
  return roomyNodes(capacity).reduce((sum, node) => sum + roomOf(node), 0);
}

/** Whether there is room for the peak: in all, and on single nodes, of which each takes one copy of a shard at most. */
export function diskCheck(planned: PlannedVersion, capacity: Capacity, size: Size | undefined): Finding {
  const nodes = roomyNodes(capacity);
  if (nodes.length === 0 && capacity.nodes.some(({ takesShards }) => takesShards))
    return passed('disk', 'no node says how much of its disk is free');
  const free = freeBytesOf(capacity);
  const there = `${bytesText(free)} are free above the watermarks${ofNodes(nodes)}`;
  if (!size) {
    const unknown = 'how large a first build gets is not known before it is there';
    if (free > 0) return passed('disk', `${unknown}; ${there}`);
    return refused('disk', { reason: 'NotEnoughDisk', message: `${unknown}, but more than ${there}` });
  }
  const { needBytes, bytes, copies, logBytes } = size;
  const of = planned.live === undefined ? '' : ` as ${planned.live.name} has`;
  const needed = `${bytesText(needBytes)} are needed at the peak (${copies} of ${bytesText(bytes)}${of}, or one and the segment being made), and ${bytesText(logBytes)} for the log of writes`;
  const wanted = needBytes + logBytes;
  if (wanted > free) return refused('disk', { reason: 'NotEnoughDisk', message: `${needed}, and ${there}` });
  const each = wanted / copies / (planned.shards * planned.indices);
  if (placesFor(each, planned, nodes) >= copies * planned.shards * planned.indices)
    return passed('disk', `${needed}; ${there}`);
  const message = `${needed}, in shards of ${bytesText(each)} that do not fit: ${there}`;
  return refused('disk', { reason: 'NotEnoughDisk', message });
}

/** How many copies of shards of that size there is room for. */
function placesFor(bytes: number, { shards, indices }: PlannedVersion, nodes: readonly ClusterNode[]): number {
  return nodes.reduce(
    (sum, node) => sum + Math.min(shards * indices, Math.floor(roomOf(node) / Math.max(bytes, 1))),
    0,
  );
}

const mostNamed = 8;

function ofNodes(nodes: readonly ClusterNode[]): string {
  if (nodes.length === 0) return ': no node takes shards';
  const named = nodes.slice(0, mostNamed).map(node => `${node.name} ${bytesText(roomOf(node))}`);
  return ` (${named.join(', ')}${nodes.length > mostNamed ? `, and ${nodes.length - mostNamed} more` : ''})`;
}
