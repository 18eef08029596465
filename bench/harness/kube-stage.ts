import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crdOf, kinds } from '../../src/api/crd.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { searchClusterResource, type SearchCluster } from '../../src/api/search-cluster.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { Transport } from '../../src/kube/transport.ts';
import { watchResource } from '../../src/kube/watch.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { createRedactor } from '../../src/runtime/redact.ts';
import type { BedState } from '../../test/bed/state.ts';
import { engineOf } from '../../test/support/real/bed-engine.ts';
import { compiledMain } from '../../test/support/real/compiled-main.ts';
import { startControlPlane, type AuditEvent, type ControlPlane } from '../../test/support/real/control-plane.ts';
import { eventually } from '../../test/support/checks/eventually.ts';
import { aSearchCluster, anIndexedRepo, engineSecrets } from '../../test/support/real/installed.ts';
import { bareApi, inLanes, type BareApi } from './bare-api.ts';
import { startOperator, type OperatorProcess } from './operator-process.ts';
import { requireBed } from './stage.ts';

/** Where the operator looks. */
export const watched = 'default';
/** Where it does not: the bare loops write here. */
export const unwatched = 'bare';
/** As many as the operator has reconciles of one kind under way. */
export const lanes = 16;

/** What was last seen of an IndexedRepo. */
export type SeenRepo = KubeObject & {
  readonly status?: { readonly observedGeneration?: number; readonly [field: string]: unknown };
};

/** An API server of this metric alone, the operator beside it, and the bed's engine behind a SearchCluster that is ready. */
export type KubeStage = {
  readonly plane: ControlPlane;
  readonly api: BareApi;
  /** The one that runs now. */
  readonly operator: () => OperatorProcess;
  /** Ends the operator and starts another one. */
  readonly restartOperator: () => Promise<OperatorProcess>;
  /** Makes paused IndexedRepos with these names. */
  readonly createRepos: (namespace: string, names: readonly string[]) => Promise<void>;
  /** Waits until the status of each speaks of its newest generation. */
  readonly untilObserved: (namespace: string, names: readonly string[]) => Promise<void>;
  /** Waits until the operator does nothing: what woke it is worked off, and what its own writes woke too. */
  readonly untilQuiet: () => Promise<void>;
  readonly seen: (namespace: string, name: string) => SeenRepo | undefined;
  /** Called for every change of an IndexedRepo that is seen; replaces who was called before. */
  onSeen: (repo: SeenRepo) => void;
  /** Requests that the operator has finished so far, watches left out. */
  readonly operatorRequests: () => readonly AuditEvent[];
};

/** Does the work on a stage of its own, which is gone afterwards. */
export async function onKubeStage<T>(work: (stage: KubeStage) => Promise<T>): Promise<T> {
  const bed = requireBed();
  const main = await compiledMain();
  const plane = await startControlPlane();
  const settingsIndex = `bench-${randomBytes(3).toString('hex')}-settings`;
  const access = await loadKubeConfig(plane.kubeconfig);
  const engine = engineOf(bed);
  const api = await bareApi(access, lanes);
  const transport = new Transport(access);
  let operator: OperatorProcess | undefined;
  const start = async (): Promise<OperatorProcess> => {
    await operator?.stop();
    operator = await startOperator({ main, kubeconfig: plane.kubeconfig, namespace: watched });
    return operator;
  };
  const observer = observe(transport);
  try {
    await prepare(api, bed, settingsIndex);
    observer.watch.start();
    const first = await start();
    const stage: KubeStage = {
      plane,
      api,
      operator: () => operator ?? first,
      restartOperator: start,
      createRepos: (namespace, names) => createRepos(api, bed, namespace, names),
      untilObserved: (namespace, names) => untilObserved(observer.seen, namespace, names),
      untilQuiet: () => untilQuiet(operator ?? first),
      seen: observer.seen,
      onSeen: () => undefined,
      operatorRequests: () => plane.auditEvents().filter(isOfOperator),
    };
    observer.tell(repo => stage.onSeen(repo));
    await untilClusterReady(api);
    return await work(stage);
  } finally {
    await operator?.stop();
    await observer.watch.stop();
    await transport.close();
    await api.close();
    await plane.stop();
    // A bed that went away in the middle is the story; that nothing can be removed from it is not.
    await engine.indices.delete(settingsIndex).catch(() => undefined);
    await engine.close();
  }
}

function isOfOperator({ userAgent, verb }: AuditEvent): boolean {
  return userAgent?.startsWith('reindeer/') === true && verb !== 'watch';
}

/** Looks on from outside, in both namespaces, through the same kind of watch as the operator's. */
function observe(transport: Transport) {
  let tell: (repo: SeenRepo) => void = () => undefined;
  const seen = (namespace: string, name: string): SeenRepo | undefined => watch.cache.get({ namespace, name });
  const watch = watchResource<SeenRepo>({
    transport,
    resource: indexedRepoResource,
    namespace: '',
    // As the API server answered, by its own schema.
    project: raw => raw as SeenRepo,
    onChange: ({ namespace, name }) => {
      const repo = seen(namespace, name);
      if (repo !== undefined) tell(repo);
    },
    log: createLogger({ level: 'error', redactor: createRedactor() }),
    clock: systemClock,
  });
  return { seen, watch, tell: (listener: typeof tell) => (tell = listener) };
}

async function prepare(api: BareApi, bed: BedState, settingsIndex: string): Promise<void> {
  for (const crd of kinds.map(crdOf)) {
    await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  }
  const { group, version } = indexedRepoResource;
  for (const { resource } of kinds) {
    const served = () => api.call('GET', `/apis/${group}/${version}/${resource.plural}`).catch(() => undefined);
    await eventually(`${resource.plural} served`, 30_000, served);
  }
  await api.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: unwatched } });
  for (const each of engineSecrets(bed.engine)) await api.call('POST', `/api/v1/namespaces/${watched}/secrets`, each);
  await api.call('POST', collectionPath(searchClusterResource, watched), aSearchCluster(bed, { settingsIndex }));
}

async function untilClusterReady(api: BareApi): Promise<void> {
  let last: unknown;
  const path = objectPath(searchClusterResource, { namespace: watched, name: 'main' });
  const isReady = async (): Promise<boolean> => {
    last = await api.call('GET', path);
    const { status } = last as Partial<SearchCluster>; // as the API server keeps it
    return status?.conditions?.some(each => each.type === 'Ready' && each.status === 'True') === true;
  };
  await eventually('the SearchCluster is ready', 30_000, isReady, () => last);
}

const quietMs = 1000;
/** Timers and garbage collection go on at rest. */
const quietCpuSeconds = 0.015;

async function untilQuiet({ cpuSeconds }: OperatorProcess): Promise<void> {
  for (let last = Number.NEGATIVE_INFINITY; cpuSeconds() - last > quietCpuSeconds;) {
    last = cpuSeconds();
    await sleep(quietMs);
  }
}

async function createRepos(api: BareApi, bed: BedState, namespace: string, names: readonly string[]): Promise<void> {
  const path = collectionPath(indexedRepoResource, namespace);
  await inLanes(names, lanes, async name => api.call('POST', path, anIndexedRepo(bed, name, { paused: true })));
}

async function untilObserved(seen: KubeStage['seen'], namespace: string, names: readonly string[]): Promise<void> {
  const missing = (): readonly string[] =>
    names.filter(name => {
      const repo = seen(namespace, name);
      return repo === undefined || repo.status?.observedGeneration !== repo.metadata.generation;
    });
  await eventually(
    `${names.length} IndexedRepos observed`,
    120_000,
    () => missing().length === 0,
    () => missing().slice(0, 5),
  );
}
