import { beforeEach, describe, expect, it } from '@jest/globals';
import { bareClaimant, ownerOf } from '../../../../src/alias/claimant.ts';
import { adoptedVersion, adoptIndex } from '../../../../src/alias/effects/adopt.ts';
import { claimAlias } from '../../../../src/alias/effects/claim.ts';
import type { EngineHands } from '../../../../src/alias/engine-hands.ts';
import { observeBareAlias } from '../../../../src/alias/observe.ts';
import { versionSet } from '../../../../src/alias/version-set.ts';
import { ConflictError } from '../../../../src/domain/errors.ts';
import { fencesOn } from '../../../../src/fences/fences.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { handClock } from '../../../support/fakes/hand-clock.ts';
import { anIndexBody } from '../../../support/objects/an-index.ts';

const claimant = bareClaimant({ alias: 'orders', namespace: 'shop', operator: 'kubernetes-one' });
const owner = ownerOf(claimant, { clusterUuid: 'cluster', operator: 'kubernetes-one' });
const since = '2026-01-01T00:00:00Z';
const properties = { filter: { term: { shop: 'main' } }, index_routing: '1' };

describe('the adoption of what an alias serves', () => {
  let hands: EngineHands;
  beforeEach(async () => {
    const engine = fakeEngine();
    const settings = settingsOn(engine, 'reindeer-settings');
    await settings.ensure();
    hands = { engine, settings, ...fencesOn(engine, handClock()) };
  });

  async function serve(index: string): Promise<void> {
    await hands.engine.indices.create(index, anIndexBody());
    await hands.engine.aliases.update([{ add: { index, alias: 'orders', ...properties } }]);
    await claimAlias({ alias: 'orders', owner }).run({ engine: hands });
  }

  const look = async () => (await observeBareAlias('orders', 'reindeer-settings', hands)).side;

  async function adoption() {
    const record = adoptedVersion(claimant, await look(), since);
    if (!record) throw new Error('nothing is served');
    return adoptIndex({ record });
  }

  it('makes it the live version under the next number, as it is and with what the alias has on it', async () => {
    await serve('orders-2024');
    const before = await hands.engine.indices.describe('orders-2024');
    await (await adoption()).run({ engine: hands });
    const { record, versions, indices } = await look();
    expect(record).toMatchObject({ live: 1, writeSet: [1], nextVersion: 2, candidate: null, retired: [] });
    const members = [{ role: 'main', index: 'orders-2024', properties }];
    expect(versions).toMatchObject([
      { number: 1, index: 'orders-2024', members, ownerUid: claimant.uid, phase: 'Live', commit: null, repoUrl: '' },
    ]);
    const set = versionSet({ versions, indices }, 'orders', 1);
    expect(set).toMatchObject({ isWhole: true, members });
    // The index itself says nothing of us: whoever deletes by owner leaves it alone.
    expect(await hands.engine.indices.describe('orders-2024')).toEqual(before);
  });

  it('is the same however often it is done, and by however many at once', async () => {
    await serve('orders-2024');
    const [one, other] = [await adoption(), await adoption()];
    await one.run({ engine: hands });
    const once = await look();
    await expect(other.run({ engine: hands })).rejects.toThrow(ConflictError);
    expect(await look()).toEqual(once);
  });

  it('goes on where one was cut off between its two writes, with what is served by then', async () => {
    await serve('orders-2024');
    const cut = await adoption();
    const dying = { ...hands.settings, changeAlias: async () => Promise.reject(new Error('cut off')) };
    await expect(cut.run({ engine: { ...hands, settings: dying } })).rejects.toThrow('cut off');
    expect((await look()).record?.live).toBeNull();
    await hands.engine.indices.create('orders-2025', anIndexBody());
    await hands.engine.aliases.update([
      { remove: { index: 'orders-2024', alias: 'orders', must_exist: true } },
      { add: { index: 'orders-2025', alias: 'orders' } },
    ]);
    await (await adoption()).run({ engine: hands });
    const { record, versions } = await look();
    expect(record).toMatchObject({ live: 1, nextVersion: 2 });
    expect(versions).toMatchObject([{ index: 'orders-2025', members: [{ index: 'orders-2025' }] }]);
  });

  it('takes no number that the name of another index has, and that of its own', async () => {
    await hands.engine.indices.create('orders-v1', anIndexBody());
    await serve('orders-v2');
    await (await adoption()).run({ engine: hands });
    expect((await look()).record).toMatchObject({ live: 2, nextVersion: 3 });
  });

  it('touches no record of an alias that has another owner by now', async () => {
    await serve('orders-2024');
    const late = await adoption();
    await hands.settings.changeAlias('orders', record => ({ ...record, owner: { ...owner, uid: 'other' } }));
    await expect(late.run({ engine: hands })).rejects.toThrow(ConflictError);
    expect(await hands.settings.versionRecords('orders')).toEqual([]);
  });
});
