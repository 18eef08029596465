import { indexedRepoKind, type IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { Condition } from '../../../src/api/meta.ts';
import type { ObjectMeta } from '../../../src/api/object.ts';
import { reindexRequestKind, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import { searchClusterKind, type SearchCluster } from '../../../src/api/search-cluster.ts';

export const t0 = new Date('2026-01-01T00:00:00Z');

/** RFC 3339, this many seconds after the beginning of every unit test. */
export function at(seconds: number): string {
  return new Date(t0.getTime() + seconds * 1000).toISOString().replace('.000Z', 'Z');
}

type Given<Status> = {
  readonly spec?: object;
  readonly metadata?: Partial<ObjectMeta>;
  readonly status?: Partial<Status>;
};

function metadata(name: string, given: Partial<ObjectMeta> = {}): ObjectMeta {
  const fixed = { namespace: 'team', resourceVersion: '1', generation: 1, creationTimestamp: at(0) };
  return { ...fixed, name, uid: `${name}-uid`, ...given };
}

/** SearchCluster "main", which answered as cluster "cluster". */
export function aSearchCluster(given: Given<SearchCluster['status']> = {}): SearchCluster {
  const engine = { type: 'Elasticsearch', version: '8.19.0', uuid: 'cluster' };
  const ready = aCondition('Ready', 'True', 'Connected');
  return {
    metadata: metadata('main', given.metadata),
    spec: searchClusterKind.spec.parse({ endpoints: ['https://engine:9200'], ...given.spec }),
    status: { engine, conditions: [ready], ...given.status },
  };
}

/** IndexedRepo "kibana" with alias "kibana". */
export function anIndexedRepo(given: Given<IndexedRepo['status']> = {}): IndexedRepo {
  const source = { url: 'https://git.example.org/kibana.git' };
  return {
    metadata: metadata('kibana', given.metadata),
    spec: indexedRepoKind.spec.parse({ clusterRef: { name: 'main' }, alias: 'kibana', source, ...given.spec }),
    status: { ...given.status },
  };
}

/** ReindexRequest "run" for IndexedRepo "kibana". */
export function aReindexRequest(given: Given<ReindexRequest['status']> = {}): ReindexRequest {
  const target = { repoRef: { name: 'kibana' } };
  return {
    metadata: metadata('run', given.metadata),
    spec: reindexRequestKind.spec.parse({ target, strategy: 'Rebuild', ...given.spec }),
    status: { ...given.status },
  };
}

export function aCondition(
  type: string,
  status: Condition['status'],
  reason: Condition['reason'],
  message = '',
): Condition {
  return { type, status, reason, message, lastTransitionTime: at(0), observedGeneration: 1 };
}

/** Conditions of a request that ended with this reason. */
export function ended(reason: Condition['reason'], message = ''): Pick<ReindexRequest['status'], 'conditions'> {
  const succeeded = aCondition('Succeeded', reason === 'Succeeded' ? 'True' : 'False', reason, message);
  return { conditions: [succeeded, aCondition('Finished', 'True', reason)] };
}
