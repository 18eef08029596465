import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { BusyEngine } from '../../support/real/busy-engine.ts';

const tries = 1;

/** F12: bursts of 429 and 503 for whole requests, and bulks of which the engine takes only a part. */
export const engineBusy: FaultRow<FaultStage> = {
  id: 'F12',
  fault: 'engine answers 429 and 503, whole and in parts',
  withinMs: 120_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f12', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(250, 'busy', 'lib'));
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    for (let turn = 0; turn < tries; turn += 1) {
      record.attempt();
      const version = await stage.version('f12');
      const busy = new BusyEngine(turn);
      proxy.fate = exchange => busy.fate(exchange);
      const startedMs = performance.now();
      const job = { version, repoUrl: served.repository.url, commit, mode: 'full', engineUrl: proxy.url } as const;
      const worker = stage.work({ ...job, jobUid: randomUUID() });
      const { code } = await worker.ended;
      expect({ code, said: code === 0 ? '' : worker.output.slice(-1500) }).toEqual({ code: 0, said: '' });
      record.inject(busy.refusedRequests + busy.refusedOperations);
      record.recovered(performance.now() - startedMs);
      record.remark(
        `${busy.refusedRequests} requests and ${busy.refusedOperations} operations refused and taken later`,
      );
      expect(busy.refusedOperations).toBeGreaterThan(20);
      expect(busy.refusedRequests).toBeGreaterThan(10);
      await expectGolden(stage, served, { version, commit });
    }
    await observer.stop();
  },
};
