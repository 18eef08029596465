import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { indexedRepoResource, type IndexedRepo } from '../../src/api/indexed-repo.ts';
import { createKube, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { declareRepo, type DeclaredRepo } from '../support/real/a-declared-repo.ts';
import { aControlStage, team, type ControlStage } from '../support/real/control-stage.ts';
import { startControlPlane, type ControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';
import { aFaultStage } from '../support/real/fault-stage.ts';
import { startOperator, type OperatorProcess } from '../support/real/operator-process.ts';

/**
 * Two API servers on one etcd, copied while the operator of the first was at work, and one engine: whatever is deleted in
 * the copy, what production serves stays.
 */

const startsWithinMs = 420_000;
const twinWithinMs = 90_000;
/** The operator of production has two looks of time to come up: what is later is what nothing can tell apart. */
const env = { REINDEER_LEADER_ELECTION: 'true', REINDEER_ALIAS_LOOK_SECONDS: '20' };

type Clone = {
  readonly plane: ControlPlane;
  readonly kube: KubeClient;
  operator: OperatorProcess | undefined;
};

describe('a copied etcd', () => {
  let opening: Promise<ControlStage> | undefined;
  let stage: ControlStage;
  let repo: DeclaredRepo;
  let clone: Clone;

  beforeAll(async () => {
    opening = aFaultStage().then(aControlStage);
    stage = await opening;
    await stage.start({ env });
    repo = await declareRepo(stage, 'shop');
    await repo.untilLive(repo.commit);
    const plane = await startControlPlane(stage.plane);
    clone = { plane, kube: createKube(await loadKubeConfig(plane.kubeconfig)), operator: undefined };
  }, startsWithinMs);
  afterAll(async () => {
    await clone.operator?.kill();
    await clone.kube.close();
    await clone.plane.stop();
    await (await opening)?.close();
  }, startsWithinMs);

  async function startClone(): Promise<void> {
    clone.operator = startOperator(stage.main, {
      KUBECONFIG: await clone.plane.kubeconfigOf('operator-of-the-clone'),
      POD_NAMESPACE: 'reindeer-system',
      POD_NAME: 'operator-0',
      REINDEER_NAMESPACES: team,
      REINDEER_IMAGE: 'reindeer.dev/reindeer:faults',
      REINDEER_ALLOWED_GIT_HOSTS: '127.0.0.1',
      ...env,
    });
  }

  const read = async (kube: KubeClient) =>
    kube.get<IndexedRepo>(indexedRepoResource, { namespace: team, name: repo.name });

  async function deleteInClone(): Promise<void> {
    const found = await read(clone.kube);
    await clone.kube.delete(indexedRepoResource, { namespace: team, name: repo.name }, found?.metadata.uid ?? '');
  }

  const stalled = async (kube: KubeClient): Promise<string> =>
    (await read(kube))?.status.conditions?.find(({ type }) => type === 'Stalled')?.reason ?? 'nothing';

  async function expectTwins(): Promise<void> {
    const both = async (): Promise<readonly string[]> => [await stalled(stage.kube), await stalled(clone.kube)];
    let last: readonly string[] = [];
    await eventually(
      'both say OperatorTwin',
      twinWithinMs,
      async () => {
        last = await both();
        return last.every(reason => reason === 'OperatorTwin');
      },
      () => ({ last, production: stage.operator().output.slice(-3000), clone: clone.operator?.output.slice(-3000) }),
    );
  }

  async function expectProductionWhole(): Promise<void> {
    const { engine, settings } = stage;
    expect((await engine.aliases.members(repo.name)).map(member => member.index)).toEqual(['shop-v1']);
    expect((await engine.indices.describe('shop-v*')).map(index => index.name)).toEqual(['shop-v1', 'shop-v99']);
    expect(await engine.indices.count(repo.name)).toBeGreaterThan(0);
    expect((await settings.aliasRecord(repo.name))?.source.live).toBe(1);
  }

  it(
    'leaves production whole when its operator starts last, and both say so',
    async () => {
      await startClone();
      await deleteInClone();
      await expectTwins();
      await expectProductionWhole();
      await clone.operator?.kill();
    },
    2 * twinWithinMs,
  );

  it(
    'leaves production whole when its operator starts first, and both say so',
    async () => {
      await stage.operator().stop();
      await forgetOperators(stage);
      await startClone();
      await eventually(
        'the clone leads',
        twinWithinMs,
        () => clone.operator?.output.includes('"lease taken"') === true,
        () => clone.operator?.output.slice(-3000),
      );
      await stage.start({ env });
      await expectTwins();
      await expectProductionWhole();
    },
    3 * twinWithinMs,
  );
});

/** As if the two had never met. */
async function forgetOperators({ engine, settings, settingsIndex }: ControlStage): Promise<void> {
  const lines = (await settings.operatorRecords()).map(({ operator, election }) =>
    JSON.stringify({ delete: { _id: `operator~${operator}~${election}` } }),
  );
  const ndjson = Buffer.from(`${lines.join('\n')}\n`);
  await engine.documents.bulk(ndjson, { target: settingsIndex, requireAlias: false });
}
