import { beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../../src/domain/errors.ts';
import type { Holder } from '../../../../src/domain/records.ts';
import type { LeaseOf, Settings } from '../../../../src/registry/port.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { takeLease, type HeldLease } from '../../../../src/workers/run/held-lease.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { handClock, type HandClock } from '../../../support/fakes/hand-clock.ts';

const of: LeaseOf = { of: 'alias', alias: 'a' };
const holder = (uid: string): Holder => ({ kind: 'External', name: `holder ${uid}`, uid, pod: '' });

describe('a held lease', () => {
  let settings: Settings;
  let clock: HandClock;
  beforeEach(async () => {
    settings = settingsOn(fakeEngine(), 'settings');
    clock = handClock();
    await settings.ensure();
    await settings.claim('a', { clusterUuid: 'u', namespace: '', name: 'n', uid: 'o' });
  });

  const take = (uid: string, changed: Partial<Settings> = {}): Promise<HeldLease> =>
    takeLease({
      settings: { ...settings, ...changed },
      of,
      holder: holder(uid),
      leaseSeconds: 15,
      tokenFloor: 0,
      clock,
      signal: new AbortController().signal,
    });

  /** Turns the clock until the promise is settled. */
  async function turning<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    for (let seconds = 0; seconds < 60 && !isSettled; seconds += 1) await clock.advance(1000);
    return promise;
  }

  it('is renewed for as long as it is held, and given back', async () => {
    const held = await take('one');
    await clock.advance(60_000);
    expect(held.lost.aborted).toBe(false);
    await held.release();
    expect((await settings.lockRecord('a'))?.source.lease).toMatchObject({ held: false, epoch: 0 });
    expect(clock.sleepers).toBe(0);
  });

  it('is taken over from a holder that does not move for a whole lease, with another epoch', async () => {
    (await take('dead')).abandon();
    const held = await turning(take('next'));
    expect(held.lease).toMatchObject({ token: 2, epoch: 1, holder: { uid: 'next' } });
    expect(clock.now().getTime() - Date.parse('2026-01-01T00:00:00Z')).toBeGreaterThanOrEqual(15_000);
    held.abandon();
  });

  it('is not taken from a holder that renews', async () => {
    const first = await take('alive');
    await expect(turning(take('next'))).rejects.toMatchObject({
      name: 'RetryableError',
      message: expect.stringContaining('holder alive'),
    });
    first.abandon();
  });

  it('is taken as soon as the holder gives it back', async () => {
    const first = await take('first');
    const waiting = take('next');
    await first.release();
    const held = await turning(waiting);
    expect(held.lease).toMatchObject({ token: 2, epoch: 0 });
    held.abandon();
  });

  it('is lost at once when somebody else holds it', async () => {
    const held = await take('one', { renew: async () => 'lost' });
    await clock.advance(5_000);
    expect(held.lost.reason).toMatchObject({ name: 'TerminalError', reason: 'LockLost' });
  });

  it.each<[string, Settings['renew']]>([
    ['fails', () => Promise.reject(new Error('down'))],
    ['is never answered', () => new Promise(() => undefined)],
  ])('is lost after two thirds of the lease when its renewal %s', async (_, renew) => {
    const held = await take('one', { renew });
    await clock.advance(8_000);
    expect(held.lost.aborted).toBe(false);
    await clock.advance(2_500);
    expect(held.lost.reason).toMatchObject({ name: 'RetryableError', reason: 'EngineUnavailable' });
  });

  it('is lost with what the engine said last, where it said something', async () => {
    const renew = () => Promise.reject(new RetryableError('WritesBlocked', 'index read-only (api)'));
    const held = await take('one', { renew });
    await clock.advance(10_500);
    expect(held.lost.reason).toMatchObject({ reason: 'WritesBlocked', message: expect.stringContaining('read-only') });
  });

  it('survives a renewal that fails once', async () => {
    let failures = 1;
    const renew: Settings['renew'] = async (...args) => {
      failures -= 1;
      if (failures >= 0) throw new Error('down');
      return settings.renew(...args);
    };
    const held = await take('one', { renew });
    await clock.advance(30_000);
    expect(held.lost.aborted).toBe(false);
    held.abandon();
  });
});
