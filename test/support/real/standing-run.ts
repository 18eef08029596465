import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { openHttp } from '../../../src/engine/transport.ts';
import { systemClock as clock } from '../../../src/runtime/clock.ts';
import type { FaultRecord } from '../checks/fault-table.ts';
import type { DeclaredRepo } from './a-declared-repo.ts';
import { accessTo } from './bed-engine.ts';
import type { ControlStage } from './control-stage.ts';

/** Where a run stands for as long as it is let: for people, for time, for those who read what it would delete. */
export type Place = 'gate' | 'bake' | 'readers';
export const places: readonly Place[] = ['gate', 'bake', 'readers'];

const specs: Readonly<Record<Place, object>> = {
  gate: { gates: ['BeforeSwitch'] },
  bake: { bake: { for: '1h', onFailure: 'Rollback' } },
  readers: { retain: { versions: 0 } },
};

export type StandingRun = {
  readonly repo: DeclaredRepo;
  readonly request: string;
  readonly place: Place;
  /** The gate is opened, the bake aborted, the last reader gone: what the run waits for. */
  readonly goOn: () => Promise<void>;
};

/** Takes a rebuild from version 1 to 2 as far as it goes by itself. */
export async function standAt(
  place: Place,
  repo: DeclaredRepo,
  { stage, record }: { readonly stage: ControlStage; readonly record: FaultRecord },
  spec: object = specs[place],
): Promise<StandingRun> {
  const request = `${repo.name}-run`;
  const reader = place === 'readers' ? await aReader(stage, `${repo.name}-v1`) : undefined;
  record.atEnd(async () => reader?.());
  await repo.rebuild(request, spec);
  await repo.untilRun(request, `stands: ${place}`, found => isThere(place, found));
  return {
    ...{ repo, request, place },
    goOn: async () => {
      if (place === 'gate') await repo.control(request, { approved: ['BeforeSwitch'] });
      else if (place === 'bake') await repo.control(request, { abort: true });
      else await reader?.();
    },
  };
}

function isThere(place: Place, { status }: ReindexRequest): boolean {
  if (place === 'gate') return status?.gate === 'BeforeSwitch';
  if (place === 'bake') return status?.bakeUntil !== undefined;
  return status?.conditions?.some(({ reason }) => reason === 'ReadersLeft') === true;
}

/** Somebody scrolls through an index; the answer ends that. */
async function aReader({ node }: ControlStage, index: string): Promise<() => Promise<void>> {
  const http = openHttp({ ...accessTo(node), clock });
  const path = `/${index}/_search`;
  const { body } = await http.send({
    method: 'POST',
    path,
    query: { scroll: '10m' },
    json: { size: 1 },
    idempotent: true,
  });
  const { _scroll_id: scroll } = body as { readonly _scroll_id: string };
  let isOpen = true;
  return async () => {
    if (!isOpen) return;
    isOpen = false;
    await http.send({
      method: 'DELETE',
      path: '/_search/scroll',
      json: { scroll_id: scroll },
      idempotent: true,
      expect: [404],
    });
    await http.close();
  };
}
