import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../src/domain/errors.ts';
import { LeaderElection } from '../../../src/kube/leader.ts';
import type { Kube, KubeObject, Resource } from '../../../src/kube/port.ts';
import { FakeKube } from '../../support/fake-kube.ts';
import { handClock } from '../../support/hand-clock.ts';
import type { HandClock } from '../../support/hand-clock.ts';
import { recordingLog } from '../../support/recording-log.ts';

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' };
const lease = { namespace: 'reindeer', name: 'reindeer-operator' };

/** A view of the API server that a test can cut. */
const cuttable = (kube: Kube) => {
  let cut = false;
  const through =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (cut) throw new RetryableError('KubernetesUnavailable', 'no answer');
      return call(...args);
    };
  const view = {
    get: through(kube.get.bind(kube)),
    create: through(kube.create.bind(kube)),
    patch: through(kube.patch.bind(kube)),
  } as unknown as Kube;
  return { view, cut: () => (cut = true), heal: () => (cut = false) };
};

const aReplica = (clock: HandClock, kube: Kube, podName: string) => {
  const connection = cuttable(kube);
  const lost: string[] = [];
  const { log } = recordingLog();
  const onLost = (why: string): void => void lost.push(why);
  const election = new LeaderElection({ kube: connection.view, lease, podName, clock, log, onLost, random: () => 0.5 });
  election.start();
  return { election, connection, lost };
};

const twoReplicas = async () => {
  const clock = handClock();
  const kube = new FakeKube(() => clock.now());
  const first = aReplica(clock, kube, 'one');
  await clock.advance(10);
  const second = aReplica(clock, kube, 'two');
  await clock.advance(10);
  return { clock, kube, first, second };
};

describe('leader election', () => {
  it('makes the Lease when there is none, and lets one replica lead', async () => {
    const { clock, kube, first, second } = await twoReplicas();
    await clock.advance(120_000);
    expect([first.election.leading, second.election.leading]).toEqual([true, false]);
    expect(await kube.get(leases, lease)).toMatchObject({
      spec: { holderIdentity: first.election.identity, leaseDurationSeconds: 15, leaseTransitions: 0 },
    });
  });

  it('hands over within 3 s when the leader releases', async () => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(30_000);
    await first.election.release();
    expect(first.election.leading).toBe(false);
    await clock.advance(3_000);
    expect(second.election.leading).toBe(true);
    expect(first.lost).toEqual([]);
  });

  it('replaces a leader that vanished within 20 s', async () => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(31_000);
    first.connection.cut();
    await clock.advance(14_000);
    expect(second.election.leading).toBe(false);
    await clock.advance(6_000);
    expect(second.election.leading).toBe(true);
  });

  it('never lets two replicas lead at once while the leader is cut off, and tells it that it lost', async () => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(31_000);
    first.connection.cut();
    for (let second_ = 0; second_ < 60; second_ += 1) {
      await clock.advance(1_000);
      expect(first.election.leading && second.election.leading).toBe(false);
    }
    expect(first.lost).toEqual(['no confirmed renewal for 10 s']);
    expect(second.election.leading).toBe(true);
  });

  it('keeps leading through an outage of 8 s', async () => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(30_100);
    first.connection.cut();
    await clock.advance(8_000);
    first.connection.heal();
    await clock.advance(60_000);
    expect([first.election.leading, second.election.leading, first.lost]).toEqual([true, false, []]);
  });

  it('keeps leading when somebody labels the Lease', async () => {
    const { clock, kube, first } = await twoReplicas();
    await kube.patch(leases, lease, undefined, { metadata: { labels: { seen: 'yes' } } });
    await clock.advance(60_000);
    expect(first.election.leading).toBe(true);
  });

  it.each([
    {
      says: 'given to somebody else',
      change: { spec: { holderIdentity: 'intruder' } },
      why: 'the lease is held by intruder',
    },
    { says: 'emptied', change: { spec: { holderIdentity: null } }, why: 'the lease is held by two_' },
  ])('ends its leadership when the Lease is $says', async ({ change, why }) => {
    const { clock, kube, first } = await twoReplicas();
    await kube.patch(leases, lease, undefined, change);
    await clock.advance(5_000);
    expect(first.election.leading).toBe(false);
    expect(first.lost).toEqual([expect.stringContaining(why)]);
  });

  it('trusts what it saw change, not the times that are written on the Lease', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const spec = { holderIdentity: 'elsewhere', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' };
    await kube.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease, spec });
    const { election } = aReplica(clock, kube, 'one');
    await clock.advance(14_000);
    expect(election.leading).toBe(false);
    await clock.advance(4_000);
    expect(election.leading).toBe(true);
  });

  it('does not take the lease from somebody else when it gives up its own', async () => {
    const { clock, kube, first, second } = await twoReplicas();
    await second.election.release();
    await kube.patch(leases, lease, undefined, { spec: { holderIdentity: 'intruder' } });
    await first.election.release();
    await clock.advance(10);
    expect(await kube.get(leases, lease)).toMatchObject({ spec: { holderIdentity: 'intruder' } });
  });

  it('gives back a lease that it took while it was told to end', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const { election } = aReplica(clock, kube, 'one');
    // The first look has not come back yet.
    await election.release();
    expect(election.leading).toBe(false);
    const found = await kube.get<KubeObject & { readonly spec: object }>(leases, lease);
    expect(found?.spec).not.toHaveProperty('holderIdentity');
  });

  it('writes nothing but one renewal per 5 s', async () => {
    const { clock, kube } = await twoReplicas();
    const versionAt = async (): Promise<number> => Number((await kube.get(leases, lease))?.metadata.resourceVersion);
    const before = await versionAt();
    await clock.advance(120_000);
    expect((await versionAt()) - before).toBe(24);
  });
});
