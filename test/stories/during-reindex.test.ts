import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';

const reshaped = { index: { mappings: { properties: { note: { type: 'keyword' } } } } };

describe('light runs during a build', () => {
  let world: World;
  /** Commits in the order in which the alias came to serve them. */
  let served: string[];
  beforeEach(async () => {
    world = new World();
    served = [];
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  /** kibana-v1 serves c1, kibana-v2 is being built from c1, and c2 is there. */
  async function aBuild(duringReindex: string): Promise<void> {
    const light = { schedule: '@every 1m', duringReindex };
    await world.aRepo('kibana', { light });
    await world.ready('kibana');
    world.worker.fate = ({ mode }) => (mode === 'full' ? 'hang' : 'succeed');
    await world.aRepo('kibana', { light, ...reshaped });
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    world.push('kibana', 'c2');
    await world.pass(300, 1);
    await sample();
  }

  const untilSwitched = async (): Promise<void> => {
    await world.until('v2 serves', async () => {
      await sample();
      return (await world.serves('kibana')).join() === 'kibana-v2';
    });
    // The operator may have switched between the last sample and that look.
    await sample();
  };

  async function sample(): Promise<void> {
    const [member = ''] = await world.serves('kibana');
    const commit = (await world.settings.versionRecord(member))?.source.commit?.replace(/0+$/, '') ?? '';
    if (served.at(-1) !== commit) served.push(commit);
  }

  it('wait with Skip, and the switch brings the newest commit', async () => {
    await aBuild('Skip');
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
    world.worker.fate = () => 'succeed';
    await untilSwitched();
    expect(world.worker.ran.slice(1)).toEqual(['full kibana-v2 c1', 'incremental kibana-v2 c2']);
    expect(served).toEqual(['c1', 'c2']);
  });

  it('go on with Continue, and the candidate is caught up before the switch', async () => {
    await aBuild('Continue');
    expect(served).toEqual(['c2']);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c2']);
    world.push('kibana', 'c3');
    await world.until('c3 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c300000000');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Fresh')).toMatchObject({ status: 'True' });
    world.worker.fate = () => 'succeed';
    await untilSwitched();
    expect(served).toEqual(['c2', 'c3']);
    expect(world.worker.ran.at(-1)).toBe('incremental kibana-v2 c3');
    expect(world.errors()).toEqual([]);
  });

  it('leave a switch that never goes back in time, even when the remote is away by then', async () => {
    await aBuild('Continue');
    world.remote.set(urlOf('kibana'), new RetryableError('RemoteUnreachable', 'git.example.org: no answer in time'));
    world.worker.fate = () => 'succeed';
    await untilSwitched();
    expect(served).toEqual(['c2']);
    expect(world.worker.ran.slice(2)).toEqual(['full kibana-v2 c1', 'incremental kibana-v2 c2']);
  });

  it('wait with Continue once the candidate is being caught up', async () => {
    await aBuild('Continue');
    world.worker.fate = ({ mode, index }) => (mode === 'incremental' && index === 'kibana-v2' ? 'hang' : 'succeed');
    await world.until('it catches up', async () => (await world.jobs()).length === 4);
    const { length } = world.worker.ran;
    world.push('kibana', 'c3');
    await world.pass(600, 5);
    expect(world.worker.ran).toHaveLength(length);
    world.worker.fate = () => 'succeed';
    await untilSwitched();
    expect(served).toEqual(['c2', 'c3']);
  });

  it('go on while a failed build waits for its next try, and after the last', async () => {
    const light = { schedule: '@every 1m' };
    await world.aRepo('kibana', { light });
    await world.ready('kibana');
    world.worker.fate = ({ mode }) => (mode === 'full' ? 'fail' : 'succeed');
    await world.aRepo('kibana', { light, ...reshaped });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'RetriesExhausted');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({
      reason: 'RetriesExhausted',
    });
  });
});
