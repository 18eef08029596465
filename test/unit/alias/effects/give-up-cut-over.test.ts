import { beforeEach, describe, expect, it } from '@jest/globals';
import { giveUpCutOver } from '../../../../src/alias/effects/give-up-cut-over.ts';
import { ConflictError } from '../../../../src/domain/errors.ts';
import type { Engine } from '../../../../src/engine/port.ts';
import { blockLive, guardSeen, switchPair, takeGuard } from '../../../../src/fences/cut-over.ts';
import { fencesOn } from '../../../../src/fences/fences.ts';
import type { Settings } from '../../../../src/registry/port.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { handClock } from '../../../support/fakes/hand-clock.ts';
import { aHolder, anOwner, aVersionRecord } from '../../../support/objects/a-record.ts';
import { aCutOverGround, writeThrough, type CutOverGround } from '../../../support/worlds/a-cut-over.ts';

const worker = aHolder({ kind: 'Heavy', uid: 'job-uid', pod: 'pod-uid' });
const holder = aHolder({ kind: 'Heavy', uid: 'run-uid', pod: '' });
const options = { leaseSeconds: 15, tokenFloor: 0 };

describe('giving up a cut-over in the place of its worker', () => {
  let engine: Engine;
  let settings: Settings;
  let ground: CutOverGround;
  const of = { of: 'version', alias: 'orders', index: 'orders-v2' } as const;

  /** A worker holds the lease at epoch 0, and has blocked writes. */
  beforeEach(async () => {
    engine = fakeEngine();
    settings = settingsOn(engine, 'reindeer-settings');
    await settings.ensure();
    await settings.claim('orders', anOwner());
    ground = await aCutOverGround(engine, 'orders');
    const lease = { held: false, holder: null, token: 0, epoch: 3, leaseSeconds: 15 };
    await settings.createVersion(aVersionRecord({ alias: 'orders', index: 'orders-v2', number: 2, writer: lease }));
    await settings.acquire(of, worker, options);
    const parts = { engine, pause: async () => undefined };
    await takeGuard(parts, ground.pair, { epoch: 3, attempt: 1 });
    await blockLive(engine, ground.pair, { epoch: 3, attempt: 1 });
  });

  const giveUp = async (): Promise<void> => {
    const effect = giveUpCutOver({ ...ground.pair, holder });
    await effect.run({ engine: { engine, settings, ...fencesOn(engine, handClock()) } });
  };
  const names = async (): Promise<readonly string[]> => {
    const { writers, blocks } = await guardSeen(engine, ground.pair);
    return [...writers, ...blocks].map(({ alias }) => alias);
  };

  it('takes its lease from a worker that is alive, lifts the block, and keeps the lease', async () => {
    expect(await writeThrough(engine, 'orders', ['a'])).toEqual([403]);
    const { token } = (await settings.versionRecord('orders-v2'))!.source.writer;
    await giveUp();
    expect(await writeThrough(engine, 'orders', ['a'])).toEqual([201]);
    expect(await names()).toEqual(['orders-v2.W4.0.draining']);
    expect(await settings.renew(of, worker, token)).toBe('lost');
    expect((await settings.versionRecord('orders-v2'))?.source.writer).toMatchObject({ held: true, holder, epoch: 4 });
    expect((await switchPair(engine, ground.pair, { epoch: 3, attempt: 1 }, ground.moves)).is).not.toBe('switched');
  });

  it('can be done again, and shuts out who took the lease in between', async () => {
    await giveUp();
    const seen = (await settings.versionRecord('orders-v2'))!;
    const refused = { is: 'held', lease: seen.source.writer, seqNo: seen.stand.seqNo } as const;
    expect(await settings.takeOver(of, worker, refused, options)).toMatchObject({ is: 'granted', lease: { epoch: 5 } });
    await giveUp();
    expect(await names()).toEqual(['orders-v2.W6.0.draining']);
  });

  it('goes by the names where the record of the version is gone', async () => {
    await settings.deleteVersion('orders-v2');
    await giveUp();
    expect(await writeThrough(engine, 'orders', ['a'])).toEqual([201]);
    expect(await names()).toEqual(['orders-v2.W4.0.draining']);
  });

  it('lifts a block that is left of a candidate which is gone', async () => {
    await engine.indices.delete('orders-v2');
    await giveUp();
    expect(await writeThrough(engine, 'orders', ['a'])).toEqual([201]);
    expect(await names()).toEqual([]);
  });

  it('changes nothing after the switch, and says that what was decided on is no longer so', async () => {
    expect(await switchPair(engine, ground.pair, { epoch: 3, attempt: 1 }, ground.moves)).toEqual({ is: 'switched' });
    await expect(giveUp()).rejects.toBeInstanceOf(ConflictError);
    expect((await engine.aliases.members('orders')).map(({ index }) => index)).toEqual(['orders-v2']);
    expect(await engine.indices.writeBlocks('orders-2024')).not.toEqual([]);
  });
});
