import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { engineUnderTest, lackOfSecurity } from '../support/real/bed-engine.ts';
import { aControlStage, heal, type ControlStage } from '../support/real/control-stage.ts';
import { aFaultStage } from '../support/real/fault-stage.ts';
import { playRow, type FaultRow } from '../support/real/fault-row.ts';
import { FaultRecord, faultTable } from '../support/checks/fault-table.ts';
import { leaderHalted } from './rows/f03-leader-halted.ts';
import { dailyLife } from './rows/daily-life.ts';
import { apiServerAway } from './rows/f05-api-server-away.ts';
import { halfOpenWatch } from './rows/f06-half-open-watch.ts';
import { compaction } from './rows/f07-compaction.ts';
import { staleApiServer } from './rows/f08-stale-api-server.ts';
import { conflicts } from './rows/f09-conflicts.ts';
import { apiServerRefuses } from './rows/f10-api-server-refuses.ts';
import { replyLostByOperator } from './rows/f11-reply-lost-by-operator.ts';
import { engineKilledInSwitch } from './rows/f13-engine-killed-in-switch.ts';
import { diskFull } from './rows/f15-disk-full.ts';
import { noRoomForVersion } from './rows/f16-no-room.ts';
import { aHand } from './rows/f18-a-hand.ts';
import { anotherCluster } from './rows/f20-another-cluster.ts';
import { credentials } from './rows/f21-credentials.ts';
import { jobTrouble } from './rows/f22-job-trouble.ts';
import { clockJumps } from './rows/f23-clock-jumps.ts';
import { changedOrMadeAnew } from './rows/f25-changed-or-made-anew.ts';
import { operatorAbsent } from './rows/f27-operator-absent.ts';
import { operatorKilledAfterEachStep } from './rows/operator-killed-after-each-step.ts';

const startsWithinMs = 420_000;
/** Rows of one list are played beside each other: neither meets the other's fault, and one mostly waits. */
const acts: readonly (readonly FaultRow<ControlStage>[])[] = [
  [operatorKilledAfterEachStep, changedOrMadeAnew],
  [apiServerAway],
  [halfOpenWatch, leaderHalted],
  [compaction],
  [conflicts],
  [apiServerRefuses, aHand, diskFull],
  [replyLostByOperator],
  [engineKilledInSwitch],
  // Its fault is of the whole engine.
  [noRoomForVersion],
  [credentials, jobTrouble],
  [clockJumps, anotherCluster, staleApiServer],
  [operatorAbsent],
  [dailyLife],
];

/** Faults of the operator, of Kubernetes and of what lies between, on real components. */
describe('a fault of the operator or of Kubernetes', () => {
  const records: FaultRecord[] = [];
  let opening: Promise<ControlStage> | undefined;
  let stage: ControlStage;
  beforeAll(async () => {
    opening = aFaultStage().then(aControlStage);
    stage = await opening;
    await stage.start();
  }, startsWithinMs);
  afterAll(async () => {
    // Also when it came up too late for the tests.
    await (await opening)?.close();
    console.log(faultTable(records));
  }, startsWithinMs);

  const lack = lackOfSecurity(engineUnderTest());
  const isLeftOut = ({ needsSecurity }: FaultRow<ControlStage>): boolean =>
    needsSecurity === true && lack !== undefined;
  for (const row of acts.flat().filter(isLeftOut)) it.skip(`${row.id}: ${row.fault} (${lack ?? ''})`, () => undefined);

  for (const act of acts) {
    const rows = act.filter(row => !isLeftOut(row));
    it(
      rows.map(({ id, fault }) => `${id}: ${fault}`).join(' | '),
      async () => {
        heal(stage);
        const played = rows.map(async row => {
          const record = new FaultRecord(row.id, row.fault);
          records.push(record);
          await playRow(row, stage, record);
          expect(record.faultsFound).toEqual([]);
        });
        // None is left at work when another one has failed.
        await Promise.allSettled(played);
        await Promise.all(played);
      },
      Math.max(...rows.map(({ withinMs }) => withinMs)),
    );
  }
});
