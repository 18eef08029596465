import { expect } from '@jest/globals';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, type Exchange, type Fate } from '../../support/real/http-fault-proxy.ts';

/** Of each kind of write, so many replies are lost. */
const lostOfEach = 2;

/** F11, the operator's half: whatever a rebuild does to the engine is carried out, and the answer never arrives. */
export const replyLostByOperator: FaultRow<ControlStage> = {
  id: 'F11',
  fault: 'reply lost after the engine committed (operator)',
  withinMs: 240_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f11');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    const lost = new Map<string, number>();
    stage.engineWire.fate = (exchange): Fate => {
      const kind = kindOf(exchange);
      const before = kind === undefined ? lostOfEach : (lost.get(kind) ?? 0);
      if (kind === undefined || before >= lostOfEach) return forward;
      lost.set(kind, before + 1);
      record.inject();
      return { is: 'lose-reply' };
    };
    record.attempt();
    const startedMs = performance.now();
    await repo.rebuild('f11-run');
    const ended = await repo.untilEnded('f11-run');
    await repo.untilAtRest();
    record.recovered(performance.now() - startedMs);
    await observer.stop();
    record.remark(`lost: ${[...lost.keys()].sort().join(', ')}`);
    expect(ended.status.phase).toBe('Succeeded');
    expect([...lost.keys()]).toEqual(
      expect.arrayContaining(['alias record', 'create index', 'lock', 'settings', 'switch']),
    );
    await expectOneVersion(stage, repo, { live: 'f11-v2', retired: ['f11-v1'] });
  },
};

/** What a request of the operator changes; undefined for one that only reads, and for those of the worker. */
function kindOf({ method, path, body }: Exchange): string | undefined {
  if (path === '/_aliases') return body.includes('"f11"') ? 'switch' : undefined;
  if (method !== 'PUT') return method === 'DELETE' ? 'delete' : undefined;
  if (path === '/f11-v2') return 'create index';
  if (path === '/f11-v2/_settings') return 'settings';
  if (path.includes('reindex_in_progress')) return 'lock';
  if (path.includes('~f11')) return path.includes('alias~') ? 'alias record' : 'version record';
  return undefined;
}
