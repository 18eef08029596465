import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import type { Engine, SearchReply } from '../../src/engine/port.ts';
import { interceptedEngine } from '../support/fakes/faulty-engine.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const readme = { name: 'readme', body: { term: { filePath: 'README.md' } } };

describe('golden queries', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  async function rebuilt(...queries: readonly object[]): Promise<void> {
    await world.aRequest('again', 'kibana', { verify: { queries } });
  }
  const ended = async (status: string, reason: 'Succeeded' | 'VerificationFailed' | 'QueryRejected'): Promise<void> => {
    await world.untilCondition(reindexRequestResource, 'again', 'Finished', 'True');
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', status, reason);
  };
  const results = async (name = 'again'): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(((await world.request(name)).verification ?? []).map(each => [each.name, each.result]));

  it('are asked before the switch, and told with both figures', async () => {
    await rebuilt(readme, { ...readme, name: 'like-before', overlapPercent: 100, maxLatencyPercent: 200 });
    await ended('True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    const declared = { mapping: 'Pass', settings: 'Pass', aliases: 'Pass' };
    const checks = { files: 'Pass', chunks: 'Pass', ...declared, 'query/readme': 'Pass', 'query/like-before': 'Pass' };
    expect(await results()).toEqual(checks);
    expect((await world.request('again')).verification?.at(-1)?.message).toBe(
      'like-before: 1 hits, at least 1 expected; 2 of 2 first hits of both sides agree with kibana-v1, 100 %, at least 100 % expected; 1 ms, kibana-v1 1 ms, at most 200 % expected',
    );
  });

  it.each([
    ['finds too little', { ...readme, minHits: 2 }, 'VerificationFailed' as const],
    ['is refused by the engine', { ...readme, body: {} }, 'QueryRejected' as const],
  ])('keep a version from serving when one %s, and nothing of it stays', async (_, query, reason) => {
    await rebuilt(query);
    await ended('False', reason);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect((await world.settings.lockRecord('kibana'))?.source.lease.held).toBe(false);
  });

  /** Answers of versions are not whole from now on; gives the engine of before. */
  function halved(): Engine {
    const whole = world.engine;
    world.engine = interceptedEngine(whole, async ({ name, args }, carryOut) => {
      const reply = await carryOut();
      const isGolden = name === 'documents.search' && String(args[0]).startsWith('kibana-v');
      return isGolden ? { ...(reply as SearchReply), failedShards: 1 } : reply;
    });
    return whole;
  }

  it('are asked again while they are unclear, and the run goes on once they are not', async () => {
    const whole = halved();
    await rebuilt(readme);
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'Unknown', 'Unclear');
    await world.pass(120, 5);
    expect(await results()).toMatchObject({ files: 'Pass', 'query/readme': 'Unclear' });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    world.engine = whole;
    await ended('True', 'Succeeded');
    expect(await results()).toMatchObject({ 'query/readme': 'Pass' });
  });

  describe('that are unclear', () => {
    const verify = { queries: [readme] };
    const approved = ['Unclear'];
    const unclear = async (): Promise<void> =>
      world.untilCondition(reindexRequestResource, 'again', 'Paused', 'True', 'Unclear');

    it('let the run go on once a person approves that, and stay told as what they are', async () => {
      halved();
      await rebuilt(readme);
      await unclear();
      await world.pass(60, 5);
      await world.aRequest('again', 'kibana', { verify, approved });
      await ended('True', 'Succeeded');
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      expect(await results()).toMatchObject({ files: 'Pass', 'query/readme': 'Unclear' });
    });

    it('are approved for themselves: a gate stays shut', async () => {
      halved();
      const gates = ['BeforeSwitch'];
      await world.aRequest('again', 'kibana', { verify, gates, approved });
      await world.untilCondition(reindexRequestResource, 'again', 'Paused', 'True', 'AwaitingApproval');
      expect((await world.request('again')).gate).toBe('BeforeSwitch');
      await world.aRequest('again', 'kibana', { verify, gates, approved: ['Unclear', 'BeforeSwitch'] });
      await ended('True', 'Succeeded');
    });

    it('are no reason to pass what fails, then or later', async () => {
      const whole = halved();
      const gates = ['BeforeSwitch'];
      await world.aRequest('again', 'kibana', { verify: { queries: [{ ...readme, minHits: 2 }] }, gates, approved });
      await world.untilCondition(reindexRequestResource, 'again', 'Paused', 'True', 'AwaitingApproval');
      world.engine = whole;
      await world.aRequest('again', 'kibana', {
        ...{ verify: { queries: [{ ...readme, minHits: 2 }] }, gates },
        approved: ['Unclear', 'BeforeSwitch'],
      });
      await ended('False', 'VerificationFailed');
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    });

    it.each([true, false])('at the end of a bake hold the run until a person lets it go: %s', async isApproved => {
      const spec = { verify, bake: { for: '5m' } };
      await world.aRequest('again', 'kibana', spec);
      await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'Unknown', 'Baking');
      halved();
      await unclear();
      await world.aRequest('again', 'kibana', { ...spec, ...(isApproved && { approved }) });
      await world.pass(120, 5);
      expect((await world.request('again')).phase).toBe(isApproved ? 'Succeeded' : 'Baking');
    });
  });

  it('keep no first build from serving by a comparison', async () => {
    await world.aRepo('other', { paused: true });
    await world.aRequest('first', 'other', { verify: { queries: [{ ...readme, overlapPercent: 50 }] } });
    await world.aRepo('other', { paused: false });
    await world.untilCondition(reindexRequestResource, 'first', 'Finished', 'True', 'Succeeded');
    expect((await world.request('first')).verification?.at(-1)?.message).toContain('no version is live');
  });

  it('are asked of the version that a rollback returns to', async () => {
    await rebuilt();
    await ended('True', 'Succeeded');
    const back = (query: object) => ({ strategy: 'Rollback', verify: { queries: [query] } });
    await world.aRequest('refused', 'kibana', back({ ...readme, minHits: 9 }));
    await world.untilCondition(reindexRequestResource, 'refused', 'Succeeded', 'False', 'VerificationFailed');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    await world.aRequest('back', 'kibana', back(readme));
    await world.untilCondition(reindexRequestResource, 'back', 'Succeeded', 'True');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });
});
