import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { untilSeen } from '../../support/worlds/until-seen.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';

const killedMs = 10_000;
const resets = 3;
const seenWithinMs = 15_000;

/** F5: every watch is reset, and the API server is killed for 10 s: what is new is seen soon after it is back. */
export const apiServerAway: FaultRow<ControlStage> = {
  id: 'F5',
  fault: 'RST of all watches; API server SIGKILL for 10 s',
  withinMs: 180_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f5');
    await repo.untilLive(repo.commit);
    const observer = await repo.observed(record);
    const { pid } = stage.operator();
    for (let turn = 0; turn < resets; turn += 1) {
      record.attempt();
      expect(stage.kubeWire.connections).toBeGreaterThan(0);
      record.inject(stage.kubeWire.connections);
      stage.kubeWire.resetAll();
      record.recovered(await untilSeen(stage, `f5-reset-${turn}`, seenWithinMs));
    }
    record.attempt();
    await stage.plane.killApiServer();
    record.inject();
    await sleep(killedMs);
    await stage.plane.startApiServer();
    record.recovered(await untilSeen(stage, 'f5-killed', seenWithinMs));
    expect(stage.operator()).toMatchObject({ pid, hasEnded: false });
    await observer.stop();
  },
};
