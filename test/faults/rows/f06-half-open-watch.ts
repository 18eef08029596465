import { setTimeout as sleep } from 'node:timers/promises';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { untilSeen } from '../../support/worlds/until-seen.ts';

const seenWithinMs = 60_000;

/** F6: the sockets of all watches go dead without a sign; new ones work. */
export const halfOpenWatch: FaultRow<ControlStage> = {
  id: 'F6',
  fault: 'watches half open: sockets stay, bytes vanish',
  withinMs: 180_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f6');
    await repo.untilLive(repo.commit);
    const observer = await repo.observed(record);
    record.attempt();
    record.inject(stage.kubeWire.connections);
    stage.kubeWire.blackhole();
    await sleep(1000);
    stage.kubeWire.heal();
    record.recovered(await untilSeen(stage, 'f6-after', seenWithinMs));
    await observer.stop();
  },
};
