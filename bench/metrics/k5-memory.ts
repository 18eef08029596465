import { comparedCase, ownCase } from '../harness/cases.ts';
import { onKubeStage, watched, type KubeStage } from '../harness/kube-stage.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compareGroups } from '../harness/pairs.ts';
import { targets } from '../targets.ts';

/** K5: memory of an operator that was started over so many resources, and what each of them adds. */
export const memoryMetric: Metric = { id: 'K5', title: 'memory', run: measure };

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const resources = profile === 'quick' ? 1000 : 10_000;
  return onKubeStage(async stage => {
    const empty = await memoryOfStart(stage);
    const names = Array.from({ length: resources }, (_, at) => `repo-${at}`);
    await stage.createRepos(watched, names);
    await stage.untilObserved(watched, names);
    const filled = await memoryOfStart(stage);
    const per10k = (megabytes: number): number => Math.max(0, (megabytes / resources) * 10_000);
    const note = `from ${resources} resources; no Go operator of the same shape is built to compare with`;
    const slope = { unit: 'MB per 10,000 resources', target: targets.K5.megabytesPer10k, note };
    return [
      ownCase({ ...slope, case: 'live heap, slope' }, [per10k(filled.heap - empty.heap)]),
      ownCase({ ...slope, case: 'resident memory, slope' }, [per10k(filled.resident - empty.resident)]),
      ownCase(
        { case: `resident memory with ${resources} resources`, unit: 'MB', note: 'peer = without any' },
        [filled.resident],
        {
          peer: empty.resident,
        },
      ),
      comparedCase(
        {
          case: `peak of a start over ${resources} resources`,
          unit: 'MB',
          target: targets.K5.peakOfRest,
          note: 'limit = resident memory at rest',
        },
        'limit',
        compareGroups([filled.peak], [filled.resident]),
      ),
    ];
  });
}

async function memoryOfStart(stage: KubeStage): Promise<{ heap: number; resident: number; peak: number }> {
  const operator = await stage.restartOperator();
  await stage.untilQuiet();
  const [resident, peak] = [operator.residentMegabytes(), operator.peakMegabytes()];
  // Last: collecting garbage changes the other two.
  return { resident, peak, heap: await operator.heapMegabytes() };
}
