import type { Capacity, EngineInfo, IndexSize, IndexTemplate, LackedPrivilege, Privileges } from '../../engine/port.ts';
import { scratchName } from '../../domain/version.ts';
import { sizeOfLive } from '../candidate-shards.ts';
import { engineQuestion } from '../step.ts';
import { plannedVersion } from './plan.ts';

/** What a run has to know of a cluster before it makes anything there. */
export type ClusterFacts = {
  readonly engine: EngineInfo;
  readonly capacity: Capacity;
  /** Undefined = it could not be asked. */
  readonly templates: readonly IndexTemplate[] | undefined;
  /** Undefined = there is nothing to ask. */
  readonly lacking: readonly LackedPrivilege[] | undefined;
  /** Of what serves; undefined = nothing does. */
  readonly liveSize: IndexSize | undefined;
};

export const clusterFacts = engineQuestion(
  'what the cluster has room for',
  async ({ target, engine: side, request }, { engine }): Promise<ClusterFacts> => {
    if (target?.is !== 'Repo' || !side) throw new Error('a preflight was asked for without a repository');
    const { name, alias } = plannedVersion(target, side, undefined);
    const { cluster } = engine;
    const [info, capacity, templates, lacking, liveSize] = await Promise.all([
      engine.info(),
      cluster.capacity(),
      cluster.templatesFor(name),
      cluster.lacking(privilegesFor({ alias, version: name, scratch: scratchName(alias, request.metadata.uid) })),
      sizeOfLive(side, alias, engine),
    ]);
    return { engine: info, capacity, templates, lacking, liveSize };
  },
);

/** As `docs/engine-users.md` gives them to operator and workers, on the names that this run will use. */
export function privilegesFor(names: { readonly alias: string; readonly version: string; readonly scratch: string }) {
  const { alias, version, scratch } = names;
  return {
    cluster: ['monitor'],
    indices: [
      { names: [alias, version], privileges: ['manage', 'read'] },
      { names: [version], privileges: ['write'] },
      { names: [scratch], privileges: ['manage'] },
    ],
  } satisfies Privileges;
}
