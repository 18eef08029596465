import { expect } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { someFiles } from '../../support/real/a-served-alias.ts';
import { team, type ControlStage } from '../../support/real/control-stage.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { holdBulks } from '../../support/fakes/held-bulks.ts';

const note = { mappings: { properties: { note: { type: 'keyword' } } } };

/** F27: commits, specs, Jobs, an alias and an index change while there is no operator; then one starts. */
export const operatorAbsent: FaultRow<ControlStage> = {
  id: 'F27',
  fault: 'operator absent while commit, spec, Job, alias, index and objects change',
  withinMs: 240_000,
  run: async (stage, record) => {
    const [changed, moved, leaving] = await Promise.all([
      declareRepo(stage, 'f27'),
      declareRepo(stage, 'f27-moved'),
      declareRepo(stage, 'f27-leaving'),
    ]);
    for (const repo of [changed, moved, leaving]) {
      await repo.untilLive(repo.commit);
      await repo.untilAtRest();
    }
    const observer = await changed.observed(record);
    const held = holdBulks(stage.engineWire, 'f27-v2');
    await changed.rebuild('f27-run');
    await held.reached;
    record.attempt();
    await stage.operator().kill();
    await removeJobs(stage);
    held.release();
    const commit = await changed.repository.commit(someFiles(3, 'newer', 'newer'));
    await changed.patch({ index: note });
    await stage.engine.aliases.update([
      { remove: { index: 'f27-moved-v1', alias: 'f27-moved', must_exist: true } },
      { add: { index: 'f27-moved-v99', alias: 'f27-moved' } },
    ]);
    await stage.engine.indices.delete('f27-leaving-v1');
    await removeRepo(stage, 'f27-leaving');
    // Commit, spec, Job, alias, index and object.
    record.inject(6);

    const startedMs = performance.now();
    await stage.start();
    // What ran is finished with the spec of before; the new shape is built then.
    const live = await changed.untilLive(commit);
    await eventually(
      'the declared shape is served',
      120_000,
      async () => (await changed.read())?.status?.live?.name === 'f27-v3',
      () => live.status,
    );
    await changed.untilAtRest();
    record.recovered(performance.now() - startedMs);
    await expectOneVersion(stage, changed, { live: 'f27-v3', retired: ['f27-v2'], commit });
    const stalled = (await moved.read())?.status?.conditions?.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'Drifted' });
    expect((await stage.engine.aliases.members('f27-moved')).map(({ index }) => index)).toEqual(['f27-moved-v99']);
    await eventually('the deleted one is gone', 60_000, async () => (await leaving.read()) === undefined);
    await observer.stop();
  },
};

async function removeJobs({ kube }: ControlStage): Promise<void> {
  for (const { metadata } of await kube.list(jobResource, team))
    await kube.delete(jobResource, { namespace: team, name: metadata.name }, metadata.uid);
}

async function removeRepo({ kube }: ControlStage, name: string): Promise<void> {
  const found = await kube.get(indexedRepoResource, { namespace: team, name });
  await kube.delete(indexedRepoResource, { namespace: team, name }, found?.metadata.uid ?? '');
}
