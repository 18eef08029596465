import { generatedRepository, renamedFiles } from '../generated/repository.ts';
import { comparedCase, ownCase } from '../harness/cases.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compareGroups } from '../harness/pairs.ts';
import { onStage } from '../harness/stage.ts';
import type { WorkerRun } from '../harness/worker-program.ts';
import { targets } from '../targets.ts';

/** G5: a thousand files move and nothing else happens. */
export const renamesMetric: Metric = { id: 'G5', title: 'renames', run: measure };

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const files = profile === 'quick' ? 3000 : 10_000;
  const repository = await generatedRepository(files);
  return onStage(async stage => {
    const version = await stage.version('renames');
    const repoUrl = `${stage.bed.git.url}${stage.serve('renames', repository.path)}`;
    const full = await stage.work({ version, repoUrl, commit: repository.base, mode: 'full' });
    const runs: WorkerRun[] = [];
    for (const commit of [repository.renamed, repository.base, repository.renamed]) {
      runs.push(await stage.work({ version, repoUrl, commit, mode: 'incremental' }));
    }
    const where = `${renamedFiles} of ${files} files moved`;
    return [
      ownCase(
        { case: `${where}, chunks written`, unit: 'chunks', target: targets.G5.contentWork, note: 'peer = a full run' },
        runs.map(each => each.result.chunks.written),
        { limit: 0, peer: full.result.chunks.written },
      ),
      comparedCase(
        { case: `${where}, time`, unit: 's', note: 'peer = a full run' },
        'peer',
        compareGroups(
          runs.map(each => each.wallSeconds),
          [full.wallSeconds],
        ),
      ),
    ];
  });
}
