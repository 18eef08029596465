import type { EngineHands } from '../alias/engine-hands.ts';
import { handOver, noOwner, releaseAlias } from '../alias/transfer.ts';
import { ConflictError, RetryableError, TerminalError } from '../domain/errors.ts';
import type { IndexBody } from '../domain/index-body.ts';
import type { Owner } from '../domain/records.ts';
import { versionName } from '../domain/version.ts';
import type { Granted, Refused, Settings } from '../registry/port.ts';
import type { Effect } from './effect.ts';

export type EngineEffect = Exclude<
  Effect,
  { do: 'create-job' | 'create-request' | 'delete-job' | 'delete-request' | 'add-finalizer' | 'remove-finalizer' }
>;

type Of<Name extends EngineEffect['do']> = Extract<EngineEffect, { do: Name }>;

/** One exhaustive switch: what each effect on the engine and its settings index is. */
export async function applyToEngine(effect: EngineEffect, hands: EngineHands): Promise<void> {
  const { settings } = hands;
  switch (effect.do) {
    case 'claim-alias':
      return claim(effect, hands);
    case 'take-over-alias':
      return takeOverAlias(effect, hands);
    case 'remove-alias':
      return removeAlias(effect, hands);
    case 'release-alias':
      return releaseAlias(effect, hands);
    case 'forget-alias':
      return settings.forgetAlias(effect.alias, effect.ownerUid);
    case 'take-lock':
      granted(await settings.acquire({ of: 'alias', alias: effect.alias }, effect.holder, effect));
      return;
    case 'take-over-lock':
      return takeOver(effect, settings);
    case 'renew-lock':
      if ((await settings.renew({ of: 'alias', alias: effect.alias }, effect.holder, effect.token)) === 'lost')
        throw new ConflictError(`the lock of ${effect.alias} went to somebody else`);
      return;
    case 'release-lock':
      return settings.release({ of: 'alias', alias: effect.alias }, effect.holder, effect.token);
    case 'reserve-version':
      await settings.changeAlias(effect.alias, record =>
        record.nextVersion === effect.number
          ? { ...record, candidate: effect.number, nextVersion: effect.number + 1 }
          : record,
      );
      return;
    case 'create-version':
      return createVersion(effect, hands);
    case 'note-image':
      await settings.changeVersion(effect.index, record => ({ ...record, workerImage: effect.image }));
      return;
    case 'put-settings':
      await hands.engine.indices.putSettings(effect.index, effect.settings);
      if (effect.refresh) await hands.engine.indices.refresh(effect.index);
      return;
    case 'switch-alias':
      return switchAlias(effect, hands);
    case 'record-switch':
      return recordSwitch(effect, settings);
    case 'delete-version':
      return deleteVersion(effect, hands);
    case 'expire-versions':
      return expireVersions(effect, hands);
    case 'forget-run':
      return settings.deleteRun(effect.uid, effect.partitions);
    default:
      return effect satisfies never;
  }
}

/**
 * An alias whose owner left it behind on purpose goes to the next one who asks, with everything behind it. The record
 * goes first: of several who ask, one gets it, and only that one touches the indices.
 */
async function claim({ alias, owner }: Of<'claim-alias'>, hands: EngineHands): Promise<void> {
  const claimed = await hands.settings.claim(alias, owner);
  const taker =
    claimed.is === 'ours'
      ? owner
      : (
          await hands.settings.changeAlias(alias, record =>
            record.owner.uid === noOwner ? { ...record, owner } : record,
          )
        ).owner;
  // A record of an earlier release names no operator.
  if (claimed.is === 'ours' && claimed.record.owner.operator === undefined)
    await hands.settings.changeAlias(alias, record => (record.owner.uid === owner.uid ? { ...record, owner } : record));
  if (taker.uid !== owner.uid)
    throw new TerminalError('AliasOwnedElsewhere', `"${alias}" belongs to ${ownerText(taker)}`);
  await handOver(alias, { from: noOwner, to: owner.uid }, hands);
}

/** The record first, which also remembers from whom: as long as something carries that uid, this is done again. */
async function takeOverAlias({ alias, owner, from }: Of<'take-over-alias'>, hands: EngineHands): Promise<void> {
  const { owner: taker } = await hands.settings.changeAlias(alias, record =>
    record.owner.uid === from ? { ...record, owner, previous: record.owner } : record,
  );
  if (taker.uid !== owner.uid)
    throw new TerminalError('AliasOwnedElsewhere', `"${alias}" belongs to ${ownerText(taker)}`);
  await handOver(alias, { from, to: owner.uid }, hands);
}

function ownerText(owner: Owner): string {
  return owner.namespace === '' ? owner.name : `IndexedRepo ${owner.namespace}/${owner.name}`;
}

/** Refused means that the alias no longer points there: what was wanted. */
async function removeAlias({ alias, index }: Of<'remove-alias'>, { engine }: EngineHands): Promise<void> {
  const answer = await engine.aliases.update([{ remove: { index, alias, must_exist: true } }]);
  if (answer === 'unconfirmed')
    throw new RetryableError('EngineUnavailable', `the removal of ${alias} is not confirmed yet`);
}

function granted(answer: Granted | Refused): Granted {
  if (answer.is === 'granted') return answer;
  throw new ConflictError(`the lock is held by ${answer.lease.holder?.name ?? 'somebody'}`);
}

async function takeOver(effect: Of<'take-over-lock'>, settings: Settings): Promise<void> {
  const record = await settings.lockRecord(effect.alias);
  if (!record || record.stand.seqNo !== effect.seqNo) throw new ConflictError('the lock moved: its holder is alive');
  const seen: Refused = { is: 'held', lease: record.source.lease, seqNo: effect.seqNo };
  granted(await settings.takeOver({ of: 'alias', alias: effect.alias }, effect.holder, seen, effect));
}

async function createVersion({ bodies, record }: Of<'create-version'>, hands: EngineHands): Promise<void> {
  for (const { index, body } of bodies) await createIndex(index, body, record.writer.epoch, hands);
  await hands.settings.createVersion(record);
}

async function createIndex(index: string, body: IndexBody, epoch: number, hands: EngineHands): Promise<void> {
  const aliases = hands.writeAliasOf(index, epoch);
  if ((await hands.engine.indices.create(index, { ...body, aliases })) !== 'exists') return;
  const [found] = await hands.engine.indices.describe(index);
  const wanted = body.mappings['_meta'] as { requestUid?: unknown } | undefined; // written by indexBody
  if (found?.meta['requestUid'] !== wanted?.requestUid) throw new ConflictError(`${index} was made by somebody else`);
}

async function switchAlias({ alias, expected, next }: Of<'switch-alias'>, hands: EngineHands): Promise<void> {
  const result = await hands.switchAlias({ alias, expected, next });
  switch (result.is) {
    case 'switched':
      return;
    case 'drifted':
      throw new TerminalError('Drifted', result.message);
    case 'unconfirmed':
      throw (
        result.why ??
        new RetryableError(
          'EngineUnavailable',
          `the switch of ${alias} is not confirmed yet; the alias will be read again`,
        )
      );
    default:
      return result satisfies never;
  }
}

/** The alias record last: as long as it does not say so, this is done again. */
async function recordSwitch({ alias, live, retired, since }: Of<'record-switch'>, settings: Settings): Promise<void> {
  await settings.changeVersion(versionName(alias, live), record => ({ ...record, phase: 'Live', since }));
  for (const number of retired)
    if (await settings.versionRecord(versionName(alias, number)))
      await settings.changeVersion(versionName(alias, number), record =>
        record.phase === 'Retired' ? record : { ...record, phase: 'Retired', since },
      );
  await settings.changeAlias(alias, record => ({ ...record, live, retired, candidate: null, writeSet: [live] }));
}

async function expireVersions(effect: Of<'expire-versions'>, hands: EngineHands): Promise<void> {
  const { alias, holder, ownerUid } = effect;
  const lock = { of: 'alias', alias } as const;
  const { lease } = granted(await hands.settings.acquire(lock, holder, effect));
  try {
    for (const version of effect.versions)
      await deleteVersion({ do: 'delete-version', alias, ...version, ownerUid }, hands);
  } finally {
    await hands.settings.release(lock, holder, lease.token);
  }
}

/**
 * Looks again right before it deletes: only indices that carry our owner uid and that the alias does not serve, and none of
 * them where one is not so.
 */
async function deleteVersion(
  { alias, number, indices, ownerUid }: Of<'delete-version'>,
  { engine, settings }: EngineHands,
): Promise<void> {
  const found = await engine.indices.describe(indices.join(','));
  for (const { name, meta, aliases } of found) {
    if (meta['ownerUid'] !== ownerUid)
      throw new TerminalError('AliasOwnedElsewhere', `${name} does not carry our owner uid: left alone`);
    if (Object.hasOwn(aliases, alias)) throw new TerminalError('Drifted', `${name} is served by ${alias}: left alone`);
  }
  for (const { name } of found) await engine.indices.delete(name);
  await settings.deleteVersion(versionName(alias, number));
  await settings.changeAlias(alias, record => ({
    ...record,
    candidate: record.candidate === number ? null : record.candidate,
    retired: record.retired.filter(each => each !== number),
    writeSet: record.writeSet.filter(each => each !== number),
  }));
}
