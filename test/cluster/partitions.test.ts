import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster } from '../support/real/a-cluster.ts';
import { dumpVersion } from '../support/checks/dump-version.ts';
import { eventually } from '../support/checks/eventually.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { anIndexedRepo } from '../support/real/installed.ts';

const minutes = 60_000;
const completionIndex = 'batch.kubernetes.io/job-completion-index';

type List<T> = { readonly items: readonly T[] };
type Pod = {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
};
type Job = {
  readonly metadata: { readonly name: string; readonly ownerReferences: readonly { readonly name: string }[] };
  readonly spec: object;
  readonly status: object;
};

/** The real Job controller, kubelet and engine: three pods fill one version, and one of them is killed. */
describe('a build over three partitions', () => {
  let cluster: Cluster;
  const name = 'divided';
  const tag = 'v0.24.0';
  beforeAll(async () => {
    cluster = await aCluster(name);
    await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, tag));
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete' }));
    await untilLive(cluster, name, commitOf(cluster, tag), 5 * minutes);
  }, 8 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  const listed = async <T>(kind: string): Promise<readonly T[]> =>
    (JSON.parse(await cluster.kubectl.run(['get', kind, '-o', 'json'])) as List<T>).items;

  it(
    'goes live though one of its pods was killed at work, with the documents of a build in one piece',
    async () => {
      await cluster.kubectl.apply({
        apiVersion: 'reindeer.dev/v1alpha1',
        kind: 'ReindexRequest',
        metadata: { name: 'three' },
        spec: { target: { repoRef: { name } }, strategy: 'Rebuild', build: { partitions: 3 } },
      });
      const victim = await eventually('the pod of partition 1 runs', 3 * minutes, async () =>
        (await listed<Pod>('pods')).find(
          ({ metadata, status }) => metadata.labels[completionIndex] === '1' && status.phase === 'Running',
        ),
      );
      await cluster.kubectl.run(['delete', 'pod', victim.metadata.name, '--now', '--wait=false']);
      await untilCondition(
        cluster,
        'rreq',
        'three',
        { type: 'Succeeded', status: 'True', reason: 'Succeeded' },
        8 * minutes,
      );
      const job = (await listed<Job>('jobs')).find(each => each.metadata.ownerReferences[0]?.name === 'three');
      expect(job?.spec).toMatchObject({ completionMode: 'Indexed', completions: 3, parallelism: 3 });
      expect(job?.status).toMatchObject({ completedIndexes: '0-2', succeeded: 3 });
      const [whole, divided] = [
        await dumpVersion(cluster.engine, `${name}-v1`),
        await dumpVersion(cluster.engine, `${name}-v2`),
      ];
      expect(divided.files.length).toBeGreaterThan(300);
      expect(divided).toEqual(whole);
      const [one, other] = [
        await cluster.settings.versionRecord(`${name}-v1`),
        await cluster.settings.versionRecord(`${name}-v2`),
      ];
      const { files, chunks, skipped, fingerprint, tree } = one!.source;
      expect(other!.source).toMatchObject({ files, chunks, skipped, fingerprint, tree, phase: 'Live' });
    },
    12 * minutes,
  );
});
