import type { AliasMember } from '../domain/alias-member.ts';
import { publicAlias } from '../domain/document-model.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { AliasRecord } from '../domain/records.ts';
import { servingSettings } from '../domain/shape.ts';
import { versionName } from '../domain/version.ts';
import { switchAlias } from '../fences/switch.ts';
import type { IndexingEnd } from '../workers/index/run-indexing.ts';
import type { HeldLease } from '../workers/run/held-lease.ts';
import { candidateNumber, cliShape, deleteVersion } from './candidate.ts';
import type { CliContext } from './context.ts';
import { giveBack } from './forget.ts';
import { indexInto, type IndexRequest } from './index-run.ts';
import type { Source } from './source.ts';
import { takeLock } from './take-lock.ts';

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
    if (end.exitCode !== 0) {
      await clearUp(context, request.alias, lock);
      return end;
    }
    await settle(guarded, index);
    guarded.signal.throwIfAborted();
    await switchTo(guarded, request.alias, record.live, number);
    await retire(guarded, request, record, number);
    return end;
  } catch (error) {
    await clearUp(context, request.alias, lock);
    throw error;
  } finally {
    if (!lock.lost.aborted) await lock.release().catch(() => lock.abandon());
  }
}

/** After a bad end: what was claimed and not filled is given back. That it could not be is not the news. */
async function clearUp(context: CliContext, alias: string, { lost }: HeldLease): Promise<void> {
  if (!lost.aborted) await giveBack(context, alias).catch(() => undefined);
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
    record.live === null ? 'AliasAmbiguous' : 'Drifted',
    `"${alias}" points at ${members.join(', ')}, which Reindeer did not put there: take the alias off them`,
  );
}

function before(live: number | null, retired: readonly number[]): readonly number[] {
  return live === null ? retired : [live, ...retired];
}

/** Gives back replicas and refresh, and waits for every copy that can be assigned. */
async function settle({ engine, clock, signal }: CliContext, index: string): Promise<void> {
  await engine.indices.putSettings(index, servingSettings(cliShape));
  await engine.indices.refresh(index);
  const deadlineMs = clock.elapsedMs() + settleTimeoutMs;
  for (;;) {
    const health = await engine.indices.health([index]);
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

function served(alias: string, number: number): AliasMember {
  return { index: versionName(alias, number), properties: publicAlias };
}

async function switchTo(context: CliContext, alias: string, live: number | null, next: number): Promise<void> {
  const members = await context.engine.aliases.members(alias);
  const result = await switchAlias(context.engine.aliases, {
    alias,
    // An alias that is gone has nothing to compare with: the switch then only adds.
    expected: live === null || members.length === 0 ? [] : [served(alias, live)],
    next: [served(alias, next)],
  });
  if (result.is === 'switched') return;
  if (result.is === 'drifted') throw new TerminalError('Drifted', result.message);
  const why = result.why === undefined ? '' : ` (${result.why.message})`;
  throw new RetryableError(
    result.why?.reason ?? 'EngineUnavailable',
    `whether "${alias}" was switched is not known: run the same command again${why}`,
  );
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
