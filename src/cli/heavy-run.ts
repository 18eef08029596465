import { managedBy } from '../api/meta.ts';
import { TerminalError } from '../domain/errors.ts';
import { chunkerHash, publicAliasFilter, schemaVersion, selectionHash } from '../domain/document-model.ts';
import { isoSeconds } from '../domain/progress.ts';
import { indexBody, servingSettings, shapeHash } from '../domain/shape.ts';
import { newVersionRecord, versionName } from '../domain/versions.ts';
import type { IndexMeta } from '../engine/port.ts';
import type { AliasRecord } from '../engine/settings-port.ts';
import { switchAlias } from '../engine/switch.ts';
import { writeAliasOf } from '../engine/write-alias.ts';
import { reindeerVersion } from '../runtime/version.ts';
import { takeLease, type HeldLease } from '../workers/held-lease.ts';
import type { IndexingEnd } from '../workers/index/run-indexing.ts';
import { cliOwnerUid, type CliContext } from './context.ts';
import { cliSelection, holderOf, indexInto, type IndexRequest } from './index-run.ts';
import type { Source } from './source.ts';

const lockLeaseSeconds = 15;
/** As many as an IndexedRepo has when it says nothing; on a single node they stay unassigned. */
const shape = { shards: 1, replicas: 1 } as const;
const settleTimeoutMs = 10 * 60_000;
const settlePollMs = 500;

/**
 * Builds a new version beside the live one and switches the alias to it: lock, number, candidate, documents, replicas,
 * switch with read-back, and then the old version goes (or stays, when asked). The alias answers all the time; nothing
 * before the switch touches what it serves.
 */
export async function heavyRun(context: CliContext, source: Source, request: IndexRequest): Promise<IndexingEnd> {
  const lock = await takeLock(context, request.alias);
  const guarded = { ...context, signal: AbortSignal.any([context.signal, lock.lost]) };
  try {
    const record = await agreeWithAlias(guarded, request.alias);
    const number = await candidateNumber(guarded, source, { request, record, token: lock.lease.token });
    const index = versionName(request.alias, number);
    const end = await indexInto(guarded, source, { request, index, mode: 'full' });
    if (end.exitCode !== 0) return end;
    await settle(guarded, index);
    guarded.signal.throwIfAborted();
    await switchTo(guarded, request.alias, record.live, number);
    await retire(guarded, request, record, number);
    return end;
  } finally {
    if (!lock.lost.aborted) await lock.release().catch(() => lock.abandon());
  }
}

function takeLock(context: CliContext, alias: string): Promise<HeldLease> {
  return takeLease({
    settings: context.settings,
    of: { of: 'alias', alias },
    holder: holderOf(context),
    leaseSeconds: lockLeaseSeconds,
    tokenFloor: 0,
    clock: context.clock,
    signal: context.signal,
  });
}

/**
 * The record of the alias, after a run that ended between the switch and its record: the alias itself says on which side
 * of the switch we are. An alias that points at something else is left alone.
 */
async function agreeWithAlias({ engine, settings }: CliContext, alias: string): Promise<AliasRecord> {
  const members = (await engine.aliases.members(alias)).map(member => member.index);
  const record = await settings.changeAlias(alias, known => {
    const { candidate, live, retired } = known;
    if (candidate === null || members[0] !== versionName(alias, candidate)) return known;
    return { ...known, live: candidate, candidate: null, writeSet: [candidate], retired: before(live, retired) };
  });
  const expected = record.live === null ? [] : [versionName(alias, record.live)];
  if (members.length === 0 || (members.length === 1 && members[0] === expected[0])) return record;
  throw new TerminalError(
    'AliasAmbiguous',
    `"${alias}" points at indices that Reindeer did not put there: remove them from it`,
  );
}

function before(live: number | null, retired: readonly number[]): readonly number[] {
  return live === null ? retired : [live, ...retired];
}

type CandidateContext = { readonly request: IndexRequest; readonly record: AliasRecord; readonly token: number };

/** A candidate of ours that an earlier run left is gone on with if it is what we would make; else it is removed. */
async function candidateNumber(context: CliContext, source: Source, candidate: CandidateContext): Promise<number> {
  const { settings } = context;
  const { alias } = candidate.request;
  const left = candidate.record.candidate;
  if (left !== null && (await isUsable(context, alias, left))) return left;
  if (left !== null) await deleteVersion(context, alias, left);
  const changed = await settings.changeAlias(alias, known => ({
    ...known,
    candidate: known.nextVersion,
    nextVersion: known.nextVersion + 1,
  }));
  const number = changed.nextVersion - 1;
  await createCandidate(context, source, candidate, number);
  return number;
}

async function isUsable({ engine, settings }: CliContext, alias: string, number: number): Promise<boolean> {
  const index = versionName(alias, number);
  const [found] = await engine.indices.describe(index);
  const record = await settings.versionRecord(index);
  return (
    found?.meta['ownerUid'] === cliOwnerUid &&
    found.meta['shapeHash'] === shapeHash(shape) &&
    record?.source.schema === schemaVersion &&
    record.source.chunkerHash === chunkerHash
  );
}

async function createCandidate(
  { engine, settings, clock, processUid }: CliContext,
  source: Source,
  { request, token }: CandidateContext,
  number: number,
): Promise<void> {
  const { alias, branch } = request;
  const index = versionName(alias, number);
  const meta: IndexMeta = {
    managedBy,
    schema: schemaVersion,
    alias,
    version: number,
    ownerUid: cliOwnerUid,
    requestUid: processUid,
    token,
    shapeHash: shapeHash(shape),
  };
  const body = indexBody({ shape, shards: shape.shards, meta });
  if ((await engine.indices.create(index, { ...body, aliases: writeAliasOf(index, 0) })) === 'exists') {
    throw new TerminalError(
      'Drifted',
      `index ${index} exists already and is not ours: delete it, or choose another alias`,
    );
  }
  await settings.createVersion(
    newVersionRecord({
      alias,
      number,
      ownerUid: cliOwnerUid,
      branch,
      repoUrl: source.repoUrl,
      schema: schemaVersion,
      chunkerHash,
      selectionHash: selectionHash(cliSelection),
      shapeHash: shapeHash(shape),
      workerImage: `reindeer ${reindeerVersion}`,
      since: isoSeconds(clock.now()),
    }),
  );
}

/** Gives back replicas and refresh, and waits for every copy that can be assigned. */
async function settle({ engine, clock, signal }: CliContext, index: string): Promise<void> {
  await engine.indices.putSettings(index, servingSettings(shape));
  await engine.indices.refresh(index);
  const deadlineMs = clock.elapsedMs() + settleTimeoutMs;
  for (;;) {
    const health = await engine.indices.health(index);
    if (health.status !== 'red' && health.initializingShards + health.relocatingShards === 0) return;
    if (clock.elapsedMs() > deadlineMs) {
      throw new TerminalError(
        'VerificationFailed',
        `the copies of ${index} did not become active: health is ${health.status}`,
      );
    }
    await clock.sleep(settlePollMs, signal);
    signal.throwIfAborted();
  }
}

async function switchTo(context: CliContext, alias: string, live: number | null, next: number): Promise<void> {
  const members = await context.engine.aliases.members(alias);
  const result = await switchAlias(context.engine.aliases, {
    alias,
    // An alias that is gone has nothing to compare with: the switch then only adds.
    expected: live === null || members.length === 0 ? [] : [versionName(alias, live)],
    next: [versionName(alias, next)],
    properties: { filter: publicAliasFilter },
  });
  if (result.is === 'switched') return;
  if (result.is === 'drifted') throw new TerminalError('Drifted', result.message);
  throw new TerminalError('Unexpected', `whether "${alias}" was switched is not known: run the same command again`);
}

/** Records the switch, then deletes what was live before, or keeps it. */
async function retire(context: CliContext, request: IndexRequest, before: AliasRecord, live: number): Promise<void> {
  const { settings, clock } = context;
  const { alias } = request;
  const since = isoSeconds(clock.now());
  const old = before.live === null || before.live === live ? [] : [before.live];
  await settings.changeVersion(versionName(alias, live), version => ({ ...version, phase: 'Live', since }));
  await settings.changeAlias(alias, known => ({
    ...known,
    live,
    candidate: null,
    writeSet: [live],
    retired: [...old, ...known.retired.filter(number => !old.includes(number))],
  }));
  for (const number of old) {
    if (request.keepOldIndices) {
      await settings.changeVersion(versionName(alias, number), version => ({ ...version, phase: 'Retired', since }));
    } else {
      await deleteVersion(context, alias, number);
      await settings.changeAlias(alias, known => ({
        ...known,
        retired: known.retired.filter(other => other !== number),
      }));
    }
  }
}

/** Only what carries our uid, and never what an alias of users still serves. */
async function deleteVersion({ engine, settings }: CliContext, alias: string, number: number): Promise<void> {
  const index = versionName(alias, number);
  const members = await engine.aliases.members(alias);
  if (members.some(member => member.index === index)) {
    throw new TerminalError('Drifted', `"${alias}" still serves version ${number}: it is not deleted`);
  }
  const [found] = await engine.indices.describe(index);
  if (found !== undefined && found.meta['ownerUid'] === cliOwnerUid) await engine.indices.delete(index);
  await settings.deleteVersion(index);
}
