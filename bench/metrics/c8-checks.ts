import type { Engine } from '../../src/engine/port.ts';
import { generatedRepository } from '../generated/repository.ts';
import { ownCase } from '../harness/cases.ts';
import { costOf } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { bulkBytes, bulkConcurrency, onStage, type Stage } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** C8: what counts, fingerprint and digest take of a build that they check, of its start to its record. */
export const checksMetric: Metric = { id: 'C8', title: 'checks of a build', run: measure };

const kinds = [
  { digest: 'None', name: 'counts and fingerprint', target: targets.C8.counts },
  { digest: 'Sample', name: 'the same and digest Sample', target: null },
  { digest: 'Full', name: 'the same and digest Full', target: targets.C8.digest },
] as const;
type Digest = (typeof kinds)[number]['digest'];

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const files = profile === 'quick' ? 3000 : 10_000;
  const kept = profile === 'quick' ? 3 : 5;
  return onStage(async stage => {
    const shares = new Map<Digest, number[]>(kinds.map(({ digest }) => [digest, []]));
    // The first round warms up and is dropped.
    for (let round = 0; round <= kept; round += 1) {
      say(`  round ${round} of ${kept}`);
      for (const { digest } of kinds) {
        const share = await shareOfChecks(stage, `checks-${digest.toLowerCase()}-${round}`, files, digest);
        if (round > 0) shares.get(digest)?.push(share);
      }
    }
    return kinds.map(({ digest, name, target }) =>
      ownCase({ case: `${name}, ${files} generated files`, unit: 'of the build', target }, shares.get(digest) ?? []),
    );
  });
}

async function shareOfChecks(stage: Stage, name: string, files: number, digest: Digest): Promise<number> {
  const { path, base } = await generatedRepository(files);
  const version = await stage.version(name);
  const watched = watchReads(stage.engine);
  const { wallSeconds, result } = await costOf(() =>
    version.run(path, base, { input: { bulkBytes, bulkConcurrency, digest }, ports: { engine: watched.engine } }),
  );
  if (result.exitCode !== 0) throw new Error(`a build ended with ${result.exitCode}: ${result.result.errors.join()}`);
  await stage.engine.indices.delete(version.index);
  return watched.seconds() / wallSeconds;
}

/** Seconds from the refresh after the last write to the last count or search. */
function watchReads(engine: Engine): { readonly engine: Engine; readonly seconds: () => number } {
  const { indices, documents } = engine;
  let [refreshedMs, readMs] = [0, 0];
  const read = async <T>(work: Promise<T>): Promise<T> => {
    const answer = await work;
    readMs = performance.now();
    return answer;
  };
  const seen: Engine = {
    ...engine,
    indices: {
      ...indices,
      refresh: async name => {
        const copies = await indices.refresh(name);
        refreshedMs = performance.now();
        return copies;
      },
      count: async (name, query) => read(indices.count(name, query)),
    },
    documents: {
      ...documents,
      search: async (name, body, options) => read(documents.search(name, body, options)),
    },
  };
  return { engine: seen, seconds: () => (readMs - refreshedMs) / 1000 };
}
