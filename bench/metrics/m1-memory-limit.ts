import { randomBytes } from 'node:crypto';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../src/engine/port.ts';
import { aCluster, untilLive, type Cluster } from '../../test/support/real/a-cluster.ts';
import { eventually } from '../../test/support/checks/eventually.ts';
import { anIndexedRepo } from '../../test/support/real/installed.ts';
import { largeRepository, type LargeRepository } from '../generated/large-repository.ts';
import { ownCase } from '../harness/cases.ts';
import { NotMeasurableError, type BenchContext, type Case, type Metric } from '../harness/metric.ts';
import { memoryOfPod, type PodMemory } from '../harness/pod-memory.ts';
import { requireBed } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** M1: a full run in a pod with a small memory limit: clone, parsing and bulks together. */
export const memoryLimitMetric: Metric = { id: 'M1', title: 'full index in a pod of 512 MiB', run: measure };

const resources = { requests: { memory: '512Mi' }, limits: { memory: '512Mi' } };
const lookEveryMs = 100;
const name = 'memory';

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const bed = requireBed();
  if (bed.node === undefined) throw new NotMeasurableError('a bed with pods is needed: npm run bed -- up');
  const files = profile === 'quick' ? 2000 : 20_000;
  say(`  a repository of ${files} large files`);
  const repository = await largeRepository(files);
  const link = `bench-${randomBytes(3).toString('hex')}.git`;
  symlinkSync(repository.path, join(bed.git.reposDir, link));
  const cluster = await aCluster('bench');
  try {
    return await inPod(cluster, repository, link);
  } finally {
    await cluster.remove();
    rmSync(join(bed.git.reposDir, link));
  }
}

async function inPod(cluster: Cluster, repository: LargeRepository, path: string): Promise<readonly Case[]> {
  const spec = { path, deletionPolicy: 'Delete', heavy: { resources }, light: { schedule: '@every 24h' } };
  await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, spec));
  const watch = watchPods(cluster);
  const begun = performance.now();
  const repo = await untilLive(cluster, name, repository.commit, 45 * 60_000).finally(() => watch.end());
  const seconds = (performance.now() - begun) / 1000;
  const { held, limit, peak, pods } = watch.seen();
  // A second pod would be one that came after a kill, and would hide what the first one held.
  if (pods !== 1) throw new Error(`one pod was to do it all: ${pods} were seen\n${await cluster.kubectl.overview()}`);
  const { indexedBytes, parsedBytes } = await sharesOf(cluster.engine, repo.status?.live?.name ?? '');
  const of = `${repository.files} files, ${(repository.bytes / 1e6).toFixed(0)} MB`;
  const inMebibytes = (bytes: number): number => bytes / 2 ** 20;
  const note = `one pod, never killed; ${seconds.toFixed(0)} s from apply to live`;
  const said = { case: `memory of all processes of the pod, ${of}`, unit: 'MiB', target: targets.M1.peakOfLimit, note };
  return [
    { ...ownCase(said, [inMebibytes(held)], { limit: inMebibytes(limit) }), ratio: held / limit },
    ownCase({ case: `memory charged to the pod, page cache included, ${of}`, unit: 'MiB' }, [inMebibytes(peak)]),
    ownCase({ case: `bytes indexed, ${of}`, unit: 'of all', target: targets.M1.indexedShare }, [
      indexedBytes / repository.bytes,
    ]),
    ownCase({ case: `bytes parsed by a grammar, ${of}`, unit: 'of indexed', target: targets.M1.parsedShare }, [
      parsedBytes / indexedBytes,
    ]),
  ];
}

const podList = z.object({ items: z.array(z.object({ metadata: z.object({ uid: z.string() }) })) });

/** Looks at the cgroups of all pods of the namespace until it is ended. */
function watchPods({ kubectl }: Cluster) {
  const uids = new Set<string>();
  const most = { held: 0, peak: 0, limit: 0 };
  const note = (memory: PodMemory): void => {
    most.held = Math.max(most.held, memory.heldBytes);
    most.peak = Math.max(most.peak, memory.peakBytes);
    most.limit = Math.max(most.limit, memory.limitBytes);
  };
  const looking = setInterval(() => {
    for (const uid of uids) {
      const memory = memoryOfPod(uid);
      if (memory !== undefined) note(memory);
    }
  }, lookEveryMs);
  const ended = new AbortController();
  // Ends with the watch, whatever is under way then.
  const listing = eventually('the end of the run', 60 * 60_000, async () => {
    const { items } = podList.parse(JSON.parse(await kubectl.run(['get', 'pods', '-o', 'json'])));
    for (const { metadata } of items) uids.add(metadata.uid);
    return ended.signal.aborted;
  });
  return {
    seen: () => ({ ...most, pods: uids.size }),
    end: async () => {
      ended.abort();
      clearInterval(looking);
      await listing;
    },
  };
}

const sum = z.object({ bytes: z.object({ value: z.number() }) });

async function sharesOf(engine: Engine, index: string) {
  const bytesWhere = async (...filter: readonly object[]): Promise<number> => {
    const query = { bool: { filter: [{ term: { doc: 'file' } }, { term: { state: 'indexed' } }, ...filter] } };
    const reply = await engine.documents.search(index, { size: 0, query, aggs: { bytes: { sum: { field: 'size' } } } });
    return sum.parse(reply.aggregations).bytes.value;
  };
  return { indexedBytes: await bytesWhere(), parsedBytes: await bytesWhere({ term: { parser: 'tree-sitter' } }) };
}
