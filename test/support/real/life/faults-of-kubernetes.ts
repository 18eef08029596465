import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource } from '../../../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../../../src/api/reindex-request.ts';
import { compact } from '../compacted-etcd.ts';
import { roleBinding, team } from '../control-stage.ts';
import { forward, type Exchange, type Fate } from '../http-fault-proxy.ts';
import { oneOf, type LifeFault, type LifeScene } from './scene.ts';

const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${team}/rolebindings`;
const refusesMs = 5_000;
const gustMs = 4_000;

/** What the API server, and the way to it, do to the operators. */
export const faultsOfKubernetes: readonly LifeFault[] = [
  {
    row: 'F5',
    name: 'watches reset',
    times: 6,
    strike: async ({ kubeWire, record }) => {
      record.inject(Math.min(1, kubeWire.connections));
      kubeWire.resetAll();
    },
  },
  {
    row: 'F5',
    name: 'API server killed',
    times: 2,
    strike: async ({ stage: { plane }, record }) => {
      await plane.killApiServer();
      record.inject();
      await sleep(refusesMs);
      await plane.startApiServer();
    },
  },
  {
    row: 'F6',
    name: 'watches half open',
    times: 1,
    strike: async ({ kubeWire, record }) => {
      record.inject();
      kubeWire.blackhole();
      await sleep(1000);
      kubeWire.heal();
    },
  },
  { row: 'F7', name: 'etcd compacted while watches were dead', times: 1, strike: compactedUnseen },
  { row: 'F9', name: 'second writer of objects and locks', times: 4, strike: gust },
  ...[
    refusing('429', 1, refusal(429, 'TooManyRequests')),
    refusing('500', 1, refusal(500, 'InternalError')),
    refusing('no answer', 1, { is: 'swallow' }),
  ],
  {
    row: 'F10',
    name: 'role taken away',
    times: 1,
    strike: async ({ stage: { kube }, record }) => {
      await kube.transport.call({ method: 'DELETE', path: `${bindings}/reindeer` });
      record.inject();
      await sleep(refusesMs);
      await kube.transport.call({ method: 'POST', path: bindings, body: roleBinding });
    },
  },
  {
    row: 'F10',
    name: 'token expired',
    times: 1,
    strike: async ({ stage, record }) => {
      await stage.revokeToken();
      record.inject();
      await sleep(refusesMs);
      await stage.renewToken();
    },
  },
];

function refusal(code: number, reason: string): Fate {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: 'no' };
  return { is: 'answer', status: code, body };
}

/** Whatever is not an open watch is refused for a while. */
function refusing(name: string, times: number, fate: Fate): LifeFault {
  const isWatch = ({ method, query }: Exchange): boolean => method === 'GET' && query.get('watch') !== null;
  return {
    row: 'F10',
    name: `API server: ${name}`,
    times,
    strike: async ({ api, record }) => {
      record.inject();
      api.fate = exchange => (isWatch(exchange) ? forward : fate);
      await sleep(refusesMs);
      api.fate = () => forward;
    },
  };
}

/** A request is deleted and repositories are pushed to while nothing is heard, and the history that says so is gone. */
async function compactedUnseen({ stage, kubeWire, repos, runs, roll, record }: LifeScene): Promise<void> {
  record.inject();
  kubeWire.blackhole();
  for (let n = 0; n < 2; n += 1) await oneOf(repos, roll)?.push('add', Math.floor(roll() * 1e6), true);
  const leaving = oneOf(runs.underWay(), roll);
  if (leaving) await runs.remove(leaving.name);
  await compact(stage);
  await stage.plane.killApiServer();
  await stage.plane.startApiServer();
  kubeWire.heal();
  kubeWire.resetAll();
}

/** Annotations of what is at work and the records of its locks are written again and again, as they are. */
async function gust({ stage, runs, record }: LifeScene): Promise<void> {
  const { kube, engine, settings, settingsIndex } = stage;
  const begunMs = performance.now();
  for (let writes = 0; performance.now() - begunMs < gustMs; writes += 1) {
    const annotations = { touched: String(writes) };
    for (const { name, repo } of runs.underWay().slice(0, 4)) {
      for (const [resource, object] of [
        [reindexRequestResource, name],
        [indexedRepoResource, repo],
      ] as const)
        await kube.patch(resource, { namespace: team, name: object }, undefined, { metadata: { annotations } });
      const lock = await settings.lockRecord(repo);
      if (lock) await engine.documents.replace(settingsIndex, lock.id, lock.source, lock.stand);
    }
    await sleep(10);
  }
  record.inject();
}
