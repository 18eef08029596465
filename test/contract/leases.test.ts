import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import type { Holder } from '../../src/domain/records.ts';
import type { Granted, LeaseOf, Refused, Settings } from '../../src/registry/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { aHolder, anOwner, aPartRecord, aVersionRecord } from '../support/objects/a-record.ts';
import { faultyEngine, losingReplyOf } from '../support/fakes/faulty-engine.ts';
import { onEveryEngine } from './engines.ts';

const first = aHolder();
const second = aHolder({ uid: 'job-2', pod: 'pod-2', name: 'Job/kibana-light-2' });
const options = { leaseSeconds: 60, tokenFloor: 0 };

function granted(answer: Granted | Refused): Granted['lease'] {
  if (answer.is !== 'granted') throw new Error(`expected a grant, got ${JSON.stringify(answer)}`);
  return answer.lease;
}

function refused(answer: Granted | Refused): Refused {
  if (answer.is !== 'held') throw new Error(`expected a refusal, got ${JSON.stringify(answer)}`);
  return answer;
}

const leases: readonly (readonly [string, LeaseOf])[] = [
  ['lock of an alias', { of: 'alias', alias: 'kibana' }],
  ['writer of a version', { of: 'version', alias: 'kibana', index: 'kibana-v1' }],
  ['writer of a part of a run', { of: 'part', alias: 'kibana', run: 'job-1', partition: 2 }],
];

describe('leases', () => {
  onEveryEngine(bench => {
    let settings: Settings;
    let index: string;

    beforeEach(async () => {
      index = `${bench().prefix}-settings`;
      settings = settingsOn(bench().engine, index);
      await settings.ensure();
      await settings.claim('kibana', anOwner());
      await settings.createVersion(aVersionRecord());
      await settings.createPart(aPartRecord({ partition: 2 }));
    });

    describe.each(leases)('the %s', (_, lease) => {
      const take = (holder: Holder, from: Settings = settings): Promise<Granted | Refused> =>
        from.acquire(lease, holder, options);

      it('goes to who asks while it is free, and to nobody else then', async () => {
        expect(granted(await take(first))).toEqual({ held: true, holder: first, token: 1, epoch: 0, leaseSeconds: 60 });
        expect(refused(await take(second)).lease.holder).toEqual(first);
      });

      it('goes to exactly one of twenty who ask at once', async () => {
        const holders = Array.from({ length: 20 }, (_unused, n) => aHolder({ uid: `job-${n}`, pod: `pod-${n}` }));
        const answers = await Promise.all(holders.map(holder => take(holder)));
        expect(answers.filter(answer => answer.is === 'granted')).toHaveLength(1);
      });

      it('is the same grant when the same holder asks again', async () => {
        const lease = granted(await take(first));
        expect(granted(await take(first))).toEqual(lease);
      });

      it('is refused to another pod of the same Job', async () => {
        await take(first);
        refused(await take({ ...first, pod: 'pod-9' }));
      });

      it('keeps its epoch and raises its token over a clean release', async () => {
        const { token } = granted(await take(first));
        await settings.release(lease, first, token);
        expect(granted(await take(second))).toMatchObject({ token: token + 1, epoch: 0 });
      });

      it('raises epoch and token when it is taken over from a holder that did not move', async () => {
        await take(first);
        const seen = refused(await take(second));
        expect(granted(await settings.takeOver(lease, second, seen, options))).toMatchObject({
          holder: second,
          token: 2,
          epoch: 1,
        });
        expect(await settings.renew(lease, first, 1)).toBe('lost');
      });

      it('is not taken over from a holder that moved', async () => {
        const { token } = granted(await take(first));
        const seen = refused(await take(second));
        expect(await settings.renew(lease, first, token)).toBe('renewed');
        const answer = refused(await settings.takeOver(lease, second, seen, options));
        expect(answer.seqNo).toBeGreaterThan(seen.seqNo);
      });

      it('is taken over by exactly one of twenty who saw the same', async () => {
        await take(first);
        const seen = refused(await take(second));
        const holders = Array.from({ length: 20 }, (_unused, n) => aHolder({ uid: `next-${n}`, pod: `pod-${n}` }));
        const answers = await Promise.all(holders.map(holder => settings.takeOver(lease, holder, seen, options)));
        expect(answers.filter(answer => answer.is === 'granted')).toHaveLength(1);
      });

      it('moves in the eyes of a challenger at every renewal', async () => {
        const { token } = granted(await take(first));
        const before = refused(await take(second)).seqNo;
        await settings.renew(lease, first, token);
        expect(refused(await take(second)).seqNo).toBeGreaterThan(before);
      });

      it('stays with its holder when somebody else releases or renews it', async () => {
        const { token } = granted(await take(first));
        await settings.release(lease, second, token);
        await settings.release(lease, first, token + 1);
        expect(await settings.renew(lease, second, token)).toBe('lost');
        expect(refused(await take(second)).lease.holder).toEqual(first);
      });

      it('can be released twice', async () => {
        const { token } = granted(await take(first));
        await settings.release(lease, first, token);
        await settings.release(lease, first, token);
        expect(granted(await take(second)).epoch).toBe(0);
      });

      it.each(['documents.create', 'documents.replace'])('is known to be held after a lost reply of %s', async call => {
        const faulty = settingsOn(faultyEngine(bench().engine, losingReplyOf(call)), index);
        const lease = granted(await take(first, faulty));
        expect(lease.epoch).toBe(0);
        expect(refused(await take(second)).lease).toEqual(lease);
      });

      it('is known to be renewed and released after a lost reply', async () => {
        const { token } = granted(await take(first));
        const losing = (): Settings =>
          settingsOn(faultyEngine(bench().engine, losingReplyOf('documents.replace')), index);
        expect(await losing().renew(lease, first, token)).toBe('renewed');
        await losing().release(lease, first, token);
        expect(granted(await take(second)).epoch).toBe(0);
      });

      it.each<[string, () => Promise<unknown>, number, number]>([
        [
          'the counter of the alias',
          () => settings.changeAlias('kibana', record => ({ ...record, tokenCounter: 50 })),
          0,
          51,
        ],
        ['the floor of the caller', () => Promise.resolve(), 70, 71],
      ])('draws a token above %s', async (_unused, prepare, tokenFloor, token) => {
        await prepare();
        expect(granted(await settings.acquire(lease, first, { leaseSeconds: 60, tokenFloor })).token).toBe(token);
      });

      it('draws a token above its own record when the counter was lost', async () => {
        const { token } = granted(await settings.acquire(lease, first, { leaseSeconds: 60, tokenFloor: 8 }));
        await settings.release(lease, first, token);
        await settings.changeAlias('kibana', record => ({ ...record, tokenCounter: 0 }));
        expect(granted(await take(second)).token).toBe(token + 1);
      });
    });

    describe('broken by hand', () => {
      const alias = 'kibana';
      const of: LeaseOf = { of: 'alias', alias };
      const note = { by: 'ann@laptop', reason: 'gone', at: '2026-01-01T00:00:00Z', held: [] };
      const lock = async () => (await settings.lockRecord(alias))?.source;

      it('goes free with a higher token and epoch, says who did it, and its holder learns of it', async () => {
        const lease = granted(await settings.acquire(of, first, options));
        expect(await settings.breakLock(alias, lease, note, 0)).toBe('broken');
        const free = { held: false, holder: null, token: 2, epoch: 1 };
        expect(await lock()).toMatchObject({ lease: free, broken: note });
        expect(await settings.renew(of, first, lease.token)).toBe('lost');
        await settings.release(of, first, lease.token);
        expect(granted(await settings.acquire(of, second, options))).toMatchObject({ token: 3, epoch: 1 });
        expect((await lock())?.broken).toEqual(note);
      });

      it('although its holder renews all the time', async () => {
        const lease = granted(await settings.acquire(of, first, options));
        await settings.renew(of, first, lease.token);
        expect(await settings.breakLock(alias, lease, note, 0)).toBe('broken');
      });

      it('not when it changed hands since it was seen', async () => {
        const lease = granted(await settings.acquire(of, first, options));
        await settings.release(of, first, lease.token);
        expect(await settings.breakLock(alias, lease, note, 0)).toBe('changed');
        const other = granted(await settings.acquire(of, second, options));
        expect(await settings.breakLock(alias, lease, note, 0)).toBe('changed');
        expect(await lock()).toEqual({ kind: 'lock', alias, lease: other });
      });

      it('by one of twenty who saw the same, once', async () => {
        const lease = granted(await settings.acquire(of, first, options));
        const all = await Promise.all(Array.from({ length: 20 }, () => settings.breakLock(alias, lease, note, 0)));
        expect(all.filter(each => each === 'broken')).toHaveLength(1);
        expect((await lock())?.lease.epoch).toBe(1);
      });

      it('draws its token above what the caller knows of', async () => {
        const lease = granted(await settings.acquire(of, first, options));
        await settings.breakLock(alias, lease, note, 40);
        expect((await lock())?.lease.token).toBe(41);
      });
    });

    it('never gives one token twice over all leases of an alias', async () => {
      const answers = await Promise.all(
        leases.map(([, lease], n) => settings.acquire(lease, aHolder({ uid: `h${n}` }), options)),
      );
      expect(answers.map(answer => granted(answer).token).sort()).toEqual([1, 2, 3]);
    });

    it('leaves the rest of a version record alone', async () => {
      await settings.changeVersion('kibana-v1', record => ({ ...record, files: 12, commit: 'abc' }));
      await settings.acquire({ of: 'version', alias: 'kibana', index: 'kibana-v1' }, first, options);
      expect((await settings.versionRecord('kibana-v1'))?.source).toMatchObject({
        files: 12,
        commit: 'abc',
        writer: { holder: first },
      });
    });

    it('is not granted for an alias that nobody claimed, or a version or a part that is not there', async () => {
      await expect(settings.acquire({ of: 'alias', alias: 'nobody' }, first, options)).rejects.toThrow(ConflictError);
      const gone = { of: 'version', alias: 'kibana', index: 'kibana-v2' } as const;
      await expect(settings.acquire(gone, first, options)).rejects.toThrow(ConflictError);
      const forgotten = { of: 'part', alias: 'kibana', run: 'job-1', partition: 3 } as const;
      await expect(settings.acquire(forgotten, first, options)).rejects.toThrow(ConflictError);
    });
  });
});
