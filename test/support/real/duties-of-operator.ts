import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adoptIndex } from '../../../src/alias/effects/adopt.ts';
import { claimAlias, takeOverAlias } from '../../../src/alias/effects/claim.ts';
import { deleteVersion } from '../../../src/alias/effects/delete-version.ts';
import type { OnEngine } from '../../../src/alias/effects/engine-effect.ts';
import { giveUpCutOver } from '../../../src/alias/effects/give-up-cut-over.ts';
import { keepOffZone, takeBackZone } from '../../../src/alias/effects/keep-off-zone.ts';
import { aliasLock } from '../../../src/alias/effects/lock.ts';
import { putSettings } from '../../../src/alias/effects/put-settings.ts';
import { forgetAlias, leaveAlias, removeAlias } from '../../../src/alias/effects/release.ts';
import { moveAlias, recordSwitch } from '../../../src/alias/effects/switch.ts';
import { keepInStep } from '../../../src/alias/effects/write-set.ts';
import { observeAlias, viewAliases } from '../../../src/alias/observe.ts';
import type { AliasMember } from '../../../src/domain/alias-member.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import type { Owner } from '../../../src/domain/records.ts';
import { indexBody, servingSettings, shapeHash } from '../../../src/domain/shape.ts';
import { scratchName, versionName } from '../../../src/domain/version.ts';
import { blockLive, takeGuard } from '../../../src/fences/cut-over.ts';
import { expireVersions } from '../../../src/indexed-repo/expiry.ts';
import type { Effect } from '../../../src/plan/effect.ts';
import { adoptVersion } from '../../../src/runs/adoption.ts';
import { privilegesFor } from '../../../src/runs/preflight/cluster-facts.ts';
import { bodyTried, deleteScratch } from '../../../src/runs/preflight/scratch.ts';
import { createVersion, reserveVersion } from '../../../src/runs/steps/create-candidate.ts';
import { noteImage } from '../../../src/runs/steps/run-job.ts';
import { forgetRun } from '../../../src/work/job-effects.ts';
import { aHolder, aVersionRecord } from '../objects/a-record.ts';
import { settingsIndex, type Desk, type Duty } from './engine-duties.ts';

const shape = { shards: 1, replicas: 0 } as const;
const owner: Owner = { clusterUuid: 'uuid', namespace: 'team', name: 'code', uid: 'owner-1', operator: 'kubernetes' };
const heir: Owner = { ...owner, uid: 'owner-2' };
const holder = aHolder({ kind: 'Heavy', uid: 'request-1', pod: '' });
const lease = { leaseSeconds: 60, tokenFloor: 0 };

/** Everything that the operator asks of an engine and does to it, in the order of a life of an alias. */
export function dutiesOfOperator(desk: Desk): readonly Duty[] {
  const { user, admin, alias } = desk;
  const done = new Set<string>();
  const act = (effect: Effect<OnEngine>): Duty => [
    effect.name,
    async () => {
      await effect.run({ engine: user });
      done.add(effect.name);
    },
  ];
  const token = async (): Promise<number> => (await admin.settings.lockRecord(alias))?.source.lease.token ?? 0;
  const withToken = (make: (token: number) => Effect<OnEngine>): Duty => [
    make(0).name,
    async () => act(make(await token()))[1](),
  ];
  const served = (number: number): AliasMember => ({ index: versionName(alias, number), properties: publicAlias });
  return [
    ['asks the engine who it is', () => user.engine.info()],
    ['makes the settings index', () => user.settings.ensure()],
    ['adds the fields of a later release to it', async () => addFields(desk)],
    ['looks at the cluster', async () => lookAtCluster(desk)],
    ['looks for write blocks', () => user.engine.indices.writeBlocks(settingsIndex)],
    ['writes itself down', async () => writeDown(desk)],
    act(claimAlias({ alias, owner })),
    act(aliasLock.take({ alias, holder, ...lease })),
    withToken(drawn => aliasLock.renew({ alias, holder, token: drawn })),
    act(bodyTried({ alias, uid: owner.uid, shape }, 'request-1')),
    act(deleteScratch({ index: scratchName(alias, 'request-1'), ownerUid: owner.uid })),
    ...build(desk, 1).map(act),
    ['looks at a candidate', async () => lookAtCandidate(desk, 1)],
    act(moveAlias({ alias, expected: [], next: [served(1)] })),
    act(recordSwitch({ alias, live: 1, retired: [], since: '2026-01-01T00:00:00Z' })),
    ['looks at what serves', async () => lookAtAlias(desk)],
    ['asks who reads it', () => user.engine.indices.openReaders([versionName(alias, 1)])],
    act(keepOffZone({ index: versionName(alias, 1), by: 'request-1', attribute: 'zone', zone: 'spare' })),
    ...build(desk, 2).map(act),
    ['looks where shards lie', async () => lookAtPlaces(desk, 2)],
    act(takeBackZone({ index: versionName(alias, 1) })),
    ['gives up what a worker has begun', async () => giveUpForWorker(desk, done)],
    ...adopt(`${alias}-of-old`).map(act),
    act(moveAlias({ alias, expected: [served(1)], next: [served(2)] })),
    act(recordSwitch({ alias, live: 2, retired: [1], since: '2026-01-01T00:00:00Z' })),
    act(keepInStep({ alias, versions: [2, 1] })),
    act(keepInStep({ alias, versions: [2] })),
    withToken(drawn => aliasLock.release({ alias, holder, token: drawn })),
    act(
      expireVersions({
        ...{ alias, holder, ...lease, ownerUid: owner.uid },
        versions: [{ number: 1, indices: [versionName(alias, 1)] }],
      }),
    ),
    ['takes over a lock that stands still', async () => takeOverLock(desk, done)],
    act(takeOverAlias({ alias, owner: heir, from: owner.uid })),
    act(forgetRun({ uid: 'job-1', partitions: 2 })),
    act(leaveAlias({ alias, ownerUid: heir.uid })),
    act(claimAlias({ alias, owner })),
    act(removeAlias({ alias, index: versionName(alias, 2) })),
    act(deleteVersion({ alias, number: 2, indices: [versionName(alias, 2)], ownerUid: owner.uid })),
    act(forgetAlias({ alias, ownerUid: owner.uid })),
    ['is told that it lacks nothing', async () => lacksNothing(desk)],
    ['has done all that it can do', () => requireAll(done)],
  ];
}

/** A candidate until it is ready to serve; what fills it is the worker. */
function build({ alias }: Desk, number: number): readonly Effect<OnEngine>[] {
  const index = versionName(alias, number);
  const meta = { managedBy: 'reindeer', alias, version: number, ownerUid: owner.uid, requestUid: 'request-1' } as const;
  const shapes = { shapeHash: shapeHash(shape) };
  const record = aVersionRecord({ alias, index, number, ownerUid: owner.uid, ...shapes });
  return [
    reserveVersion({ alias, number }),
    createVersion({ bodies: [{ index, body: indexBody({ shape, shards: 1, meta }) }], record }),
    adoptVersion({ alias, number, indices: [index], meta: { requestUid: 'request-2' } }),
    noteImage({ index, image: 'worker:2' }),
    putSettings({ index, settings: servingSettings(shape), refresh: true }),
  ];
}

/** What an alias serves that applications made; nothing of that index is touched. */
function adopt(bare: string): readonly Effect<OnEngine>[] {
  const record = aVersionRecord({ alias: bare, index: versionName(bare, 1), ownerUid: owner.uid });
  return [claimAlias({ alias: bare, owner }), adoptIndex({ record })];
}

/** A worker has blocked what serves, and is gone. */
async function giveUpForWorker({ admin, user, alias }: Desk, done: Set<string>): Promise<void> {
  const pair = { candidate: versionName(alias, 2), live: versionName(alias, 1) };
  const turn = { epoch: 0, attempt: 1 };
  await takeGuard({ engine: admin.engine, pause: async () => undefined }, pair, turn);
  await blockLive(admin.engine, pair, turn);
  const effect = giveUpCutOver({ ...pair, holder });
  await effect.run({ engine: user });
  done.add(effect.name);
}

/** An earlier release made the index. */
async function addFields({ admin, user }: Desk): Promise<void> {
  await admin.engine.indices.putMapping(settingsIndex, { _meta: { managedBy: 'reindeer', schema: 1 } });
  await user.settings.ensure();
  const [found] = await admin.engine.indices.describe(settingsIndex);
  if (found?.meta['schema'] === 1) throw new Error('the settings index was not brought up to date');
}

/** What a run asks before it makes anything. */
async function lookAtCluster({ user, alias }: Desk): Promise<void> {
  const { cluster } = user.engine;
  const { nodes } = await cluster.capacity();
  const templates = await cluster.templatesFor(versionName(alias, 1));
  if (nodes.length === 0 || templates === undefined) throw new Error('nodes or templates were not seen');
}

/** Of what a run asks for; the worker's own is another role's. */
async function lacksNothing({ user, alias }: Desk): Promise<void> {
  const names = { alias, version: versionName(alias, 1), scratch: scratchName(alias, 'request-1') };
  const { cluster, indices } = privilegesFor(names);
  const isOwn = ({ privileges }: { readonly privileges: readonly string[] }): boolean => !privileges.includes('write');
  const lacking = await user.engine.cluster.lacking({ cluster, indices: indices.filter(isOwn) });
  if (lacking?.length !== 0) throw new Error(`what is said to be lacking: ${JSON.stringify(lacking)}`);
}

async function writeDown({ user }: Desk): Promise<void> {
  const id = { operator: 'kubernetes', election: 'reindeer-system/reindeer' };
  const stored = await user.settings.operatorRecord(id);
  await user.settings.putOperator({ kind: 'operator', ...id, process: 'pod-1', disputed: [] }, stored?.stand);
}

async function lookAtCandidate({ user: { engine }, alias }: Desk, number: number): Promise<void> {
  const index = versionName(alias, number);
  await engine.indices.health([index]);
  await engine.indices.count(index, { term: { doc: 'file' } });
}

async function lookAtPlaces({ user: { engine }, alias }: Desk, number: number): Promise<void> {
  const { nodes } = await engine.cluster.capacity();
  const [shard] = await engine.indices.shards([versionName(alias, number)]);
  const indices = await engine.cluster.indicesOn(nodes.map(({ id }) => id));
  if (!shard || !indices.includes(versionName(alias, number))) throw new Error('no shard was seen');
}

async function lookAtAlias({ user, alias }: Desk): Promise<void> {
  const [view] = await viewAliases([alias], settingsIndex, user);
  const { side } = await observeAlias(alias, settingsIndex, user);
  if (view?.aliasIs !== 'alias' || side.aliasIs !== 'alias' || side.indices.length !== 1)
    throw new Error(`${alias} was not seen: ${JSON.stringify(side)}`);
  await user.engine.indices.count(alias);
}

async function takeOverLock({ admin, user, alias }: Desk, done: Set<string>): Promise<void> {
  await admin.settings.acquire({ of: 'alias', alias }, aHolder({ uid: 'gone', pod: '' }), lease);
  const seen = await admin.settings.lockRecord(alias);
  const effect = aliasLock.takeOver({ alias, holder, ...lease, seqNo: seen?.stand.seqNo ?? 0 });
  await effect.run({ engine: user });
  done.add(effect.name);
  const lock = await admin.settings.lockRecord(alias);
  await aliasLock.release({ alias, holder, token: lock?.source.lease.token ?? 0 }).run({ engine: user });
}

/** Every kind of effect on an engine that the sources declare. */
function engineEffects(): readonly string[] {
  const src = join(import.meta.dirname, '../../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  return files.flatMap(file =>
    [...readFileSync(join(src, file), 'utf8').matchAll(/engineEffect\(\{\s+name: '([^']+)'/g)].map(
      ([, name = '']) => name,
    ),
  );
}

async function requireAll(done: ReadonlySet<string>): Promise<void> {
  const known = engineEffects();
  if (![...done].every(name => known.includes(name)))
    throw new Error(`only found of what was done: ${known.join(', ')}`);
  const missing = known.filter(name => !done.has(name));
  if (missing.length > 0) throw new Error(`not tried: ${missing.join(', ')}`);
}
