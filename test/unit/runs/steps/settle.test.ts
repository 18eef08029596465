import { describe, expect, it } from '@jest/globals';
import { candidateHealth, settle } from '../../../../src/runs/steps/settle.ts';
import {
  aComparedCopy,
  aCopyRequest,
  aFilledCopy,
  anOriginal,
  original,
  passed,
  withIndex,
} from '../../../support/objects/a-copy.ts';
import {
  answered,
  aFilledRun,
  aSettledRun,
  asRequest,
  green,
  onEngine,
  aTarget,
} from '../../../support/objects/a-run.ts';
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

  it.each<Row>([
    ['gives a copy what is copied from', aFilledCopy(), 'act: put-settings/orders-v2'],
    ['is done with a copy that has it', aComparedCopy(), 'done'],
    [
      'follows what is copied from',
      withIndex(aComparedCopy(), original, anOriginal({ settings: { 'index.refresh_interval': '30s' } })),
      'act: put-settings/orders-v2',
    ],
    [
      'asks nothing more of a copy that stands at a gate',
      answered(
        asRequest(
          aComparedCopy(),
          aCopyRequest({ verification: passed, gate: 'BeforeSwitch' }, { gates: ['BeforeSwitch'] }),
        ),
        candidateHealth,
        undefined,
      ),
      'done',
    ],
    [
      'asks for the copies of one that is not compared',
      answered(
        withIndex(aFilledCopy(), 'orders-v2', { settings: { 'index.number_of_replicas': '1' } }),
        candidateHealth,
        undefined,
      ),
      `ask: ${candidateHealth.name}`,
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(settle, o)).toBe(verdict);
  });

  it('gives a copy the replicas that are declared for it', () => {
    const o = aFilledCopy();
    if (o.target?.is !== 'Alias') throw new Error('not a copy');
    const target = { ...o.target, shape: { replicas: 3, settings: { refresh_interval: '5s' } } };
    expect(saidBy(settle.look({ ...o, target }))).toMatchObject([
      { settings: { 'index.number_of_replicas': '3', 'index.refresh_interval': '5s' }, refresh: true },
    ]);
  });
});
