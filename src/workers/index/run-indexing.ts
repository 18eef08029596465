import { exitCodes, type ExitCode } from '../../api/exit-codes.ts';
import { bounded } from '../../domain/bounded-text.ts';
import { chunkerHash, schemaVersion } from '../../domain/document-model.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { VersionRecord } from '../../domain/records.ts';
import { fenceWriters, writeAliasName } from '../../fences/write-alias.ts';
import { type WorkerResult } from '../../work/contract.ts';
import { takeLease, withLease } from '../run/held-lease.ts';
import { applyChanges } from './apply-changes.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import { causeOf, failureOf, FullReindexNeededError } from '../run/outcome.ts';
import { emptyResult } from './empty-result.ts';
import { partBook } from './part-record.ts';
import { Reporter, type RunBook, type Subject } from '../run/reporter.ts';
import { runPartition } from './run-partition.ts';
import { runBook } from '../run/run-record.ts';
import { isUpToDate } from './version-record.ts';
import { writerLease } from '../run/writer-lease.ts';

export type IndexingEnd = { readonly exitCode: ExitCode; readonly result: WorkerResult };

/**
 * Makes a version hold exactly the selected files of one commit, and proves it: the one way in which pods and the command
 * line index. Whatever happened before (a crash, a force-push, other globs), the same documents come out. Never throws:
 * every end is an exit code of the worker contract and a result that says why.
 */
export async function runIndexing(input: IndexingInput, ports: IndexingPorts): Promise<IndexingEnd> {
  const startedMs = ports.clock.elapsedMs();
  const reporter = new Reporter({ ...ports, subject: subjectOf(input), book: bookOf(input, ports) });
  const end = await indexed(input, ports, reporter).catch((error: unknown) => failed(input, causeOf(error, ports)));
  const outcome = end.result.outcome === 'skipped' ? 'noop' : end.result.outcome;
  if (reporter.isStarted) await reporter.end(outcome, end.result.reason, end.result.errors[0] ?? '');
  const ms = Math.round(ports.clock.elapsedMs() - startedMs);
  return { ...end, result: { ...end.result, ms, bulkRetries: reporter.bulkRetries } };
}

function subjectOf({ runUid, alias, index, mode, commit }: IndexingInput): Subject {
  return { runUid, alias, index, mode, commit, unit: 'Files' };
}

function bookOf({ runUid, index, holder, partition }: IndexingInput, { settings }: IndexingPorts): RunBook {
  if (partition !== undefined) return partBook(settings, { run: runUid, partition: partition.index, holder });
  return runBook(settings, { run: runUid, index });
}

function failed(input: IndexingInput, error: unknown): IndexingEnd {
  const { exitCode, reason, message } = failureOf(error);
  return { exitCode, result: { ...emptyResult(input), outcome: 'failed', reason, errors: [bounded(message)] } };
}

async function indexed(input: IndexingInput, ports: IndexingPorts, reporter: Reporter): Promise<IndexingEnd> {
  const record = await readVersion(input, ports);
  if (await isLockedOut(input, ports, record)) {
    const result = { ...emptyResult(input), outcome: 'skipped', reason: 'HeldByRequest' } as const;
    return { exitCode: exitCodes.done, result };
  }
  if (isUpToDate(input, record)) {
    const result = { ...noop(input, record), ...(await digestBefore(input, ports, record)) };
    return { exitCode: exitCodes.done, result };
  }
  if (input.partition !== undefined) {
    const result = await runPartition({ ...input, partition: input.partition }, ports, reporter);
    return { exitCode: exitCodes.done, result };
  }
  await reporter.start();
  const held = await takeLease(writerLease(input, ports));
  return withLease(held, async onLostReply => {
    await fenceWriters(ports.engine, input.index, held.lease.epoch);
    const signal = AbortSignal.any([ports.signal, held.lost]);
    const target = writeAliasName(input.index, held.lease.epoch);
    const run = { lease: held.lease, target, reporter, onLostReply };
    const result = await applyChanges(input, { ...ports, signal }, run).catch((error: unknown) => {
      throw causeOf(error, { signal });
    });
    return { exitCode: exitCodes.done, result };
  });
}

/** Throws FullReindexNeededError for a version that was made in another way than this program works. */
async function readVersion(input: IndexingInput, { settings }: IndexingPorts): Promise<VersionRecord> {
  const found = await settings.versionRecord(input.index);
  if (found === undefined) {
    throw new TerminalError('Drifted', `version ${input.index} has no record: it was deleted, or never made`);
  }
  const record = found.source;
  if (record.schema !== schemaVersion || record.chunkerHash !== chunkerHash) {
    const message = `${input.index} was made with another document model (${record.schema}/${record.chunkerHash}, this program writes ${schemaVersion}/${chunkerHash}): it has to be built anew`;
    throw new FullReindexNeededError(message);
  }
  return record;
}

/**
 * While a heavy run holds the alias, light runs leave the live version alone, unless they are told to go on beside one of
 * the operator: that one catches up before its switch, an outside program may not. The candidate is that run's own.
 */
async function isLockedOut(input: IndexingInput, ports: IndexingPorts, record: VersionRecord): Promise<boolean> {
  if (input.mode === 'full' || record.phase !== 'Live') return false;
  const lock = (await ports.settings.lockRecord(input.alias))?.source.lease;
  return lock?.held === true && !(input.duringReindex === 'Continue' && lock.holder?.kind === 'Heavy');
}

/** An earlier pod of this Job recorded the version, or its part of it, and had read all of that back before. */
async function digestBefore(
  { digest, partition, runUid }: IndexingInput,
  { settings }: IndexingPorts,
  record: VersionRecord,
): Promise<Pick<WorkerResult, 'digest'>> {
  if (digest !== 'Full') return {};
  const parts = partition && (await settings.partRecords(runUid));
  const held = parts ? parts.find(part => part.partition === partition.index) : record;
  return { digest: { of: digest, files: held?.files ?? 0, chunks: held?.chunks ?? 0 } };
}

function noop(input: IndexingInput, record: VersionRecord): WorkerResult {
  const { files, chunks, skipped, fingerprint, commit } = record;
  return {
    ...emptyResult(input),
    outcome: 'noop',
    reason: 'UpToDate',
    base: commit ?? '',
    files: { total: files, indexed: 0, skipped, deleted: 0, failed: 0 },
    chunks: { total: chunks, written: 0, deleted: 0 },
    fingerprint,
  };
}
