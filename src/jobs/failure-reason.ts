import { reasons, type Reason } from '../api/meta.ts';
import { exitCodes } from './contract.ts';

const byExitCode: Readonly<Record<number, Reason>> = {
  [exitCodes.refGone]: 'RefNotFound',
  [exitCodes.denied]: 'AuthenticationFailed',
  [exitCodes.fullReindexNeeded]: 'FullReindexNeeded',
  [exitCodes.verificationFailed]: 'VerificationFailed',
  [exitCodes.lockLost]: 'LockLost',
};

/** Why a worker failed: the reason in its last words where it is one of ours, else what its exit code means. */
export function failureReason(exitCode: number, said: string | undefined): Reason {
  if (said !== undefined && said in reasons) return said as Reason; // checked by `in`
  return byExitCode[exitCode] ?? 'WorkerFailed';
}
