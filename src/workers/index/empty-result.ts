import type { WorkerResult } from '../../work/contract.ts';

/** A result with nothing in it yet. */
export function emptyResult(input: {
  readonly mode: WorkerResult['mode'];
  readonly index: string;
  readonly branch: string;
  readonly commit: string;
}): WorkerResult {
  return {
    v: 1,
    outcome: 'succeeded',
    reason: '',
    mode: input.mode,
    index: input.index,
    branch: input.branch,
    commit: input.commit,
    base: '',
    files: { total: 0, indexed: 0, skipped: 0, deleted: 0, failed: 0 },
    chunks: { total: 0, written: 0, deleted: 0 },
    fellBack: 0,
    skips: {},
    bulkRetries: 0,
    fingerprint: '',
    verify: '',
    ms: 0,
    token: 0,
    errors: [],
  };
}
