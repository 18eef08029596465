import { describe, expect, it } from '@jest/globals';
import { publicAlias } from '../../../../src/domain/document-model.ts';
import { returnPoint } from '../../../../src/runs/steps/return-point.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import { asRequest, aFreshRun, aVersionIndex, engineOf, onEngine, onRecord } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';

describe('the preflight of a rollback', () => {
  const request = aReindexRequest({ spec: { strategy: 'Rollback', rollback: { toVersion: 9 } } });
  const fresh = asRequest(aFreshRun(), request);
  const whole = aVersionRecord({ index: 'kibana-v9', number: 9, commit: 'c9' });
  const kept = onEngine(onRecord(fresh, { retired: [9] }), {
    indices: [...engineOf(fresh).indices, aVersionIndex(9)],
    versions: [...engineOf(fresh).versions, whole],
  });
  const written = { ...kept, request: { ...request, status: { to: { name: 'kibana-v9', number: 9, indices: [] } } } };

  it.each<Row>([
    ['waits until the version is written down', kept, 'wait: Running'],
    ['is done once it is', written, 'done'],
    ['leaves it to take-lock to say what is missing', { ...kept, target: undefined }, 'done'],
    ['fails when nothing is retired', fresh, 'fail: VersionNotFound'],
    [
      'fails when it names none and all that is retired is newer',
      { ...kept, request: aReindexRequest({ spec: { strategy: 'Rollback' } }) },
      'fail: VersionNotFound',
    ],
    [
      'fails when the version that was named is not retired',
      { ...kept, request: aReindexRequest({ spec: { strategy: 'Rollback', rollback: { toVersion: 8 } } }) },
      'fail: VersionNotFound',
    ],
    ['fails when its index is gone', onEngine(kept, { indices: engineOf(fresh).indices }), 'fail: VersionNotFound'],
    [
      'fails when its index is not ours any more',
      onEngine(kept, { indices: [...engineOf(fresh).indices, aVersionIndex(9, { ownerUid: 'x' })] }),
      'fail: VersionNotFound',
    ],
    [
      'fails when it was never verified',
      onEngine(kept, { versions: [{ ...whole, commit: null }] }),
      'fail: VersionNotFound',
    ],
    [
      'fails when the alias has drifted',
      onEngine(kept, { members: [{ index: 'foreign', properties: publicAlias }] }),
      'fail: Drifted',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(returnPoint, o)).toBe(verdict);
  });
});
