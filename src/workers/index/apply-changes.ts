import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';
import { selectionHash } from '../../domain/document-model.ts';
import type { Lease, VersionRecord } from '../../engine/settings-port.ts';
import { treeOf } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import type { WorkerResult } from '../../jobs/contract.ts';
import { guardSelection } from './guard.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import { emptyResult } from './outcome.ts';
import { mend } from './mend.ts';
import { planChanges } from './plan-changes.ts';
import { PlanFile } from './plan-file.ts';
import type { Plan } from './planning.ts';
import type { Reporter } from './reporter.ts';
import { withSizes } from './sizing.ts';
import type { SkipCounts } from './skips.ts';
import { verifyCounts, verifyFingerprint, verifySample } from './verify.ts';
import { writeChanges, type Written } from './write-changes.ts';

/** One run with the writer's lease held. */
export type Run = {
  readonly input: IndexingInput;
  readonly ports: IndexingPorts;
  readonly lease: Lease;
  readonly reporter: Reporter;
  /** To be called when a write may still be under way that nobody awaits: the lease then has to run out. */
  readonly onLostReply: () => void;
  /** Read with the lease held: nobody else changes it now. */
  readonly record: VersionRecord;
  readonly repository: Repository;
};

/**
 * From the held lease to the verified commit: plan, write, verify, record. The version is marked unclean from the first
 * write until the end; its commit moves only after verification, and only from where this run found it. A version that
 * was left unclean is mended first; so is one that turns out, once, not to hold what its record says.
 */
export async function applyChanges(
  input: IndexingInput,
  ports: IndexingPorts,
  held: Pick<Run, 'lease' | 'reporter' | 'onLostReply'>,
): Promise<WorkerResult> {
  const record = await currentRecord(input, ports);
  // A version without a commit needs nearly every file; any other one only what changed.
  const blobs = record.commit === null ? { belowBytes: input.selection.maxFileBytes + 1 } : 'none';
  const run: Run = { input, ports, ...held, record, repository: await ports.openRepository(blobs) };
  if (!record.clean) return mendAndApply(run);
  try {
    return await attempt(run, 'trusted');
  } catch (error) {
    if (!(error instanceof TerminalError) || error.reason !== 'VerificationFailed') throw error;
    return await mendAndApply(run);
  }
}

async function mendAndApply(run: Run): Promise<WorkerResult> {
  await markUnclean(run);
  await run.ports.engine.indices.refresh(run.input.index);
  const mended = await mend(run);
  const result = await attempt(run, 'mended');
  return { ...result, chunks: { ...result.chunks, deleted: result.chunks.deleted + mended } };
}

/** What the version's record is worth: a mended version is compared as a whole. */
export type Trust = 'trusted' | 'mended';

async function attempt(run: Run, trust: Trust): Promise<WorkerResult> {
  const { input, ports } = run;
  const { plan, changes } = await plannedChanges(run, trust);
  if (changes.count > 0) await markUnclean(run);
  run.reporter.expect(changes.count);
  const written = await writeChanges(run, changes, plan);
  if (changes.count > 0) await ports.engine.indices.refresh(input.index);
  const skips = await verify(run, plan, written);
  await recordCommit(run, plan);
  return { ...resultOf(run, plan, written), skips };
}

async function markUnclean({ input, ports }: Run): Promise<void> {
  await ports.settings.changeVersion(input.index, version => ({ ...version, clean: false }));
}

async function currentRecord(input: IndexingInput, { settings }: IndexingPorts): Promise<VersionRecord> {
  const found = await settings.versionRecord(input.index);
  if (found !== undefined) return found.source;
  throw new TerminalError('Drifted', `the record of ${input.index} was deleted while a run was at work`);
}

async function plannedChanges(run: Run, trust: Trust): Promise<{ readonly plan: Plan; readonly changes: PlanFile }> {
  const plan = await planChanges(run, trust);
  guardSelection(run.input, plan.counts);
  const changes = new PlanFile(join(run.ports.workFolder, 'sized-changes'));
  await withSizes(plan.changes, changes, run.repository);
  return { plan, changes };
}

async function verify({ input, ports }: Run, plan: Plan, { sample }: Written): Promise<SkipCounts> {
  const verification = {
    engine: ports.engine,
    index: input.index,
    expected: plan.expected,
    sample,
    partition: input.partition,
  };
  const skips = await verifyCounts(verification);
  // After a diff the sum follows from the record's: reading every file document would cost what the diff saved.
  if (plan.by === 'comparison') await verifyFingerprint(verification);
  await verifySample(verification);
  return skips;
}

async function recordCommit({ input, ports, record, repository, lease }: Run, { expected }: Plan): Promise<void> {
  const tree = await treeOf(repository.store, input.commit);
  await ports.settings.changeVersion(input.index, version => {
    if (version.commit !== record.commit || version.writer.token !== lease.token) {
      throw new TerminalError('LockLost', `the commit of ${input.index} was moved by somebody else`);
    }
    return {
      ...version,
      phase: version.phase === 'Building' ? 'Complete' : version.phase,
      base: record.commit,
      commit: input.commit,
      tree,
      branch: input.branch,
      repoUrl: input.repoUrl,
      selectionHash: selectionHash(input.selection),
      files: expected.files,
      chunks: expected.chunks,
      skipped: expected.skipped,
      fingerprint: expected.fingerprint.toString(),
      clean: true,
    };
  });
}

function resultOf({ input, record, lease }: Run, plan: Plan, written: Written): WorkerResult {
  const { expected } = plan;
  return {
    ...emptyResult(input),
    base: record.commit ?? '',
    files: {
      total: expected.files,
      indexed: written.indexed,
      skipped: expected.skipped,
      deleted: written.removed,
      failed: 0,
    },
    chunks: { total: expected.chunks, written: written.chunks, deleted: written.staleChunks },
    fingerprint: expected.fingerprint.toString(),
    verify: 'ok',
    token: lease.token,
  };
}
