import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';
import { familiesIn, valueOf } from '../support/checks/exposition.ts';

/** So that a test need not turn the clock through ten minutes second by second. */
const everyMinute = { light: { schedule: '@every 1m' } };
const kibana = 'namespace="team",name="kibana"';

describe('metrics of the operator', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.worker.fate = ({ mode }) => ({
      exitCode: 0,
      chunks: mode === 'full' ? { written: 100, deleted: 0 } : { written: 5, deleted: 2 },
      bulkRetries: 1,
    });
    world.startOperator();
    await world.aCluster();
    await world.aRepo('kibana', everyMinute);
    await world.ready('kibana');
  });
  afterEach(async () => world.stopOperator());

  const value = async (name: string, labels = ''): Promise<number | undefined> =>
    valueOf(await world.scrape(), name, labels);

  async function freshAt(commit: string): Promise<void> {
    await world.until(
      `${commit} is live`,
      async () => (await world.repo('kibana')).live?.shortCommit?.startsWith(commit) === true,
    );
  }

  it('count the first build once, with its switch and its documents', async () => {
    await world.pass(600, 20);
    expect(await value('reindeer_runs_total', 'kind="Rebuild",outcome="Succeeded"')).toBe(1);
    expect(await value('reindeer_switches_total', 'kind="Rebuild"')).toBe(1);
    expect(await value('reindeer_documents_written_total', 'kind="Rebuild"')).toBe(100);
    expect(await value('reindeer_bulk_retries_total', 'kind="Rebuild"')).toBe(1);
    expect(await value('reindeer_runs_total', 'kind="Light",outcome="Succeeded"')).toBe(0);
  });

  it('count every light run once, however often its IndexedRepo is looked at', async () => {
    world.push('kibana', 'c2');
    await freshAt('c2');
    world.push('kibana', 'c3');
    await freshAt('c3');
    await world.pass(600, 20);
    expect(await value('reindeer_runs_total', 'kind="Light",outcome="Succeeded"')).toBe(2);
    expect(await value('reindeer_documents_written_total', 'kind="Light"')).toBe(10);
    expect(await value('reindeer_documents_deleted_total', 'kind="Light"')).toBe(4);
    expect(await value('reindeer_bulk_retries_total', 'kind="Light"')).toBe(2);
  });

  it('count a failed run, and who found that a version is not right', async () => {
    world.worker.fate = () => ({ exitCode: 79, reason: 'VerificationFailed' });
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RunFailed');
    expect(await value('reindeer_runs_total', 'kind="Light",outcome="Failed"')).toBe(1);
    expect(await value('reindeer_verification_mismatches_total', 'check="worker"')).toBe(1);
    expect(await value('reindeer_verification_mismatches_total', 'check="operator"')).toBe(0);
  });

  it('count a run that says it did well and left nothing as a mismatch that the operator found', async () => {
    world.worker.fate = () => 'lie';
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RunFailed');
    expect(await value('reindeer_verification_mismatches_total', 'check="operator"')).toBe(1);
  });

  it('count a rollback as what it is', async () => {
    await world.aRepo('kibana', { ...everyMinute, index: { mappings: { properties: { note: { type: 'keyword' } } } } });
    await world.until('v2 serves', async () => (await world.serves('kibana')).includes('kibana-v2'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False');
    const target = { repoRef: { name: 'kibana' } };
    await world.apply(reindexRequestResource, 'back', { target, strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True');
    expect(await value('reindeer_runs_total', 'kind="Rollback",outcome="Succeeded"')).toBe(1);
    expect(await value('reindeer_switches_total', 'kind="Rollback"')).toBe(1);
  });

  it('count a run that a rollback sent away as no failure, and tell how long the others took', async () => {
    const shape = (type: string) => ({ ...everyMinute, index: { mappings: { properties: { note: { type } } } } });
    await world.aRepo('kibana', shape('keyword'));
    await world.until('v2 serves', async () => (await world.serves('kibana')).includes('kibana-v2'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False');
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', shape('long'));
    await world.until('v3 is being built', async () => (await world.repo('kibana')).candidate?.number === 3);
    const target = { repoRef: { name: 'kibana' } };
    await world.apply(reindexRequestResource, 'back', { target, strategy: 'Rollback' });
    await world.until(
      'it is told',
      async () => (await value('reindeer_runs_total', 'kind="Rebuild",outcome="Superseded"')) === 1,
    );
    expect(await value('reindeer_runs_total', 'kind="Rebuild",outcome="Failed"')).toBe(0);
    expect(await value('reindeer_run_duration_seconds_count', 'kind="Rebuild"')).toBe(2);
  });

  it('tell of an engine that is away, and of a remote that gives no good answer', async () => {
    const main = 'namespace="team",name="main"';
    expect(await value('reindeer_cluster_ready', main)).toBe(1);
    expect(await value('reindeer_remote_failing_seconds', kibana)).toBe(0);
    world.remote.clear();
    world.engineAway = true;
    await world.pass(120, 5);
    expect(await value('reindeer_cluster_ready', main)).toBe(0);
    expect(await value('reindeer_repository_ready', kibana)).toBe(0);
    expect(await value('reindeer_remote_failing_seconds', kibana)).toBeGreaterThan(30);
  });

  it('show how far behind the live version is, from the moment a commit was seen until it is live', async () => {
    expect(await value('reindeer_freshness_lag_seconds', kibana)).toBe(0);
    world.worker.fate = () => 'hang';
    world.push('kibana', 'c2');
    await world.until('it is behind', async () => (await world.repo('kibana')).source?.behindSince !== undefined);
    await world.pass(120, 10);
    const lag = await value('reindeer_freshness_lag_seconds', kibana);
    expect(lag).toBeGreaterThanOrEqual(120);
    expect(lag).toBeLessThan(125);
    world.worker.fate = () => 'succeed';
    await freshAt('c2');
    await world.pass(1);
    expect(await value('reindeer_freshness_lag_seconds', kibana)).toBe(0);
  });

  it('have no series of an IndexedRepo that was deleted', async () => {
    expect(await value('reindeer_repository_ready', kibana)).toBe(1);
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
    expect(await world.scrape()).not.toContain('kibana');
  });

  it('say that the loop turned and its queues are empty', async () => {
    await world.pass(5);
    const text = await world.scrape();
    const controllers = ['searchcluster', 'indexedrepo', 'reindexrequest'];
    for (const controller of controllers) {
      const labels = `name="${controller}",controller="${controller}"`;
      expect(valueOf(text, 'workqueue_depth', labels)).toBe(0);
      expect(valueOf(text, 'workqueue_adds_total', labels)).toBeGreaterThan(0);
      expect(valueOf(text, 'controller_runtime_active_workers', `controller="${controller}"`)).toBe(0);
    }
    const reconciles = familiesIn(text).find(family => family.name === 'controller_runtime_reconcile_total');
    expect(reconciles?.samples.reduce((sum, sample) => sum + sample.value, 0)).toBeGreaterThan(3);
  });
});
