import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFaultStage, type FaultStage } from './fault-stage.ts';
import { playRow, type FaultRow } from './fault-row.ts';
import { FaultRecord, faultTable } from '../checks/fault-table.ts';

const startsWithinMs = 420_000;

/** Declares one test for each row, played one after another on one engine with its Git server; ends with their table. */
export function playInTurn(title: string, rows: readonly FaultRow<FaultStage>[]): void {
  describe(title, () => {
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
}
