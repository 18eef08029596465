import { setTimeout as sleep } from 'node:timers/promises';
import { comparedCase, ownCase } from '../harness/cases.ts';
import { onKubeStage, watched, type KubeStage } from '../harness/kube-stage.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compareGroups } from '../harness/pairs.ts';
import { targets } from '../targets.ts';

/** K4: what the operator does while nothing happens, with few and with many resources. */
export const idleMetric: Metric = { id: 'K4', title: 'at rest', run: measure };

const few = 10;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const many = profile === 'quick' ? 1000 : 10_000;
  const seconds = profile === 'quick' ? 20 : 600;
  return onKubeStage(async stage => {
    await create(stage, 0, few);
    const withFew = await rest(stage, seconds);
    await create(stage, few, many);
    const withMany = await rest(stage, seconds);
    const note = `${seconds} s; peer = our own operator with ${few} resources`;
    return [
      comparedCase(
        { case: `requests with ${many} resources`, unit: '1/min', target: targets.K4.requestsWithResources, note },
        'peer',
        compareGroups([withMany.requestsPerMinute], [withFew.requestsPerMinute]),
      ),
      ownCase(
        { case: `CPU with ${many} resources`, unit: '% of a core', target: targets.K4.corePercent, note },
        [withMany.corePercent],
        { peer: withFew.corePercent },
      ),
    ];
  });
}

async function create(stage: KubeStage, from: number, to: number): Promise<void> {
  const names = Array.from({ length: to - from }, (_, at) => `repo-${from + at}`);
  await stage.createRepos(watched, names);
  await stage.untilObserved(watched, names);
}

async function rest(stage: KubeStage, seconds: number): Promise<{ requestsPerMinute: number; corePercent: number }> {
  await stage.untilQuiet();
  const before = { cpu: stage.operator().cpuSeconds(), requests: stage.operatorRequests().length };
  await sleep(seconds * 1000);
  const requests = stage.operatorRequests().length - before.requests;
  const cpu = stage.operator().cpuSeconds() - before.cpu;
  return { requestsPerMinute: (requests / seconds) * 60, corePercent: (cpu / seconds) * 100 };
}
