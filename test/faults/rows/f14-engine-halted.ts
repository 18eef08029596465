import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { isVersionBulk } from '../../support/checks/bulk-lines.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { forward } from '../../support/real/http-fault-proxy.ts';
import { untilDone } from '../../support/real/until-done.ts';

/** Longer than a writer's lease of 15 s, and than any request but a bulk may take. */
const haltedMs = 90_000;

/** F14: the engine hangs in the middle of a run while a second pod of the same Job waits for its turn. */
export const engineHalted: FaultRow<FaultStage> = {
  id: 'F14',
  fault: `engine SIGSTOP for ${haltedMs / 1000} s`,
  withinMs: 300_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f14', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(150, 'halted', 'lib'));
    const version = await stage.version('f14');
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    const job = { version, repoUrl: served.repository.url, commit, mode: 'full', engineUrl: proxy.url } as const;
    const jobUid = randomUUID();
    record.attempt();
    let bulks = 0;
    const inTheMiddle = new Promise<void>(resolve => {
      proxy.fate = exchange => {
        if (isVersionBulk(exchange) && (bulks += 1) === 3) resolve();
        return forward;
      };
    });
    const first = stage.work({ ...job, jobUid });
    await inTheMiddle;
    stage.node.halt();
    record.inject();
    const second = stage.work({ ...job, jobUid });
    await sleep(haltedMs);
    stage.node.resume();
    const resumedMs = performance.now();
    const ends = await Promise.all([first.ended, second.ended]);
    const pods = ends.some(({ code }) => code === 0) ? 0 : await untilDone(stage, { ...job, jobUid });
    record.recovered(performance.now() - resumedMs);
    record.remark(`the two ended with ${ends.map(({ code }) => code).join(' and ')}, then ${pods} more pods`);
    await observer.stop();
    // One after the other, whoever it was: each grant of the lease drew one token.
    const { writer } = await version.record();
    expect(writer.token).toBeLessThanOrEqual(1 + 2 + pods);
    await expectGolden(stage, served, { version, commit });
  },
};
