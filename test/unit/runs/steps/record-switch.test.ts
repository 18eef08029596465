import { describe, expect, it } from '@jest/globals';
import { recordSwitch } from '../../../../src/runs/steps/record-switch.ts';
import { aComparedCopy, aRecordedCopy, aSwitchedCopy } from '../../../support/objects/a-copy.ts';
import { heldLock, onEngine } from '../../../support/objects/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

const switched = aSwitchedCopy();
const recorded = aRecordedCopy();

describe('record-switch', () => {
  it.each<Row>([
    ['writes down what a worker switched', switched, 'act: record-switch/orders-v2'],
    ['is done once that is written down', recorded, 'done'],
    ['fails when the alias was moved away since', onEngine(recorded, { members: [] }), 'fail: Drifted'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(recordSwitch, o)).toBe(verdict);
  });

  it('has what was copied retired', () => {
    expect(saidBy(recordSwitch.look(switched))).toMatchObject([
      { alias: 'orders', live: 2, retired: [1], since: at(0) },
    ]);
  });

  it('owes its record to whoever deletes the run right after the switch', () => {
    expect(undoOf(recordSwitch, switched)).toEqual(['record-switch/orders-v2']);
    const unlocked = onEngine(switched, { lock: heldLock({}, { held: false, holder: null }) });
    for (const o of [recorded, aComparedCopy(), unlocked]) expect(undoOf(recordSwitch, o)).toEqual([]);
  });

  it('tells when the alias was seen switched', () => {
    expect(recordSwitch.tell?.of(switched, undefined)).toBe(at(0));
    expect(recordSwitch.tell?.of(aComparedCopy(), undefined)).toBeUndefined();
  });
});
