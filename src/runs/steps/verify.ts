import type { VersionRecord } from '../../domain/records.ts';
import { done, fail, wait } from '../../plan/step.ts';
import { candidateRecord, ground } from '../facts.ts';
import type { EngineSide } from '../observed.ts';
import type { RunStep } from '../step.ts';

export type Check = { readonly name: string; readonly result: 'Pass' | 'Fail'; readonly message: string };

/** Repeats the count itself: the engine must hold what the worker's record says it verified against the tree. */
export const verify: RunStep = {
  name: 'verify',
  phase: 'Verifying',
  look: o => {
    const record = candidateRecord(o);
    const { counts } = ground(o).engine;
    if (!record || !counts) return wait('Running', 'the documents of the candidate were not counted yet', 1000);
    const failed = checks(record, counts).filter(check => check.result === 'Fail');
    return failed.length === 0 ? done : fail('VerificationFailed', failed.map(check => check.message).join('; '));
  },
};

/** Each check with both figures, as status.verification shows it. */
export function checks(record: VersionRecord, counts: NonNullable<EngineSide['counts']>): readonly Check[] {
  return [compare('files', record.files, counts.files), compare('chunks', record.chunks, counts.chunks)];
}

function compare(name: string, recorded: number, counted: number): Check {
  return {
    name,
    result: recorded === counted ? 'Pass' : 'Fail',
    message: `${name}: ${recorded} by the worker's comparison with the tree, ${counted} in the index`,
  };
}
