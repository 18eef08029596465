import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBedState } from '../../bed/state.ts';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster } from '../../support/real/a-cluster.ts';
import { hasOneHolderEach, watchAliases } from '../../support/real/alias-history.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectRecords } from '../../support/checks/expect-records.ts';
import { expectTree } from '../../support/checks/expect-tree.ts';
import { GitRemote } from '../../support/real/git-remote.ts';
import { anIndexedRepo, installOperator } from '../../support/real/installed.ts';
import { isWhole } from '../../support/objects/sampled.ts';
import { lackingForRelease, olderRelease, type OlderRelease } from '../../support/real/older-release.ts';

const minutes = 60_000;
/** The release before runs could wait: it knows no gate, no bake, no pause of a run and no preflight. */
const before = '0673ca9';
const settingsIndex = 'upgrade-mid-run-settings';
/** See upgrade.test.ts. */
const lookingOften = { aliasLookSeconds: 10 };
const [first, pushed] = ['v0.19.0', 'v0.19.1'] as const;
/** Repositories, by what the run of each does when the operators change places. */
const [gated, baked, overtaken, building] = ['gated', 'baked', 'overtaken', 'building'] as const;
const [paused, returned] = ['paused', 'returned'] as const;
/** What the older operator does not know of them. */
const unknown: Readonly<Record<string, string>> = {
  ...{ [gated]: 'spec.gates', [baked]: 'spec.bake', [overtaken]: 'spec.paused' },
  ...(isWhole && { [paused]: 'spec.paused', [returned]: 'spec.bake' }),
};
/** They have a version before their run begins. */
const serving = isWhole ? [gated, baked, paused, returned] : [gated, baked];
/** Where something is pushed while the older operator is at work. */
const followed = isWhole ? [gated, baked] : [baked];
const begunLate = [overtaken, building] as const;

const lacking = await lackingForRelease(before, readBedState());
if (lacking !== undefined) console.log(`runs across an upgrade from ${before} are left out: ${lacking}`);

(lacking === undefined ? describe : describe.skip)(`runs across a downgrade to ${before} and an upgrade`, () => {
  let cluster: Cluster;
  let older: OlderRelease;
  let watched: ReturnType<typeof watchAliases>;
  /** Names of requests that the operator made, by repository. */
  const made = new Map<string, string>();
  const remotes = new Map<string, GitRemote>();

  beforeAll(async () => {
    const bed = readBedState();
    if (bed === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
    older = await olderRelease(bed, before);
    cluster = await aCluster('mid-run', { settingsIndex, ...lookingOften });
    const heavyRuns = serving.length + begunLate.length;
    await cluster.kubectl.patch('scluster', 'main', { spec: { limits: { heavyRuns } } });
    for (const path of ['spec.gates', 'spec.bake', 'spec.paused'])
      expect(older.knows({ plural: 'reindexrequests', path })).toBe(false);
    await Promise.all(serving.map(declare));
    for (const name of serving) await untilLive(cluster, name, commitOf(cluster, first));
  }, 10 * minutes);
  afterAll(async () => {
    older.remove();
    await installOperator(cluster.bed, lookingOften);
    await cluster.kubectl.run(['delete', 'irepo', '--all', '--timeout=180s']);
    await cluster.remove();
  }, 5 * minutes);

  it(
    'the older operator finishes the run that it understands, and leaves those that wait, with a reason',
    async () => {
      await request(gated, { gates: ['BeforeSwitch'] });
      for (const name of serving.filter(each => each === baked || each === returned))
        await request(name, { bake: { for: '1h' } });
      await declare(overtaken);
      const owned = await untilStep(overtaken, 'index-job');
      await cluster.kubectl.patch('rreq', owned, { spec: { paused: true } });
      if (isWhole) {
        await request(paused, {});
        await untilStep(paused, 'index-job');
        await cluster.kubectl.patch('rreq', paused, { spec: { paused: true } });
        await untilRun(paused, { type: 'Paused', status: 'True', reason: 'PausedBySpec' });
        await untilRun(returned, { type: 'Succeeded', status: 'Unknown', reason: 'Baking' });
      }
      await untilRun(overtaken, { type: 'Paused', status: 'True', reason: 'PausedBySpec' });
      await untilRun(gated, { type: 'Paused', status: 'True', reason: 'AwaitingApproval' });
      await untilRun(baked, { type: 'Succeeded', status: 'Unknown', reason: 'Baking' });
      watched = watchAliases(cluster, serving);
      await declare(building);
      await untilStep(building, 'index-job');
      const told = await statuses();
      await older.goBack(lookingOften);

      for (const [name, field] of Object.entries(unknown)) {
        const message = await untilRun(name, { type: 'Stalled', status: 'True', reason: 'InvalidSpec' });
        expect(message).toContain(`${field}: unknown field`);
      }
      await untilLive(cluster, building, commitOf(cluster, first));
      await untilRun(building, { type: 'Succeeded', status: 'True' });
      for (const name of followed) await push(name);
      // In a bake it goes on into what serves, where light runs may go on beside a run; else it waits.
      await untilLive(cluster, baked, commitOf(cluster, pushed));
      await untilCondition(cluster, 'irepo', gated, { type: 'Locked', status: 'True' });
      // A rebuild is due and no run of it can be seen: another one is made, which takes the lock.
      await untilLive(cluster, overtaken, commitOf(cluster, first));
      if (isWhole) {
        await request('back', { strategy: 'Rollback' }, returned);
        await cluster.kubectl.waitFor('rreq', 'back', 'Succeeded', 120);
      }
      const now = await statuses();
      for (const name of Object.keys(unknown).map(nameOfRun)) expect(now[name]).toEqual(told[name]);
    },
    8 * minutes,
  );

  it(
    'the newer operator goes on with each of them where it waited, or ends it with a reason',
    async () => {
      await request('again', {}, building);
      await untilStep('again', 'index-job');
      await installOperator(cluster.bed, lookingOften);
      for (const name of Object.keys(unknown)) await untilRun(name, { type: 'Stalled', status: 'False' });
      await cluster.kubectl.patch('rreq', gated, { spec: { approved: ['BeforeSwitch'] } });
      await cluster.kubectl.patch('rreq', nameOfRun(overtaken), { spec: { abort: true } });
      if (isWhole) await cluster.kubectl.patch('rreq', paused, { spec: { paused: false } });
      await eventually(
        'both versions of the bake are at the push',
        2 * minutes,
        async () => (await commits(baked)).every(commit => commit === commitOf(cluster, pushed)),
        async () => commits(baked),
      );
      await cluster.kubectl.patch('rreq', baked, { spec: { abort: true } });
      await untilEnd(baked, 'RolledBack');
      for (const name of isWhole ? [gated, paused, 'again'] : [gated, 'again']) await untilEnd(name, 'Succeeded');
      await untilEnd(overtaken, 'Aborted');
      if (isWhole) await untilEnd(returned, 'LockLost');
      await expectServed(gated, 2, isWhole ? pushed : first);
      await expectServed(baked, 1, pushed);
      await expectServed(overtaken, 2, first);
      await expectServed(building, 2, first);
      if (isWhole) {
        await expectServed(paused, 2, first);
        await expectServed(returned, 1, first);
      }
      const seen = await watched.stop();
      for (const name of serving) expect(seen[name]?.served).not.toContain('');
      for (const name of serving) expect(hasOneHolderEach(seen[name]!)).toBe(true);
      // What the older operator left alone kept its lock all the while.
      for (const name of [gated, baked]) expect(seen[name]?.holders).toHaveLength(1);
      await expectRecords(cluster.engine, settingsIndex);
    },
    8 * minutes,
  );

  async function declare(name: string): Promise<void> {
    remotes.set(name, await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, first)));
    const light = { schedule: '@every 24h', duringReindex: name === baked ? 'Continue' : 'Skip' };
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete', light }));
  }

  async function request(name: string, spec: object, repo: string = name): Promise<void> {
    const target = { repoRef: { name: repo } };
    await cluster.kubectl.apply({
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'ReindexRequest',
      metadata: { name },
      spec: { target, strategy: 'Rebuild', ...spec },
    });
  }

  const untilRun = async (name: string, wanted: Parameters<typeof untilCondition>[3]): Promise<string> =>
    untilCondition(cluster, 'rreq', nameOfRun(name), wanted, 2 * minutes);

  async function untilEnd(name: string, reason: string): Promise<void> {
    await cluster.kubectl.waitFor('rreq', nameOfRun(name), 'Finished', 120);
    await untilRun(name, { type: 'Succeeded', status: reason === 'Succeeded' ? 'True' : 'False', reason });
  }

  /** The request of that name, or the first that the operator made for the repository of that name. Answers its name. */
  async function untilStep(name: string, step: string): Promise<string> {
    let run: Run | undefined;
    await eventually(
      `${name} comes to ${step}`,
      2 * minutes,
      async () => {
        const runs = await cluster.kubectl.list<Run>('rreq');
        const ofRepo = runs.filter(({ spec }) => spec.target.repoRef.name === name);
        run = runs.find(({ metadata }) => metadata.name === name) ?? ofRepo[0];
        return run?.status?.steps?.some(each => each.name === step);
      },
      () => run,
    );
    made.set(name, run?.metadata.name ?? name);
    return nameOfRun(name);
  }

  const nameOfRun = (name: string): string => made.get(name) ?? name;

  /** What a run says of itself, without what every operator writes. */
  async function statuses(): Promise<Readonly<Record<string, object>>> {
    const runs = await cluster.kubectl.list<Run>('rreq');
    return Object.fromEntries(
      runs.map(({ metadata, status }) => {
        const { conditions: _conditions, observedGeneration: _seen, ...told } = status ?? {};
        return [metadata.name, told];
      }),
    );
  }

  async function push(name: string): Promise<void> {
    await remotes.get(name)?.push(commitOf(cluster, pushed));
    await cluster.kubectl.run(['annotate', 'irepo', name, '--overwrite', `reindeer.dev/run-now=${pushed}`]);
  }

  async function commits(name: string): Promise<readonly (string | null)[]> {
    return (await cluster.settings.versionRecords(name)).map(({ commit }) => commit);
  }

  /** The alias serves that version whole, nothing is held, and there is no index without a record. */
  async function expectServed(name: string, version: number, tag: string): Promise<void> {
    const index = `${name}-v${version}`;
    await untilLive(cluster, name, commitOf(cluster, tag));
    await untilCondition(cluster, 'irepo', name, { type: 'Fresh', status: 'True', reason: 'UpToDate' });
    expect((await cluster.engine.aliases.members(name)).map(member => member.index)).toEqual([index]);
    await expectTree(cluster, index, commitOf(cluster, tag));
    expect((await cluster.settings.lockRecord(name))?.source.lease.held).toBe(false);
    expect((await cluster.settings.aliasRecord(name))?.source).toMatchObject({
      candidate: null,
      writeSet: [version],
    });
    const recorded = (await cluster.settings.versionRecords(name)).map(record => record.index);
    const indices = (await cluster.engine.indices.describe(`${name}-v*`)).map(each => each.name);
    expect(indices.toSorted()).toEqual(recorded.toSorted());
  }
});

type Run = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly target: { readonly repoRef: { readonly name: string } } };
  readonly status?: {
    readonly steps?: readonly { readonly name: string }[];
    readonly conditions?: readonly object[];
    readonly observedGeneration?: number;
  };
};
