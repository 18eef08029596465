import { randomUUID } from 'node:crypto';
import type { IndexingEnd } from '../../../src/workers/index/run-indexing.ts';
import type { IndexedVersion, RunChanges } from '../real/an-indexed-version.ts';
import { fastClock } from '../fakes/fast-clock.ts';

/** One Job over several pods: they share its uid, each has a partition and a uid of its own. */
export type PartitionedRun = {
  readonly uid: string;
  /** A pod for one partition, as often as it is called. */
  pod(partition: number, changed?: RunChanges): Promise<IndexingEnd>;
  /** All partitions, so many at once, in their order. */
  all(atOnce: number): Promise<readonly IndexingEnd[]>;
};

/** Leases run out in five seconds: for tests that wait for that. */
export const hurriedClock = fastClock(3);

export function aPartitionedRun(
  version: IndexedVersion,
  source: { readonly repository: string; readonly commit: string },
  count: number,
): PartitionedRun {
  const uid = `job-${randomUUID()}`;
  const pod = (partition: number, changed: RunChanges = {}): Promise<IndexingEnd> =>
    version.run(source.repository, source.commit, {
      input: {
        partition: { index: partition, count },
        holder: { kind: 'Heavy', name: 'Job of team/repo', uid, pod: `pod-${randomUUID()}` },
        runUid: uid,
        ...changed.input,
      },
      ...(changed.ports && { ports: changed.ports }),
    });
  return { uid, pod, all: atOnce => inTurn(count, atOnce, pod) };
}

async function inTurn(
  count: number,
  atOnce: number,
  pod: (partition: number) => Promise<IndexingEnd>,
): Promise<readonly IndexingEnd[]> {
  const ends: IndexingEnd[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let partition = next++; partition < count; partition = next++) ends[partition] = await pod(partition);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return ends;
}
