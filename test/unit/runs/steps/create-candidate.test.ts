import { describe, expect, it } from '@jest/globals';
import { liveBytes } from '../../../../src/runs/candidate-shards.ts';
import { createCandidate } from '../../../../src/runs/steps/create-candidate.ts';
import {
  aCreatedRun,
  answered,
  aJob,
  aLockedRun,
  aRecordedRun,
  aReservedRun,
  aSwitchedRun,
  aVersionIndex,
  engineOf,
  heldLock,
  onEngine,
  onRecord,
  aTarget,
  asRequest,
} from '../../../support/objects/a-run.ts';
import { aBegunCopy, aMadeCopy, aSwitchedCopy, copied, original, withIndex } from '../../../support/objects/a-copy.ts';
import { zones } from '../../../support/objects/a-zone.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const reserved = aReservedRun();
const created = aCreatedRun();
const buildZone = { version: 2, zone: 'spare', nodes: ['spare-1'] };
const lost = { ...reserved, request: aReindexRequest({ status: { buildZone } }) };
const foreign = aVersionIndex(2, { ownerUid: 'other' });

describe('create-candidate', () => {
  it.each<Row>([
    ['is done once index and record are there', created, 'done'],
    ['reserves the next number first', aLockedRun(), 'act: reserve-version/kibana-v2'],
    ['makes the index of the number that it reserved', reserved, 'act: create-version/kibana-v2'],
    [
      'makes the record that a crash left out',
      onEngine(created, { versions: engineOf(reserved).versions }),
      'act: create-version/kibana-v2',
    ],
    [
      "takes the next number when somebody else's index has this one",
      onEngine(reserved, { indices: [...engineOf(reserved).indices, foreign] }),
      'act: reserve-version/kibana-v3',
    ],
    ['never takes the number of a version again that it has lost', lost, 'act: reserve-version/kibana-v3'],
    ['fails when somebody deleted the candidate while it was built', { ...reserved, jobs: [aJob()] }, 'fail: Drifted'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(createCandidate, o)).toBe(verdict);
  });

  it('makes an index without replicas and refresh, whose _meta says whose it is', () => {
    const verdict = createCandidate.look({ ...reserved, target: aTarget({ spec: { index: { shards: 3 } } }) });
    expect(saidBy(verdict)).toMatchObject([
      {
        bodies: [
          {
            index: 'kibana-v2',
            body: {
              settings: {
                'index.number_of_shards': '3',
                'index.number_of_replicas': '0',
                'index.refresh_interval': '-1',
              },
              mappings: {
                _meta: { managedBy: 'reindeer', ownerUid: 'kibana-uid', requestUid: 'run-uid', version: 2, token: 5 },
              },
            },
          },
        ],
        record: {
          members: [{ role: 'main', index: 'kibana-v2' }],
          phase: 'Building',
          commit: null,
          workerImage: 'reindeer:1',
        },
      },
    ]);
  });

  it('makes it for the build zone where the request wants that, and writes down of which zones', () => {
    const request = aReindexRequest({ spec: { build: { placement: 'BuildZone' } } });
    expect(saidBy(createCandidate.look({ ...asRequest(reserved, request), zones }))).toMatchObject([
      {
        bodies: [
          {
            body: {
              settings: { 'index.routing.allocation.require.zone': 'spare' },
              mappings: { _meta: { zones } },
            },
          },
        ],
      },
    ]);
    const [anywhere] = saidBy(createCandidate.look({ ...reserved, zones }));
    expect(JSON.stringify(anywhere)).not.toContain('spare');
  });

  it('sizes the shards by the bytes of the live version, which it asks for, where the shape names none', () => {
    expect(createCandidate.look(answered(reserved, liveBytes, undefined))).toMatchObject({ is: 'ask' });
    const verdict = createCandidate.look(answered(reserved, liveBytes, 35 * 1024 ** 3));
    expect(saidBy(verdict)).toMatchObject([{ bodies: [{ body: { settings: { 'index.number_of_shards': '4' } } }] }]);
    const declared = {
      ...answered(reserved, liveBytes, undefined),
      target: aTarget({ spec: { index: { shards: 3 } } }),
    };
    expect(createCandidate.look(declared)).toMatchObject({ is: 'act' });
    const first = onRecord(answered(reserved, liveBytes, undefined), { live: null });
    expect(createCandidate.look(first)).toMatchObject({ is: 'act' });
  });

  it('sizes the shards by the documents of the live version where these ask for more', () => {
    const versions = engineOf(reserved).versions.map(version => ({ ...version, files: 1_000_000, chunks: 12_000_000 }));
    const verdict = createCandidate.look(onEngine(reserved, { versions }));
    expect(saidBy(verdict)).toMatchObject([{ bodies: [{ body: { settings: { 'index.number_of_shards': '3' } } }] }]);
  });

  it.each<readonly [string, typeof created, readonly string[]]>([
    ['is the candidate', created, ['delete-version/kibana-v2']],
    ['is the reservation when the index was not made yet', reserved, ['delete-version/kibana-v2']],
    [
      'is the record when the index is deleted already',
      onEngine(created, { indices: engineOf(reserved).indices }),
      ['delete-version/kibana-v2'],
    ],
    ['is nothing before anything was made', aLockedRun(), []],
    [
      "is nothing without the lock: the reservation is another run's",
      onEngine(reserved, { lock: heldLock({}, { held: false, holder: null }) }),
      [],
    ],
    ['is nothing once the alias serves it', aSwitchedRun(), []],
    [
      'is nothing once it is recorded as live, even if somebody moved the alias since',
      onEngine(aRecordedRun(), { members: [] }),
      [],
    ],
    [
      'is nothing when the index changed hands',
      onEngine(created, { indices: [aVersionIndex(2, { requestUid: 'run-uid', ownerUid: 'other' })] }),
      [],
    ],
    ['is nothing while the engine is away', { ...created, engine: undefined }, []],
    [
      'is not an index that another run made under the same number',
      onRecord(onEngine(reserved, { indices: [aVersionIndex(2)] }), {}),
      [],
    ],
  ])('what is left of it %s', (_row, o, effects) => {
    expect(undoOf(createCandidate, o)).toEqual(effects);
  });
});

describe('create-candidate of a copy', () => {
  const begun = aBegunCopy();
  const made = aMadeCopy();

  it.each<Row>([
    ['makes a hidden index', begun, 'act: create-version/orders-v2'],
    ['is done once index and record are there', made, 'done'],
    ['reserves the next number first', onRecord(begun, { candidate: null }), 'act: reserve-version/orders-v3'],
    [
      'refuses what a copy would lose',
      withIndex(begun, original, { mappings: { _source: { enabled: false } } }),
      'fail: CopyRefused',
    ],
    [
      'fails when the alias was moved meanwhile',
      onEngine(begun, { members: [{ index: 'other', properties: {} }] }),
      'fail: Drifted',
    ],
    ['fails when what it serves is gone', onEngine(begun, { indices: [] }), 'fail: Drifted'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(createCandidate, o)).toBe(verdict);
  });

  it('refuses what may not be declared', () => {
    const { target } = begun;
    const shape = { settings: { 'blocks.write': true } };
    if (target?.is !== 'Alias') throw new Error('not a copy');
    expect(verdictOf(createCandidate, { ...begun, target: { ...target, shape } })).toBe('fail: SettingsRejected');
  });

  it('lays what is declared over what serves, and keeps the properties that the alias has on it', () => {
    expect(saidBy(createCandidate.look(begun))).toMatchObject([
      {
        bodies: [
          {
            index: copied,
            body: {
              settings: { 'index.number_of_shards': '3', 'index.number_of_replicas': '0', 'index.hidden': 'true' },
              mappings: {
                dynamic: 'false',
                _meta: {
                  alias: 'orders',
                  version: 2,
                  ownerUid: 'alias/kubernetes-uid/team',
                  requestUid: 'run-uid',
                  token: 5,
                },
                properties: { sku: { type: 'keyword' } },
              },
            },
          },
        ],
        record: {
          ...{ number: 2, phase: 'Building', repoUrl: '', workerImage: 'reindeer:1' },
          members: [{ role: 'main', index: copied, properties: { is_write_index: true } }],
          shape: { mappings: { properties: { sku: { type: 'keyword' } } } },
        },
      },
    ]);
  });

  it('leaves it to be deleted, and not once the alias serves it', () => {
    expect(undoOf(createCandidate, made)).toEqual(['delete-version/orders-v2']);
    expect(undoOf(createCandidate, aSwitchedCopy())).toEqual([]);
  });
});
