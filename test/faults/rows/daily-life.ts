import { expect } from '@jest/globals';
import { aLifePlan, type LifeSize } from '../../support/objects/a-life-plan.ts';
import { seed } from '../../support/objects/sampled.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRecord } from '../../support/checks/fault-table.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { LifeCount } from '../../support/real/life/life-count.ts';
import { playLife, type LifeWay } from '../../support/real/life/life.ts';

/** Half a minute of it, with faults that last no longer than a look. */
const sample: LifeSize = {
  repos: 3,
  heavyRuns: 3,
  pushes: 9,
  rebuilds: 3,
  rollbacks: 1,
  faults: ['worker killed', 'replies to writes lost', 'operator killed'],
  fates: ['gate approved', 'aborted in the bake', 'paused'],
};

/** Pushes, rebuilds and what people do to them, rollbacks and faults of all kinds, at many repositories at once. */
export const dailyLife: FaultRow<ControlStage> = {
  id: 'life',
  fault: 'faults while runs of many repositories are at gates, bake, pause, return',
  withinMs: 240_000,
  run: async (stage, record) => {
    record.atEnd(async () => {
      await stage.start();
    });
    await stage.operator().stop();
    await live(stage, sample, { operators: 1, haste: 0.1, silenceMs: 0, ownLogin: false }, record);
  },
};

/** Prints what was done and what came of it as one table, however it ends. */
export async function live(stage: ControlStage, size: LifeSize, way: LifeWay, record: FaultRecord): Promise<LifeCount> {
  const begunMs = performance.now();
  const count = new LifeCount();
  record.atEnd(async () => {
    const minutes = ((performance.now() - begunMs) / 60_000).toFixed(1);
    console.log(`daily life of ${size.repos} repositories, seed ${seed}, ${minutes} minutes\n${count.table()}`);
  });
  await playLife(stage, aLifePlan(seed, size), way, { record, count });
  record.remark(`seed ${seed}: ${count.pushes} pushes, ${count.rebuilds} rebuilds, ${count.rollbacks} rollbacks`);
  expect(count.faults).toBe(size.faults.length);
  return count;
}
