import { describe, expect, it } from '@jest/globals';
import { LockWatch, type LockRead } from '../../../src/alias/lock-watch.ts';
import { heldLock } from '../../support/objects/a-run.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

const outside = { kind: 'External', name: 'cli/laptop:1', uid: 'cli', pod: 'p' } as const;
const ours = { kind: 'Heavy', name: 'ReindexRequest/team/run', uid: 'run-uid', pod: '' } as const;

/** The lock of an alias as it is read at a sequence number; held for 60 s by who `change` names. */
function read(seqNo: number, change: Parameters<typeof heldLock>[1] = {}, given: Partial<LockRead> = {}): LockRead {
  const { alias = 'kibana' } = given;
  const lease = { ...heldLock({}, { holder: outside, ...change }).lease, leaseSeconds: 60 };
  return {
    ...{ place: 'cluster/reindeer-settings', alias },
    lock: { id: '', source: { kind: 'lock', alias, lease }, stand: { seqNo, primaryTerm: 1 } },
    isOurs: ({ kind }) => kind === 'Heavy',
    isGone: () => true,
    ...given,
  };
}

function aWatch() {
  const clock = handClock();
  const beganIso = clock.now().toISOString().replace('.000', '');
  return { clock, beganIso, watch: new LockWatch(clock) };
}

describe('the watch over a lock', () => {
  it('says for how long this process has seen it unmoved, by its sequence number, alias by alias', async () => {
    const { clock, watch } = aWatch();
    expect(watch.seen(read(1)).stillMs).toBe(0);
    await clock.advance(5000);
    expect(watch.seen(read(1, { holder: ours }))).toMatchObject({ stillMs: 5000, holderGone: true });
    expect(watch.seen(read(1, {}, { alias: 'linux' })).stillMs).toBe(0);
    expect(watch.seen(read(1, {}, { place: 'cluster/other-settings' })).stillMs).toBe(0);
    expect(watch.seen(read(2)).stillMs).toBe(0);
    await clock.advance(1000);
    expect(watch.seen(read(2)).stillMs).toBe(1000);
  });

  it('finds its holder silent from the end of the lease on, and since when, until the lock moves', async () => {
    const { clock, watch, beganIso } = aWatch();
    expect(watch.silentSince(read(1), undefined)).toBeUndefined();
    expect(watch.silentInMs(read(1))).toBe(60_000);
    await clock.advance(59_999);
    expect(watch.silentSince(read(1), undefined)).toBeUndefined();
    expect(watch.silentInMs(read(1))).toBe(1);
    await clock.advance(1);
    expect(watch.silentSince(read(1), undefined)).toBe(beganIso);
    expect(watch.silentInMs(read(1))).toBeUndefined();
    expect(watch.silentSince(read(2), undefined)).toBeUndefined();
  });

  it.each<readonly [string, Parameters<typeof heldLock>[1], Partial<LockRead>, 'silent' | 'not silent']>([
    ['a run of ours whose request is gone', { holder: ours }, {}, 'silent'],
    ['a run of ours that Kubernetes knows', { holder: ours }, { isGone: () => false }, 'not silent'],
    ['a run of another operator', { holder: ours }, { isOurs: () => false, isGone: () => false }, 'silent'],
    ['a lock that is free', { held: false, holder: null }, {}, 'not silent'],
  ])('judges %s by its silence only where Kubernetes says nothing', async (_row, change, given, what) => {
    const { clock, watch } = aWatch();
    watch.seen(read(1, change, given));
    await clock.advance(60_000);
    const since = watch.silentSince(read(1, change, given), undefined);
    expect(since === undefined ? 'not silent' : 'silent').toBe(what);
  });

  it('goes by what was told before a restart, until it sees the lock move or another grant', async () => {
    const { token } = read(1).lock.source.lease;
    const told = { holder: 'cli', kind: 'External', token, since: '', silentSince: 'before' } as const;
    const { clock, watch } = aWatch();
    expect(watch.silentSince(read(1), told)).toBe('before');
    await clock.advance(60_000);
    expect(watch.silentSince(read(1), told)).toBe('before');
    expect(watch.silentSince(read(2), told)).toBeUndefined();
    expect(aWatch().watch.silentSince(read(1, { token: token + 1 }), told)).toBeUndefined();
    expect(aWatch().watch.silentSince(read(1, { held: false }), told)).toBeUndefined();
  });
});
