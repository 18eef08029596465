import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import { World } from '../support/worlds/a-world.ts';

/** A night between two ticks. */
const nightly = { light: { schedule: '0 3 * * *' } };
const taken = { remove: { index: 'kibana-v1', alias: 'kibana', must_exist: true } } as const;
const put = { add: { index: 'kibana-v1', alias: 'kibana', ...publicAlias } } as const;

describe('an IndexedRepo that looks once a night', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
    await world.aRepo('kibana', nightly);
    await world.ready('kibana');
    await world.pass(120);
  });
  afterEach(async () => world.stopOperator());

  const secondsUntil = async (status: 'True' | 'False', reason: 'Live' | 'Drifted'): Promise<number> => {
    const beganMs = world.clock.elapsedMs();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', status, reason);
    return (world.clock.elapsedMs() - beganMs) / 1000;
  };

  it('says within 90 s that its alias was taken away, and within 90 s that it is back', async () => {
    await world.engine.aliases.update([taken]);
    expect(await secondsUntil('False', 'Drifted')).toBeLessThan(90);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.reason).toBe('Drifted');
    await world.pass(30);
    await world.engine.aliases.update([put]);
    expect(await secondsUntil('True', 'Live')).toBeLessThan(90);
  });

  it('says so when its live index was deleted, and when the filter of the alias was changed', async () => {
    await world.engine.aliases.update([{ add: { index: 'kibana-v1', alias: 'kibana' } }]);
    expect(await secondsUntil('False', 'Drifted')).toBeLessThan(90);
    await world.engine.aliases.update([put]);
    expect(await secondsUntil('True', 'Live')).toBeLessThan(90);
    await world.engine.indices.delete('kibana-v1');
    expect(await secondsUntil('False', 'Drifted')).toBeLessThan(90);
  });

  it('says within 90 s that a program outside holds its lock, and that it let go', async () => {
    const holder = { kind: 'External', name: 'cli/laptop:1', uid: 'outside', pod: 'p' } as const;
    const of = { of: 'alias', alias: 'kibana' } as const;
    const granted = await world.settings.acquire(of, holder, { leaseSeconds: 600, tokenFloor: 0 });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Locked', 'True', 'HeldOutside', 1.5);
    await world.settings.release(of, holder, granted.lease.token);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Locked', 'False', 'Free', 1.5);
  });

  it('is not woken by what befalls another alias, nor by a cluster that is away for a while', async () => {
    await world.aRepo('linux', nightly);
    await world.ready('linux');
    await world.pass(120);
    const asked: string[] = [];
    world.beforeCall = ({ what }) => void asked.push(what);
    await world.engine.aliases.update([taken]);
    await secondsUntil('False', 'Drifted');
    expect(asked).not.toContain('aliases.members linux');
    expect(asked).toContain('aliases.members kibana');
    world.engineAway = true;
    await world.pass(300, 5);
    world.engineAway = false;
    await world.until('it is looked at again', async () => asked.filter(what => what === 'aliases.seen ').length > 3);
    expect(world.errors()).toEqual([]);
  });
});
