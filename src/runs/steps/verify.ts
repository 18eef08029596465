import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import type { VersionRecord } from '../../domain/records.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { isJustApproved } from '../control.ts';
import { candidateRecord } from '../facts.ts';
import type { Observed } from '../observed.ts';
import { engineQuestion, type RunStep } from '../step.ts';

export type Check = { readonly name: string; readonly result: 'Pass' | 'Fail'; readonly message: string };

type Counts = { readonly files: number; readonly chunks: number };

export const documentCounts = engineQuestion('documents of the candidate', async (o, { engine }): Promise<Counts> => {
  const index = candidateRecord(o)?.index ?? '';
  const [files = 0, chunks = 0] = await Promise.all(
    ['file', 'chunk'].map(doc => engine.indices.count(index, { term: { doc } })),
  );
  return { files, chunks };
});

/**
 * Repeats the count itself: the engine must hold what the worker's record says it verified against the tree. Done once that
 * is written down, so that nothing is counted again while a later step waits.
 */
export const verify: RunStep = {
  name: 'verify',
  phase: 'Verifying',
  look: o => {
    const record = candidateRecord(o);
    if (!record) return wait('Running', 'the record of the candidate is not there yet', 1000);
    if (isWrittenDown(o, record)) return done;
    const counts = answerTo(o, documentCounts);
    if (!counts) return ask(documentCounts);
    const failed = checks(record, counts).filter(check => check.result === 'Fail');
    if (failed.length > 0) return fail('VerificationFailed', failed.map(check => check.message).join('; '));
    return wait('Running', 'both counts are as they should be', 1000);
  },
  // A candidate that is brought further is counted again: while an earlier step is at work nothing is verified.
  tell: {
    field: 'verification',
    of: (o, verdict) => (verdict === undefined ? undefined : (counted(o) ?? o.request.status.verification)),
  },
};

/** What was counted holds for the commit that the status named together with it. */
export function isWrittenDown({ request }: Observed, { commit }: VersionRecord): boolean {
  const { verification = [], to } = request.status;
  // What stood at a gate for long is counted once more before it serves.
  if (isJustApproved(request)) return false;
  return verification.length > 0 && verification.every(({ result }) => result === 'Pass') && to?.commit === commit;
}

function counted(o: Observed): ReindexRequestStatus['verification'] {
  const [record, counts] = [candidateRecord(o), answerTo(o, documentCounts)];
  return record && counts && [...checks(record, counts)];
}

/** Each check with both figures, as status.verification shows it. */
export function checks(record: VersionRecord, counts: Counts): readonly Check[] {
  return [compare('files', record.files, counts.files), compare('chunks', record.chunks, counts.chunks)];
}

function compare(name: string, recorded: number, counted: number): Check {
  return {
    name,
    result: recorded === counted ? 'Pass' : 'Fail',
    message: `${name}: ${recorded} by the worker's comparison with the tree, ${counted} in the index`,
  };
}
