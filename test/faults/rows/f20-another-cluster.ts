import { expect } from '@jest/globals';
import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../../src/api/search-cluster.ts';
import { seed } from '../../support/objects/sampled.ts';
import { aTenant } from '../../support/real/a-tenant.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { someFiles } from '../../support/real/a-served-alias.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward } from '../../support/real/http-fault-proxy.ts';
import { places, standAt } from '../../support/real/standing-run.ts';
import { untilNotReady } from '../../support/real/until-cluster.ts';

const noticedWithinMs = 60_000;
/** F20: the engine comes back under its URL as another cluster, with nothing in it, while a run stands. */
export const anotherCluster: FaultRow<ControlStage> = {
  id: 'F20',
  fault: 'cluster made anew under its URL while a run is at a gate, in a bake, waits for readers',
  withinMs: 300_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f20', hasOwnEngine: true });
    const place = places[seed % places.length] ?? 'gate';
    const repo = await declareRepo(stage, 'f20');
    await repo.untilLive(repo.commit);
    const observer = await repo.observed(record);
    const run = await standAt(place, repo, { stage, record });
    await observer.stop();
    record.remark(`seed ${seed}: ${place}`);

    record.attempt();
    const written = writes(stage);
    await stage.node.recreate();
    record.inject();
    const recreatedMs = performance.now();
    await untilNotReady(stage, 'ClusterChanged', noticedWithinMs);
    // All that would make it write: what the run waits for, a push that is to be looked for at once, another shape.
    await run.goOn().catch(() => undefined);
    const commit = await repo.repository.commit(someFiles(3, 'newer', 'newer'));
    await repo.patch({ index: { mappings: { properties: { note: { type: 'keyword' } } } } });
    await repo.until('says ClusterChanged', saysSo);
    const standing = await repo.untilRun(run.request, 'says ClusterChanged', saysSo);
    expect(standing.status.finished).toBeUndefined();
    expect(written).toEqual([]);
    expect(await stage.engine.indices.describe('*')).toEqual([]);

    const { uuid } = await stage.engine.info();
    await stage.kube.patch(searchClusterResource, { namespace: stage.namespace, name: 'main' }, undefined, {
      spec: { clusterUUID: uuid },
    });
    await repo.untilLive(commit);
    record.recovered(performance.now() - recreatedMs);
    const { status } = await repo.untilEnded(run.request);
    // There is nothing of it in the new cluster.
    const reason = status.conditions?.find(({ type }) => type === 'Finished')?.reason;
    expect([place, reason]).toEqual([place, place === 'bake' ? 'Aborted' : 'LockLost']);
  },
};

/** Of the newest spec. */
function saysSo({ metadata, status }: IndexedRepo | ReindexRequest): boolean {
  const isNewest = status.observedGeneration === metadata.generation;
  return isNewest && status.conditions?.some(({ reason }) => reason === 'ClusterChanged') === true;
}

/** What anybody changes in the engine from now on. */
function writes(stage: ControlStage): readonly string[] {
  const written: string[] = [];
  stage.engineWire.fate = ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD' && !/\/_(search|mget|count)$/.test(path))
      written.push(`${method} ${path}`);
    return forward;
  };
  return written;
}
