import { isReason, reasons, reasonsThat, type Reason } from '../api/reasons.ts';

/** Why a worker failed: the reason in its last words where it is one of ours, else what its exit code means. */
export function failureReason(exitCode: number, said: string | undefined): Reason {
  if (said !== undefined && isReason(said)) return said;
  return reasonsThat('ofExitCode').find(reason => reasons[reason].exitCode === exitCode) ?? 'WorkerFailed';
}
