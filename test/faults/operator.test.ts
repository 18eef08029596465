import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aControlStage, heal, type ControlStage } from '../support/control-stage.ts';
import { aFaultStage } from '../support/fault-stage.ts';
import { playRow } from '../support/fault-row.ts';
import { FaultRecord, faultTable } from '../support/fault-table.ts';
import { apiServerAway } from './rows/f05-api-server-away.ts';
import { halfOpenWatch } from './rows/f06-half-open-watch.ts';
import { compaction } from './rows/f07-compaction.ts';
import { replyLostByOperator } from './rows/f11-reply-lost-by-operator.ts';
import { jobTrouble } from './rows/f22-job-trouble.ts';
import { operatorAbsent } from './rows/f27-operator-absent.ts';
import { operatorKilledAfterEachStep } from './rows/operator-killed-after-each-step.ts';

const startsWithinMs = 240_000;
const rows = [
  operatorKilledAfterEachStep,
  apiServerAway,
  halfOpenWatch,
  compaction,
  replyLostByOperator,
  jobTrouble,
  operatorAbsent,
];

/** Faults of the operator, of Kubernetes and of what lies between, on real components. */
describe('a fault of the operator or of Kubernetes', () => {
  const records: FaultRecord[] = [];
  let stage: ControlStage;
  beforeAll(async () => {
    stage = await aControlStage(await aFaultStage());
    await stage.start();
  }, startsWithinMs);
  afterAll(async () => {
    await stage?.close();
    console.log(faultTable(records));
  }, startsWithinMs);

  for (const row of rows) {
    it(
      `${row.id}: ${row.fault}`,
      async () => {
        const record = new FaultRecord(row.id, row.fault);
        records.push(record);
        heal(stage);
        await playRow(row, stage, record);
        expect(record.faultsFound).toEqual([]);
      },
      row.withinMs,
    );
  }
});
