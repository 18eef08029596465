import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Key, KubeObject, Resource } from '../../src/api/object.ts';
import { createKube, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { Transport, type TransportOptions } from '../../src/kube/transport.ts';
import { watchResource } from '../../src/kube/watch.ts';
import { type ControlPlane, startControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';
import { recordingLog } from '../support/fakes/recording-log.ts';
import { tcpProxy, type TcpProxy } from '../support/real/tcp-proxy.ts';

jest.setTimeout(180_000);

const configMaps: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

let plane: ControlPlane;
let kube: KubeClient;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  kube = createKube(await loadKubeConfig(plane.kubeconfig));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await kube.close();
  await plane.stop();
});

const key = (name: string): Key => ({ namespace: 'default', name });

/** Tries until the API server takes it: tests create objects while it is coming back. */
const make = async (name: string, group: string): Promise<ConfigMap> =>
  eventually(`${name} created`, 30_000, async () => {
    const labels = { group };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key(name), labels }, data: { name } };
    const created = await kube.create<ConfigMap>(configMaps, object).catch(() => undefined);
    return created === 'exists' ? undefined : created;
  });

const remove = async (object: ConfigMap): Promise<void> => {
  await kube.delete(configMaps, key(object.metadata.name), object.metadata.uid);
};

type Seen = { readonly name: string; readonly atMs: number };

/** A watch of the objects of one group (a label), through a port of its own choice. */
const watching = async (group: string, port: number, options: TransportOptions = {}) => {
  const transport = new Transport(await loadKubeConfig(plane.kubeconfigAt(port)), options);
  const { log, lines } = recordingLog();
  const seen: Seen[] = [];
  const watch = watchResource<ConfigMap>({
    transport,
    resource: configMaps,
    namespace: '',
    labelSelector: `group=${group}`,
    project: raw => raw,
    onChange: changed => seen.push({ name: changed.name, atMs: performance.now() }),
    log,
  });
  ends.push(async () => {
    await watch.stop();
    await transport.close();
  });
  watch.start();
  await eventually(
    'synced',
    20_000,
    () => watch.cache.synced,
    () => lines,
  );
  const sees = async (name: string, withinMs: number): Promise<void> => {
    await eventually(
      `${name} seen`,
      withinMs,
      () => watch.cache.get(key(name)) !== undefined,
      () => lines,
    );
  };
  return { watch, lines, seen, sees };
};

const aProxy = async (): Promise<TcpProxy> => {
  const proxy = await tcpProxy({ host: '127.0.0.1', port: plane.port });
  ends.push(async () => proxy.close());
  return proxy;
};

/** Requests of the group's watches that the API server has seen so far. */
const requests = (group: string) => {
  const urls = plane.auditEvents().filter(event => event.requestURI.includes(`labelSelector=group%3D${group}`));
  return {
    lists: urls.filter(event => event.verb === 'list').length,
    watches: urls.filter(event => event.verb === 'watch' && event.stage === 'ResponseStarted').length,
  };
};

describe('a watch on a real API server', () => {
  it('goes on where it was after its socket was reset, without a new list', async () => {
    const proxy = await aProxy();
    const { sees } = await watching('reset', proxy.port);
    await make('reset-before', 'reset');
    await sees('reset-before', 5_000);
    proxy.resetAll();
    await make('reset-after', 'reset');
    await sees('reset-after', 5_000);
    expect(requests('reset')).toEqual({ lists: 1, watches: 2 });
  });

  it('sees a new object within 15 s of the return of an API server that was killed for 10 s', async () => {
    const { sees, lines } = await watching('killed', plane.port);
    await make('killed-before', 'killed');
    await sees('killed-before', 5_000);
    await plane.killApiServer();
    await sleep(10_000);
    await plane.startApiServer();
    const backMs = performance.now();
    await make('killed-after', 'killed');
    await sees('killed-after', 15_000 - (performance.now() - backMs));
    expect(lines.filter(line => line.level === 'warn')).toHaveLength(1);
  });

  it('lists again after 410 Gone and notices what was deleted meanwhile', async () => {
    const proxy = await aProxy();
    const { watch, sees, seen, lines } = await watching('gone', proxy.port);
    const ghost = await make('gone-ghost', 'gone');
    await make('gone-stays', 'gone');
    await sees('gone-stays', 5_000);
    proxy.blackhole();
    await remove(ghost);
    const last = await make('gone-new', 'gone');
    // What the API server remembers of older versions goes with the process, what etcd does with the compaction.
    await compact(last.metadata.resourceVersion);
    await plane.killApiServer();
    await plane.startApiServer();
    proxy.heal();
    proxy.resetAll();
    await sees('gone-new', 15_000);
    expect(watch.cache.get(key('gone-ghost'))).toBeUndefined();
    expect(seen.filter(change => change.name === 'gone-ghost')).toHaveLength(2);
    // The one that did not change is not told again.
    expect(seen.filter(change => change.name === 'gone-stays')).toHaveLength(1);
    expect(lines.map(line => line['message'])).toContainEqual(expect.stringContaining('ExpiredError'));
  });

  it('sees an object within 60 s although its socket went dead without a sign, with probes and without', async () => {
    const proxy = await aProxy();
    const probed = await watching('dead', proxy.port, { probes: true });
    const silent = await watching('dead', proxy.port, { probes: false });
    await watching('idle', plane.port, { probes: true });
    await make('dead-before', 'dead');
    await Promise.all([probed.sees('dead-before', 5_000), silent.sees('dead-before', 5_000)]);
    const startedMs = performance.now();
    proxy.blackhole();
    await sleep(1_000);
    proxy.heal();
    await make('dead-after', 'dead');
    const leftMs = 60_000 - (performance.now() - startedMs);
    await Promise.all([probed.sees('dead-after', leftMs), silent.sees('dead-after', leftMs)]);
    // What the probes are for: nothing is asked of the API server for it.
    expect(requests('idle')).toEqual({ lists: 1, watches: 1 });
  });

  it('costs the API server nothing while nothing happens: bookmarks come, no request goes out', async () => {
    const { watch } = await watching('quiet', plane.port);
    const since = watch.lastActivity.getTime();
    const bookmarked = (): boolean => watch.lastActivity.getTime() > since;
    await eventually('bookmark received', 75_000, bookmarked, () => watch.lastActivity);
    expect(requests('quiet')).toEqual({ lists: 1, watches: 1 });
  });

  it('survives handlers and projections that throw', async () => {
    const transport = new Transport(await loadKubeConfig(plane.kubeconfig));
    const { log, lines } = recordingLog();
    const watch = watchResource({
      transport,
      resource: configMaps,
      namespace: 'default',
      labelSelector: 'group=throws',
      project: raw => {
        if (raw.metadata.name === 'throws-bad') throw new Error('cannot be read');
        return raw.metadata.name;
      },
      onChange: () => {
        throw new Error('handler is broken');
      },
      log,
    });
    ends.push(async () => {
      await watch.stop();
      await transport.close();
    });
    await make('throws-first', 'throws');
    watch.start();
    await eventually(
      'first seen',
      5_000,
      () => watch.cache.list().length === 1,
      () => lines,
    );
    await make('throws-bad', 'throws');
    await make('throws-last', 'throws');
    await eventually(
      'both seen',
      5_000,
      () => watch.cache.list().length === 2,
      () => lines,
    );
    expect(watch.cache.list()).toEqual(['throws-first', 'throws-last']);
    expect(lines.filter(line => line.level === 'error').map(line => line.msg)).toEqual([
      'change handler failed',
      'object could not be projected',
      'change handler failed',
    ]);
  });
});

const compact = async (revision: string): Promise<void> => {
  const answer = await fetch(`${plane.etcdUrl}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision, physical: true }),
  });
  if (!answer.ok) throw new Error(`etcd did not compact: ${await answer.text()}`);
};
