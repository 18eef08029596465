import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { killPart, startPart } from '../../bed/parts.ts';
import { aCluster, type Cluster } from '../../support/a-cluster.ts';
import { eventually } from '../../support/eventually.ts';
import { operatorNamespace } from '../../support/installed.ts';
import { Kubectl } from '../../support/kubectl.ts';
import { expectGoodEnd, untilMidBuild } from '../../support/mid-run.ts';

const minutes = 60_000;

/** Whatever is killed in the middle of a build: the same end state, nothing left over, one run recorded. */
describe('a build in whose middle', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    // What comes after an operator that was killed takes two looks before it deletes anything.
    cluster = await aCluster('kills', { aliasLookSeconds: 10 });
  }, 3 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  const kill = async (kubectl: Kubectl, pod: string): Promise<void> => {
    // Everything but the init process, which then ends with what its child ended with.
    await kubectl.run(['exec', pod, '--', 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
  };

  it(
    'the worker is killed goes on in another pod',
    async () => {
      const name = 'worker-killed';
      const { operations } = await untilMidBuild(cluster, name);
      const [pod] = await cluster.kubectl.list('pods');
      await kill(cluster.kubectl, pod!.metadata.name);
      await eventually('a second pod', 60_000, async () => (await cluster.kubectl.list('pods')).length === 2);
      await expectGoodEnd(cluster, name);
      const pods = await cluster.kubectl.list('pods');
      const states = pods.map(each => each.status?.['phase']);
      console.log(`killed after ${operations} operations; pods: ${states.join(', ')}`);
      expect({ states: states.toSorted(), pods }).toMatchObject({ states: ['Failed', 'Succeeded'] });
      await remove(name);
    },
    12 * minutes,
  );

  it(
    'the operator is killed is followed by the operator that comes back',
    async () => {
      const name = 'operator-killed';
      const { operations } = await untilMidBuild(cluster, name);
      const operator = new Kubectl(cluster.bed, operatorNamespace);
      const restarts = await restartsOf(operator);
      await kill(operator, 'deploy/reindeer');
      await eventually('a restart of the operator', 90_000, async () => (await restartsOf(operator)) > restarts);
      await expectGoodEnd(cluster, name);
      console.log(`killed after ${operations} operations`);
      await remove(name);
    },
    12 * minutes,
  );

  it(
    'the engine is killed and started again goes on when it is back',
    async () => {
      const name = 'engine-killed';
      const { operations } = await untilMidBuild(cluster, name);
      await killPart('elasticsearch-0');
      startPart('elasticsearch-0');
      await expectGoodEnd(cluster, name);
      console.log(`killed after ${operations} operations`);
      await remove(name);
    },
    12 * minutes,
  );

  async function remove(name: string): Promise<void> {
    await cluster.kubectl.run(['delete', 'irepo', name, '--wait=true', '--timeout=90s']);
    expect(await cluster.engine.indices.describe(`${name}-v*`)).toEqual([]);
    // Their owner is gone, so the garbage collector takes requests, Jobs and pods.
    await eventually('no pods', 60_000, async () => (await cluster.kubectl.list('pods')).length === 0);
  }

  type Pod = { readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] } };
  async function restartsOf(operator: Kubectl): Promise<number> {
    const pods = await operator.list<Pod>('pods');
    return pods.reduce((sum, pod) => sum + (pod.status?.containerStatuses?.[0]?.restartCount ?? 0), 0);
  }
});
