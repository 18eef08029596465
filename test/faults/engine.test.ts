import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFaultStage, type FaultStage } from '../support/fault-stage.ts';
import { playRow } from '../support/fault-row.ts';
import { FaultRecord, faultTable } from '../support/fault-table.ts';
import { engineBusy } from './rows/f12-engine-busy.ts';
import { engineKilled } from './rows/f13-engine-killed.ts';
import { engineHalted } from './rows/f14-engine-halted.ts';

const startsWithinMs = 420_000;
const rows = [engineBusy, engineKilled, engineHalted];

/** Faults of the engine while workers write, on real components. */
describe('a fault of the engine', () => {
  const records: FaultRecord[] = [];
  let opening: Promise<FaultStage> | undefined;
  let stage: FaultStage;
  beforeAll(async () => {
    opening = aFaultStage();
    stage = await opening;
  }, startsWithinMs);
  afterAll(async () => {
    // Also when it came up too late for the tests.
    await (await opening)?.close();
    console.log(faultTable(records));
  }, startsWithinMs);

  for (const row of rows) {
    it(
      `${row.id}: ${row.fault}`,
      async () => {
        const record = new FaultRecord(row.id, row.fault);
        records.push(record);
        await playRow(row, stage, record);
        expect(record.faultsFound).toEqual([]);
      },
      row.withinMs,
    );
  }
});
