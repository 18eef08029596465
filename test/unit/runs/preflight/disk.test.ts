import { describe, expect, it } from '@jest/globals';
import { diskCheck, freeBytesOf, roomOf, sizeOf } from '../../../../src/runs/preflight/disk.ts';
import { aClusterNode } from '../../../support/fakes/fake-cluster.ts';
import { aCapacity, aPlannedVersion, aSize, gib, nodesWithRoom } from '../../../support/objects/cluster-facts.ts';

describe('what a version takes at its peak', () => {
  it.each([
    ['a copy for each replica', 2, 3, 12],
    ['copies only as far as there are nodes', 2, 2, 8],
    ['one copy and the largest segment once more, where there is one node', 1, 1, 6],
    ['one copy and the largest segment once more, where there are no replicas', 0, 3, 6],
  ])('is %s', (_what, replicas, nodes, needGib) => {
    const capacity = aCapacity({ nodes: nodesWithRoom(...Array.from({ length: nodes }, () => 50)) });
    const size = sizeOf(aPlannedVersion({ replicas }), capacity, aSize(4 * gib));
    expect((size?.needBytes ?? 0) / gib).toBe(needGib);
  });

  it('has one segment of 5 GiB more in each shard at most', () => {
    const size = sizeOf(aPlannedVersion({ replicas: 0, shards: 2 }), aCapacity(), aSize(40 * gib));
    expect((size?.needBytes ?? 0) / gib).toBe(50);
  });

  it.each([
    ['what is written, while nothing is flushed', 0.1, 1, 0.14],
    ['what the shards flush it at', 40, 2, 1],
  ])('leaves out the log of writes, which takes %s', (_what, sizeGib, shards, logGib) => {
    const size = sizeOf(aPlannedVersion({ shards }), aCapacity(), aSize(sizeGib * gib));
    expect((size?.logBytes ?? 0) / gib).toBeCloseTo(logGib, 5);
  });

  it('is not known of a first build', () => {
    expect(sizeOf(aPlannedVersion(), aCapacity(), undefined)).toBeUndefined();
  });
});

describe('the room of a node', () => {
  it('ends at the high watermark, or at the flood stage where the engine looks at that alone', () => {
    const disk = { totalBytes: 100, freeBytes: 30 };
    expect(roomOf({ disk, watermarks: { lowBytes: 15, highBytes: 10, floodBytes: 5 } })).toBe(20);
    expect(roomOf({ disk, watermarks: { lowBytes: 0, highBytes: 0, floodBytes: 5 } })).toBe(25);
    expect(roomOf({ disk, watermarks: { lowBytes: 0, highBytes: 40, floodBytes: 5 } })).toBe(0);
  });

  it('counts where shards may be put, and nowhere else', () => {
    const master = aClusterNode({ name: 'master', takesShards: false });
    expect(freeBytesOf(aCapacity({ nodes: [...nodesWithRoom(3, 4), master] }))).toBe(7 * gib);
  });
});

describe('the check of disks', () => {
  const check = (roomGib: readonly number[], bytesGib: number | undefined, planned = aPlannedVersion()) => {
    const capacity = aCapacity({ nodes: nodesWithRoom(...roomGib) });
    const size = sizeOf(planned, capacity, bytesGib === undefined ? undefined : aSize(bytesGib * gib));
    return diskCheck(planned, capacity, size);
  };

  it('passes with both figures', () => {
    const found = check([50, 50], 4);
    expect(found.ok).toBe(true);
    expect(found.message).toContain(
      '8 GiB are needed at the peak (2 of 4 GiB as kibana-v1 has, or one and the segment being made), and 512 MiB for',
    );
    expect(found.message).toContain('100 GiB are free above the watermarks (es-1 50 GiB, es-2 50 GiB)');
  });

  it.each([
    ['when all nodes together have less', [3, 3], 4, 1],
    ['when there is room for all but the log', [4.1, 4.1], 4, 1],
    ['when a node has no room for its copy', [40, 1], 4, 1],
    ['when no shard fits into what is left on any node', [3, 3, 3, 3], 4, 1],
  ])('refuses %s', (_what, rooms, bytes, shards) => {
    expect(check(rooms, bytes, aPlannedVersion({ shards }))).toMatchObject({ ok: false, reason: 'NotEnoughDisk' });
  });

  it('passes when smaller shards do fit into what is left on the nodes', () => {
    expect(check([3, 3, 3, 3], 4, aPlannedVersion({ shards: 2 })).ok).toBe(true);
  });

  it('says of a first build that its size is not known, and refuses it where nothing is left at all', () => {
    const first = aPlannedVersion({ live: undefined });
    expect(check([3], undefined, first)).toMatchObject({ ok: true, message: expect.stringContaining('not known') });
    expect(check([0], undefined, first)).toMatchObject({ ok: false, reason: 'NotEnoughDisk' });
  });

  it('says when no node tells what it has, and refuses nothing for that', () => {
    const capacity = aCapacity({ nodes: [aClusterNode({ disk: undefined })] });
    const size = sizeOf(aPlannedVersion(), capacity, aSize(gib));
    expect(diskCheck(aPlannedVersion(), capacity, size)).toMatchObject({ ok: true });
  });

  it('names a few nodes of many', () => {
    const found = check(
      Array.from({ length: 20 }, () => 50),
      4,
    );
    expect(found.message).toContain('es-8 50 GiB, and 12 more');
  });
});
