import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createKube } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { LeaderElection } from '../../src/kube/leader.ts';
import { leases, type Lease } from '../../src/kube/lease.ts';
import { closedToOlder } from '../../src/kube/older-lease.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startControlPlane } from '../support/real/control-plane.ts';
import type { ControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';
import { startOlderReplica } from '../support/real/older-replica.ts';
import { recordingLog } from '../support/fakes/recording-log.ts';
import { tcpProxy } from '../support/real/tcp-proxy.ts';

jest.setTimeout(120_000);

let plane: ControlPlane;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
}, 600_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await plane.stop();
});

/** A replica that reaches the API server through a wire of its own, which a test can cut. */
const aReplica = async (podName: string, namespace = 'default') => {
  const wire = await tcpProxy({ host: '127.0.0.1', port: plane.port });
  const kube = createKube(await loadKubeConfig(plane.kubeconfigAt(wire.port)), { timeoutMs: 3_000, sockets: 1 });
  const lost: string[] = [];
  const election = new LeaderElection({
    kube,
    lease: { namespace, name: 'operator' },
    olderLease: { namespace, name: 'reindeer' },
    installation: { namespace, name: 'operator' },
    podName,
    clock: systemClock,
    log: recordingLog().log,
    onLost: why => lost.push(why),
  });
  ends.push(async () => {
    await election.release();
    await kube.close();
    await wire.close();
  });
  election.start();
  return { election, wire, lost };
};

const untilLeads = async (election: LeaderElection, withinMs: number): Promise<void> => {
  await eventually(`${election.identity} leads`, withinMs, () => election.leading);
};

it('hands the lease over within 3 s of a release, and within 20 s of a silent death, never to two at once', async () => {
  const first = await aReplica('first');
  await untilLeads(first.election, 5_000);
  const second = await aReplica('second');

  await first.election.release();
  await untilLeads(second.election, 3_000);

  const third = await aReplica('third');
  second.wire.blackhole();
  const cutMs = performance.now();
  await eventually('third leads', 20_000, () => {
    expect(second.election.leading && third.election.leading).toBe(false);
    return third.election.leading;
  });
  expect(performance.now() - cutMs).toBeGreaterThan(10_000);
  expect(second.lost).toHaveLength(1);
});

it('waits while a replica of 0.1 leads, takes over within 3 s of its release, and lets none of its kind lead again', async () => {
  // Of its own: a leader of the namespace keeps the old name closed to everybody.
  const namespace = 'kube-public';
  const kube = createKube(await loadKubeConfig(plane.kubeconfig));
  const older = ['operator-5d9f-aaaaa', 'operator-5d9f-bbbbb'].map(podName =>
    startOlderReplica(kube, { namespace, name: 'reindeer' }, podName, systemClock),
  );
  ends.push(async () => {
    for (const replica of older) await replica.kill();
    await kube.close();
  });
  const first = await eventually('one of 0.1 leads', 40_000, () => older.find(({ leading }) => leading));
  const { election } = await aReplica('operator-77c8-ccccc', namespace);
  const held = async (): Promise<boolean> =>
    (await kube.get<Lease>(leases, { namespace, name: 'operator' }))?.spec?.holderIdentity === election.identity;
  await eventually('the new one holds its own lease', 5_000, held);
  expect([first.leading, election.leading]).toEqual([true, false]);
  for (const replica of older) await replica.kill();
  await first.release();
  await untilLeads(election, 3_000);
  const late = startOlderReplica(kube, { namespace, name: 'reindeer' }, 'operator-5d9f-ddddd', systemClock);
  older.push(late);
  await eventually('the old name is signed', 5_000, async () => {
    const found = await kube.get<Lease>(leases, { namespace, name: 'reindeer' });
    return found?.spec?.holderIdentity === closedToOlder;
  });
  expect([late.leading, election.leading]).toEqual([false, true]);
});
