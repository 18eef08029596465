import { describe, expect, it } from '@jest/globals';
import { gate, gateOf } from '../../../../src/runs/steps/gate.ts';
import { asRequest, aSettledRun } from '../../../support/objects/a-run.ts';
import { verdictOf } from '../../../support/objects/a-verdict.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';

describe('a gate', () => {
  const at = (spec: object) => asRequest(aSettledRun(), aReindexRequest({ spec }));

  it.each([
    ['is open where none is asked for', {}, 'done'],
    ['waits for an approval', { gates: ['BeforeSwitch'] }, 'wait: AwaitingApproval'],
    ['opens by it', { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] }, 'done'],
    [
      'does not open by that of another',
      { gates: ['BeforeSwitch', 'AfterBake'], approved: ['AfterBake'] },
      'wait: AwaitingApproval',
    ],
  ])('%s', (_row, spec, verdict) => {
    expect(verdictOf(gate('BeforeSwitch'), at(spec))).toBe(verdict);
  });

  it('is told by the name of its step', () => {
    for (const name of ['BeforeSwitch', 'AfterBake'] as const) expect(gateOf(gate(name).name)).toBe(name);
    expect(gateOf('verify')).toBeUndefined();
  });
});
