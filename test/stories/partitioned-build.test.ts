import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aPartRecord } from '../support/objects/a-record.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import type { Run } from '../support/fakes/fake-worker.ts';

const note = { mappings: { properties: { note: { type: 'keyword' } } } };
type Job = KubeObject & { readonly spec: Readonly<Record<string, unknown>> };

describe('a build over partitions', () => {
  let world: World;
  const runs: Run[] = [];
  beforeEach(async () => {
    runs.length = 0;
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const jobOf = async (owner: string): Promise<Job | undefined> =>
    (await world.jobs()).find(job => job.metadata.ownerReferences?.[0]?.name === owner) as Job | undefined;

  const seen =
    (fate: ReturnType<World['worker']['fate']>): World['worker']['fate'] =>
    run => {
      runs.push(run);
      return fate;
    };

  it('is one Indexed Job, whose version goes live like any other; what catches up is one worker', async () => {
    world.worker.fate = run => {
      if (run.partitions === '3') world.push('kibana', 'c2');
      return seen('succeed')(run);
    };
    await world.aRequest('run', 'kibana', { build: { partitions: 3 } });
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(runs.map(run => [run.mode, run.partitions])).toEqual([
      ['full', '3'],
      ['incremental', ''],
    ]);
  });

  it('of a repository of ordinary size has one worker where nobody says how many', async () => {
    world.worker.fate = seen('succeed');
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True');
    expect(runs.map(run => run.partitions)).toEqual(['']);
  });

  it('of a giant has as many as its live version says', async () => {
    await world.settings.changeVersion('kibana-v1', version => ({ ...version, files: 1_600_000 }));
    world.worker.fate = seen('hang');
    await world.aRequest('run', 'kibana');
    await world.until('the Job is there', async () => (await jobOf('run')) !== undefined);
    expect((await jobOf('run'))?.spec).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4 });
  });

  it('shows how far it is as the sum of its parts, and forgets their records at its end', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('my.run', 'kibana', { build: { partitions: 4 } });
    await world.until('the Job is there', async () => (await jobOf('my.run')) !== undefined);
    const job = (await jobOf('my.run'))!;
    expect(job.metadata.name).not.toContain('.');
    const { uid } = job.metadata;
    const part = { uid, partitions: 4, index: 'kibana-v2', total: 50 };
    await world.settings.createPart(aPartRecord({ ...part, partition: 0, done: 50, outcome: 'succeeded' }));
    await world.settings.createPart(aPartRecord({ ...part, partition: 2, done: 10, perSecond: 2 }));
    await world.until('progress is shown', async () => (await world.request('my.run')).progress !== undefined);
    const { progress } = await world.request('my.run');
    expect(progress).toMatchObject({ done: 60, total: 200, perSecond: 2, summary: '30% 2/s' });
    expect(progress?.eta).toBeDefined();
    world.worker.fate = () => 'succeed';
    await world.untilCondition(reindexRequestResource, 'my.run', 'Succeeded', 'True');
    expect(await world.settings.partRecords(uid)).toEqual([]);
  });

  it('fails with what the worker of the failed partition says, and leaves the serving version alone', async () => {
    world.worker.fate = () => ({ exitCode: 79, reason: 'VerificationFailed', partition: 2 });
    await world.aRequest('run', 'kibana', { build: { partitions: 3 } });
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'VerificationFailed');
    const outcome = await world.condition(reindexRequestResource, 'run', 'Succeeded');
    expect(outcome?.message).toMatch(/^Job run-\S+, partition 2 of 3: the worker says VerificationFailed$/);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('is tried again when a partition failed, and waits for a human when no try is left', async () => {
    await world.settings.changeVersion('kibana-v1', version => ({ ...version, files: 600_000 }));
    world.worker.fate = run => {
      runs.push(run);
      return run.mode === 'full' ? { exitCode: 1, reason: 'WorkerFailed', partition: 1 } : 'succeed';
    };
    await world.aRepo('kibana', { index: note });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'RetriesExhausted', 90);
    expect(runs.filter(run => run.mode === 'full').map(run => run.partitions)).toEqual(['2', '2', '2']);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toMatch(/partition 1 of 2/);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });
});
