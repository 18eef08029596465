import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import { LeaderElection, type LeaderElectionOptions } from '../../../src/kube/leader.ts';
import { leases, type Lease } from '../../../src/kube/lease.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { handClock, type HandClock } from '../../support/fakes/hand-clock.ts';
import { startOlderReplica } from '../../support/real/older-replica.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

const lease = { namespace: 'search', name: 'team-a' };
const olderLease = { namespace: 'search', name: 'reindeer' };
const installation = { namespace: 'search', name: 'team-a' };

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

type Given = Partial<Pick<LeaderElectionOptions, 'lease' | 'olderLease' | 'installation' | 'owner'>>;

/** By default a replica whose Lease is also that of 0.1: one Lease. */
const aReplica = (clock: HandClock, kube: Kube, podName: string, given: Given = { olderLease: lease }) => {
  const connection = cuttable(kube);
  const lost: string[] = [];
  const { log, lines } = recordingLog();
  const onLost = (why: string): void => void lost.push(why);
  const own = { lease, olderLease, installation, podName, ...given };
  const election = new LeaderElection({ kube: connection.view, ...own, clock, log, onLost, random: () => 0.5 });
  election.start();
  return { election, connection, lost, lines };
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
    { says: 'emptied', change: { spec: { holderIdentity: null } }, why: 'the lease is held by search/team-a/two_' },
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

describe('whoever waits for a lease', () => {
  it('says once who holds it, and is not shut out by its own leader', async () => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(60_000);
    const said = second.lines.filter(({ msg }) => msg === 'waiting for the lease');
    expect(said).toEqual([
      expect.objectContaining({ level: 'info', lease: 'search/team-a', holder: first.election.identity }),
    ]);
    expect(second.election.shutOut).toBeUndefined();
  });

  it('is shut out by another installation, until that lets go', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const cluster = { lease: { namespace: 'kube-system', name: 'reindeer-cluster' } };
    const first = aReplica(clock, kube, 'one', cluster);
    await clock.advance(10);
    const second = aReplica(clock, kube, 'two', { ...cluster, installation: { namespace: 'other', name: 'team-a' } });
    await clock.advance(60_000);
    expect([first.election.leading, second.election.leading]).toEqual([true, false]);
    expect(second.election.shutOut).toEqual({ lease: cluster.lease, holder: first.election.identity });
    await first.election.release();
    await clock.advance(3_000);
    expect([second.election.leading, second.election.shutOut]).toEqual([true, undefined]);
  });

  it.each([
    { how: 'gave it back', end: async (first: Replica) => first.election.release(), expected: 'released' },
    { how: 'fell silent', end: async (first: Replica) => first.connection.cut(), expected: 'silent' },
  ])('knows afterwards that the one before $how', async ({ end, expected }) => {
    const { clock, first, second } = await twoReplicas();
    await clock.advance(30_000);
    expect(first.election.formerHolder).toBe('none');
    await end(first);
    await clock.advance(30_000);
    expect([second.election.leading, second.election.formerHolder]).toEqual([true, expected]);
  });
});

describe('two releases in one namespace', () => {
  it('lead side by side, each by the Lease of its name', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const releases = ['team-a', 'team-b', 'reindeer'].map(name =>
      aReplica(clock, kube, name, { lease: { ...lease, name }, installation: { ...installation, name }, olderLease }),
    );
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.advance(60_000);
      expect(releases.map(({ election }) => election.leading)).toEqual([true, true, true]);
    }
    expect(releases.flatMap(({ lost }) => lost)).toEqual([]);
  });
});

describe('an update from 0.1, whose Lease has another name', () => {
  const anUpdate = async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const older = startOlderReplica(kube, olderLease, 'team-a-5d9f-k2v4x', clock);
    await clock.advance(5_000);
    const newer = aReplica(clock, kube, 'team-a-77c8-p9q3z', {});
    await clock.advance(60_000);
    return { clock, kube, older, newer };
  };

  it('waits while a replica of before lives, and says so', async () => {
    const { older, newer } = await anUpdate();
    expect([older.leading, newer.election.leading]).toEqual([true, false]);
    const said = newer.lines.filter(({ msg }) => msg === 'waiting for the lease');
    expect(said).toEqual([expect.objectContaining({ lease: 'search/reindeer', holder: 'team-a-5d9f-k2v4x_0' })]);
    expect(newer.election.shutOut).toBeUndefined();
  });

  it('leads within 3 s when the one before goes', async () => {
    const { clock, older, newer } = await anUpdate();
    await older.release();
    await clock.advance(3_000);
    expect([newer.election.leading, newer.election.formerHolder]).toEqual([true, 'released']);
  });

  it('leads within 20 s when the one before dies, and knows that it fell silent', async () => {
    const { clock, older, newer } = await anUpdate();
    await older.kill();
    await clock.advance(14_000);
    expect(newer.election.leading).toBe(false);
    await clock.advance(6_000);
    expect([newer.election.leading, newer.election.formerHolder]).toEqual([true, 'silent']);
  });

  it('keeps out every replica of before, also one that waited all the time', async () => {
    const { clock, kube, older, newer } = await anUpdate();
    const waiting = startOlderReplica(kube, olderLease, 'team-a-5d9f-w8t2n', clock);
    await older.kill();
    for (let second = 0; second < 120; second += 1) {
      await clock.advance(1_000);
      expect(newer.election.leading && waiting.leading).toBe(false);
    }
    expect([newer.election.leading || waiting.leading, newer.lost]).toEqual([true, []]);
  });

  it('lets one of before lead again once none of its successors is left', async () => {
    const { clock, kube, older, newer } = await anUpdate();
    await older.release();
    await clock.advance(3_000);
    const rolledBack = startOlderReplica(kube, olderLease, 'team-a-5d9f-zzzzz', clock);
    await clock.advance(30_000);
    expect([newer.election.leading, rolledBack.leading]).toEqual([true, false]);
    await newer.election.release();
    await clock.advance(20_000);
    expect(rolledBack.leading).toBe(true);
  });

  it('ends when its Lease of before is taken by a replica of before all the same', async () => {
    const { clock, kube, older, newer } = await anUpdate();
    await older.release();
    await clock.advance(3_000);
    await kube.patch(leases, olderLease, undefined, { spec: { holderIdentity: 'team-a-5d9f-thief_0' } });
    await clock.advance(5_000);
    expect(newer.election.leading).toBe(false);
    expect(newer.lost).toEqual(['an older replica took its own lease: team-a-5d9f-thief_0']);
  });
});

describe('the owner of a Lease', () => {
  const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'team-a', uid: 'account' };

  it('is the account of the operator, so that an uninstall leaves none behind', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    aReplica(clock, kube, 'one', { owner });
    await clock.advance(1_000);
    for (const key of [lease, olderLease])
      expect((await kube.get(leases, key))?.metadata.ownerReferences).toEqual([owner]);
  });

  it('is given to a Lease that a release before left without', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    await kube.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease, spec: {} });
    aReplica(clock, kube, 'one', { owner, olderLease: lease });
    await clock.advance(1_000);
    expect((await kube.get<Lease>(leases, lease))?.metadata.ownerReferences).toEqual([owner]);
  });

  it('is nobody in another namespace, where the garbage collector would miss it and delete the Lease', async () => {
    const clock = handClock();
    const kube = new FakeKube(() => clock.now());
    const elsewhere = { namespace: 'kube-system', name: 'reindeer-cluster' };
    const { election } = aReplica(clock, kube, 'one', { owner, lease: elsewhere });
    await clock.advance(1_000);
    expect(election.leading).toBe(true);
    expect((await kube.get(leases, elsewhere))?.metadata.ownerReferences).toBeUndefined();
  });
});

type Replica = ReturnType<typeof aReplica>;
