import { expect } from '@jest/globals';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { forward, type Exchange, type Fate } from '../../support/real/http-fault-proxy.ts';
import { leaveUnreleased } from '../../support/real/leave-unreleased.ts';
import { untilDone } from '../../support/real/until-done.ts';

/** Of each kind of write, so many replies are lost. */
const lostOfEach = 2;
const tries = 1;

/** F11, the worker's half: the engine carries a write out, and its answer never arrives. */
export const replyLostByWorker: FaultRow<FaultStage> = {
  id: 'F11',
  fault: 'reply lost after the engine committed (worker)',
  withinMs: 180_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f11', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(150, 'lost', 'lib'));
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    const kinds = new Set<string>();
    for (let turn = 0; turn < tries; turn += 1) {
      record.attempt();
      const version = await stage.version('f11');
      const what = { version, repoUrl: served.repository.url, commit, mode: 'full' } as const;
      await leaveUnreleased(stage, what);
      const lost = new Map<string, number>();
      proxy.fate = (exchange): Fate => {
        const kind = kindOf(exchange, version.index);
        const before = kind === undefined ? lostOfEach : (lost.get(kind) ?? 0);
        if (kind === undefined || before >= lostOfEach) return forward;
        lost.set(kind, before + 1);
        kinds.add(kind);
        record.inject();
        return { is: 'lose-reply' };
      };
      const startedMs = performance.now();
      const pods = await untilDone(stage, { ...what, engineUrl: proxy.url });
      record.recovered(performance.now() - startedMs);
      record.remark(`${pods} pods`);
      await expectGolden(stage, served, { version, commit });
    }
    await observer.stop();
    record.remark(`lost: ${[...kinds].sort().join(', ')}`);
    expect([...kinds].sort()).toEqual([
      'alias record',
      'bulk',
      'run record',
      'version record',
      'write alias',
      'write block',
    ]);
  },
};

/** What a request writes; undefined for one that only reads. */
function kindOf({ method, path }: Exchange, index: string): string | undefined {
  if (path === '/_aliases') return 'write alias';
  if (path.includes('/_block/')) return 'write block';
  if (path.startsWith(`/${index}.`)) return 'bulk';
  if (path.endsWith('-settings/_bulk')) return 'run record';
  if (method !== 'PUT') return undefined;
  if (path.includes('/_doc/alias~')) return 'alias record';
  return path.includes('/_doc/version~') ? 'version record' : undefined;
}
