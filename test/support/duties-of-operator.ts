import { observeAlias, viewAliases } from '../../src/alias/observe.ts';
import type { AliasMember } from '../../src/domain/alias-member.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import type { Owner } from '../../src/domain/records.ts';
import { indexBody, servingSettings, shapeHash } from '../../src/domain/shape.ts';
import { versionName } from '../../src/domain/version.ts';
import { applyToEngine, type EngineEffect } from '../../src/effects/apply-engine.ts';
import { aHolder, aVersionRecord } from './a-record.ts';
import { settingsIndex, type Desk, type Duty } from './engine-duties.ts';

const shape = { shards: 1, replicas: 0 } as const;
const owner: Owner = { clusterUuid: 'uuid', namespace: 'team', name: 'code', uid: 'owner-1', operator: 'kubernetes' };
const heir: Owner = { ...owner, uid: 'owner-2' };
const holder = aHolder({ kind: 'Heavy', uid: 'request-1', pod: '' });
const lease = { leaseSeconds: 60, tokenFloor: 0 };

/** Everything that the operator asks of an engine and does to it, in the order of a life of an alias. */
export function dutiesOfOperator(desk: Desk): readonly Duty[] {
  const { user, admin, alias } = desk;
  const done = new Set<EngineEffect['do']>();
  const act = (effect: EngineEffect): Duty => [
    effect.do,
    async () => {
      await applyToEngine(effect, user);
      done.add(effect.do);
    },
  ];
  const token = async (): Promise<number> => (await admin.settings.lockRecord(alias))?.source.lease.token ?? 0;
  const withToken = (make: (token: number) => EngineEffect): Duty => [
    make(0).do,
    async () => act(make(await token()))[1](),
  ];
  const served = (number: number): AliasMember => ({ index: versionName(alias, number), properties: publicAlias });
  return [
    ['asks the engine who it is', () => user.engine.info()],
    ['makes the settings index', () => user.settings.ensure()],
    ['adds the fields of a later release to it', async () => addFields(desk)],
    ['looks for write blocks', () => user.engine.indices.writeBlocks(settingsIndex)],
    ['writes itself down', async () => writeDown(desk)],
    act({ do: 'claim-alias', alias, owner }),
    act({ do: 'take-lock', alias, holder, ...lease }),
    withToken(drawn => ({ do: 'renew-lock', alias, holder, token: drawn })),
    ...build(desk, 1).map(act),
    ['looks at a candidate', async () => lookAtCandidate(desk, 1)],
    act({ do: 'switch-alias', alias, expected: [], next: [served(1)] }),
    act({ do: 'record-switch', alias, live: 1, retired: [], since: '2026-01-01T00:00:00Z' }),
    ['looks at what serves', async () => lookAtAlias(desk)],
    ...build(desk, 2).map(act),
    act({ do: 'switch-alias', alias, expected: [served(1)], next: [served(2)] }),
    act({ do: 'record-switch', alias, live: 2, retired: [1], since: '2026-01-01T00:00:00Z' }),
    withToken(drawn => ({ do: 'release-lock', alias, holder, token: drawn })),
    act({
      do: 'expire-versions',
      alias,
      holder,
      ...lease,
      versions: [{ number: 1, indices: [versionName(alias, 1)] }],
      ownerUid: owner.uid,
    }),
    ['takes over a lock that stands still', async () => takeOverLock(desk, done)],
    act({ do: 'take-over-alias', alias, owner: heir, from: owner.uid }),
    act({ do: 'forget-run', uid: 'job-1', partitions: 2 }),
    act({ do: 'release-alias', alias, ownerUid: heir.uid }),
    act({ do: 'claim-alias', alias, owner }),
    act({ do: 'remove-alias', alias, index: versionName(alias, 2) }),
    act({ do: 'delete-version', alias, number: 2, indices: [versionName(alias, 2)], ownerUid: owner.uid }),
    act({ do: 'forget-alias', alias, ownerUid: owner.uid }),
    ['has done all that it can do', () => requireAll(done)],
  ];
}

/** A candidate until it is ready to serve; what fills it is the worker. */
function build({ alias }: Desk, number: number): readonly EngineEffect[] {
  const index = versionName(alias, number);
  const meta = { managedBy: 'reindeer', alias, version: number, ownerUid: owner.uid, requestUid: 'request-1' } as const;
  const shapes = { shapeHash: shapeHash(shape) };
  const record = aVersionRecord({ alias, index, number, ownerUid: owner.uid, ...shapes });
  return [
    { do: 'reserve-version', alias, number },
    { do: 'create-version', bodies: [{ index, body: indexBody({ shape, shards: 1, meta }) }], record },
    { do: 'note-image', index, image: 'worker:2' },
    { do: 'put-settings', index, settings: servingSettings(shape), refresh: true },
  ];
}

/** An earlier release made the index. */
async function addFields({ admin, user }: Desk): Promise<void> {
  await admin.engine.indices.putMapping(settingsIndex, { _meta: { managedBy: 'reindeer', schema: 1 } });
  await user.settings.ensure();
  const [found] = await admin.engine.indices.describe(settingsIndex);
  if (found?.meta['schema'] === 1) throw new Error('the settings index was not brought up to date');
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

async function lookAtAlias({ user, alias }: Desk): Promise<void> {
  const [view] = await viewAliases([alias], settingsIndex, user);
  const { side } = await observeAlias(alias, settingsIndex, user);
  if (view?.aliasIs !== 'alias' || side.aliasIs !== 'alias' || side.indices.length !== 1)
    throw new Error(`${alias} was not seen: ${JSON.stringify(side)}`);
  await user.engine.indices.count(alias);
}

async function takeOverLock({ admin, user, alias }: Desk, done: Set<EngineEffect['do']>): Promise<void> {
  await admin.settings.acquire({ of: 'alias', alias }, aHolder({ uid: 'gone', pod: '' }), lease);
  const seen = await admin.settings.lockRecord(alias);
  const effect = { do: 'take-over-lock', alias, holder, ...lease, seqNo: seen?.stand.seqNo ?? 0 } as const;
  await applyToEngine(effect, user);
  done.add(effect.do);
  const lock = await admin.settings.lockRecord(alias);
  await applyToEngine({ do: 'release-lock', alias, holder, token: lock?.source.lease.token ?? 0 }, user);
}

const effects: Readonly<Record<EngineEffect['do'], true>> = {
  'claim-alias': true,
  'take-over-alias': true,
  'remove-alias': true,
  'release-alias': true,
  'forget-alias': true,
  'take-lock': true,
  'take-over-lock': true,
  'renew-lock': true,
  'release-lock': true,
  'reserve-version': true,
  'create-version': true,
  'note-image': true,
  'put-settings': true,
  'switch-alias': true,
  'record-switch': true,
  'delete-version': true,
  'expire-versions': true,
  'forget-run': true,
};

async function requireAll(done: ReadonlySet<string>): Promise<void> {
  const missing = Object.keys(effects).filter(effect => !done.has(effect));
  if (missing.length > 0) throw new Error(`not tried: ${missing.join(', ')}`);
}
