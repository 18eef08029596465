import { isoSeconds } from '../../domain/progress.ts';
import { DocumentMaker } from './documents/document-maker.ts';
import { openWriter } from './open-writer.ts';
import { FilesFailedError } from '../run/outcome.ts';
import type { PlanFile } from './plan/plan-file.ts';
import type { Plan } from './plan/planning.ts';
import type { Run } from './run.ts';
import { Sample, sampleSize, type SampledFile } from './verify/sample.ts';
import { hasSameChunks, stepsOf, type Step } from './write-file.ts';

/** What was written, by count, and the files to look at closely afterwards. */
export type Written = {
  readonly indexed: number;
  readonly removed: number;
  readonly chunks: number;
  readonly staleChunks: number;
  /** Files of a language with a grammar that were cut by lines all the same. */
  readonly fellBack: number;
  readonly sample: readonly SampledFile[];
};

/**
 * Makes all changes of a plan and counts in `plan.expected` what they make. Throws FilesFailedError at the end when the
 * engine refused a file: the others are written, the commit does not move.
 */
export async function writeChanges(run: Run, changes: PlanFile, plan: Plan): Promise<Written> {
  const counts = { indexed: 0, removed: 0, chunks: 0, staleChunks: 0, fellBack: 0 };
  if (changes.count === 0) return { ...counts, sample: [] };
  const isSampled = (run.input.digest ?? 'Sample') === 'Sample';
  const sample = new Sample(run.input.commit, isSampled ? sampleSize(changes.count) : 0);
  const writer = openWriter(run, () => run.reporter.did(1));
  const maker = makerOf(run, changes.count);
  try {
    const { maxFileBytes } = run.input.selection;
    // Content on its way and documents that wait to be sent share one bound, the size of a bulk.
    const context = { maker, maxFileBytes, aheadBytes: run.input.bulkBytes / 2 };
    for await (const step of stepsOf(changes, run.repository, context)) {
      run.ports.signal.throwIfAborted();
      await writer.write(step.write);
      count(step, plan, counts);
      const { change, documents } = step;
      if (documents?.state === 'indexed') sample.offer({ filePath: change.filePath, chunks: documents.chunkCount });
    }
    await writer.finish();
  } finally {
    await maker.close();
  }
  const [first] = writer.failed;
  if (first !== undefined) {
    const others = writer.failed.length - 1;
    throw new FilesFailedError(`${first.filePath}: ${first.reason}${others > 0 ? ` (and ${others} more files)` : ''}`);
  }
  return { ...counts, sample: sample.files };
}

function makerOf({ input, ports: { clock, signal, sharedThreads }, lease }: Run, files: number): DocumentMaker {
  const { alias, repoUrl, branch, parseConcurrency } = input;
  const context = { repo: alias, repoUrl, branch, indexedAt: isoSeconds(clock.now()), token: lease.token };
  return new DocumentMaker({
    ...{ context, files, clock, signal, shared: sharedThreads },
    ...(parseConcurrency && { threads: parseConcurrency }),
  });
}

type Counts = { indexed: number; removed: number; chunks: number; staleChunks: number; fellBack: number };

function count({ change, documents, write }: Step, plan: Plan, counts: Counts): void {
  counts.staleChunks += write.stale.length;
  if (plan.by === 'diff' && change.previous !== undefined) plan.expected.drop(change.filePath, change.previous);
  if (change.do === 'remove' || documents === undefined) {
    counts.removed += 1;
    return;
  }
  if (documents.state === 'indexed') counts.indexed += 1;
  if (documents.fellBack) counts.fellBack += 1;
  if (!hasSameChunks(change, documents)) counts.chunks += documents.chunkCount;
  plan.expected.put(change, { state: documents.state, chunks: documents.chunkCount });
}
