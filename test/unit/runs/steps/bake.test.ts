import { describe, expect, it } from '@jest/globals';
import type { Observed } from '../../../../src/runs/observed.ts';
import { bake } from '../../../../src/runs/steps/bake.ts';
import {
  aRecordedRun,
  aVersionIndex,
  brokenLock,
  heldLock,
  onEngine,
  onRecord,
} from '../../../support/objects/a-run.ts';
import { undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at, t0 } from '../../../support/objects/an-object.ts';

const held = { lock: heldLock() };
const paused = (since: number, until?: string) => ({
  conditions: [
    {
      type: 'Paused',
      status: 'True',
      reason: 'PausedBySpec',
      message: '',
      lastTransitionTime: at(since),
      observedGeneration: 1,
    },
  ],
  ...(until !== undefined && { bakeUntil: until }),
});

/** It has switched to kibana-v2; `status` and `spec` are added to those of its request. */
function baking(status: object = {}, spec: object = { bake: { for: '1h' } }, now = t0): Observed {
  const o = aRecordedRun();
  const request = { ...o.request, spec: { ...o.request.spec, ...spec }, status: { ...o.request.status, ...status } };
  return { ...onEngine(o, held), now, request: request };
}

const inStep = (o: Observed): Observed => onRecord(o, { writeSet: [2, 1] });
const later = (seconds: number): Date => new Date(t0.getTime() + seconds * 1000);

describe('bake', () => {
  it.each<Row>([
    ['is done where none is asked for', baking({}, {}), 'done'],
    ['first puts the version before into the write set', baking(), 'act: keep-in-step/kibana/2+1'],
    ['waits then', inStep(baking()), 'wait: Baking'],
    ['waits until its end', inStep(baking({ bakeUntil: at(3600) }, undefined, later(3599))), 'wait: Baking'],
    ['is done at its end', inStep(baking({ bakeUntil: at(3600) }, undefined, later(3600))), 'done'],
    [
      'goes on by as long as it was paused',
      inStep(baking(paused(600, at(3600)), undefined, later(4000))),
      'wait: Baking',
    ],
    ['has nothing to wait for after a first build', baking({ from: undefined }), 'done'],
    [
      'has nothing to wait for once the version before is gone',
      onEngine(baking(), { indices: [aVersionIndex(2)] }),
      'done',
    ],
    [
      'fails without its lock',
      onEngine(inStep(baking()), { lock: heldLock({}, { held: false, holder: null }) }),
      'fail: LockLost',
    ],
    ['says who broke its lock', onEngine(inStep(baking()), { lock: brokenLock('run-uid') }), 'fail: LockBroken'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(bake, o)).toBe(verdict);
  });

  it('says when it ends, and moves that by a pause', () => {
    const told = (o: Observed) => bake.tell?.of(o, bake.look(o));
    expect(told(inStep(baking()))).toBe(at(3600));
    expect(told(inStep(baking(paused(600, at(3600)), undefined, later(700))))).toBe(at(3700));
  });

  it('takes the version before out of the write set when it is given up', () => {
    expect(undoOf(bake, inStep(baking()))).toEqual(['keep-in-step/kibana/2']);
    expect(undoOf(bake, baking())).toEqual([]);
  });
});
