import { describe, expect, it } from '@jest/globals';
import { chunkerHash, schemaVersion } from '../../../../src/domain/document-model.ts';
import type { VersionRecord } from '../../../../src/domain/records.ts';
import { shapeHash } from '../../../../src/domain/shape.ts';
import { scratchName } from '../../../../src/domain/version.ts';
import { clearAway } from '../../../../src/runs/steps/clear-away.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import {
  aCreatedRun,
  aLockedRun,
  aTarget,
  aVersionIndex,
  engineOf,
  onEngine,
  onRecord,
} from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const locked = aLockedRun();
const { indices, versions } = engineOf(locked);

/** A run before which one with this uid has kept kibana-v1 off a zone. */
function kept(by: string): typeof locked {
  const keptOff = { by, attribute: 'zone', zone: 'spare', before: null };
  return onEngine(locked, { indices: indices.map(index => ({ ...index, meta: { ...index.meta, keptOff } })) });
}

/** A run whose target goes on with what an earlier one left: a version 2 with this record and this `_meta`. */
function leftBehind(said: Partial<VersionRecord> = {}, meta: object = {}, resumes = true): typeof locked {
  const target = { ...aTarget(), resumes };
  const shape = shapeHash(target.shape);
  const left = aVersionRecord({
    ...{ index: 'kibana-v2', number: 2, ownerUid: 'kibana-uid', schema: schemaVersion, chunkerHash },
    ...{ repoUrl: target.source.url, ...said },
  });
  const o = onEngine(locked, {
    indices: [...indices, aVersionIndex(2, { shapeHash: shape, ...meta })],
    versions: [...versions, left],
  });
  return { ...onRecord(o, { candidate: 2 }), target };
}

/** What a try of another request has left, made for this owner. */
function aScratch(ownerUid: string): (typeof indices)[number] {
  const meta = { ownerUid, scratchOf: 'other-request' };
  return { ...aVersionIndex(0), name: scratchName('kibana', 'other-request'), meta };
}

describe('clear-away', () => {
  it.each<Row>([
    ['is done when nothing was left behind', locked, 'done'],
    ['takes a filter back that an earlier run left', kept('other'), 'act: take-back-zone/kibana-v1'],
    ['leaves the one of its own run', kept('run-uid'), 'done'],
    ['is done once the candidate exists', aCreatedRun(), 'done'],
    [
      'removes what an earlier run of ours left half-built',
      onEngine(locked, { indices: [...indices, aVersionIndex(2)] }),
      'act: delete-version/kibana-v2',
    ],
    ['goes on with it where the target does that', leftBehind(), 'act: adopt-version/kibana-v2'],
    ['removes it where it does not', leftBehind({}, {}, false), 'act: delete-version/kibana-v2'],
    ...(
      [
        ['of another repository', { repoUrl: 'https://git.example.org/other.git' }, {}],
        ['of one folder alone', { folder: 'src' }, {}],
        ['that was cut in another way', { chunkerHash: 'other' }, {}],
        ['of another shape', {}, { shapeHash: 'other' }],
      ] as const
    ).map(([what, said, meta]): Row => [
      `removes one ${what}`,
      leftBehind(said, meta),
      'act: delete-version/kibana-v2',
    ]),
    [
      'removes what a run that was cut off has tried',
      onEngine(locked, { scratch: [aScratch('kibana-uid')] }),
      `act: delete-scratch/${scratchName('kibana', 'other-request')}`,
    ],
    ['leaves alone what somebody else tries', onEngine(locked, { scratch: [aScratch('x')] }), 'done'],
    [
      'touches nothing while the alias points at what we did not put there',
      onEngine(locked, { indices: [...indices, aVersionIndex(2)], members: [{ index: 'foreign', properties: {} }] }),
      'done',
    ],
    ['leaves one of another owner alone', leftBehind({ ownerUid: 'x' }, { ownerUid: 'x' }), 'done'],
    [
      'forgets the record of a version whose index is gone',
      onEngine(locked, {
        versions: [...versions, aVersionRecord({ index: 'kibana-v2', number: 2, ownerUid: 'kibana-uid' })],
      }),
      'act: delete-version/kibana-v2',
    ],
    [
      'leaves an index of somebody else alone',
      onEngine(locked, { indices: [...indices, aVersionIndex(2, { ownerUid: 'other' })] }),
      'done',
    ],
    [
      'leaves an index of another alias alone, however it is named',
      onEngine(locked, { indices: [...indices, aVersionIndex(2, { alias: 'kibana-v2-x' })] }),
      'done',
    ],
    [
      'leaves a retired version alone',
      onRecord(onEngine(locked, { indices: [...indices, aVersionIndex(7)] }), { retired: [7] }),
      'done',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(clearAway, o)).toBe(verdict);
  });
});
