import { describe, expect, it } from '@jest/globals';
import { chunkerHash, schemaVersion } from '../../../../src/domain/document-model.ts';
import type { VersionRecord } from '../../../../src/domain/records.ts';
import { shapeHash } from '../../../../src/domain/shape.ts';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import { preflight } from '../../../../src/runs/steps/preflight.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import {
  answered,
  aCreatedRun,
  aLockedRun,
  aVersionIndex,
  engineOf,
  onEngine,
  onRecord,
  aTarget,
} from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const locked = aLockedRun();
const { indices, versions } = engineOf(locked);
const problem = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;

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

function shaped(index: object): typeof locked {
  return { ...locked, target: aTarget({ spec: { index } }) };
}

describe('preflight', () => {
  it.each<Row>([
    ['is done when nothing stands in the way', locked, 'done'],
    [
      'is done once the candidate exists, whatever the shape says by now',
      answered(aCreatedRun(), newestCommit, problem),
      'done',
    ],
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
    ['waits while the remote is away', answered(locked, newestCommit, problem), 'wait: RemoteUnreachable'],
    [
      'fails when the remote refuses',
      answered(locked, newestCommit, { ...problem, lasting: true, reason: 'RefNotFound' }),
      'fail: RefNotFound',
    ],
    [
      'fails for a setting that is not on the list',
      shaped({ settings: { 'index.blocks.read': true } }),
      'fail: SettingsRejected',
    ],
    [
      'fails for mappings that the worker cannot use',
      shaped({ mappings: { properties: { doc: { type: 'text' } } } }),
      'fail: MappingRejected',
    ],
    [
      'fails when the alias points at what we did not put there',
      onEngine(locked, { members: [{ index: 'foreign', properties: {} }] }),
      'fail: Drifted',
    ],
    ['lets a rebuild mend an alias that points at nothing', onEngine(locked, { members: [], aliasIs: 'none' }), 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(preflight, o)).toBe(verdict);
  });
});
