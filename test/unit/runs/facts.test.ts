import { describe, expect, it } from '@jest/globals';
import { heldShapeOf } from '../../../src/domain/held-shape.ts';
import { shapeHash } from '../../../src/domain/shape.ts';
import { returnNumber } from '../../../src/runs/facts.ts';
import { aVersionRecord } from '../../support/objects/a-record.ts';
import { aFreshRun, engineOf, onRecord, aTarget } from '../../support/objects/a-run.ts';
import { anIndexedRepo, aReindexRequest } from '../../support/objects/an-object.ts';

describe('the version that a rollback returns to', () => {
  const bad = { shards: 2, replicas: 1 };
  const plain = aTarget({ spec: { index: bad } });
  const holding = aTarget({
    spec: { index: bad },
    status: { rebuild: { heldShape: heldShapeOf(anIndexedRepo({ spec: { index: bad } }).spec) } },
  });
  const versions = [1, 2, 3, 4].map(number =>
    aVersionRecord({ number, index: `kibana-v${number}`, shapeHash: number === 2 ? shapeHash(bad) : 'other' }),
  );
  const rollback = (given: object = {}, status: object = {}) =>
    aReindexRequest({ spec: { strategy: 'Rollback', ...given }, status });

  it.each([
    { is: 'the newest one that is older', live: 3, retired: [4, 2, 1], target: plain, request: rollback(), to: 2 },
    { is: 'no one that is held back', live: 3, retired: [4, 2, 1], target: holding, request: rollback(), to: 1 },
    { is: 'none when all are newer', live: 1, retired: [4, 3], target: plain, request: rollback(), to: undefined },
    {
      is: 'whatever is named',
      live: 1,
      retired: [2],
      target: holding,
      request: rollback({ rollback: { toVersion: 2 } }),
      to: 2,
    },
    {
      is: 'what was written down once, whatever is retired since',
      live: 1,
      retired: [3],
      target: plain,
      request: rollback({}, { to: { name: 'kibana-v1', number: 1, indices: [] } }),
      to: 1,
    },
  ])('is $is', ({ live, retired, target, request, to }) => {
    const side = { ...engineOf(onRecord(aFreshRun(), { live, retired })), versions };
    expect(returnNumber(request, target, side)).toBe(to);
  });
});
