import { bytesText } from '../../domain/byte-text.ts';
import type { Capacity, ClusterNode } from '../../engine/port.ts';
import { passed, refused, type Finding } from './check.ts';
import type { PlannedVersion } from './plan.ts';

/** The largest segment that an engine merges to by itself, in each shard. */
const largestSegmentBytes = 5 * 1024 ** 3;

/** What a version takes besides what is there already; undefined = not known, of a first build. */
export type Size = {
  /** Of the primary shards. */
  readonly bytes: number;
  /** Of each shard as many as the cluster has nodes for. */
  readonly copies: number;
  /** At the peak. */
  readonly needBytes: number;
};

/**
 * A version is built without replicas, so merges are over when those are made: the peak is the larger of the primaries with
 * their merges, and of all copies. It is expected to get as large as the live one.
 */
export function sizeOf(
  { replicas, shards, indices }: PlannedVersion,
  { nodes }: Capacity,
  liveBytes: number | undefined,
): Size | undefined {
  if (liveBytes === undefined) return undefined;
  const copies = Math.max(1, Math.min(1 + replicas, nodes.filter(({ takesShards }) => takesShards).length));
  // What is merged stays on the disk until what it was merged to is there, and flushed.
  const merging = Math.min(liveBytes, largestSegmentBytes * shards * indices);
  return { bytes: liveBytes, copies, needBytes: Math.max(liveBytes * copies, liveBytes + merging) };
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
  const { needBytes, bytes, copies } = size;
  const of = planned.live === undefined ? '' : ` as ${planned.live.name} has`;
  const needed = `${bytesText(needBytes)} are needed at the peak (${copies} of ${bytesText(bytes)}${of}, or one and its merges)`;
  if (needBytes > free) return refused('disk', { reason: 'NotEnoughDisk', message: `${needed}, and ${there}` });
  const each = needBytes / copies / (planned.shards * planned.indices);
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
