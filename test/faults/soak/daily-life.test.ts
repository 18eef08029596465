import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lackOfSecurity } from '../../support/real/bed-engine.ts';
import { FaultRecord, faultTable } from '../../support/checks/fault-table.ts';
import { aControlStage, type ControlStage } from '../../support/real/control-stage.ts';
import { aFaultStage } from '../../support/real/fault-stage.ts';
import { lifeFaults } from '../../support/real/life/faults.ts';
import { live } from '../rows/daily-life.ts';

const startsWithinMs = 420_000;
const lastsMs = 20 * 60_000;
/** Where runs have to be when faults strike. */
const places = ['Building', 'AwaitingApproval', 'Baking', 'paused'];

describe('daily life of 50 repositories while faults strike', () => {
  const record = new FaultRecord(
    'life',
    'each fault of one engine and one API server, while people push, rebuild, go back',
  );
  let opening: Promise<ControlStage> | undefined;
  let stage: ControlStage;
  beforeAll(async () => {
    opening = aFaultStage().then(aControlStage);
    stage = await opening;
  }, startsWithinMs);
  afterAll(async () => {
    // Also when it came up too late for the test.
    await (await opening)?.close();
    console.log(faultTable([record]));
  }, startsWithinMs);

  it(
    'serves at every moment what was pushed, and comes to rest',
    async () => {
      const hasUsers = lackOfSecurity(stage.node) === undefined;
      const faults = lifeFaults
        .filter(({ needs }) => needs === undefined || hasUsers)
        .flatMap(({ name, times }) => Array<string>(times).fill(name));
      const size = { repos: 50, heavyRuns: 4, pushes: 320, rebuilds: 48, rollbacks: 24, faults };
      try {
        const way = { operators: 2, haste: 1, silenceMs: 60_000, ownLogin: hasUsers } as const;
        const count = await live(stage, size, way, record);
        expect(count.faults).toBeGreaterThanOrEqual(60);
        expect(count.pushes).toBeGreaterThanOrEqual(300);
        expect(count.rebuilds).toBeGreaterThanOrEqual(40);
        expect(count.rollbacks).toBeGreaterThanOrEqual(20);
        expect(count.stood).toEqual(expect.arrayContaining(places));
      } finally {
        await record.end();
      }
      expect(record.faultsFound).toEqual([]);
    },
    lastsMs,
  );
});
