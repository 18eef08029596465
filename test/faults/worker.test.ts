import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFaultStage, type FaultStage } from '../support/fault-stage.ts';
import { playRow } from '../support/fault-row.ts';
import { FaultRecord, faultTable } from '../support/fault-table.ts';
import { workerKilled } from './rows/f02-worker-killed.ts';
import { workerHalted } from './rows/f04-worker-halted.ts';
import { replyLostByWorker } from './rows/f11-reply-lost-by-worker.ts';
import { gitFaults } from './rows/f24-git-faults.ts';

const startsWithinMs = 420_000;
const rows = [workerKilled, workerHalted, replyLostByWorker, gitFaults];

/** Faults of the worker and of what lies between it, the engine and Git, on real components. */
describe('a fault of the worker', () => {
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
