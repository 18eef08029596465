import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource, type IndexedRepo } from '../../src/api/indexed-repo.ts';
import type { Reason } from '../../src/api/reasons.ts';
import { keys } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RefusedRequestError, RetryableError, TerminalError } from '../../src/domain/errors.ts';
import { aWorldAtRest, World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

const quota = 'create jobs: exceeded quota: q, requested: count/jobs.batch=1';

describe('an effect that is refused', () => {
  let world: World;
  let refused: (what: string) => Error | undefined;
  let tries: number;
  beforeEach(() => {
    world = new World();
    refused = () => undefined;
    tries = 0;
    world.meddle = async ({ what }, carryOut) => {
      const error = refused(what);
      if (!error) return carryOut();
      tries += 1;
      throw error;
    };
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  const denyJobs = (reason: Reason = 'KubernetesDenied'): void => {
    refused = what => (what.startsWith('kube.create jobs/') ? new RetryableError(reason, quota) : undefined);
  };
  /** Behind the live repository kibana, whose status says so by now. */
  const aDeniedLightRun = async (): Promise<void> => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    denyJobs();
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'KubernetesDenied');
  };
  const warnings = (reason: string): number =>
    world.events.filter(each => each.startsWith(`Warning ${reason}:`)).length;

  it.each(['KubernetesDenied', 'ManifestRejected'] as const)(
    'shows as %s on the request that a first build waits for, and on its IndexedRepo, and goes when it is mended',
    async reason => {
      denyJobs(reason);
      await world.aCluster();
      await world.aRepo('kibana');
      await world.until('there is a request', async () => (await world.requests()).length === 1);
      const name = (await world.requests())[0]?.metadata.name ?? '';
      await world.untilCondition(reindexRequestResource, name, 'Stalled', 'True', reason, 1);
      const shown = await world.condition(reindexRequestResource, name, 'Stalled');
      expect(shown?.message).toContain('exceeded quota');
      expect(await world.condition(reindexRequestResource, name, 'Reconciling')).toMatchObject({ status: 'False' });
      expect((await world.requests())[0]?.status).toMatchObject({ phase: 'Building' });
      await world.pass(300, 5);
      const reconciling = await world.condition(indexedRepoResource, 'kibana', 'Reconciling');
      expect(reconciling).toMatchObject({ reason });
      // One for each of the two objects, however often it is tried.
      expect(warnings(reason)).toBe(2);
      refused = () => undefined;
      await world.ready('kibana');
    },
  );

  it('shows on a live repository whose light run cannot start: it does not go on being up to date', async () => {
    await aDeniedLightRun();
    expect(await world.condition(indexedRepoResource, 'kibana', 'Fresh')).toMatchObject({
      reason: 'KubernetesDenied',
      message: expect.stringContaining('exceeded quota'),
    });
    expect((await world.repo('kibana')).source).toMatchObject({ commit: 'c2'.padEnd(40, '0') });
    expect((await world.repo('kibana')).source?.behindSince).toBeDefined();
    refused = () => undefined;
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate', 2);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
  });

  it('lets the status follow a spec that is edited meanwhile', async () => {
    await aDeniedLightRun();
    await world.aRepo('kibana', { freshWithin: '2h' });
    await world.pass(60, 5);
    const { metadata, status } = (await world.kube.get<IndexedRepo>(indexedRepoResource, {
      namespace,
      name: 'kibana',
    }))!;
    const { observedGeneration, conditions = [] } = status;
    const seen = [observedGeneration, ...conditions.map(each => each.observedGeneration)];
    expect([...new Set(seen)]).toEqual([metadata.generation]);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({ status: 'True' });
    expect(tries).toBeGreaterThan(0);
  });

  it('for what it says itself is told in the words of who refused, is no bug, and goes when it is mended', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    refused = what =>
      what.startsWith('kube.create jobs/') ? new RefusedRequestError('create jobs: 405 MethodNotAllowed') : undefined;
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RequestRefused');
    const stalled = await world.condition(indexedRepoResource, 'kibana', 'Stalled');
    expect(stalled).toMatchObject({
      status: 'True',
      reason: 'RequestRefused',
      message: expect.stringContaining('405'),
    });
    await world.pass(300, 5);
    expect(tries).toBeLessThan(40);
    refused = () => undefined;
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate', 2);
    expect(world.errors()).toEqual([]);
  });

  it('for good is looked at again soon, however rarely its IndexedRepo looks by itself', async () => {
    const nightly = { light: { schedule: '0 3 * * *' } };
    await world.aCluster();
    await world.aRepo('kibana', nightly);
    await world.ready('kibana');
    refused = what => (what.startsWith('kube.create jobs/') ? new TerminalError('Unexpected', 'not ours') : undefined);
    world.push('kibana', 'c2');
    await world.aRepo('kibana', nightly, { annotations: { [keys.runNow]: 'now' } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'Unexpected', 1);
    await world.pass(300, 5);
    expect(tries).toBeLessThanOrEqual(25);
    refused = () => undefined;
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False', undefined, 1);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate', 1);
  });

  it('is tried again with back-off, however its message changes, and costs no write each time', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    let port = 40_000;
    refused = what =>
      what.startsWith('kube.create jobs/')
        ? new RetryableError('KubernetesUnavailable', `read ECONNRESET 10.0.0.1:${(port += 1)}`)
        : undefined;
    world.push('kibana', 'c2');
    await world.until('a Job was refused', async () => tries > 0);
    await world.pass(60);
    const before = { tries, writes: world.writes.filter(each => each.includes('patchStatus')).length };
    await world.pass(300);
    expect(tries - before.tries).toBeLessThan(40);
    expect(world.writes.filter(each => each.includes('patchStatus')).length - before.writes).toBeLessThanOrEqual(1);
  });
});

describe('a look that is refused', () => {
  const words = 'POST /reindeer-settings/_mget: 400 illegal_argument_exception no such field';

  it('for what it says itself is told of IndexedRepo and request, is no bug, and goes when it is mended', async () => {
    const world = await aWorldAtRest();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Reconciling', 'True', 'Running');
    world.beforeCall = ({ what }) => {
      if (what.startsWith('documents.getAll')) throw new RefusedRequestError(words);
    };
    await world.untilCondition(reindexRequestResource, 'run', 'Stalled', 'True', 'RequestRefused', 2);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'RequestRefused');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({
      status: 'Unknown',
      message: words,
    });
    world.beforeCall = () => undefined;
    await world.untilCondition(reindexRequestResource, 'run', 'Stalled', 'False', 'Running', 2);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
    expect(world.errors()).toEqual([]);
    await world.stopOperator();
  });
});
