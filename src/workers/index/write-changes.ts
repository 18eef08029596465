import { isoSeconds } from '../../domain/progress.ts';
import type { Run } from './apply-changes.ts';
import { FilesFailedError } from './outcome.ts';
import { openWriter } from './open-writer.ts';
import type { PlanFile } from './plan-file.ts';
import type { Plan } from './planning.ts';
import { Sample, sampleSize, type SampledFile } from './sample.ts';
import { hasSameChunks, stepsOf, type Step } from './write-file.ts';

/** What was written, by count, and the files to look at closely afterwards. */
export type Written = {
  readonly indexed: number;
  readonly removed: number;
  readonly chunks: number;
  readonly staleChunks: number;
  readonly sample: readonly SampledFile[];
};

/**
 * Makes all changes of a plan and counts in `plan.expected` what they make. Throws FilesFailedError at the end when the
 * engine refused a file: the others are written, the commit does not move.
 */
export async function writeChanges(run: Run, changes: PlanFile, plan: Plan): Promise<Written> {
  if (changes.count === 0) return { indexed: 0, removed: 0, chunks: 0, staleChunks: 0, sample: [] };
  const counts = { indexed: 0, removed: 0, chunks: 0, staleChunks: 0 };
  const sample = new Sample(run.input.commit, sampleSize(changes.count));
  const writer = openWriter(run, () => run.reporter.fileDone());
  for await (const step of stepsOf(changes, run.repository, stepContext(run))) {
    run.ports.signal.throwIfAborted();
    await writer.write(step.write);
    count(step, plan, counts);
    const { change, documents } = step;
    if (documents?.state === 'indexed') sample.offer({ filePath: change.filePath, chunks: documents.chunkCount });
  }
  await writer.finish();
  const [first] = writer.failed;
  if (first !== undefined) {
    const others = writer.failed.length - 1;
    throw new FilesFailedError(`${first.filePath}: ${first.reason}${others > 0 ? ` (and ${others} more files)` : ''}`);
  }
  return { ...counts, sample: sample.files };
}

function stepContext({ input, ports, lease }: Run) {
  return {
    documents: {
      repo: input.alias,
      repoUrl: input.repoUrl,
      branch: input.branch,
      indexedAt: isoSeconds(ports.clock.now()),
    },
    token: lease.token,
    maxFileBytes: input.selection.maxFileBytes,
  };
}

type Counts = { indexed: number; removed: number; chunks: number; staleChunks: number };

function count({ change, documents, write }: Step, plan: Plan, counts: Counts): void {
  counts.staleChunks += write.stale.length;
  if (plan.by === 'diff' && change.previous !== undefined) plan.expected.drop(change.filePath, change.previous);
  if (change.do === 'remove' || documents === undefined) {
    counts.removed += 1;
    return;
  }
  if (documents.state === 'indexed') counts.indexed += 1;
  if (!hasSameChunks(change, documents)) counts.chunks += documents.chunkCount;
  plan.expected.put(change, { state: documents.state, chunks: documents.chunkCount });
}
