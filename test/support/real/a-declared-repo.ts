import { indexedRepoResource, type IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { KubeObject, Resource } from '../../../src/api/object.ts';
import { reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { TestRepository } from './a-repository.ts';
import { someFiles } from './a-served-alias.ts';
import { anIndexBody, fencedIndex, ndjson } from '../objects/an-index.ts';
import type { ControlStage } from './control-stage.ts';
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
  /** Asks for its deletion. */
  remove(): Promise<void>;
  untilGone(withinMs?: number): Promise<void>;
  /** Declares it again as it was at first, once it is gone. */
  declareAgain(): Promise<void>;
  until(what: string, holds: (repo: IndexedRepo) => boolean, withinMs?: number): Promise<IndexedRepo>;
  /** Waits until the live version holds this commit. */
  untilLive(commit: string, withinMs?: number): Promise<IndexedRepo>;
  /** Waits until nothing is under way for it. */
  untilAtRest(withinMs?: number): Promise<IndexedRepo>;
  /** Makes a ReindexRequest of the strategy Rebuild, with this besides. */
  rebuild(request: string, spec?: object): Promise<void>;
  /** Changes fields of the spec of a ReindexRequest. */
  control(request: string, spec: object): Promise<void>;
  untilRun(
    request: string,
    what: string,
    holds: (found: ReindexRequest) => boolean,
    withinMs?: number,
  ): Promise<ReindexRequest>;
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
  const { kube, namespace } = stage;
  const repository = await stage.git.repository(`private/${name}`);
  const commit = await repository.commit(someFiles(files, name));
  await makeForeign(stage, `${name}-v99`);
  const manifest = {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'IndexedRepo',
    metadata: { name, namespace },
    spec: {
      clusterRef: { name: 'main' },
      alias: name,
      source: { url: repository.url, ref: 'main', secretRef: { name: 'git' } },
      deletionPolicy: 'Delete',
      light: { schedule: '@every 24h' },
      ...spec,
    },
  };
  const declare = async (): Promise<void> => {
    await kube.create(indexedRepoResource, manifest);
  };
  await declare();
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
        last = await kube.get<T>(resource, { namespace, name: object }).catch(() => last);
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
  const untilRun: DeclaredRepo['untilRun'] = (request, what, holds, withinMs = patienceMs) =>
    until<ReindexRequest>(what, reindexRequestResource, request, holds, withinMs);
  return {
    ...{ name, repository, commit },
    read: () => kube.get<IndexedRepo>(indexedRepoResource, { namespace, name }),
    patch: async given => {
      await kube.patch(indexedRepoResource, { namespace, name }, undefined, { spec: given });
    },
    remove: async () => {
      const found = await kube.get(indexedRepoResource, { namespace, name });
      await kube.delete(indexedRepoResource, { namespace, name }, found?.metadata.uid ?? '');
    },
    untilGone: async (withinMs = patienceMs) => {
      await eventually(
        `${name} is gone`,
        withinMs,
        async () => (await kube.get(indexedRepoResource, { namespace, name })) === undefined,
        () => stage.operator().output.slice(-3000),
      );
    },
    declareAgain: declare,
    until: untilRepo,
    untilLive: (wanted, withinMs) =>
      untilRepo(`serves ${wanted}`, repo => repo.status?.live?.commit === wanted, withinMs),
    untilAtRest: withinMs => untilRepo('is at rest', repo => isAtRest(repo), withinMs),
    rebuild: async (request, more = {}) => {
      await kube.create(reindexRequestResource, {
        apiVersion: 'reindeer.dev/v1alpha1',
        kind: 'ReindexRequest',
        metadata: { name: request, namespace },
        spec: { strategy: 'Rebuild', target: { repoRef: { name } }, ...more },
      });
    },
    control: async (request, given) => {
      await kube.patch(reindexRequestResource, { namespace, name: request }, undefined, { spec: given });
    },
    untilRun,
    untilEnded: (request, withinMs) =>
      untilRun(request, 'has ended', found => found.status?.finished !== undefined, withinMs),
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
