import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createKube } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { LeaderElection } from '../../src/kube/leader.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startControlPlane } from '../support/control-plane.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';
import { recordingLog } from '../support/recording-log.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

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
const aReplica = async (podName: string) => {
  const wire = await tcpProxy({ host: '127.0.0.1', port: plane.port });
  const kube = createKube(await loadKubeConfig(plane.kubeconfigAt(wire.port)), { timeoutMs: 3_000, sockets: 1 });
  const lost: string[] = [];
  const election = new LeaderElection({
    kube,
    lease: { namespace: 'default', name: 'operator' },
    olderLease: { namespace: 'default', name: 'reindeer' },
    installation: { namespace: 'default', name: 'operator' },
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
