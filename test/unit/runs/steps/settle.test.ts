import { describe, expect, it } from '@jest/globals';
import { candidateHealth, settle } from '../../../../src/runs/steps/settle.ts';
import { answered, aFilledRun, aSettledRun, green, onEngine, aTarget } from '../../../support/objects/a-run.ts';
import { saidBy, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const settled = aSettledRun();

function health(change: object): ReturnType<typeof aSettledRun> {
  return answered(settled, candidateHealth, { ...green, ...change });
}

describe('settle', () => {
  it.each<Row>([
    ['gives replicas and refresh back', aFilledRun(), 'act: put-settings/kibana-v2'],
    ['is done when every copy is there', settled, 'done'],
    [
      'is done on one node, whose replicas can never be assigned',
      health({ status: 'yellow', unassignedShards: 1 }),
      'done',
    ],
    ['waits for copies on their way', health({ initializingShards: 1 }), 'wait: Running'],
    ['waits for copies that move', health({ relocatingShards: 2 }), 'wait: Running'],
    ['waits while a primary is missing', health({ status: 'red' }), 'wait: Running'],
    ['fails when the candidate is gone', onEngine(settled, { indices: [] }), 'fail: Drifted'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(settle, o)).toBe(verdict);
  });

  it('restores the refresh interval that the user declared', () => {
    const target = aTarget({ spec: { index: { replicas: 2, settings: { refresh_interval: '30s' } } } });
    expect(saidBy(settle.look({ ...aFilledRun(), target }))).toMatchObject([
      { settings: { 'index.number_of_replicas': '2', 'index.refresh_interval': '30s' }, refresh: true },
    ]);
  });
});
