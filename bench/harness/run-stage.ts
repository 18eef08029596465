import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource, type IndexedRepo } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequest } from '../../src/api/reindex-request.ts';
import { aControlStage, team, type ControlStage } from '../../test/support/real/control-stage.ts';
import { aFaultStage } from '../../test/support/real/fault-stage.ts';
import { eventually } from '../../test/support/checks/eventually.ts';
import { generatedRepository } from '../generated/repository.ts';

const patienceMs = 300_000;
const lookEveryMs = 10;

export type Strategy = ReindexRequest['spec']['strategy'];

/** An operator, an API server and an engine of this metric alone, with runs that it makes there; all gone at the end. */
export type RunStage = ControlStage & {
  /** Declares IndexedRepos of so many generated files, each its own alias, and waits until each serves its first version. */
  served(aliases: readonly string[], files: number): Promise<void>;
  /** Declares them in another shape, and waits until each serves a second version. */
  servedAgain(aliases: readonly string[]): Promise<void>;
  /** Makes a ReindexRequest. */
  ask(alias: string, request: string, strategy: Strategy, spec?: object): Promise<void>;
  read(request: string): Promise<ReindexRequest>;
  patch(request: string, spec: object): Promise<void>;
  /** Looks at a request every few milliseconds until this holds. */
  until(request: string, holds: (found: ReindexRequest) => boolean): Promise<ReindexRequest>;
};

/** Does the work on a stage of its own; the engine is of the kind that the bed has, Elasticsearch without one. */
export async function onRunStage<T>(work: (stage: RunStage) => Promise<T>): Promise<T> {
  const control = await aControlStage(await aFaultStage());
  try {
    await control.start();
    return await work({ ...control, ...runsOn(control) });
  } finally {
    await control.close();
  }
}

function runsOn({ kube, git }: ControlStage): Omit<RunStage, keyof ControlStage> {
  const key = (name: string) => ({ namespace: team, name });
  const read = async (request: string): Promise<ReindexRequest> => {
    const found = await kube.get<ReindexRequest>(reindexRequestResource, key(request));
    if (found === undefined) throw new Error(`there is no ReindexRequest ${request}`);
    // The API server has none until the operator has looked.
    return { ...found, status: (found as Partial<ReindexRequest>).status ?? {} };
  };
  const untilServed = async (aliases: readonly string[], version: number): Promise<void> => {
    for (const alias of aliases)
      await eventually(`${alias} serves version ${version} and is at rest`, patienceMs, async () => {
        const repo = await kube.get<IndexedRepo>(indexedRepoResource, key(alias));
        const reconciling = repo?.status?.conditions?.find(({ type }) => type === 'Reconciling');
        return repo?.status?.live?.name === `${alias}-v${version}` && reconciling?.status === 'False';
      });
  };
  return {
    served: async (aliases, files) => {
      const { path, base } = await generatedRepository(files);
      const repository = await git.repository(`private/files-${files}`);
      await repository.git('fetch', '--quiet', path, `${base}:refs/heads/main`);
      const source = { url: repository.url, ref: 'main', secretRef: { name: 'git' } };
      for (const alias of aliases)
        await kube.create(indexedRepoResource, {
          ...{ apiVersion: 'reindeer.dev/v1alpha1', kind: 'IndexedRepo', metadata: { name: alias, namespace: team } },
          spec: { clusterRef: { name: 'main' }, alias, source, light: { schedule: '@every 24h' } },
        });
      await untilServed(aliases, 1);
    },
    servedAgain: async aliases => {
      for (const alias of aliases)
        await kube.patch(indexedRepoResource, key(alias), undefined, { spec: { index: { shards: 2 } } });
      await untilServed(aliases, 2);
    },
    ask: async (alias, name, strategy, spec = {}) => {
      await kube.create(reindexRequestResource, {
        ...{ apiVersion: 'reindeer.dev/v1alpha1', kind: 'ReindexRequest', metadata: { name, namespace: team } },
        spec: { strategy, target: { repoRef: { name: alias } }, ...spec },
      });
    },
    read,
    patch: async (request, spec) => {
      await kube.patch(reindexRequestResource, key(request), undefined, { spec });
    },
    until: async (request, holds) => {
      const begunMs = performance.now();
      for (;;) {
        const found = await read(request);
        if (holds(found)) return found;
        if (performance.now() - begunMs > patienceMs)
          throw new Error(`${request}: not within ${patienceMs} ms; ${JSON.stringify(found.status)}`);
        await sleep(lookEveryMs);
      }
    },
  };
}
