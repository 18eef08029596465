import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { jobResource } from '../../src/work/kube-jobs.ts';
import { aWorldAtRest, World } from '../support/worlds/a-world.ts';
import { unpullable, type Fate, type Run } from '../support/fakes/fake-worker.ts';
import { key } from '../support/worlds/world-view.ts';

type Job = KubeObject & {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
};

/** Runs whose image is "bad" cannot be pulled; the others come to this. */
const stuckWhile =
  (isBad: (run: Run) => boolean, otherwise: Fate = 'succeed') =>
  (run: Run): Fate =>
    isBad(run) ? unpullable : otherwise;

describe('a heavy run of which no pod runs', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster({ limits: { heavyRuns: 1 } });
    world.worker.fate = stuckWhile(({ index }) => index.startsWith('kibana-'));
    await world.aRepo('kibana');
  });
  afterEach(async () => world.stopOperator());

  const requestOf = async (repo: string): Promise<string> =>
    (await world.requests()).find(({ metadata }) => metadata.ownerReferences?.[0]?.name === repo)?.metadata.name ?? '';
  const jobOf = async (repo: string): Promise<Job | undefined> =>
    (await world.kube.list<Job>(jobResource, 'team')).find(({ metadata }) => metadata.labels?.[keys.repo] === repo);

  it('says so within a minute in the words of the kubelet, on the request and on its IndexedRepo', async () => {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    const run = await requestOf('kibana');
    expect(await world.condition(reindexRequestResource, run, 'Reconciling')).toMatchObject({
      status: 'True',
      reason: 'PodPending',
      message: expect.stringMatching(/^Job \S+: pod \S+: ImagePullBackOff: Back-off pulling image "reindeer:9"$/),
    });
    expect((await world.condition(indexedRepoResource, 'kibana', 'Reconciling'))?.message).toContain(
      'ImagePullBackOff',
    );
  });

  it('is Stalled after five minutes, and neither then nor before writes anything that was said already', async () => {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    const run = await requestOf('kibana');
    await world.pass(5);
    const told = world.writes.length;
    await world.pass(200, 1);
    const quiet = (what: string): boolean => !/renewLock|documents\.|settings|update/i.test(what);
    expect(world.writes.slice(told).filter(what => what.startsWith('kube.') && quiet(what))).toEqual([]);
    await world.untilCondition(reindexRequestResource, run, 'Stalled', 'True', 'PodPending', 3);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'PodPending', 1);
    expect(await world.condition(reindexRequestResource, run, 'Reconciling')).toMatchObject({ status: 'False' });
    expect(world.events.filter(event => event.startsWith('Warning PodPending'))).not.toEqual([]);
    await world.pass(5);
    const stalled = world.writes.length;
    await world.pass(600, 5);
    expect(world.writes.slice(stalled).filter(what => what.startsWith('kube.'))).toEqual([]);
  });

  it('gives its place to the next one, which is told whom it waits for before that; its alias it keeps', async () => {
    await world.until('it is at work', async () => (await world.jobs()).length === 1);
    await world.aRepo('linux');
    await world.untilCondition(indexedRepoResource, 'linux', 'Reconciling', 'True', 'Queued', 1);
    expect((await world.condition(indexedRepoResource, 'linux', 'Reconciling'))?.message).toContain(
      'waits for a place; SearchCluster team/main allows 1 at once',
    );
    const behind = `ReindexRequest/team/${await requestOf('kibana')}`;
    expect((await world.request(await requestOf('linux'))).queue).toEqual({ position: 1, behind });
    await world.until('linux is live', async () => (await world.serves('linux')).join() === 'linux-v1', 2);
    expect(await world.isLocked('kibana')).toBe(true);
  });

  it('takes its place again when a pod runs', async () => {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    world.worker.fate = () => 'hang';
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'Building', 1);
    await world.aRepo('linux');
    await world.untilCondition(indexedRepoResource, 'linux', 'Reconciling', 'True', 'Queued', 1);
    await world.pass(60);
    expect(await jobOf('linux')).toBeUndefined();
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    await world.ready('linux');
  });

  it('is made anew within the same request when its pods are declared otherwise', async () => {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    const [run, before] = [await requestOf('kibana'), await jobOf('kibana')];
    await world.pass(60);
    expect((await jobOf('kibana'))?.metadata.uid).toBe(before?.metadata.uid);
    await world.aRepo('kibana', { worker: { image: 'reindeer:good' } });
    await world.until(
      'another Job',
      async () => {
        const job = await jobOf('kibana');
        return job !== undefined && job.metadata.uid !== before?.metadata.uid;
      },
      1,
    );
    const job = await jobOf('kibana');
    expect(job?.metadata.name).toBe(before?.metadata.name);
    expect(job?.spec.template.spec.containers[0]?.image).toBe('reindeer:good');
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    expect(await requestOf('kibana')).toBe(run);
    expect(await world.requests()).toHaveLength(1);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    // Light runs of this version have the image that built it.
    expect((await world.repo('kibana')).live?.workerImage).toBe('reindeer:good');
  });

  it('is not made anew while a pod works', async () => {
    world.worker.fate = () => 'hang';
    await world.until('a pod runs', async () => (await jobOf('kibana')) !== undefined);
    const { uid } = (await jobOf('kibana'))?.metadata ?? {};
    await world.aRepo('kibana', { worker: { image: 'reindeer:other' } });
    await world.pass(120);
    expect((await jobOf('kibana'))?.metadata.uid).toBe(uid);
  });

  it('that is killed at any write of that is made anew all the same', async () => {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    world.meddle = async (call, carryOut) => {
      const answer = await carryOut();
      if (/kube\.(create|delete) jobs/.test(call.what)) {
        world.killOperator();
        world.startOperator();
      }
      return answer;
    };
    world.worker.fate = () => 'succeed';
    // As with no node: the Job stays as it is until it is made anew.
    world.worker.fate = ({ index }) => (index === '' ? 'hang' : unpullable);
    await world.aRepo('kibana', { worker: { image: 'reindeer:good' } });
    await world.pass(30);
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    expect(await world.requests()).toHaveLength(1);
    expect(await world.isLocked('kibana')).toBe(false);
  });
});

describe('a run whose Job is refused', () => {
  it('gives its place to the next one, and goes on when it is not', async () => {
    const world = new World();
    world.startOperator();
    await world.aCluster({ limits: { heavyRuns: 1 } });
    let refused = 'kibana-';
    world.beforeCall = ({ what }) => {
      if (refused !== '' && what.startsWith(`kube.create jobs/${refused}`))
        throw new RetryableError('KubernetesDenied', 'exceeded quota: q');
    };
    await world.aRepo('kibana');
    await world.pass(20);
    await world.aRepo('linux');
    await world.ready('linux');
    expect(await world.serves('kibana')).toEqual([]);
    refused = '';
    await world.ready('kibana');
    await world.stopOperator();
  });
});

describe('a light run of which no pod runs', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
    world.worker.fate = stuckWhile(({ mode }) => mode === 'incremental');
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'PodPending', 12);
  });
  afterEach(async () => world.stopOperator());

  const lightJobs = async (): Promise<readonly KubeObject[]> =>
    (await world.jobs()).filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'IndexedRepo');

  it('says so, in the words of the kubelet, and is Stalled after five minutes while the alias serves on', async () => {
    expect((await world.condition(indexedRepoResource, 'kibana', 'Fresh'))?.message).toContain('ImagePullBackOff');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'PodPending', 7);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    const { length } = world.writes;
    await world.pass(1800, 5);
    expect(world.writes.slice(length).filter(what => what.startsWith('kube.')).length).toBeLessThanOrEqual(1);
  });

  it('is made anew when its pods are declared otherwise, and forgets what it said', async () => {
    const [before] = await lightJobs();
    await world.aRepo('kibana', { light: { nodeSelector: { pool: 'build' } } });
    await world.until(
      'another Job',
      async () => {
        const [job] = await lightJobs();
        return job !== undefined && job.metadata.uid !== before?.metadata.uid;
      },
      1,
    );
    world.worker.fate = () => 'succeed';
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate', 1);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False', undefined, 1);
  });

  it('gives its place to others', async () => {
    await world.aCluster({ limits: { lightRuns: 1 } });
    await world.aRepo('linux');
    await world.ready('linux');
    world.worker.fate = stuckWhile(({ index }) => index.startsWith('kibana-'));
    world.push('linux', 'c2');
    await world.until('c2 is live', async () => (await world.repo('linux')).live?.shortCommit === 'c200000000', 12);
  });

  it('that is suspended says so too', async () => {
    const [job] = await lightJobs();
    await world.kube.patch(jobResource, key(job?.metadata.name ?? ''), undefined, { spec: { suspend: true } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'JobSuspended', 1);
  });
});

describe('a run of which no pod is made', () => {
  it('says what the Job controller was told', async () => {
    const world = new World();
    world.startOperator();
    await world.aCluster();
    world.worker.fate = () => ({ stands: 'without a pod' });
    await world.aRepo('kibana');
    await world.until('a Job', async () => (await world.jobs()).length === 1);
    const [job] = await world.jobs();
    const events = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
    const metadata = { namespace: 'team', name: 'refused' };
    const note = `Error creating: pods "${job?.metadata.name ?? ''}-x7k2p" is forbidden: exceeded quota: q`;
    const regarding = { uid: job?.metadata.uid };
    await world.kube.create(events, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata,
      type: 'Warning',
      reason: 'FailedCreate',
      note,
      regarding,
    });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'True', 'PodPending', 1);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Reconciling'))?.message).toMatch(
      /FailedCreate: Error creating: pods "\S+-\*" is forbidden: exceeded quota: q$/,
    );
    await world.stopOperator();
  });
});
