import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { jobResource } from '../../src/work/kube-jobs.ts';
import { runBook } from '../../src/workers/run/run-record.ts';
import { lost } from '../support/worlds/a-golden-run.ts';
import { aPartRecord, aRunRecord } from '../support/objects/a-record.ts';
import { aWorldAtRest, urlOf, World } from '../support/worlds/a-world.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { namespace } from '../support/worlds/world-view.ts';

const reshaped = { index: { mappings: { properties: { note: { type: 'keyword' } } } } };

describe('deleting an IndexedRepo', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  async function aReadyRepo(spec: object = {}): Promise<void> {
    await world.aCluster();
    await world.aRepo('kibana', spec);
    await world.ready('kibana');
  }

  async function untilGone(name = 'kibana', minutes = 10): Promise<void> {
    const gone = async (): Promise<boolean> => !(await world.exists(indexedRepoResource, name));
    await world.until(`${name} is gone`, gone, minutes);
    await world.pass(5);
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await world.versions('kibana')).toEqual([]);
    expect(await world.serves('kibana')).toEqual([]);
    expect(await world.settings.aliasRecord('kibana')).toBeUndefined();
    expect(await world.settings.versionRecords('kibana')).toEqual([]);
    expect(await world.isLocked('kibana')).toBe(false);
    expect(await world.requests()).toEqual([]);
    expect(await world.jobs()).toEqual([]);
    expect(world.errors()).toEqual([]);
  }

  it('with an alias that is named like what every object has deletes all of it', async () => {
    await world.aCluster();
    await world.aRepo('constructor', { deletionPolicy: 'Delete' });
    await world.ready('constructor');
    expect(await world.serves('constructor')).toEqual(['constructor-v1']);
    world.remove(indexedRepoResource, 'constructor');
    await untilGone('constructor');
    expect(await world.versions('constructor')).toEqual([]);
    expect(await world.settings.aliasRecord('constructor')).toBeUndefined();
  });

  it('whose first version somebody else asked for leaves nothing behind with Delete, and no dead owner with Retain', async () => {
    await world.aCluster();
    for (const deletionPolicy of ['Retain', 'Delete']) {
      world.push('kibana', 'c1');
      await world.aRequest(`mine-${deletionPolicy.toLowerCase()}`, 'kibana');
      await world.aRepo('kibana', { deletionPolicy });
      await world.ready('kibana');
      world.remove(indexedRepoResource, 'kibana');
      await untilGone();
      expect((await world.settings.aliasRecord('kibana'))?.source.owner.uid).toBe(
        deletionPolicy === 'Retain' ? '' : undefined,
      );
    }
    expect(await world.versions('kibana')).toEqual([]);
    expect(await world.serves('kibana')).toEqual([]);
  });

  it('with Retain lets the alias serve on, and the next IndexedRepo of any name takes it over as it is', async () => {
    await aReadyRepo();
    await world.aRepo('kibana', reshaped);
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    const ran = world.worker.ran.length;
    await world.aRepo('heir', { ...reshaped, alias: 'kibana', source: { url: 'https://git.example.org/kibana.git' } });
    await world.ready('heir');
    expect(world.worker.ran).toHaveLength(ran);
    expect(await world.repo('heir')).toMatchObject({ live: { name: 'kibana-v2' }, retired: [{ name: 'kibana-v1' }] });
    const { uid } = (await world.kube.get(indexedRepoResource, { namespace, name: 'heir' }))!.metadata;
    const owners = (await world.engine.indices.describe('kibana-v*')).map(index => index.meta['ownerUid']);
    expect(owners).toEqual([uid, uid]);
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('heir')).live?.shortCommit === 'c200000000');
  });

  it('that took an alias over with Delete takes all of it away', async () => {
    await aReadyRepo();
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    await world.aRepo('heir', { alias: 'kibana', deletionPolicy: 'Delete' });
    await world.ready('heir');
    world.remove(indexedRepoResource, 'heir');
    await untilGone('heir');
    await expectNothingLeft();
  });

  it('with Delete takes away alias, versions and records, and whatever else is there stays', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    await world.aRepo('kibana', { ...reshaped, deletionPolicy: 'Delete' });
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    await world.engine.indices.create('kibana-v77', anIndexBody());
    await world.engine.indices.create(
      'kibana-v78',
      anIndexBody({ meta: { managedBy: 'reindeer', ownerUid: 'other' } }),
    );
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await world.versions('kibana')).toEqual(['kibana-v77', 'kibana-v78']);
    await world.engine.indices.delete('kibana-v77');
    await world.engine.indices.delete('kibana-v78');
    await expectNothingLeft();
  });

  it('with Delete leaves an alias to the index that somebody else put behind it', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    await world.engine.indices.create('foreign', anIndexBody());
    await world.engine.aliases.update([{ add: { index: 'foreign', alias: 'kibana' } }]);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await world.serves('kibana')).toEqual(['foreign']);
    expect(await world.versions('kibana')).toEqual([]);
  });

  it('before anything was built leaves nothing, whatever the policy', async () => {
    await world.aCluster();
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    await world.until('it is built', async () => (await world.jobs()).length === 1);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    await expectNothingLeft();
  });

  it.each(['Retain', 'Delete'])(
    'in the middle of a heavy run ends that run and cleans up after it: %s',
    async policy => {
      await aReadyRepo({ deletionPolicy: policy });
      world.worker.fate = () => 'hang';
      await world.aRepo('kibana', { ...reshaped, deletionPolicy: policy });
      await world.until('it is built', async () => (await world.versions('kibana')).length === 2);
      await world.until('its Job is there', async () => (await world.jobs()).length === 2);
      world.remove(indexedRepoResource, 'kibana');
      await untilGone();
      if (policy === 'Delete') await expectNothingLeft();
      expect(await world.serves('kibana')).toEqual(policy === 'Retain' ? ['kibana-v1'] : []);
      expect(await world.versions('kibana')).toEqual(policy === 'Retain' ? ['kibana-v1'] : []);
      expect(await world.isLocked('kibana')).toBe(false);
      expect(await world.jobs()).toEqual([]);
    },
  );

  it('in the middle of a run that somebody else asked for ends it as TargetDeleted', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.worker.fate = () => 'hang';
    await world.aRequest('mine', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await world.condition(reindexRequestResource, 'mine', 'Succeeded')).toMatchObject({
      reason: 'TargetDeleted',
    });
    world.remove(reindexRequestResource, 'mine');
    await world.pass(5);
    await expectNothingLeft();
  });

  it('in the middle of a light run stops that run', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.worker.fate = () => 'hang';
    world.push('kibana', 'c2');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    await expectNothingLeft();
  });

  it('while the engine is away goes after a minute with Retain', async () => {
    await aReadyRepo();
    world.engineAway = true;
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(50);
    expect(await world.exists(indexedRepoResource, 'kibana')).toBe(true);
    await untilGone('kibana', 2);
  });

  it('while the engine is away waits with Delete, says why and the way out, and goes when that is taken', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.engineAway = true;
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(3600, 10);
    const stalled = await world.condition(indexedRepoResource, 'kibana', 'Stalled');
    expect(stalled).toMatchObject({ status: 'True' });
    expect(stalled?.message).toContain(`kubectl annotate irepo kibana ${keys.abandonCleanup}=true`);
    const annotations = { [keys.abandonCleanup]: 'true' };
    await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, {
      metadata: { annotations },
    });
    await untilGone('kibana', 2);
  });

  it.each(['Retain', 'Delete'])(
    'while the engine is away in the middle of a heavy run goes as %s says',
    async policy => {
      await aReadyRepo({ deletionPolicy: policy });
      world.worker.fate = () => 'hang';
      await world.aRequest('mine', 'kibana');
      await world.aRepo('kibana', { ...reshaped, deletionPolicy: policy });
      await world.until('it is built', async () => (await world.jobs()).length === 2);
      world.engineAway = true;
      await world.pass(10);
      world.remove(indexedRepoResource, 'kibana');
      if (policy === 'Delete') {
        await world.pass(600, 5);
        expect(await world.exists(indexedRepoResource, 'kibana')).toBe(true);
        world.engineAway = false;
        await untilGone();
        expect(await world.versions('kibana')).toEqual([]);
      } else await untilGone('kibana', 5);
      await world.untilCondition(reindexRequestResource, 'mine', 'Finished', 'True');
      expect(await world.jobs()).toEqual([]);
    },
  );

  it('waits with Delete for an engine that comes back', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.engineAway = true;
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(600, 10);
    world.engineAway = false;
    await untilGone('kibana', 2);
    await expectNothingLeft();
  });

  it('after its SearchCluster was deleted still cleans up: the SearchCluster stays until the last one that names it', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    await world.aRepo('linux', { deletionPolicy: 'Delete' });
    await world.ready('linux');
    world.remove(searchClusterResource, 'main');
    await world.pass(60);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await world.exists(searchClusterResource, 'main')).toBe(true);
    world.remove(indexedRepoResource, 'linux');
    await untilGone('linux');
    await world.until('the cluster is gone', async () => !(await world.exists(searchClusterResource, 'main')), 2);
    await expectNothingLeft();
    expect(await world.versions('linux')).toEqual([]);
  });

  it.each(['Retain', 'Delete'])('whose SearchCluster is gone altogether goes after a minute: %s', async policy => {
    await aReadyRepo({ deletionPolicy: policy });
    world.remove(searchClusterResource, 'main');
    const { resourceVersion } = (await world.kube.get(searchClusterResource, { namespace, name: 'main' }))!.metadata;
    await world.kube.setFinalizers(searchClusterResource, { namespace, name: 'main' }, resourceVersion, []);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'ClusterNotFound');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'Unknown' });
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(50);
    expect(await world.exists(indexedRepoResource, 'kibana')).toBe(true);
    await untilGone('kibana', 3);
  });

  it('and making it anew under the same name builds a version whose number was never used, with Delete', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.worker.fate = () => 'hang';
    await world.aRequest('mine', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    world.worker.fate = () => 'succeed';
    await world.aRepo('kibana');
    await world.ready('kibana');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    const [index] = await world.engine.indices.describe('kibana-v3');
    const { uid } = (await world.kube.get(indexedRepoResource, { namespace, name: 'kibana' }))!.metadata;
    expect(index?.meta['ownerUid']).toBe(uid);
    // The token of the earlier life is remembered: nobody of then may write now.
    expect(Number(index?.meta['token'])).toBeGreaterThan(2);
  });

  it('and making it anew under the same name goes on where it was with Retain', async () => {
    await aReadyRepo();
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    await world.aRepo('kibana');
    await world.ready('kibana');
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(world.worker.ran).toHaveLength(1);
  });

  const settingsIds = async (): Promise<readonly string[]> => {
    await world.engine.indices.refresh('reindeer-settings');
    const { hits } = await world.engine.documents.search('reindeer-settings', { query: { match_all: {} }, size: 100 });
    return hits
      .map(hit => hit.id)
      .filter(id => !id.startsWith('operator~'))
      .toSorted();
  };

  it('leaves of everything in the settings index but the lock with its counters, whatever its runs came to', async () => {
    await aReadyRepo({ deletionPolicy: 'Delete' });
    world.worker.fate = () => 'hang';
    await world.aRequest('mine', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    const run = { kind: 'run', alias: 'kibana', outcome: 'running', unit: 'Files' } as const;
    for (const uid of ['a-worker-that-was-deleted', 'another'])
      await world.settings.putRun(aRunRecord({ ...run, uid }));
    await world.settings.createPart(aPartRecord({ alias: 'kibana', uid: 'another', partition: 1 }));
    await world.settings.putRun(aRunRecord({ ...run, uid: 'of-another-alias', alias: 'linux' }));
    world.remove(indexedRepoResource, 'kibana');
    await untilGone();
    expect(await settingsIds()).toEqual(['reindex_in_progress_kibana', 'run~of-another-alias']);
    expect((await world.settings.lockRecord('kibana'))?.source).toMatchObject({
      nextVersion: 3,
      lease: { held: false },
    });
  });

  it('that was never built leaves no record of an owner, with Retain either', async () => {
    world.remote.set(urlOf('empty'), new RetryableError('RemoteUnreachable', 'away'));
    await world.aCluster();
    await world.aRepo('empty');
    await world.pass(60);
    const { uid } = (await world.kube.get(indexedRepoResource, { namespace, name: 'empty' }))!.metadata;
    await world.settings.claim('empty', { clusterUuid: '', namespace, name: 'empty', uid, operator: 'kubernetes-uid' });
    await world.aRepo('empty', { paused: true });
    await world.pass(5);
    world.remove(indexedRepoResource, 'empty');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'empty')));
    expect(await settingsIds()).not.toContain('alias~empty');
  });
});

describe('deleting a ReindexRequest', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  async function untilGone(): Promise<void> {
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'run')), 5);
    await world.pass(5);
  }

  it('in the middle removes what it made and lets the alias serve on', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    world.remove(reindexRequestResource, 'run');
    await untilGone();
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
    expect(await world.jobs()).toHaveLength(1);
  });

  it.each(['once', 'once more right after its Job was deleted'])(
    'leaves no word of a worker behind that speaks %s',
    async how => {
      world.worker.fate = () => 'hang';
      await world.aRequest('run', 'kibana');
      await world.until('it is built', async () => (await world.jobs()).length === 2);
      const job = (await world.jobs()).find(each => each.metadata.ownerReferences?.[0]?.name === 'run');
      const word = aRunRecord({ uid: job?.metadata.uid ?? '', alias: 'kibana', index: 'kibana-v2' });
      const book = runBook(world.settings, { run: word.uid, index: 'kibana-v2' });
      await book.begin(word);
      world.meddle = async ({ what }, carryOut) => {
        const answer = await carryOut();
        if (how !== 'once' && what.startsWith('kube.delete jobs/')) await book.begin(word).catch(() => undefined);
        return answer;
      };
      world.remove(reindexRequestResource, 'run');
      await untilGone();
      expect(await world.settings.runRecord(word.uid)).toBeUndefined();
    },
  );

  it.each(['asked for', 'by force'])('between the switch and the record of it (%s) keeps what serves', async how => {
    let hasSwitched = false;
    world.meddle = async (call, carryOut) => {
      if (!hasSwitched) {
        hasSwitched = call.what.startsWith('aliases.update');
        return carryOut();
      }
      world.meddle = async (_call, next) => next();
      if (how === 'by force') {
        world.killOperator();
        const { resourceVersion } = (await world.kube.get(reindexRequestResource, { namespace, name: 'run' }))!
          .metadata;
        await world.kube.setFinalizers(reindexRequestResource, { namespace, name: 'run' }, resourceVersion, []);
        world.startOperator();
      }
      world.remove(reindexRequestResource, 'run');
      throw lost(call);
    };
    await world.aRequest('run', 'kibana');
    await untilGone();
    if (how === 'by force') await world.aRequest('next', 'kibana');
    const live = how === 'by force' ? 'kibana-v3' : 'kibana-v2';
    await world.until('it is live', async () => (await world.repo('kibana')).live?.name === live, 5);
    await world.pass(30);
    expect(await world.serves('kibana')).toEqual([live]);
    expect(await world.isLocked('kibana')).toBe(false);
    world.push('kibana', 'c2');
    await world.until('it is followed', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.status).toBe('False');
  });

  it('while the engine is away lets it go after a minute; the next run collects what it left', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    world.engineAway = true;
    await world.pass(5);
    world.remove(reindexRequestResource, 'run');
    await untilGone();
    world.engineAway = false;
    await world.pass(30);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    world.worker.fate = () => 'succeed';
    await world.aRequest('next', 'kibana');
    await world.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v3']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('and making it anew, as a sync tool or a backup does, builds nothing again unless it asks for something else', async () => {
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    const { ran } = world.worker;
    const builds = ran.length;
    world.remove(reindexRequestResource, 'run');
    await untilGone();
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True', 'AlreadyLive');
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'AlreadyLive');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(ran).toHaveLength(builds);
    world.remove(reindexRequestResource, 'run');
    await untilGone();
    await world.aRequest('run', 'kibana', { build: { partitions: 2 } });
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
  });

  it('that the operator made itself makes it build again: the shape is still wanted', async () => {
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', reshaped);
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    const owned = (await world.requests()).at(-1)?.metadata.name ?? '';
    const running = (await world.requests()).find(
      each => (each.status as { finished?: string } | undefined)?.finished === undefined,
    );
    world.remove(reindexRequestResource, running?.metadata.name ?? owned);
    await world.pass(10);
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    await world.until('the shape is live', async () => (await world.serves('kibana')).join() !== 'kibana-v1');
    expect(await world.versions('kibana')).toHaveLength(2);
    await world.pass(5);
    const jobs = await world.kube.list(jobResource, namespace);
    expect(jobs.map(({ metadata }) => metadata.annotations?.['reindeer.dev/run-index'])).toEqual(['kibana-v3']);
  });
});
