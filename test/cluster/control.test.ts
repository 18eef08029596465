import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster } from '../support/real/a-cluster.ts';
import { eventually } from '../support/checks/eventually.ts';
import { expectTree } from '../support/checks/expect-tree.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { anIndexedRepo } from '../support/real/installed.ts';

const minutes = 60_000;
const name = 'held';
const [first, atGate, inBake] = ['v0.19.0', 'v0.19.1', 'v0.20.0'] as const;

describe('what people do to a run', () => {
  let cluster: Cluster;
  let remote: GitRemote;
  beforeAll(async () => {
    cluster = await aCluster('control');
    remote = await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, first));
    const spec = { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } };
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, spec));
    await untilLive(cluster, name, commitOf(cluster, first), 5 * minutes);
  }, 10 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  it(
    'a dry run looks and makes nothing',
    async () => {
      await request('look', { dryRun: true });
      await cluster.kubectl.waitFor('rreq', 'look', 'Finished', 60);
      await untilRun('look', { type: 'Succeeded', status: 'True', reason: 'DryRun' });
      expect(await indices()).toEqual([`${name}-v1`]);
    },
    2 * minutes,
  );

  it(
    'an abort at a gate leaves nothing behind',
    async () => {
      await request('given-up', { gates: ['BeforeSwitch'] });
      await untilRun('given-up', { type: 'Paused', status: 'True', reason: 'AwaitingApproval' }, 3 * minutes);
      expect(await indices()).toEqual([`${name}-v1`, `${name}-v2`]);
      await abort('given-up');
      await untilRun('given-up', { type: 'Succeeded', status: 'False', reason: 'Aborted' });
      expect(await indices()).toEqual([`${name}-v1`]);
      expect((await cluster.settings.lockRecord(name))?.source.lease.held).toBe(false);
    },
    5 * minutes,
  );

  it(
    'what is pushed at a gate and in a bake is in both versions, and the return serves it',
    async () => {
      await request('tried', { gates: ['BeforeSwitch'], bake: { for: '1h' } });
      await untilRun('tried', { type: 'Paused', status: 'True', reason: 'AwaitingApproval' }, 3 * minutes);
      await push(atGate);
      await eventually(
        'the push is in the candidate',
        3 * minutes,
        async () => (await commits()).every(is(atGate)),
        commits,
      );
      await cluster.kubectl.patch('rreq', 'tried', { spec: { approved: ['BeforeSwitch'] } });
      await untilRun('tried', { type: 'Succeeded', status: 'Unknown', reason: 'Baking' });
      expect(await served()).toEqual([`${name}-v3`]);
      await push(inBake);
      await eventually(
        'the push is in both versions',
        3 * minutes,
        async () => (await commits()).every(is(inBake)),
        commits,
      );
      await abort('tried');
      await untilRun('tried', { type: 'Succeeded', status: 'False', reason: 'RolledBack' });
      expect(await served()).toEqual([`${name}-v1`]);
      await expectTree(cluster, `${name}-v1`, commitOf(cluster, inBake));
      await untilCondition(cluster, 'irepo', name, { type: 'Fresh', status: 'True', reason: 'UpToDate' });
      expect((await cluster.settings.lockRecord(name))?.source.lease.held).toBe(false);
    },
    10 * minutes,
  );

  async function request(of: string, spec: object): Promise<void> {
    const target = { repoRef: { name } };
    await cluster.kubectl.apply({
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'ReindexRequest',
      metadata: { name: of },
      spec: { target, strategy: 'Rebuild', ...spec },
    });
  }

  async function abort(of: string): Promise<void> {
    const begunMs = performance.now();
    await cluster.kubectl.patch('rreq', of, { spec: { abort: true } });
    await cluster.kubectl.waitFor('rreq', of, 'Finished', 60);
    console.log(`${of}: from abort to over ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
  }

  async function untilRun(of: string, wanted: Parameters<typeof untilCondition>[3], withinMs?: number): Promise<void> {
    await untilCondition(cluster, 'rreq', of, wanted, withinMs);
  }

  async function push(tag: string): Promise<void> {
    await remote.push(commitOf(cluster, tag));
    await cluster.kubectl.run(['annotate', 'irepo', name, '--overwrite', `reindeer.dev/run-now=${tag}`]);
  }

  const served = async (): Promise<readonly string[]> =>
    (await cluster.engine.aliases.members(name)).map(member => member.index);

  const indices = async (): Promise<readonly string[]> =>
    (await cluster.engine.indices.describe(`${name}-v*`)).map(index => index.name).toSorted();

  /** Of the two versions that there are. */
  async function commits(): Promise<readonly (string | null)[]> {
    const records = await cluster.settings.versionRecords(name);
    return records.length === 2 ? records.map(({ commit }) => commit) : [null];
  }

  const is = (tag: string) => (commit: string | null) => commit === commitOf(cluster, tag);
});
