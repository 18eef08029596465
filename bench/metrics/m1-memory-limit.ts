import { z } from 'zod';
import type { Engine } from '../../src/engine/port.ts';
import { largeRepository, type LargeRepository } from '../generated/large-repository.ts';
import { ownCase } from '../harness/cases.ts';
import { memoryGroup, type MemoryGroup } from '../harness/memory-group.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { onStage, type Stage } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** M1: a full run in a cgroup with the memory limit of a small pod: clone, parsing and bulks together. */
export const memoryLimitMetric: Metric = { id: 'M1', title: 'full index within a memory limit', run: measure };

const limit = '512Mi';
const lookEveryMs = 100;

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const files = profile === 'quick' ? 2000 : 20_000;
  say(`  a repository of ${files} large files`);
  const repository = await largeRepository(files);
  const group = memoryGroup(limit);
  try {
    return await onStage(stage => inGroup(stage, repository, group));
  } finally {
    group.remove();
  }
}

async function inGroup(stage: Stage, repository: LargeRepository, group: MemoryGroup): Promise<readonly Case[]> {
  const version = await stage.version('limit');
  const repoUrl = `${stage.bed.git.url}${stage.serve('limit', repository.path)}`;
  let heldBytes = 0;
  const watch = setInterval(() => (heldBytes = Math.max(heldBytes, group.heldBytes())), lookEveryMs);
  const job = { version, repoUrl, commit: repository.commit, mode: 'full' } as const;
  const run = await stage.work(job, group).finally(() => clearInterval(watch));
  const { indexedBytes, parsedBytes } = await sharesOf(stage.engine, version.index);
  const of = `${run.result.files.total} files, ${(repository.bytes / 1e6).toFixed(0)} MB`;
  const kills = group.kills();
  const told = `${run.wallSeconds.toFixed(0)} s, ${run.cpuSeconds.toFixed(0)} CPU-s, ${kills} killed for memory, ${run.result.fellBack} files fell back to lines`;
  if (kills > 0) throw new Error(`a run under ${limit}: ${told}`);
  const inMebibytes = (bytes: number): number => bytes / 2 ** 20;
  const peak = ownCase(
    { case: `memory of all processes, ${of}`, unit: 'MiB', target: targets.M1.peakOfLimit, note: told },
    [inMebibytes(heldBytes)],
    { limit: inMebibytes(group.limitBytes) },
  );
  return [
    { ...peak, ratio: heldBytes / group.limitBytes },
    ownCase({ case: `memory charged, page cache included, ${of}`, unit: 'MiB' }, [inMebibytes(group.peakBytes())]),
    ownCase({ case: `bytes indexed, ${of}`, unit: 'of all', target: targets.M1.indexedShare }, [
      indexedBytes / repository.bytes,
    ]),
    ownCase({ case: `bytes parsed by a grammar, ${of}`, unit: 'of indexed', target: targets.M1.parsedShare }, [
      parsedBytes / indexedBytes,
    ]),
  ];
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
