import { expect } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import { compact } from '../../support/real/compacted-etcd.ts';
import { team, type ControlStage } from '../../support/real/control-stage.ts';
import { eventually } from '../../support/checks/eventually.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { untilSeen } from '../../support/worlds/until-seen.ts';

const goneWithinMs = 60_000;

/** F7: objects are deleted while nobody looks, and the history that says so is compacted away. */
export const compaction: FaultRow<ControlStage> = {
  id: 'F7',
  fault: '410 Gone: etcd compacted while watches were dead or the operator away',
  withinMs: 240_000,
  run: async (stage, record) => {
    const repos = await Promise.all(['f7', 'f7-unseen', 'f7-absent'].map(name => declareRepo(stage, name)));
    for (const repo of repos) await repo.untilLive(repo.commit);
    const [stays, unseen, absent] = repos as [DeclaredRepo, DeclaredRepo, DeclaredRepo];
    const observer = await stays.observed(record);

    record.attempt();
    stage.kubeWire.blackhole();
    await remove(stage, unseen);
    await compact(stage);
    await stage.plane.killApiServer();
    await stage.plane.startApiServer();
    record.inject();
    const healedMs = performance.now();
    stage.kubeWire.heal();
    stage.kubeWire.resetAll();
    await untilGone(stage, unseen);
    record.recovered(performance.now() - healedMs);

    record.attempt();
    await stage.operator().stop();
    await remove(stage, absent);
    await compact(stage);
    record.inject();
    const startedMs = performance.now();
    await stage.start();
    await untilGone(stage, absent);
    record.recovered(performance.now() - startedMs);
    await untilSeen(stage, 'f7-after', 15_000);
    await observer.stop();
  },
};

async function remove({ kube }: ControlStage, repo: DeclaredRepo): Promise<void> {
  const { name } = repo;
  const found = await repo.read();
  await kube.delete(indexedRepoResource, { namespace: team, name }, found?.metadata.uid ?? '');
}

/** The object, its indices and its alias; the index of somebody else that is called like them stays. */
async function untilGone({ engine, operator }: ControlStage, repo: DeclaredRepo): Promise<void> {
  const { name } = repo;
  await eventually(
    `${name} is gone`,
    goneWithinMs,
    async () => (await repo.read()) === undefined,
    () => operator().output.slice(-2000),
  );
  expect((await engine.indices.describe(`${name}-v*`)).map(index => index.name)).toEqual([`${name}-v99`]);
  expect(await engine.aliases.members(name)).toEqual([]);
}
