import { indexedRepoResource, type IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { KubeObject, Resource } from '../../../src/api/object.ts';
import { reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { TestRepository } from './a-repository.ts';
import { someFiles } from './a-served-alias.ts';
import { anIndexBody, fencedIndex, ndjson } from '../objects/an-index.ts';
import { team, type ControlStage } from './control-stage.ts';
import { eventually } from '../checks/eventually.ts';
import type { FaultRecord } from '../checks/fault-table.ts';
import { observe, type Observer } from '../checks/invariants.ts';
import { observeObjects } from '../checks/object-invariants.ts';

/** An IndexedRepo of a row, and its repository. Its alias is its name. */
export type DeclaredRepo = {
  readonly name: string;
  readonly repository: TestRepository & { readonly url: string };
  /** First commit, which is served. */
  readonly commit: string;
  readonly read: () => Promise<IndexedRepo | undefined>;
  patch(spec: object): Promise<void>;
  /** Waits until the live version holds this commit. */
  untilLive(commit: string, withinMs?: number): Promise<IndexedRepo>;
  /** Waits until nothing is under way for it. */
  untilAtRest(withinMs?: number): Promise<IndexedRepo>;
  /** Makes a ReindexRequest of the strategy Rebuild. */
  rebuild(request: string): Promise<void>;
  untilEnded(request: string, withinMs?: number): Promise<ReindexRequest>;
  observed(record: FaultRecord): Promise<Observer>;
};

const patienceMs = 120_000;
const foreignDocuments = 3;
const versionsAtMost = 3;

/** Declares a repository of some files; served or not, that is for the caller to wait for. */
export async function declareRepo(
  stage: ControlStage,
  name: string,
  { files = 12, ...spec }: { readonly files?: number; readonly [field: string]: unknown } = {},
): Promise<DeclaredRepo> {
  const { kube } = stage;
  const repository = await stage.git.repository(`private/${name}`);
  const commit = await repository.commit(someFiles(files, name));
  await makeForeign(stage, `${name}-v99`);
  await kube.create(indexedRepoResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'IndexedRepo',
    metadata: { name, namespace: team },
    spec: {
      clusterRef: { name: 'main' },
      alias: name,
      source: { url: repository.url, ref: 'main', secretRef: { name: 'git' } },
      deletionPolicy: 'Delete',
      light: { schedule: '@every 24h' },
      ...spec,
    },
  });
  const until = async <T extends KubeObject>(
    what: string,
    resource: Resource,
    object: string,
    holds: (found: T) => boolean,
    withinMs: number,
  ): Promise<T> => {
    let last: T | undefined;
    return eventually(
      `${object}: ${what}`,
      withinMs,
      async () => {
        last = await kube.get<T>(resource, { namespace: team, name: object }).catch(() => last);
        return last !== undefined && holds(last) ? last : undefined;
      },
      () => ({
        status: last?.status,
        operator: stage.operator().output.slice(-1500),
        jobs: stage.jobs.output.slice(-1500),
      }),
    );
  };
  const untilRepo = (
    what: string,
    holds: (repo: IndexedRepo) => boolean,
    withinMs = patienceMs,
  ): Promise<IndexedRepo> => until<IndexedRepo>(what, indexedRepoResource, name, holds, withinMs);
  return {
    ...{ name, repository, commit },
    read: () => kube.get<IndexedRepo>(indexedRepoResource, { namespace: team, name }),
    patch: async given => {
      await kube.patch(indexedRepoResource, { namespace: team, name }, undefined, { spec: given });
    },
    untilLive: (wanted, withinMs) =>
      untilRepo(`serves ${wanted}`, repo => repo.status?.live?.commit === wanted, withinMs),
    untilAtRest: withinMs => untilRepo('is at rest', repo => isAtRest(repo), withinMs),
    rebuild: async request => {
      await kube.create(reindexRequestResource, {
        apiVersion: 'reindeer.dev/v1alpha1',
        kind: 'ReindexRequest',
        metadata: { name: request, namespace: team },
        spec: { strategy: 'Rebuild', target: { repoRef: { name } } },
      });
    },
    untilEnded: (request, withinMs = patienceMs) =>
      until<ReindexRequest>(
        'has ended',
        reindexRequestResource,
        request,
        found => found.status?.finished !== undefined,
        withinMs,
      ),
    observed: record => observedRepo(stage, name, record),
  };
}

function isAtRest({ metadata, status }: IndexedRepo): boolean {
  const reconciling = status?.conditions?.find(({ type }) => type === 'Reconciling');
  return status?.observedGeneration === metadata.generation && reconciling?.status === 'False';
}

async function makeForeign({ engine }: ControlStage, index: string): Promise<void> {
  await engine.indices.create(index, anIndexBody());
  const lines = Array.from({ length: foreignDocuments }, (_, n) => fencedIndex(`theirs-${n}`, 1, { n })).flat();
  await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
  await engine.indices.refresh(index);
}

/** Looks at the engine's side and at the API server's. What is served now is found at every moment from here on. */
async function observedRepo(stage: ControlStage, name: string, record: FaultRecord): Promise<Observer> {
  const { engine, settings } = stage;
  const { total } = await engine.documents.search(name, { size: 0, track_total_hits: true });
  const foreign = { index: `${name}-v99`, documents: foreignDocuments };
  const committed = (): number => total;
  const inEngine = observe({ engine, settings, alias: name, committed, foreign, versionsAtMost, record });
  const inKubernetes = observeObjects(stage, record);
  return {
    stop: async () => {
      await inKubernetes.stop();
      await inEngine.stop();
    },
  };
}
