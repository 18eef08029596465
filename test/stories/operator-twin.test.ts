import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { operatorKeepVerb } from '../../src/cli/operator-verbs.ts';
import { exitCodes } from '../../src/api/exit-codes.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { World } from '../support/worlds/a-world.ts';
import { key } from '../support/worlds/world-view.ts';

const nightly = { light: { schedule: '0 3 * * *' }, deletionPolicy: 'Delete' };

/** Two Kubernetes clusters with the same uids, as a copied etcd gives them, and one engine. */
describe('a clone of the Kubernetes cluster', () => {
  let production: World;
  let clone: World;
  beforeEach(async () => {
    const engine = fakeEngine();
    production = new World(engine);
    clone = new World(engine);
    for (const world of [production, clone]) {
      await world.aCluster();
      await world.aRepo('kibana', nightly);
    }
  });
  afterEach(async () => {
    await production.stopOperator();
    await clone.stopOperator();
  });

  /** Both clocks go on together. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 5) {
      await production.pass(5);
      await clone.pass(5);
    }
  };
  const stalled = async (world: World): Promise<string> =>
    (await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.reason ?? '';
  const deleteInClone = (): void => clone.remove(indexedRepoResource, 'kibana');
  const commandLine = () => aCommandLine(production.engine, 'reindeer');

  async function expectProductionWhole(): Promise<void> {
    expect(await production.serves('kibana')).toEqual(['kibana-v1']);
    expect(await production.versions('kibana')).toEqual(['kibana-v1']);
    expect((await production.settings.aliasRecord('kibana'))?.source.live).toBe(1);
  }

  async function expectTwins(): Promise<void> {
    for (const world of [production, clone]) {
      expect(await stalled(world)).toBe('OperatorTwin');
      expect((await world.condition(searchClusterResource, 'main', 'Stalled'))?.reason).toBe('OperatorTwin');
      expect(world.events.some(event => event.startsWith('Warning OperatorTwin'))).toBe(true);
      expect(await world.scrape()).toContain('reindeer_operator_twin 1');
    }
  }

  /** What is copied with etcd beside specs and uids. */
  async function copyObjects(): Promise<void> {
    for (const [resource, name] of [
      [indexedRepoResource, 'kibana'],
      [searchClusterResource, 'main'],
    ] as const) {
      const { metadata, status } = (await production.kube.get(resource, key(name)))!;
      const { resourceVersion } = (await clone.kube.get(resource, key(name)))!.metadata;
      await clone.kube.setFinalizers(resource, key(name), resourceVersion, metadata.finalizers ?? []);
      const now = (await clone.kube.get(resource, key(name)))!.metadata.resourceVersion;
      await clone.kube.patchStatus(resource, key(name), now, status as object);
    }
  }

  /** Serves kibana-v1, and is at rest. */
  async function aProductionAtWork() {
    const own = production.startOperator(undefined, 'production');
    await production.ready('kibana');
    await pass(60);
    await copyObjects();
    return own;
  }

  it('whose operator starts beside that of production deletes nothing, and both say so', async () => {
    const { process } = await aProductionAtWork();
    clone.startOperator({ process, released: false }, 'clone');
    deleteInClone();
    await pass(200);
    await expectProductionWhole();
    await expectTwins();
    expect(await clone.exists(indexedRepoResource, 'kibana')).toBe(true);
    const { length } = production.writes;
    await pass(150);
    expect(production.writes.slice(length)).toEqual([]);
  });

  it('would delete what production serves if it did not look: the guard is what holds it back', async () => {
    await aProductionAtWork();
    clone.startOperator('any', 'clone');
    deleteInClone();
    await pass(30);
    expect(await production.versions('kibana')).toEqual([]);
  });

  it.each(['first', 'last'])('whose operator is started %s, after both had been stopped in good order', async order => {
    const { process } = await aProductionAtWork();
    await production.stopOperator();
    const former = { process, released: true };
    const starts = [() => production.startOperator(former, 'production'), () => clone.startOperator(former, 'clone')];
    for (const start of order === 'first' ? starts.toReversed() : starts) {
      start();
      await pass(20);
    }
    await pass(order === 'first' ? 130 : 0);
    deleteInClone();
    await pass(300);
    await expectProductionWhole();
    await expectTwins();
  });

  it('deletes after two looks where the operator of production is down: nothing can tell the two apart then', async () => {
    const { process } = await aProductionAtWork();
    production.killOperator();
    clone.startOperator({ process, released: false }, 'clone');
    deleteInClone();
    await clone.pass(110);
    await expectProductionWhole();
    expect(await stalled(clone)).toBe('OperatorSettling');
    await clone.until('it is deleted', async () => (await clone.versions('kibana')).length === 0, 2);
  });

  it('holds back for good, also after a restart, when production is chosen; production goes on', async () => {
    const { process } = await aProductionAtWork();
    const other = clone.startOperator({ process, released: false }, 'clone');
    deleteInClone();
    await pass(200);
    const cli = commandLine();
    expect(await operatorKeepVerb(cli, 'nobody')).toBe(exitCodes.lockLost);
    expect(await stalled(production)).toBe('OperatorTwin');
    expect(await operatorKeepVerb(cli, process)).toBe(exitCodes.done);
    await pass(180);
    expect(await stalled(production)).not.toBe('OperatorTwin');
    await clone.stopOperator();
    clone.startOperator({ process: other.process, released: true }, 'clone');
    await pass(300);
    expect(await stalled(clone)).toBe('OperatorTwin');
    await expectProductionWhole();
    // The one that was chosen is followed by one that may do what it might.
    await production.stopOperator();
    production.startOperator({ process, released: true }, 'production');
    production.remove(indexedRepoResource, 'kibana');
    await production.until('it is gone', async () => !(await production.exists(indexedRepoResource, 'kibana')), 5);
    expect(await production.versions('kibana')).toEqual([]);
  });

  it('is what a human may choose as well, and choose otherwise later', async () => {
    const { process } = await aProductionAtWork();
    const other = clone.startOperator({ process, released: false }, 'clone');
    await pass(200);
    const cli = commandLine();
    expect(await operatorKeepVerb(cli, other.process)).toBe(exitCodes.done);
    await pass(180);
    expect([await stalled(production), await stalled(clone)]).toEqual(['OperatorTwin', 'ReplicasUnassignable']);
    expect(await operatorKeepVerb(cli, process)).toBe(exitCodes.done);
    await pass(180);
    expect([await stalled(production), await stalled(clone)]).toEqual(['ReplicasUnassignable', 'OperatorTwin']);
  });

  it('does not keep a run from ending: the version that it leaves stays for a later one to delete', async () => {
    const { process } = await aProductionAtWork();
    clone.startOperator({ process, released: false }, 'clone');
    await pass(200);
    await production.aRequest('next', 'kibana', { retain: { versions: 0 } });
    await production.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded', 5);
    expect(await production.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    expect(await production.isLocked('kibana')).toBe(false);
    production.worker.fate = () => 'fail';
    await production.aRequest('fails', 'kibana');
    await production.untilCondition(reindexRequestResource, 'fails', 'Finished', 'True', undefined, 10);
    expect(await production.isLocked('kibana')).toBe(false);
  });
});

describe('an operator that took over from one that did not give its Lease back', () => {
  it('waits for two looks before it deletes, and is no twin of one that is dead', async () => {
    const world = new World();
    await world.aCluster();
    await world.aRepo('kibana', nightly);
    const { process } = world.startOperator();
    await world.ready('kibana');
    world.killOperator();
    world.startOperator({ process, released: false });
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(100);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')), 2);
    expect(world.events.join()).not.toContain('OperatorTwin');
    await world.stopOperator();
  });
});

describe('an engine without a twin', () => {
  it('keeps `operator keep` from doing anything', async () => {
    const world = new World();
    await world.aCluster();
    const { process } = world.startOperator();
    await world.pass(5);
    const cli = aCommandLine(world.engine, 'reindeer');
    expect(await operatorKeepVerb(cli, process)).toBe(exitCodes.lockLost);
    expect(cli.said.join()).toContain('the only operator');
    await world.stopOperator();
  });
});
