import type { ReindexRequest } from '../../api/reindex-request.ts';
import { findCondition } from '../../domain/conditions.ts';
import type { PastBuild } from '../observed.ts';
import { gateOf } from '../steps/gate.ts';

/** The last of these runs of one target that build; undefined = none of them tells of one. */
export function pastBuild(builds: readonly ReindexRequest[]): PastBuild | undefined {
  const built = builds.flatMap(({ metadata, status }) => {
    const { started, switched, to, conditions } = status;
    const endedWell = findCondition(conditions, 'Succeeded')?.status === 'True';
    if (!endedWell || started === undefined || switched === undefined) return [];
    const seconds = secondsFrom(started, switched) - waited(status.steps ?? [], switched);
    return [{ request: metadata.name, seconds, chunks: to?.documents ?? 0, switched }];
  });
  const [last] = built.sort((one, other) => Date.parse(other.switched) - Date.parse(one.switched));
  return last && { request: last.request, seconds: last.seconds, chunks: last.chunks };
}

/** A gate is passed when people say so. */
function waited(steps: NonNullable<ReindexRequest['status']['steps']>, switched: string): number {
  return steps
    .filter(({ name, started }) => gateOf(name) !== undefined && Date.parse(started) <= Date.parse(switched))
    .reduce((sum, { started, finished }) => sum + (finished === undefined ? 0 : secondsFrom(started, finished)), 0);
}

function secondsFrom(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}
