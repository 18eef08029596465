import { describe, expect, it } from '@jest/globals';
import { awaitTarget } from '../../../../src/runs/steps/await-target.ts';
import { aFreshRun, aTarget } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at, t0 } from '../../../support/objects/an-object.ts';

const fresh = aFreshRun();
const leaving = aTarget({ metadata: { deletionTimestamp: at(0) } });

describe('await-target', () => {
  it.each<Row>([
    ['is done once target and engine are there', fresh, 'done'],
    ['waits for a target that was never there', { ...fresh, target: undefined }, 'wait: TargetNotFound'],
    [
      'does so for five minutes',
      { ...fresh, target: undefined, now: new Date(t0.getTime() + 300_000) },
      'fail: TargetNotFound',
    ],
    ['fails for one that goes', { ...fresh, target: leaving }, 'fail: TargetNotFound'],
    ['waits for the engine', { ...fresh, engine: undefined }, 'wait: EngineUnavailable'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(awaitTarget, o)).toBe(verdict);
  });
});
