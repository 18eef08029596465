import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { roleBinding, team, type ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, httpFaultProxy, type Exchange, type Fate } from '../../support/real/http-fault-proxy.ts';
import { untilSeen } from '../../support/worlds/until-seen.ts';

const lastsMs = 8_000;
const seenWithinMs = 30_000;
/** Tries come quickly at first and then more and more slowly: what counts is the second half. */
const perSecondAtMost = 1;

const status = (code: number, reason: string): Fate => ({
  is: 'answer',
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: 'no' },
});

type Trouble = {
  readonly name: string;
  readonly fate: Fate;
  begin?(stage: ControlStage): Promise<unknown>;
  end?(stage: ControlStage): Promise<unknown>;
};

const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${team}/rolebindings`;

const troubles: readonly Trouble[] = [
  { name: '429', fate: status(429, 'TooManyRequests') },
  { name: '500', fate: status(500, 'InternalError') },
  { name: 'no answer', fate: { is: 'swallow' } },
  {
    name: 'role taken away',
    fate: forward,
    begin: ({ kube }) => kube.transport.call({ method: 'DELETE', path: `${bindings}/reindeer` }),
    end: ({ kube }) => kube.transport.call({ method: 'POST', path: bindings, body: roleBinding }),
  },
  {
    name: 'token expired',
    fate: forward,
    begin: async stage => stage.revokeToken(),
    end: async stage => stage.renewToken(),
  },
];

/** F10: the API server refuses or does not answer; the operator slows down, and goes on soon after it may again. */
export const apiServerRefuses: FaultRow<ControlStage> = {
  id: 'F10',
  fault: 'API server: 429, 500, no answer, role revoked, token expired',
  withinMs: 300_000,
  run: async (stage, record) => {
    const { plane } = stage;
    const target = { host: '127.0.0.1', port: plane.port, caFile: plane.caFile };
    const wire = await httpFaultProxy({ target, identity: plane.identity });
    record.atEnd(async () => {
      await stage.operator().stop();
      await wire.close();
      await stage.start();
    });
    await stage.operator().stop();
    await stage.start({ kubePort: wire.port });
    const repo = await declareRepo(stage, 'f10');
    await repo.untilLive(repo.commit);
    const observer = await repo.observed(record);
    const { pid } = stage.operator();
    for (const [turn, trouble] of troubles.entries()) {
      record.attempt();
      const asked = new Map<string, number>();
      const begunMs = performance.now();
      let refused = 0;
      wire.fate = (exchange): Fate => {
        const key = `${exchange.method} ${exchange.path}`;
        if (performance.now() - begunMs > lastsMs / 2) asked.set(key, (asked.get(key) ?? 0) + 1);
        if (isRead(exchange)) return forward;
        refused += 1;
        return trouble.fate;
      };
      await trouble.begin?.(stage);
      // Something to do: the watch tells of it, and the status cannot be written.
      await repo.patch({ light: { schedule: `@every ${20 + turn}h` } });
      await sleep(lastsMs);
      const most = Math.max(0, ...asked.values());
      expect(refused).toBeGreaterThan(0);
      record.inject(refused);
      record.remark(
        `${trouble.name}: ${refused} requests, at most ${most} of one kind in the last ${lastsMs / 2000} s`,
      );
      expect(most).toBeLessThanOrEqual(1 + (perSecondAtMost * lastsMs) / 2000);
      await trouble.end?.(stage);
      wire.fate = () => forward;
      record.recovered(await untilSeen(stage, `f10-${turn}`, seenWithinMs));
      await repo.untilAtRest(seenWithinMs);
    }
    expect(stage.operator()).toMatchObject({ pid, hasEnded: false });
    await observer.stop();
  },
};

/** Open watches and what they need to be opened again: the row is about writes that are refused. */
function isRead({ method, query }: Exchange): boolean {
  return method === 'GET' && query.get('watch') !== null;
}
