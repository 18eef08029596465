import { expect } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { keys } from '../../../src/api/meta.ts';
import { openHttp } from '../../../src/engine/transport.ts';
import { systemClock as clock } from '../../../src/runtime/clock.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import { holdBulks } from '../../support/fakes/held-bulks.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import { someFiles } from '../../support/real/a-served-alias.ts';
import { aTenant } from '../../support/real/a-tenant.ts';
import { accessTo } from '../../support/real/bed-engine.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { standAt } from '../../support/real/standing-run.ts';
import { untilNotReady } from '../../support/real/until-cluster.ts';

const noticedWithinMs = 60_000;
const goesOnWithinMs = 60_000;
const disk = 'cluster.routing.allocation.disk';
/** More than any disk has free: at the next look at its disks, which is as soon as it can be, the engine blocks each index. */
const flood = {
  'cluster.info.update.interval': '10s',
  [`${disk}.threshold_enabled`]: true,
  ...{ [`${disk}.watermark.low`]: '900tb', [`${disk}.watermark.high`]: '900tb' },
  [`${disk}.watermark.flood_stage`]: '900tb',
};
const watermarks = Object.fromEntries(
  ['low', 'high', 'flood_stage'].map(stage => [`${disk}.watermark.${stage}`, null]),
);

/** F15: the disk of the engine comes to its flood stage in the middle of a build, and in a bake in which a push comes. */
export const diskFull: FaultRow<ControlStage> = {
  id: 'F15',
  fault: 'disk at its flood stage in a build and in a bake',
  withinMs: 300_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f15', hasOwnEngine: true });
    const [built, baking] = await Promise.all([declareRepo(stage, 'f15-build'), declareRepo(stage, 'f15-bake')]);
    for (const repo of [built, baking]) await repo.untilLive(repo.commit);
    const observers = await Promise.all([built, baking].map(async repo => repo.observed(record)));
    const bake = await standAt('bake', baking, { stage, record });
    const held = holdBulks(stage.engineWire, 'f15-build-v2');
    record.atEnd(async () => held.release());
    await built.rebuild('f15-run');
    await held.reached;
    const names = async (): Promise<readonly string[]> =>
      (await stage.engine.indices.describe('f15-*')).map(({ name }) => name);
    const before = await names();

    record.attempt();
    // As a kubelet does.
    stage.jobs.backOffMs = 10_000;
    record.atEnd(async () => void (stage.jobs.backOffMs = 0));
    await set(stage, flood);
    await eventually('the engine blocks', noticedWithinMs, async () =>
      (await stage.engine.indices.writeBlocks('f15-bake-v2')).some(({ byDisk }) => byDisk),
    );
    record.inject();
    held.release();
    const commit = await baking.repository.commit(someFiles(13, 'f15-bake'));
    await runNow(stage, baking);
    await untilNotReady(stage, 'DiskFull', noticedWithinMs);
    const said = ({ status }: { readonly status?: { readonly conditions?: unknown } | undefined }): boolean =>
      JSON.stringify(status?.conditions ?? []).includes('DiskFull');
    await Promise.all([
      built.untilRun('f15-run', 'says DiskFull', said),
      baking.until('says DiskFull', said),
      eventually('the worker was refused', noticedWithinMs, () => stage.jobs.output.includes('DiskFull')),
    ]);
    expect(await names()).toEqual(before);
    for (const repo of [built, baking])
      expect((await stage.engine.aliases.members(repo.name)).map(({ index }) => index)).toEqual([
        repo === built ? 'f15-build-v1' : 'f15-bake-v2',
      ]);

    const resetMs = performance.now();
    await set(stage, watermarks);
    const inBoth = async (): Promise<boolean> => {
      const records = await Promise.all([1, 2].map(async n => stage.settings.versionRecord(`f15-bake-v${n}`)));
      return records.every(record => record?.source.commit === commit);
    };
    const [ended] = await Promise.all([
      built.untilEnded('f15-run'),
      eventually('the push is in both versions', 2 * goesOnWithinMs, inBoth, () =>
        stage.operator().output.slice(-3000),
      ),
    ]);
    record.recovered(performance.now() - resetMs);
    expect(performance.now() - resetMs).toBeLessThan(goesOnWithinMs);
    expect(ended.status.phase).toBe('Succeeded');
    await expectOneVersion(stage, built, { live: 'f15-build-v2', retired: ['f15-build-v1'] });
    await bake.goOn();
    await baking.untilEnded(bake.request);
    await expectOneVersion(stage, baking, { live: 'f15-bake-v1', retired: ['f15-bake-v2'], commit });
    for (const each of observers) await each.stop();
  },
};

async function set({ node }: ControlStage, persistent: object): Promise<void> {
  const http = openHttp({ ...accessTo(node), clock });
  const request = { method: 'PUT', path: '/_cluster/settings', json: { persistent }, idempotent: true } as const;
  await http.send(request).finally(() => http.close());
}

async function runNow({ kube, namespace }: ControlStage, { name }: DeclaredRepo): Promise<void> {
  const annotations = { [keys.runNow]: String(Date.now()) };
  await kube.patch(indexedRepoResource, { namespace, name }, undefined, { metadata: { annotations } });
}
