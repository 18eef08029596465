import { describe, expect, it } from '@jest/globals';
import { releaseLock } from '../../../../src/runs/steps/release-lock.ts';
import { aRecordedRun, heldLock, onEngine } from '../../../support/objects/a-run.ts';
import { verdictOf } from '../../../support/objects/a-verdict.ts';

const recorded = aRecordedRun();

describe('release-lock', () => {
  it('gives the lock back, and is done without it', () => {
    expect(verdictOf(releaseLock, recorded)).toBe('act: release-lock/kibana');
    const free = onEngine(recorded, { lock: heldLock({}, { held: false, holder: null }) });
    expect(verdictOf(releaseLock, free)).toBe('done');
  });
});
