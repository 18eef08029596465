import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { lockBreakVerb } from '../../src/cli/lock-break.ts';
import type { Holder } from '../../src/domain/records.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { World } from '../support/worlds/a-world.ts';
import { valueOf } from '../support/checks/exposition.ts';

const outside: Holder = { kind: 'External', name: 'cli/laptop:1', uid: 'outside', pod: 'p' };
const of = { of: 'alias', alias: 'kibana' } as const;
/** A night between two looks of its own. */
const nightly = { light: { schedule: '0 3 * * *' } };
const floorSeconds = 60;

describe('a lock whose holder is silent', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
    await world.aRepo('kibana', nightly);
    await world.ready('kibana');
    await world.pass(90);
  });
  afterEach(async () => world.stopOperator());

  const locked = async () => world.condition(indexedRepoResource, 'kibana', 'Locked');
  const taken = async (leaseSeconds: number, holder = outside): Promise<number> =>
    (await world.settings.acquire(of, holder, { leaseSeconds, tokenFloor: 0 })).lease.token;
  const secondsUntil = async (reason: 'LockSilent' | 'HeldOutside' | 'HeldByRequest' | 'Free'): Promise<number> => {
    const beganMs = world.clock.elapsedMs();
    const status = reason === 'Free' ? 'False' : 'True';
    await world.untilCondition(indexedRepoResource, 'kibana', 'Locked', status, reason);
    return (world.clock.elapsedMs() - beganMs) / 1000;
  };
  const silence = async (): Promise<number | undefined> =>
    valueOf(await world.scrape(), 'reindeer_lock_silent_seconds', 'namespace="team",name="kibana"');

  it.each([15, 60, 100])('is told within a minute after its lease of %i s, not before', async leaseSeconds => {
    await taken(leaseSeconds);
    const seconds = await secondsUntil('LockSilent');
    expect(seconds).toBeGreaterThanOrEqual(leaseSeconds);
    expect(seconds).toBeLessThanOrEqual(leaseSeconds + floorSeconds + 1);
    expect(await locked()).toMatchObject({
      message: expect.stringMatching(/^held by cli\/laptop:1, .* since 20.*Z; .*reindeer lock break kibana --reason/),
    });
    expect(world.events.filter(event => event.startsWith('Warning LockSilent:'))).toHaveLength(1);
    await world.pass(1);
    expect(await silence()).toBeGreaterThanOrEqual(leaseSeconds);
  });

  it('is told no more within a minute after it was broken, and light runs go on', async () => {
    await taken(60);
    await secondsUntil('LockSilent');
    world.push('kibana', 'c2');
    await world.aRepo('kibana', nightly, { annotations: { [keys.runNow]: 'now' } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'LockSilent');
    await lockBreakVerb(aCommandLine(world.engine, 'reindeer'), 'kibana', { reason: 'the laptop is closed' });
    expect(await secondsUntil('Free')).toBeLessThanOrEqual(floorSeconds + 1);
    expect(await silence()).toBeUndefined();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate');
    expect(world.errors()).toEqual([]);
  });

  it('is told no more within a minute after its holder renewed', async () => {
    const token = await taken(100);
    await secondsUntil('LockSilent');
    await world.settings.renew(of, outside, token);
    expect(await secondsUntil('HeldOutside')).toBeLessThanOrEqual(floorSeconds + 1);
  });

  it('is told by an operator that was started meanwhile too, without a word in between', async () => {
    await taken(60);
    await secondsUntil('LockSilent');
    const before = await locked();
    const { silentSince } = (await world.repo('kibana')).lock ?? {};
    world.killOperator();
    world.startOperator();
    const told = new Set<string | undefined>();
    for (let second = 0; second < 150; second += 1) {
      await world.pass(1);
      told.add((await locked())?.reason);
    }
    expect([...told]).toEqual(['LockSilent']);
    expect(await locked()).toEqual(before);
    expect((await world.repo('kibana')).lock?.silentSince).toBe(silentSince);
  });

  it('is told of a run of another operator, and of one of ours whose request is gone', async () => {
    const theirs: Holder = { kind: 'Heavy', name: 'ReindexRequest/far/run', uid: 'far', pod: '', operator: 'far' };
    const token = await taken(60, theirs);
    expect(await secondsUntil('LockSilent')).toBeGreaterThanOrEqual(60);
    await world.settings.release(of, theirs, token);
    await secondsUntil('Free');
    await taken(60, { ...theirs, operator: world.operatorId.operator });
    expect(await secondsUntil('LockSilent')).toBeGreaterThanOrEqual(60);
  });

  it('is nothing to tell of a run of ours that a pause of the cluster keeps from renewing', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Reconciling', 'True', 'Running');
    await secondsUntil('HeldByRequest');
    await world.aCluster({ paused: true });
    await world.pass(400, 5);
    expect((await locked())?.reason).toBe('HeldByRequest');
    expect(await silence()).toBeUndefined();
  });

  it('that a holder keeps renewing costs a look at its alias no more often than its lease ends', async () => {
    const token = await taken(15);
    const renewals = async (seconds: number): Promise<void> => {
      for (let passed = 0; passed < seconds; passed += 5) {
        await world.pass(5);
        await world.settings.renew(of, outside, token);
      }
    };
    await renewals(90);
    const asked: string[] = [];
    world.beforeCall = ({ what }) => void asked.push(what);
    await renewals(120);
    const looks = asked.filter(what => what === 'aliases.seen ').length;
    expect(looks).toBeGreaterThanOrEqual(7);
    expect(looks).toBeLessThanOrEqual(9);
    expect((await locked())?.reason).toBe('HeldOutside');
    expect(asked).not.toContain('aliases.members kibana');
  });
});
