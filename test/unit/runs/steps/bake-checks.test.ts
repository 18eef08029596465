import { describe, expect, it } from '@jest/globals';
import type { Observed } from '../../../../src/runs/observed.ts';
import { bakeAnswers, bakeChecks } from '../../../../src/runs/steps/bake-checks.ts';
import { answered, aRecordedRun, green, heldLock, onEngine } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

type Seen = 'Pass' | 'Unclear' | 'Fail';

/** In its bake, with what the status says of its health. */
function baking(onFailure?: string, before?: Seen, isCheckDue = true): Observed {
  const o = aRecordedRun();
  const bakeChecksBefore = before && [{ name: 'health', result: before, message: 'as it was' }];
  const request = {
    ...o.request,
    spec: { ...o.request.spec, bake: { for: '1h', onFailure } },
    status: { ...o.request.status, bakeUntil: at(3600), bakeChecks: bakeChecksBefore },
  } as Observed['request']; // as far as it is read
  return { ...onEngine(o, { lock: heldLock() }), request, isCheckDue };
}

const finding = (o: Observed, status: 'green' | 'red'): Observed =>
  answered(o, bakeAnswers, { health: { ...green, status }, queries: new Map() });
const told = (o: Observed) => (bakeChecks.tell?.of(o, undefined) as readonly { readonly result: Seen }[])[0]?.result;

describe('bake-checks', () => {
  it.each<Row>([
    ['has nothing to look at before the bake', { ...aRecordedRun(), isCheckDue: true }, 'done'],
    ['asks when it is due', baking(), 'ask: how the version in its bake does'],
    ['asks nothing before', baking(undefined, 'Pass', false), 'done'],
    ['is content with a version that does well', finding(baking(), 'green'), 'done'],
    ['does nothing about a first failure', finding(baking('Rollback', 'Pass'), 'red'), 'done'],
    ['goes back at the second', finding(baking('Rollback', 'Unclear'), 'red'), 'fail: RolledBack'],
    ['stands still instead, where nothing is said', finding(baking(undefined, 'Unclear'), 'red'), 'wait: CheckFailed'],
    ['stands still until it is asked again', baking(undefined, 'Fail', false), 'wait: CheckFailed'],
    ['goes on when it does well again', finding(baking(undefined, 'Fail'), 'green'), 'done'],
    ['only tells, where that is wanted', finding(baking('Report', 'Unclear'), 'red'), 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(bakeChecks, o)).toBe(verdict);
  });

  describe('at the end of a bake', () => {
    const query = { name: 'chunks', body: { match_all: {} }, minHits: 1, k: 10 };
    /** The query was cut off, or the version is red. */
    const atEnd = (isApproved: boolean, what: 'unclear' | 'red'): Observed => {
      const o = baking(undefined, 'Pass');
      const spec = { ...o.request.spec, verify: { queries: [query] }, ...(isApproved && { approved: ['Unclear'] }) };
      const request = { ...o.request, spec, status: { ...o.request.status, bakeUntil: at(0) } } as Observed['request']; // as far as it is read
      const status = what === 'red' ? ('red' as const) : ('green' as const);
      return answered({ ...o, request }, bakeAnswers, { health: { ...green, status }, queries: new Map() });
    };

    it.each([
      [false, 'unclear', 'wait: Unclear'],
      [true, 'unclear', 'done'],
      [false, 'red', 'wait: Unclear'],
      [true, 'red', 'wait: Unclear'],
    ] as const)('approved %s, what is %s: %s', (isApproved, what, verdict) => {
      expect(verdictOf(bakeChecks, atEnd(isApproved, what))).toBe(verdict);
    });
  });

  it.each([
    ['Pass', 'Unclear'],
    ['Unclear', 'Fail'],
    ['Fail', 'Fail'],
  ] as const)('tells what was %s and fails as %s', (before, after) => {
    expect(told(finding(baking(undefined, before), 'red'))).toBe(after);
  });
});
