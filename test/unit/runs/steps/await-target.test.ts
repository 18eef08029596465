import { describe, expect, it } from '@jest/globals';
import { awaitTarget } from '../../../../src/runs/steps/await-target.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { aBegunCopy, aCopyRequest } from '../../../support/objects/a-copy.ts';
import { asRequest, aFreshRun, aTarget } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at, t0 } from '../../../support/objects/an-object.ts';

const fresh = aFreshRun();
const copy = aBegunCopy();
const begun = asRequest(copy, aCopyRequest({ started: at(0) }));
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
    ['waits for the cluster of a bare alias', { ...copy, target: undefined }, 'wait: TargetNotFound'],
    ['fails for one that was there', { ...begun, target: undefined }, 'fail: TargetDeleted'],
    ['waits for the engine', { ...fresh, engine: undefined }, 'wait: EngineUnavailable'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(awaitTarget, o)).toBe(verdict);
  });

  it('names what is not there', () => {
    const said = (o: Observed): string => {
      const verdict = awaitTarget.look({ ...o, target: undefined });
      return 'message' in verdict ? (verdict.message ?? '') : '';
    };
    expect(said(fresh)).toContain('there is no IndexedRepo "kibana" in this namespace yet');
    expect(said(copy)).toContain('there is no SearchCluster "main" in this namespace yet');
    expect(said(begun)).toBe('SearchCluster "main" was deleted while the run was at work');
  });
});
