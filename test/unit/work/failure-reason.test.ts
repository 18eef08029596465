import { describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../../src/api/exit-codes.ts';
import { failureReason } from '../../../src/work/failure-reason.ts';

describe('why a worker failed', () => {
  it.each([
    ['its word where that is one of ours', exitCodes.badConfiguration, 'NothingSelected', 'NothingSelected'],
    ['what its exit code means where it says nothing', exitCodes.refGone, undefined, 'RefNotFound'],
    ['what its exit code means where its word is none of ours', exitCodes.lockLost, 'Oops', 'LockLost'],
    ['that it failed where neither means anything', 1, '', 'WorkerFailed'],
    ['that it failed where its word is one that every object has', 1, 'constructor', 'WorkerFailed'],
    [
      'its exit code where its word is one that every object has',
      exitCodes.denied,
      '__proto__',
      'AuthenticationFailed',
    ],
  ])('is %s', (_what, exitCode, said, reason) => {
    expect(failureReason(exitCode, said)).toBe(reason);
  });
});
