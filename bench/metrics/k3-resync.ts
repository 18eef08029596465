import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { objectPath } from '../../src/kube/paths.ts';
import { ownCase } from '../harness/cases.ts';
import { onKubeStage, watched, type KubeStage } from '../harness/kube-stage.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { targets } from '../targets.ts';

/** K3: a change of the SearchCluster makes the operator look at every resource of it again; none has changed. */
export const resyncMetric: Metric = { id: 'K3', title: 'a look at everything', run: measure };

const rounds = 5;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const resources = profile === 'quick' ? 1000 : 10_000;
  return onKubeStage(async stage => {
    const alone = await lookAgain(stage);
    const names = Array.from({ length: resources }, (_, at) => `repo-${at}`);
    await stage.createRepos(watched, names);
    await stage.untilObserved(watched, names);
    await stage.untilQuiet();
    const looks: { readonly cpuSeconds: number; readonly requests: number }[] = [];
    for (let round = 0; round < rounds; round += 1) looks.push(await lookAgain(stage));
    const more = looks.map(({ cpuSeconds }) => ((cpuSeconds - alone.cpuSeconds) / resources) * 1e6);
    return [
      ownCase(
        { case: `requests, ${resources} resources`, unit: 'requests', target: targets.K3.requests },
        looks.map(({ requests }) => requests),
      ),
      ownCase(
        {
          case: `CPU for each of ${resources} resources`,
          unit: 'us',
          target: targets.K3.microsecondsPerResource,
          note: 'with what the engine is asked about each alias',
        },
        more,
      ),
    ];
  });
}

let round = 0;

/** CPU time of the operator and requests to the API server from a touch of the SearchCluster until all is quiet again. */
async function lookAgain(stage: KubeStage): Promise<{ readonly cpuSeconds: number; readonly requests: number }> {
  const before = { cpu: stage.operator().cpuSeconds(), requests: requestsOf(stage) };
  round += 1;
  const path = objectPath(searchClusterResource, { namespace: watched, name: 'main' });
  await stage.api.call('PATCH', path, { metadata: { annotations: { 'bench.example.org/round': String(round) } } });
  await stage.untilQuiet();
  return { cpuSeconds: stage.operator().cpuSeconds() - before.cpu, requests: requestsOf(stage) - before.requests };
}

/** About resources: the lease is renewed whatever happens. */
function requestsOf({ operatorRequests }: KubeStage): number {
  return operatorRequests().filter(({ requestURI }) => !requestURI.includes('/leases')).length;
}
