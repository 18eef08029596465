import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';
import { treeOf } from '../../git/objects.ts';
import type { WorkerResult } from '../../work/contract.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import { mend } from './mend.ts';
import { emptyResult } from './empty-result.ts';
import { guardSelection } from './plan/guard.ts';
import { planChanges } from './plan/plan-changes.ts';
import { PlanFile } from './plan/plan-file.ts';
import type { Plan } from './plan/planning.ts';
import { withSizes } from './plan/sizing.ts';
import type { Run, Held, Trust } from './run.ts';
import type { SkipCounts } from './verify/skips.ts';
import type { Totals } from './verify/tally.ts';
import { verifyDigest } from './verify/digest.ts';
import { verifyCounts, verifyFingerprint, verifySample } from './verify/verify.ts';
import { currentRecord, markUnclean, recordCommit } from './version-record.ts';
import { writeChanges, type Written } from './write-changes.ts';

/**
 * From the held lease to the verified commit: plan, write, verify, record. The version is marked unclean from the first
 * write until the end; its commit moves only after verification, and only from where this run found it. A version that
 * was left unclean is mended first; so is one that turns out, once, not to hold what its record says.
 */
export async function applyChanges(input: IndexingInput, ports: IndexingPorts, held: Held): Promise<WorkerResult> {
  const record = await currentRecord(input, ports);
  // A version without a commit needs nearly every file; any other one only what changed.
  const blobs = record.commit === null ? { belowBytes: input.selection.maxFileBytes + 1 } : 'none';
  const repository = await ports.openRepository(blobs);
  try {
    return await apply({ input, ports, ...held, record, repository });
  } finally {
    repository.close();
  }
}

async function apply(run: Run): Promise<WorkerResult> {
  if (!run.record.clean) return mendAndApply(run);
  try {
    return await attempt(run, 'trusted');
  } catch (error) {
    if (!(error instanceof TerminalError) || error.reason !== 'VerificationFailed') throw error;
    return await mendAndApply(run);
  }
}

async function mendAndApply(run: Run): Promise<WorkerResult> {
  const mended = await mendFirst(run);
  const result = await attempt(run, 'mended');
  return { ...result, chunks: { ...result.chunks, deleted: result.chunks.deleted + mended } };
}

async function mendFirst(run: Run): Promise<number> {
  await markUnclean(run.input, run.ports);
  await run.ports.engine.indices.refresh(run.input.index);
  return mend(run);
}

/**
 * One partition of a version: mends, compares, writes and verifies its own files, whatever was there before. What of them an
 * earlier pod finished stays as it is, since their file documents say so. Records nothing: see `finishRun`.
 */
export async function applyPart(input: IndexingInput, ports: IndexingPorts, held: Held): Promise<AppliedPart> {
  const record = await currentRecord(input, ports);
  // Contents are brought by name: only those of this partition are needed.
  const repository = await ports.openRepository('none');
  try {
    const run: Run = { input, ports, ...held, record, repository };
    const mended = await mendFirst(run);
    const { plan, written, skips, digest } = await fill(run, 'mended');
    const counts = { ...written, staleChunks: written.staleChunks + mended };
    const tree = await treeOf(repository.store, input.commit);
    return { totals: plan.expected.totals, written: counts, skips, digest, tree };
  } finally {
    repository.close();
  }
}

export type AppliedPart = Verified & {
  readonly totals: Totals;
  readonly written: Written;
  readonly tree: string;
};

async function attempt(run: Run, trust: Trust): Promise<WorkerResult> {
  const { plan, written, skips, digest } = await fill(run, trust);
  const { record, lease } = run;
  const tree = await treeOf(run.repository.store, run.input.commit);
  await recordCommit(run.input, run.ports, { totals: plan.expected.totals, tree, base: record.commit, lease });
  return { ...resultOf(run, plan, written), skips, digest };
}

type Filled = { readonly plan: Plan; readonly written: Written } & Verified;

type Verified = { readonly skips: SkipCounts; readonly digest: NonNullable<WorkerResult['digest']> };

/** Plan, write, verify. */
async function fill(run: Run, trust: Trust): Promise<Filled> {
  const { input, ports } = run;
  const { plan, changes } = await plannedChanges(run, trust);
  if (changes.count > 0) await markUnclean(input, ports);
  run.reporter.expect(changes.count, input.partition && plan.expected.files);
  const written = await writeChanges(run, changes, plan);
  if (changes.count > 0) await ports.engine.indices.refresh(input.index);
  return { plan, written, ...(await verify(run, plan, written)) };
}

async function plannedChanges(run: Run, trust: Trust): Promise<{ readonly plan: Plan; readonly changes: PlanFile }> {
  const plan = await planChanges(run, trust);
  guardSelection(run.input, plan.counts);
  const changes = new PlanFile(join(run.ports.workFolder, 'sized-changes'));
  await withSizes(plan.changes, changes, run.repository);
  return { plan, changes };
}

async function verify({ input, ports }: Run, plan: Plan, { sample }: Written): Promise<Verified> {
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
  if (input.digest === 'Full') {
    const { partition, index } = input;
    const read = { engine: ports.engine, index, chunks: plan.expected.chunks, partition, signal: ports.signal };
    return { skips, digest: { of: 'Full', ...(await verifyDigest(read)) } };
  }
  const chunks = sample.reduce((sum, file) => sum + file.chunks, 0);
  return { skips, digest: { of: input.digest ?? 'Sample', files: sample.length, chunks } };
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
    fellBack: written.fellBack,
    fingerprint: expected.fingerprint.toString(),
    verify: 'ok',
    token: lease.token,
  };
}
