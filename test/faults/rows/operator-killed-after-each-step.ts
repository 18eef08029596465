import { expect } from '@jest/globals';
import { strategies } from '../../../src/runs/strategies.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, httpFaultProxy, type Exchange } from '../../support/real/http-fault-proxy.ts';

/** F1 on real components: the operator is killed after each step of one rebuild, right when it has written that down. */
export const operatorKilledAfterEachStep: FaultRow<ControlStage> = {
  id: 'F1',
  fault: 'operator SIGKILL after each step of a rebuild',
  withinMs: 300_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f1');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    const { plane } = stage;
    const target = { host: '127.0.0.1', port: plane.port, caFile: plane.caFile };
    const wire = await httpFaultProxy({ target, identity: plane.identity });
    const killedAfter = new Set<string>();
    let killedMs = 0;
    let starting: Promise<unknown> = stage.operator().stop();
    record.atEnd(async () => {
      await starting;
      await stage.operator().stop();
      await wire.close();
      await stage.start();
    });
    wire.fate = exchange => {
      const done = stepsDone(exchange, 'f1-run').filter(step => !killedAfter.has(step));
      if (done.length === 0) return forward;
      if (killedMs > 0) record.recovered(performance.now() - killedMs);
      for (const step of done) killedAfter.add(step);
      record.attempt();
      record.inject();
      killedMs = performance.now();
      // What is already on its way may or may not be carried out.
      starting = restart(stage, wire.port);
      return forward;
    };
    await starting;
    await stage.start({ kubePort: wire.port });
    await repo.rebuild('f1-run');
    const ended = await repo.untilEnded('f1-run');
    expect(ended.status.phase).toBe('Succeeded');
    await repo.untilAtRest();
    await observer.stop();
    record.remark(`${record.injected} kills, after ${[...killedAfter].join(', ')}`);
    expect([...killedAfter].sort()).toEqual(strategies.Rebuild.steps.map(({ name }) => name).sort());
    await expectOneVersion(stage, repo, { live: 'f1-v2', retired: ['f1-v1'] });
    expect(stage.jobs.started.filter(pod => pod.endsWith('f1-v2'))).toHaveLength(1);
  },
};

async function restart(stage: ControlStage, kubePort: number): Promise<void> {
  await stage.operator().kill();
  await stage.start({ kubePort });
}

/** Steps that a write of a request's status reports as done. */
function stepsDone({ method, path, body }: Exchange, request: string): readonly string[] {
  if (method !== 'PATCH' || !path.endsWith(`/reindexrequests/${request}/status`)) return [];
  type Patch = {
    readonly status?: { readonly steps?: readonly { readonly name: string; readonly finished?: string }[] };
  };
  const { status } = JSON.parse(body.toString('utf8')) as Patch;
  return (status?.steps ?? []).filter(({ finished }) => finished !== undefined).map(({ name }) => name);
}
