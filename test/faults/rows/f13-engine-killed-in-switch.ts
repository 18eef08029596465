import { expect } from '@jest/globals';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, type Exchange } from '../../support/real/http-fault-proxy.ts';

const moments: readonly { readonly name: string; readonly isNow: (exchange: Exchange) => boolean }[] = [
  { name: 'switch', isNow: ({ path, body }) => path === '/_aliases' && body.includes('"f13-op"') },
  { name: 'lock taken', isNow: ({ method, path }) => method === 'PUT' && path.includes('reindex_in_progress_f13-op') },
];

/** F13, the operator's half: the engine is killed while a switch, and while a change of the lock, is on its way. */
export const engineKilledInSwitch: FaultRow<ControlStage> = {
  id: 'F13',
  fault: 'engine SIGKILL during the switch and a change of the lock',
  withinMs: 480_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f13-op');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    for (const [turn, { name, isNow }] of moments.entries()) {
      record.attempt();
      const request = `f13-${turn}`;
      let striking: Promise<void> | undefined;
      record.atEnd(async () => striking);
      const strike = async (): Promise<void> => {
        record.inject();
        await stage.node.kill();
        await stage.node.start();
      };
      stage.engineWire.fate = exchange => {
        // Not awaited: the request is on its way to the engine when the engine dies.
        if (striking === undefined && isNow(exchange)) striking = strike();
        return forward;
      };
      await repo.rebuild(request);
      const startedMs = performance.now();
      const ended = await repo.untilEnded(request, 300_000);
      expect(striking).toBeDefined();
      await striking;
      await repo.untilAtRest();
      record.recovered(performance.now() - startedMs);
      record.remark(name);
      expect(ended.status.phase).toBe('Succeeded');
      await expectOneVersion(stage, repo, { live: `f13-op-v${turn + 2}`, retired: [`f13-op-v${turn + 1}`] });
    }
    await observer.stop();
  },
};
