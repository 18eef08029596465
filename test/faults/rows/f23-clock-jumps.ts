import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import { someFiles } from '../../support/real/a-served-alias.ts';
import { aShiftedClock } from '../../support/real/a-shifted-clock.ts';
import { team, type ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const missedSlots = 500;
/** Nothing more may come within this time. */
const quietMs = 4_000;

type Jump = {
  readonly what: string;
  /** How far the operator's clock is ahead, one setting after another. */
  readonly shiftsMs: readonly number[];
  readonly isAway?: boolean;
};

/** F23: the operator was away for 500 slots of a schedule, and its clock is set by an hour, forth and back. */
export const clockJumps: FaultRow<ControlStage> = {
  id: 'F23',
  fault: `operator away for ${missedSlots} slots; clock set by +1 h and -1 h`,
  withinMs: 240_000,
  run: async (stage, record) => {
    const clock = aShiftedClock();
    record.atEnd(async () => {
      await stage.operator().kill();
      clock.remove();
      await stage.start();
    });
    await stage.operator().stop();
    await stage.start({ env: clock.env });
    const repo = await declareRepo(stage, 'f23', { light: { schedule: '@every 1m' } });
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    const away = missedSlots * minuteMs;
    const jumps: readonly Jump[] = [
      { what: `${missedSlots} slots missed`, shiftsMs: [away], isAway: true },
      { what: '+1 h', shiftsMs: [away + hourMs] },
      // Whether the slots of that hour come again or not: the commit is asked for once.
      { what: '-1 h and on', shiftsMs: [away, away + hourMs + 2 * minuteMs] },
    ];
    for (const [turn, { what, shiftsMs, isAway = false }] of jumps.entries()) {
      record.attempt();
      const before = lightRuns(stage);
      if (isAway) await stage.operator().stop();
      const commit = await repo.repository.commit(someFiles(2, what, `turn-${turn}`));
      const jumpedMs = performance.now();
      for (const shiftMs of shiftsMs) {
        clock.shiftBy(shiftMs);
        record.inject();
        if (isAway) await stage.start({ env: clock.env });
        else await poke(stage, repo, shiftMs);
        await sleep(quietMs);
      }
      await repo.untilLive(commit);
      record.recovered(performance.now() - jumpedMs);
      await repo.untilAtRest();
      await sleep(quietMs);
      record.remark(`${what}: ${lightRuns(stage) - before} run`);
      expect({ what, runs: lightRuns(stage) - before }).toEqual({ what, runs: 1 });
    }
    await observer.stop();
  },
};

function lightRuns({ jobs }: ControlStage): number {
  return jobs.started.filter(pod => pod === 'incremental f23-v1').length;
}

/** Timers do not follow a clock that is set: any change makes the operator look. */
async function poke({ kube }: ControlStage, { name }: DeclaredRepo, shiftMs: number): Promise<void> {
  const annotations = { poked: String(shiftMs) };
  await kube.patch(indexedRepoResource, { namespace: team, name }, undefined, { metadata: { annotations } });
}
