import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

/** The clock starts at midnight UTC of 2026-01-01, a Thursday. */
describe('a rebuild by the clock', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  const nightly = { rebuild: { schedule: '0 2 * * *' } };
  const hours = (count: number): number => count * 3600;

  /** With light runs that are seldom: what comes is the rebuild's. */
  const declare = async (spec: object): Promise<void> =>
    world.aRepo('kibana', { light: { schedule: '0 0 1 * *' }, ...spec });

  async function aReadyRepo(spec: object = nightly): Promise<void> {
    await declare(spec);
    await world.ready('kibana');
  }

  const causes = async (): Promise<string> =>
    (await world.requests())
      .map(each => each.metadata.annotations?.['reindeer.dev/cause'])
      .toSorted()
      .join(' ');
  const serves = async (index: string, minutes?: number): Promise<void> => {
    await world.until(`${index} serves`, async () => (await world.serves('kibana')).join() === index, minutes);
    await world.ready('kibana');
  };
  const rebuild = async () => (await world.repo('kibana')).rebuild;
  /** Until it is this time of the first days, in steps of a minute. */
  async function passUntil(time: string): Promise<void> {
    const seconds = (Date.parse(`2026-01-${time}:00Z`) - world.clock.now().getTime()) / 1000;
    await world.pass(Math.floor(seconds / 600) * 600, 600);
    await world.pass(seconds % 600, 60);
  }

  it('begins at its slot in its zone, once, without a new commit, and says when the next one is', async () => {
    // 7:30 in Kolkata is 2:00 UTC.
    await aReadyRepo({ rebuild: { schedule: '30 7 * * *' }, timeZone: 'Asia/Kolkata' });
    expect((await rebuild())?.next).toBe('2026-01-01T02:00:00Z');
    await passUntil('01T01:59');
    expect(await causes()).toBe('NoLiveVersion');
    await serves('kibana-v2', 3);
    expect(await causes()).toBe('NoLiveVersion Scheduled');
    expect((await world.repo('kibana')).rebuild).toMatchObject({ next: '2026-01-02T02:00:00Z' });
    expect((await rebuild())?.due).toBeUndefined();
    await passUntil('02T01:59');
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c1']);
  });

  it('says why: the slot, in status and event', async () => {
    await aReadyRepo();
    world.worker.fate = () => 'hang';
    await passUntil('01T02:01');
    const message = 'the slot of 2026-01-01T02:00:00Z by spec.rebuild.schedule "0 2 * * *" in Etc/UTC has come';
    expect((await rebuild())?.due).toEqual([{ reason: 'Scheduled', message, held: false }]);
    expect(world.events).toContain(`Normal Scheduled: ${message}`);
    expect(await causes()).toBe('NoLiveVersion Scheduled');
  });

  it('is made up for once, however many slots the operator was away for', async () => {
    await aReadyRepo({ rebuild: { schedule: '@every 10m' } });
    await world.stopOperator();
    // 576 slots.
    await world.pass(hours(96), 3600);
    world.startOperator();
    await serves('kibana-v2', 5);
    expect(await causes()).toBe('NoLiveVersion Scheduled');
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c1']);
  });

  it('is one for the slots that come while a rebuild runs', async () => {
    await aReadyRepo();
    world.worker.fate = () => 'hang';
    await passUntil('01T01:30');
    await declare({ ...nightly, index: { shards: 2 } });
    await passUntil('01T02:10');
    expect((await rebuild())?.due).toMatchObject([{ reason: 'SpecChanged' }, { reason: 'Scheduled', held: false }]);
    world.worker.fate = () => 'succeed';
    await serves('kibana-v2');
    expect((await rebuild())?.next).toBe('2026-01-02T02:00:00Z');
    await passUntil('02T01:50');
    expect(await causes()).toBe('NoLiveVersion SpecChanged');
  });

  it('waits for the next slot of a schedule that is new or changed', async () => {
    await aReadyRepo({});
    await passUntil('01T05:00');
    await declare(nightly);
    await passUntil('01T06:00');
    await declare({ rebuild: { schedule: '0 4 * * *' } });
    await world.pass(hours(1), 600);
    expect(await causes()).toBe('NoLiveVersion');
    expect((await rebuild())?.next).toBe('2026-01-02T04:00:00Z');
    await passUntil('02T03:59');
    expect(await causes()).toBe('NoLiveVersion');
    await serves('kibana-v2', 3);
  });

  it('is forgotten with its schedule', async () => {
    await aReadyRepo();
    await declare({ ...nightly, paused: true });
    await passUntil('01T03:00');
    await declare({});
    await world.pass(hours(30), 600);
    expect(await causes()).toBe('NoLiveVersion');
    expect(await rebuild()).not.toHaveProperty('next');
  });

  it('that was due while paused begins when it goes on, once', async () => {
    await aReadyRepo();
    await declare({ ...nightly, paused: true });
    await passUntil('04T12:00');
    expect(await causes()).toBe('NoLiveVersion');
    await declare(nightly);
    await serves('kibana-v2', 3);
    await passUntil('05T01:00');
    expect(await causes()).toBe('NoLiveVersion Scheduled');
  });

  it('every week at night runs as its template says, and is answered once its version serves', async () => {
    const template = { bake: { for: '6h', onFailure: 'Rollback' }, deadline: '12h' };
    await aReadyRepo({ timeZone: 'Europe/Paris', rebuild: { schedule: '0 2 * * SUN', template } });
    expect((await rebuild())?.next).toBe('2026-01-04T01:00:00Z');
    await passUntil('04T01:10');
    const [run] = (await world.requests()).filter(
      each => each.metadata.annotations?.['reindeer.dev/cause'] === 'Scheduled',
    );
    expect(run).toMatchObject({ spec: { strategy: 'Rebuild', ...template }, status: { phase: 'Baking' } });
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await rebuild()).toMatchObject({ request: run?.metadata.name, next: '2026-01-11T01:00:00Z' });
    expect((await rebuild())?.due).toBeUndefined();
    await passUntil('04T07:30');
    expect((await rebuild())?.request).toBeUndefined();
    await world.pass(hours(6 * 24 + 17), 3600);
    expect(await causes()).toBe('NoLiveVersion Scheduled');
    await passUntil('11T08:00');
    expect(await causes()).toBe('NoLiveVersion Scheduled Scheduled');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
  });

  it('whose version a bake brought back from is held from the next slot on', async () => {
    const template = { bake: { for: '6h' } };
    await aReadyRepo({ rebuild: { ...nightly.rebuild, template } });
    await passUntil('01T02:10');
    const run = (await rebuild())?.request ?? '';
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    await world.kube.patch(reindexRequestResource, { namespace, name: run }, undefined, { spec: { abort: true } });
    await serves('kibana-v1');
    await passUntil('02T01:50');
    expect(await causes()).toBe('NoLiveVersion Scheduled');
    await passUntil('02T03:00');
    expect(await causes()).toBe('NoLiveVersion Scheduled');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
  });

  it.each(['before', 'after'])('is made once by an operator that is killed %s it makes the request', async when => {
    await aReadyRepo();
    let kills = 0;
    world.meddle = async ({ what }, carryOut) => {
      if (!what.startsWith('kube.create reindexrequests/') || kills > 0) return carryOut();
      kills += 1;
      if (when === 'after') await carryOut();
      world.killOperator();
    };
    await passUntil('01T02:01');
    expect(kills).toBe(1);
    world.startOperator();
    await serves('kibana-v2', 5);
    await passUntil('01T20:00');
    expect(await causes()).toBe('NoLiveVersion Scheduled');
  });

  it('has its tries like any other, and all of them again at the next slot', async () => {
    await aReadyRepo({ rebuild: { schedule: '0 2 * * *', retries: 1 } });
    world.worker.fate = () => 'fail';
    await passUntil('01T12:00');
    expect(await causes()).toBe('NoLiveVersion Scheduled Scheduled');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'RetriesExhausted');
    await passUntil('02T12:00');
    expect((await causes()).match(/Scheduled/g)).toHaveLength(4);
    world.worker.fate = () => 'succeed';
    await passUntil('03T03:00');
    expect(await world.serves('kibana')).not.toEqual(['kibana-v1']);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
  });

  it('never builds what a rollback left, says so, and does not make up for it when that is over', async () => {
    await aReadyRepo();
    await passUntil('01T03:00');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    await world.aRequest('back', 'kibana', { strategy: 'Rollback' });
    await serves('kibana-v1');
    await passUntil('02T03:00');
    expect((await rebuild())?.due).toMatchObject([{ reason: 'Scheduled', held: true }]);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    // A new revision builds what was left, and is the rebuild of that slot too.
    await declare({ rebuild: { ...nightly.rebuild, revision: 'again' } });
    await serves('kibana-v3');
    await passUntil('03T01:00');
    expect((await causes()).match(/Scheduled/g)).toHaveLength(1);
    await passUntil('03T03:00');
    expect(await world.serves('kibana')).toEqual(['kibana-v4']);
  });

  it('comes once in the night that summer time begins, and once in the night that it ends', async () => {
    const paris = { rebuild: { schedule: '30 2 * * *' }, timeZone: 'Europe/Paris' };
    await aReadyRepo(paris);
    const runsIn = async (day: string, freshWithin: string): Promise<number> => {
      world.clock.jump(Date.parse(day) - world.clock.now().getTime());
      // Any change brings a look, which makes up for the days between.
      await declare({ ...paris, freshWithin });
      await world.pass(hours(2), 600);
      const before = world.worker.ran.length;
      await world.pass(hours(23), 600);
      return world.worker.ran.length - before;
    };
    expect(await runsIn('2026-03-28T20:00:00Z', '2h')).toBe(1);
    expect(await runsIn('2026-10-24T20:00:00Z', '3h')).toBe(1);
  });

  it.each([
    ['0 0 30 2 *', 'Etc/UTC', 'InvalidSchedule'],
    ['0 2 * * *', 'Mars/Olympus', 'InvalidTimeZone'],
  ] as const)('of "%s" in %s is %s, while light runs and other rebuilds go on', async (schedule, timeZone, reason) => {
    await aReadyRepo({});
    await declare({ rebuild: { schedule }, light: { schedule: '@every 1m' }, timeZone });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toMatch(
      /^spec.rebuild.schedule: /,
    );
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    await declare({ rebuild: { schedule }, light: { schedule: '@every 1m' }, timeZone, index: { shards: 2 } });
    await serves('kibana-v2');
    await declare({ index: { shards: 2 } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
  });
});
