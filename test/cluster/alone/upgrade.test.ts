import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chunkerHash, schemaVersion } from '../../../src/domain/document-model.ts';
import { readBedState } from '../../bed/state.ts';
import {
  aCluster,
  commitOf,
  untilCondition,
  untilLive,
  type Cluster,
  type Repo,
} from '../../support/real/a-cluster.ts';
import { auditedSince } from '../../support/real/audit-log.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectRecords } from '../../support/checks/expect-records.ts';
import { expectTree } from '../../support/checks/expect-tree.ts';
import { GitRemote } from '../../support/real/git-remote.ts';
import { anIndexedRepo, installOperator } from '../../support/real/installed.ts';
import type { Manifest } from '../../support/real/kubectl.ts';
import { isWhole } from '../../support/objects/sampled.ts';
import { hasField, lackingForRelease, olderRelease, type OlderRelease } from '../../support/real/older-release.ts';

const minutes = 60_000;
/**
 * The release before the rooms (settings of schema 4, worker contract 1 with the old names, text cut in another way), and the
 * one before runs could wait, of which upgrade-mid-run.test.ts has a sample in the place of this.
 */
const builds = isWhole ? ['291900b', '0673ca9'] : ['291900b'];
/**
 * On a busy machine the older operator is ended before it gave its Lease back: one that follows a silent process takes an
 * alias over, and deletes, after its second look.
 */
const lookingOften = { aliasLookSeconds: 10 };
const tags = [
  'v0.19.1',
  'v0.20.0',
  'v0.20.1',
  'v0.21.0',
  'v0.22.0',
  'v0.22.1',
  'v0.23.0',
  'v0.24.0',
  'v0.24.1',
  'v0.25.0',
  'v0.26.0',
  'v0.26.1',
];
const first = 'v0.19.0';
const pushes = tags.slice(0, isWhole ? 10 : 2);
/** Forward: a light run refuses a commit in which most of the files are gone. */
const [underOlder = first, afterwards = first] = tags.slice(pushes.length);
/** Built before the upgrade, and between upgrade and downgrade. */
const [kept, late] = ['kept', 'late'] as const;
const noted = { mappings: { properties: { note: { type: 'keyword' } } } };

for (const before of builds) {
  const lacking = await lackingForRelease(before, readBedState());
  if (lacking !== undefined) console.log(`the upgrade from ${before} is left out: ${lacking}`);
  (lacking === undefined ? describe : describe.skip)(`an upgrade from ${before} and the way back`, () =>
    upgradeFrom(before),
  );
}

function upgradeFrom(before: string): void {
  const settingsIndex = `upgrade-settings-${before}`;
  let cluster: Cluster;
  let older: OlderRelease;
  /** Of the operator that is installed. */
  let image: string | undefined;
  let remote: GitRemote;
  /** uuid of each index, once both versions are built. */
  let built: Readonly<Record<string, string | undefined>>;
  let requests: readonly string[];
  beforeAll(async () => {
    const bed = readBedState();
    if (bed === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
    older = await olderRelease(bed, before);
    cluster = await aCluster('upgrade', { settingsIndex, install: async () => older.install() });
    image = older.image;
    for (const path of ['spec.engine', 'spec.zones']) {
      const crd = await cluster.kubectl.run(['get', 'crd', 'searchclusters.reindeer.dev', '-o', 'json']);
      expect(hasField(crd, path)).toBe(older.knows({ plural: 'searchclusters', path }));
    }
    remote = await declare(kept);
    await untilLive(cluster, kept, commitOf(cluster, first));
    await cluster.kubectl.patch('irepo', kept, { spec: { index: noted } });
    await eventually('version 2 serves', 3 * minutes, async () => (await served(kept)).includes(`${kept}-v2`));
    await untilCondition(cluster, 'irepo', kept, { type: 'Reconciling', status: 'False' });
    built = await indicesOf(kept);
    requests = await requestsOf(kept);
  }, 10 * minutes);
  afterAll(async () => {
    older.remove();
    await goForward();
    // While the Secrets are there, which it needs for that.
    await cluster.kubectl.run(['delete', 'irepo', '--all', '--timeout=180s']);
    await cluster.remove();
  }, 5 * minutes);

  it(
    'follows each push with one light run of the image that may write the version',
    async () => {
      const begun = new Date();
      await goForward();
      await declare(late);
      for (const tag of pushes) await follow(kept, remote, tag);
      expect(lightJobsSince(begun, kept)).toHaveLength(pushes.length);
      await expectServed(kept, `${kept}-v2`, pushes.at(-1) ?? first);
      expect(await indicesOf(kept)).toEqual(built);
      expect(await requestsOf(kept)).toEqual(requests);
    },
    (2 + pushes.length) * minutes,
  );

  it(
    'goes back to a version that it did not build, and brings it forward',
    async () => {
      const tag = pushes.at(-1) ?? first;
      const earlier = await lastLightJob(kept);
      await cluster.kubectl.apply(aRequest('back', kept, 'Rollback'));
      await cluster.kubectl.waitFor('rreq', 'back', 'Succeeded', 60);
      await untilFollowed(kept, tag, earlier);
      await untilCondition(cluster, 'irepo', kept, { type: 'Stalled', status: 'True', reason: 'HeldBack' });
      await expectServed(kept, `${kept}-v1`, tag);
      expect(await indicesOf(kept)).toEqual(built);
      expect(await requestsOf(kept)).toEqual([...requests, 'back'].toSorted());
      expect(await expectRecords(cluster.engine, settingsIndex)).toBeGreaterThan(4);
    },
    3 * minutes,
  );

  it(
    'is left by a downgrade that works on beside the settings and CRDs of now, and made again with nothing lost',
    async () => {
      // What may not be there before a downgrade: a hold.
      await cluster.kubectl.patch('irepo', kept, { spec: { index: { mappings: null } } });
      await untilCondition(cluster, 'irepo', kept, { type: 'Stalled', status: 'False' });
      await untilLive(cluster, late, commitOf(cluster, first));
      await older.goBack();
      image = older.image;
      const lateRemote = await GitRemote.at(cluster.bed, cluster.history, late, commitOf(cluster, underOlder));
      await cluster.kubectl.apply(aRequest('again', late, 'Rebuild'));
      await follow(kept, remote, underOlder);
      await cluster.kubectl.waitFor('rreq', 'again', 'Finished', 120);
      await untilLive(cluster, late, commitOf(cluster, underOlder));

      await goForward();
      for (const [name, on] of [
        [kept, remote],
        [late, lateRemote],
      ] as const)
        await follow(name, on, afterwards);
      await expectServed(kept, `${kept}-v1`, afterwards);
      await expectServed(late, `${late}-v2`, afterwards);
      expect(await indicesOf(kept)).toEqual(built);
      expect((await cluster.kubectl.get('rreq', 'again'))?.status).toMatchObject({ phase: 'Succeeded' });
      await expectRecords(cluster.engine, settingsIndex);
    },
    5 * minutes,
  );

  async function goForward(): Promise<void> {
    await installOperator(cluster.bed, lookingOften);
    image = cluster.bed.node?.image;
  }

  /** What builds a version writes it, or the image of the operator, if that cuts text in the same way. */
  async function imageFor(name: string): Promise<string | undefined> {
    const [index = ''] = await served(name);
    const record = (await cluster.settings.versionRecord(index))?.source;
    const isCutAsNow = record?.schema === schemaVersion && record.chunkerHash === chunkerHash;
    return isCutAsNow ? image : older.image;
  }

  async function declare(name: string): Promise<GitRemote> {
    const made = await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, first));
    const spec = { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } };
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, spec));
    return made;
  }

  /** Pushes, and has the push looked at. */
  async function follow(name: string, on: GitRemote, tag: string): Promise<void> {
    const earlier = await lastLightJob(name);
    await on.push(commitOf(cluster, tag));
    await cluster.kubectl.run(['annotate', 'irepo', name, '--overwrite', `reindeer.dev/run-now=${tag}`]);
    await untilFollowed(name, tag, earlier);
  }

  const lastLightJob = async (name: string): Promise<string | undefined> =>
    (await cluster.kubectl.get<Repo>('irepo', name))?.status?.light?.last?.job;

  /**
   * A light run of the due image brought the commit, and the operator is content with what it left. The run that
   * was the last one before does not count: it can have brought the same commit to another version, and its Job goes.
   */
  async function untilFollowed(name: string, tag: string, earlier: string | undefined): Promise<void> {
    const commit = commitOf(cluster, tag);
    await untilLive(cluster, name, commit);
    let light: NonNullable<Repo['status']>['light'];
    await eventually(
      `a light run of ${name} to ${tag} is counted`,
      minutes / 2,
      async () => {
        light = (await cluster.kubectl.get<Repo>('irepo', name))?.status?.light;
        return light?.last?.to === commit && light.last.job !== earlier;
      },
      () => light,
    );
    expect(light).toMatchObject({ failures: 0, last: { outcome: 'Succeeded' } });
    const job = await cluster.kubectl.get<RanJob>('job', light?.last?.job ?? '');
    expect(job?.spec.template.spec.containers.map(({ image }) => image)).toEqual([await imageFor(name)]);
    await untilCondition(cluster, 'irepo', name, { type: 'Fresh', status: 'True', reason: 'UpToDate' });
  }

  const served = async (name: string): Promise<readonly string[]> =>
    (await cluster.engine.aliases.members(name)).map(member => member.index);

  /** The alias serves that version whole, nothing is held, and there is no index without a record. */
  async function expectServed(name: string, index: string, tag: string): Promise<void> {
    expect(await served(name)).toEqual([index]);
    await expectTree(cluster, index, commitOf(cluster, tag));
    expect((await cluster.settings.lockRecord(name))?.source.lease.held).toBe(false);
    expect((await cluster.settings.aliasRecord(name))?.source).toMatchObject({ candidate: null });
    const recorded = (await cluster.settings.versionRecords(name)).map(record => record.index);
    expect(Object.keys(await indicesOf(name)).toSorted()).toEqual(recorded.toSorted());
    const repo = await cluster.kubectl.get<Repo>('irepo', name);
    expect(repo?.status?.live).toMatchObject({ name: index, indices: [index] });
  }

  async function indicesOf(name: string): Promise<Readonly<Record<string, string | undefined>>> {
    const found = await cluster.engine.indices.describe(`${name}-v*`);
    return Object.fromEntries(found.map(index => [index.name, index.settings['index.uuid']]));
  }

  async function requestsOf(name: string): Promise<readonly string[]> {
    const found = await cluster.kubectl.list<Request>('rreq');
    const own = found.filter(({ spec }) => spec.target.repoRef.name === name);
    return own.map(({ metadata }) => metadata.name).toSorted();
  }

  function lightJobsSince(begun: Date, name: string): readonly string[] {
    return auditedSince(cluster.bed, begun)
      .filter(({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'jobs')
      .filter(({ objectRef }) => objectRef?.namespace === cluster.kubectl.namespace)
      .map(({ objectRef }) => objectRef?.name ?? '')
      .filter(job => job.startsWith(`${name}-light-`));
  }
}

type RanJob = {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
};
type Request = Manifest & { readonly spec: { readonly target: { readonly repoRef: { readonly name: string } } } };

function aRequest(name: string, repo: string, strategy: string): Manifest {
  const spec = { target: { repoRef: { name: repo } }, strategy };
  return { apiVersion: 'reindeer.dev/v1alpha1', kind: 'ReindexRequest', metadata: { name }, spec };
}
