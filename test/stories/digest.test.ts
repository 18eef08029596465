import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('a rebuild that asks for a digest of every file', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
    await world.aRequest('again', 'kibana', { verify: { digest: 'Full' } });
  });
  afterEach(async () => world.stopOperator());

  it('tells its workers so, and shows what they read back', async () => {
    world.worker.fate = () => ({ exitCode: 0, digest: { of: 'Full', files: 2, chunks: 2 } });
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'True');
    const job = (await world.jobs()).find(each => each.metadata.ownerReferences?.[0]?.name === 'again');
    expect(JSON.stringify(job)).toContain(JSON.stringify({ name: 'REINDEER_DIGEST', value: 'Full' }));
    expect((await world.request('again')).verification).toContainEqual({
      name: 'digest',
      result: 'Pass',
      message: 'digest of every file: 2 files put together of 2 chunks, and as many are their text',
    });
  });

  it('does not switch by itself where a worker does not say that it did', async () => {
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'Unknown', 'Unclear');
    await world.pass(120, 5);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('switches all the same once a person approves that', async () => {
    await world.untilCondition(reindexRequestResource, 'again', 'Paused', 'True', 'Unclear');
    await world.aRequest('again', 'kibana', { verify: { digest: 'Full' }, approved: ['Unclear'] });
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'True');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('ends when a worker finds another text', async () => {
    world.worker.fate = () => ({ exitCode: 79, reason: 'VerificationFailed' });
    await world.untilCondition(reindexRequestResource, 'again', 'Succeeded', 'False', 'VerificationFailed');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });
});
