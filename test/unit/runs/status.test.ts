import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import { decideRequest } from '../../../src/runs/decide.ts';
import type { Observed } from '../../../src/runs/observed.ts';
import { requestStatus } from '../../../src/runs/status.ts';
import { aCreatedRun, aFreshRun, aJob, aRecordedRun, heldLock, onEngine } from '../../support/objects/a-run.ts';
import { aCondition, aReindexRequest } from '../../support/objects/an-object.ts';

const doubt = { reason: 'OperatorTwin', message: 'another operator works here' } as const;
const failed = { conditions: [aCondition('Succeeded', 'False', 'WorkerFailed', 'it broke')] };
const stranger = { kind: 'External', name: 'cli', uid: 'cli', pod: '' } as const;
const standing = { reason: 'PodPending', message: 'no such image', since: '' } as const;

const runs: Readonly<Record<string, Observed>> = {
  'that acts': aFreshRun(),
  'that waits for a lock': onEngine(aFreshRun(), { lock: heldLock({}, { holder: stranger }) }),
  'whose Job is at work': { ...aCreatedRun(), jobs: [aJob()] },
  'whose Job has stood for long': { ...aCreatedRun(), jobs: [aJob({ ready: 0, trouble: standing })] },
  'that fails': onEngine(aFreshRun(), { aliasIs: 'index' }),
  'that cleans up': { ...aCreatedRun(), request: aReindexRequest({ status: failed }) },
  'that has ended well': onEngine(aRecordedRun(), { lock: heldLock({}, { held: false, holder: null }) }),
};

function shown(o: Observed, type: string): string {
  const request = { ...o.request, metadata: { ...o.request.metadata, finalizers: [keys.finalizer] } };
  const run = { ...o, request };
  const looked = decideRequest(run);
  if (looked.is === 'asks') throw new Error(`${looked.question.name} was not answered`);
  const condition = requestStatus(run, looked.decision).conditions?.find(each => each.type === type);
  return `${condition?.status} ${condition?.reason}`;
}

describe('the status of a run', () => {
  const rows = Object.entries(runs);
  it.each(rows)('%s says that it goes on by itself or that it waits for a human, not both', (_row, o) => {
    for (const each of [o, onEngine(o, { doubt })])
      expect([shown(each, 'Reconciling'), shown(each, 'Stalled')]).not.toEqual([
        expect.stringMatching(/^True/),
        expect.stringMatching(/^True/),
      ]);
  });

  it.each(rows.slice(0, -1))('%s waits for a human beside another operator of its name', (_row, o) => {
    const beside = onEngine(o, { doubt });
    expect(shown(beside, 'Stalled')).toBe('True OperatorTwin');
    expect(shown(beside, 'Reconciling')).toBe('False OperatorTwin');
    expect(shown(beside, 'Succeeded')).toBe(shown(o, 'Succeeded'));
  });

  it('that has ended well says nothing of another operator', () => {
    const ended = onEngine(runs['that has ended well']!, { doubt });
    expect(shown(ended, 'Finished')).toBe('True Succeeded');
    expect(shown(ended, 'Stalled')).toBe('False Succeeded');
  });
});
