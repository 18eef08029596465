import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enginePart, killPart, startPart } from '../../bed/parts.ts';
import { aCluster, type Cluster } from '../../support/real/a-cluster.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { operatorNamespace } from '../../support/real/installed.ts';
import { Kubectl } from '../../support/real/kubectl.ts';
import { expectGoodEnd, startBuild, untilMidBuild } from '../../support/real/mid-run.ts';

const minutes = 60_000;

/** Whatever is killed in the middle of a build: the same end state, nothing left over, one run recorded. */
describe('a build in whose middle the worker, the operator and the engine are killed', () => {
  const name = 'killed';
  let cluster: Cluster;
  beforeAll(async () => {
    // What comes after an operator that was killed takes two looks before it deletes anything.
    cluster = await aCluster('kills', { aliasLookSeconds: 10 });
  }, 3 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  it(
    'ends as if none had been, in another pod',
    async () => {
      const operator = new Kubectl(cluster.bed, operatorNamespace);
      const restarts = await restartsOf(operator);
      await startBuild(cluster, name);
      const middles = [await untilMidBuild(cluster, name, 3000)];
      const [pod] = await cluster.kubectl.list('pods');
      await kill(cluster.kubectl, pod!.metadata.name);
      await eventually('a second pod', 60_000, async () => (await cluster.kubectl.list('pods')).length === 2);
      middles.push(await untilMidBuild(cluster, name, 5500));
      await kill(operator, 'deploy/reindeer');
      middles.push(await untilMidBuild(cluster, name, 7000));
      await killPart(enginePart(cluster.bed));
      startPart(enginePart(cluster.bed));
      await eventually('a restart of the operator', 90_000, async () => (await restartsOf(operator)) > restarts);
      await expectGoodEnd(cluster, name);
      const pods = await cluster.kubectl.list('pods');
      const phases = pods.map(each => each.status?.['phase']);
      console.log(`killed after ${middles.join(', ')} operations; pods: ${phases.join(', ')}`);
      // One that waited for the engine in vain is followed by another.
      expect({ phases: [...new Set(phases)].toSorted(), pods }).toMatchObject({ phases: ['Failed', 'Succeeded'] });
      expect(phases.filter(phase => phase === 'Succeeded')).toHaveLength(1);
    },
    12 * minutes,
  );

  it(
    'goes with all that it made once its IndexedRepo is deleted',
    async () => {
      await cluster.kubectl.run(['delete', 'irepo', name, '--wait=true', '--timeout=90s']);
      expect(await cluster.engine.indices.describe(`${name}-v*`)).toEqual([]);
      // Their owner is gone, so the garbage collector takes requests, Jobs and pods.
      await eventually('no pods', 60_000, async () => (await cluster.kubectl.list('pods')).length === 0);
    },
    3 * minutes,
  );
});

async function kill(kubectl: Kubectl, pod: string): Promise<void> {
  // Everything but the init process, which then ends with what its child ended with.
  await kubectl.run(['exec', pod, '--', 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
}

type Pod = { readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] } };
async function restartsOf(operator: Kubectl): Promise<number> {
  const pods = await operator.list<Pod>('pods');
  return pods.reduce((sum, pod) => sum + (pod.status?.containerStatuses?.[0]?.restartCount ?? 0), 0);
}
