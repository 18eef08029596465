import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster, type Repo } from '../support/real/a-cluster.ts';
import { eventually } from '../support/checks/eventually.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { anIndexedRepo } from '../support/real/installed.ts';

const minutes = 60_000;
const name = 'lifecycle';
const again = {
  apiVersion: 'reindeer.dev/v1alpha1',
  kind: 'ReindexRequest',
  metadata: { name: 'again' },
  spec: { target: { repoRef: { name } }, strategy: 'Rebuild' },
};

describe('a repository declared with kubectl apply', () => {
  let cluster: Cluster;
  let remote: GitRemote;
  beforeAll(async () => {
    cluster = await aCluster('lifecycle');
    remote = await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, 'v0.24.0'));
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete' }));
  }, 3 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  it('has every documented condition from its first status on', async () => {
    const seen = await eventually('a status', 30_000, async () => {
      const repo = await cluster.kubectl.get<Repo>('irepo', name);
      return repo?.status?.conditions?.map(condition => condition.type);
    });
    expect(seen.toSorted()).toEqual(['Fresh', 'Locked', 'Paused', 'Ready', 'Reconciling', 'Stalled']);
  });

  it(
    'becomes searchable under its alias',
    async () => {
      await cluster.kubectl.waitFor('irepo', name, 'Ready', 240);
      const repo = await untilLive(cluster, name, commitOf(cluster, 'v0.24.0'));
      const chunks = await cluster.engine.documents.search(name, { size: 0, track_total_hits: true });
      expect(chunks.total).toBeGreaterThan(300);
      expect(repo.status?.live).toMatchObject({ name: `${name}-v1` });
      await eventually(
        'documents are counted',
        30_000,
        async () => (await cluster.kubectl.get<Repo>('irepo', name))?.status?.live?.documents === chunks.total,
      );
    },
    5 * minutes,
  );

  it('answers in one line of kubectl get', async () => {
    const [head, line] = (await cluster.kubectl.run(['get', 'indexedrepos'])).trim().split('\n');
    expect(head?.split(/\s+/)).toEqual([
      'NAME',
      'ALIAS',
      'LIVE',
      'COMMIT',
      'DOCS',
      'FRESH',
      'BEHIND',
      'READY',
      'REASON',
      'AGE',
    ]);
    expect(line).toContain(`${name}-v1`);
    expect(line).toContain(commitOf(cluster, 'v0.24.0').slice(0, 10));
  });

  it(
    'follows a push with a light Job, into the same version',
    async () => {
      await remote.push(commitOf(cluster, 'v0.24.1'));
      const repo = await untilLive(cluster, name, commitOf(cluster, 'v0.24.1'));
      expect(repo.status?.live?.name).toBe(`${name}-v1`);
      await untilCondition(cluster, 'irepo', name, { type: 'Fresh', status: 'True', reason: 'UpToDate' });
      await eventually(
        'the light run is recorded',
        30_000,
        async () => (await cluster.kubectl.get<Repo>('irepo', name))?.status?.light?.last?.outcome === 'Succeeded',
      );
    },
    5 * minutes,
  );

  it(
    'starts no pod at ticks that find nothing new',
    async () => {
      const before = await cluster.kubectl.list('jobs');
      const asked = async (): Promise<number> => (await cluster.kubectl.list('pods')).length;
      const pods = await asked();
      await new Promise(resolve => setTimeout(resolve, 65_000)); // one whole interval of its schedule: silence is what is tested
      expect((await cluster.kubectl.list('jobs')).map(job => job.metadata.uid)).toEqual(
        before.map(job => job.metadata.uid),
      );
      expect(await asked()).toBe(pods);
    },
    2 * minutes,
  );

  it(
    'is rebuilt beside the live version by a ReindexRequest, and kubectl wait sees its end',
    async () => {
      await cluster.kubectl.apply(again);
      await cluster.kubectl.waitFor('rreq', 'again', 'Finished', 240);
      const request = await cluster.kubectl.get('rreq', 'again');
      expect(request?.status).toMatchObject({
        phase: 'Succeeded',
        from: { name: `${name}-v1` },
        to: { name: `${name}-v2` },
      });
      expect((await cluster.engine.aliases.members(name)).map(member => member.index)).toEqual([`${name}-v2`]);
      expect((await cluster.settings.lockRecord(name))?.source.lease.held).toBe(false);
    },
    5 * minutes,
  );

  it(
    'builds nothing again when a sync tool makes the finished request anew',
    async () => {
      await cluster.kubectl.run(['delete', 'rreq', 'again', '--wait=true', '--timeout=60s']);
      await cluster.kubectl.apply(again);
      await untilCondition(cluster, 'rreq', 'again', { type: 'Finished', status: 'True', reason: 'AlreadyLive' });
      expect((await cluster.engine.aliases.members(name)).map(member => member.index)).toEqual([`${name}-v2`]);
    },
    2 * minutes,
  );

  it(
    'says that a version which the worker can only build anew waits for a human, and is built anew when one wants it',
    async () => {
      await cluster.settings.changeVersion(`${name}-v2`, record => ({ ...record, chunkerHash: 'of another release' }));
      await remote.push(commitOf(cluster, 'v0.25.0'));
      await cluster.kubectl.run(['annotate', 'irepo', name, 'reindeer.dev/run-now=pushed']);
      const message = await untilCondition(cluster, 'irepo', name, {
        type: 'Stalled',
        status: 'True',
        reason: 'FullReindexNeeded',
      });
      expect(message).toMatch(/^image (\S+) cannot bring lifecycle-v2 up to date, which \1 built$/);
      await cluster.kubectl.patch('irepo', name, { spec: { rebuild: { revision: 'by hand' } } });
      const repo = await untilLive(cluster, name, commitOf(cluster, 'v0.25.0'));
      expect(repo.status?.live?.name).toBe(`${name}-v3`);
      await untilCondition(cluster, 'irepo', name, { type: 'Fresh', status: 'True', reason: 'UpToDate' });
      // "Stalled: False" may go on to say that the replicas have no node.
      await untilCondition(cluster, 'irepo', name, { type: 'Stalled', status: 'False' });
    },
    6 * minutes,
  );

  it(
    'leaves nothing in the engine when it is deleted with deletionPolicy Delete',
    async () => {
      await cluster.kubectl.run(['delete', 'irepo', name, '--wait=true', '--timeout=60s']);
      expect(await cluster.engine.indices.describe(`${name}-v*`)).toEqual([]);
      expect(await cluster.engine.aliases.members(name)).toEqual([]);
      expect(await cluster.settings.aliasRecord(name)).toBeUndefined();
    },
    2 * minutes,
  );
});
