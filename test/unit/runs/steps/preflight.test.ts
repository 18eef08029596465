import { describe, expect, it } from '@jest/globals';
import type { ReindexRequestStatus } from '../../../../src/api/reindex-request.ts';
import { scratchName } from '../../../../src/domain/version.ts';
import { clusterFacts } from '../../../../src/runs/preflight/cluster-facts.ts';
import { fail, wait, type Answered } from '../../../../src/plan/step.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import { tellPreflight } from '../../../../src/runs/preflight/verdict.ts';
import { preflight } from '../../../../src/runs/steps/preflight.ts';
import { answered, aCreatedRun, aLockedRun, aTarget, aVersionIndex, onEngine } from '../../../support/objects/a-run.ts';
import { aCapacity, aSize, gib, someFacts } from '../../../support/objects/cluster-facts.ts';
import { undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

/** Nothing stands in its way: it has the engine judge the body of the new version. */
const goesOn = `act: try-body/${scratchName('kibana', 'run-uid')}`;
/** It is written down that it is there. */
const atWork = inPhase(aLockedRun());
const locked = answered(atWork, clusterFacts, someFacts());
const problem = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;

function told(o: typeof locked, preflight: ReindexRequestStatus['preflight']): typeof locked {
  return { ...o, request: { ...o.request, status: { ...o.request.status, preflight } } };
}

function inPhase(o: Observed): Observed {
  return { ...o, request: { ...o.request, status: { ...o.request.status, phase: 'Preflight' } } };
}

/** What a try of this request has left. */
function aScratch(requestUid: string): ReturnType<typeof aVersionIndex> {
  const meta = { ownerUid: 'kibana-uid', scratchOf: requestUid };
  return { ...aVersionIndex(0), name: scratchName('kibana', requestUid), meta };
}

function shaped(index: object): typeof locked {
  return { ...locked, target: aTarget({ spec: { index } }) };
}

describe('preflight', () => {
  it.each<Row>([
    ['asks the cluster once nothing else stands in the way', atWork, 'ask: what the cluster has room for'],
    [
      'waits until it is written down that it is there',
      answered(aLockedRun(), clusterFacts, someFacts()),
      'wait: Running',
    ],
    ['has the engine judge the body when the cluster has room for it', locked, goesOn],
    [
      'is done once that is written down, and asks no more',
      told(aLockedRun(), { verdict: 'Pass', checks: [] }),
      'done',
    ],
    [
      'fails when there is no room',
      answered(locked, clusterFacts, someFacts({ liveSize: aSize(200 * gib) })),
      'fail: NotEnoughDisk',
    ],
    [
      'fails when there are too many shards',
      answered(locked, clusterFacts, someFacts({ capacity: aCapacity({ shards: { open: 10, most: 11 } }) })),
      'fail: TooManyShards',
    ],
    [
      'fails when a privilege is lacking',
      answered(locked, clusterFacts, someFacts({ lacking: [{ privilege: 'read', index: 'kibana' }] })),
      'fail: MissingPrivilege',
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
    ['lets a rebuild mend an alias that points at nothing', onEngine(locked, { members: [], aliasIs: 'none' }), goesOn],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(preflight, o)).toBe(verdict);
  });
});

describe('what a preflight tells', () => {
  const tells = (o: typeof locked, verdict: Answered | undefined = preflight.look(o)) => tellPreflight(o, verdict);

  it('is what was found and that nothing stands in the way, once the engine took the body', () => {
    const found = tells(locked);
    expect(found).toMatchObject({ verdict: 'Pass', needBytes: 2 * gib, freeBytes: 100 * gib, shards: 1 });
    expect(found?.checks.map(({ name }) => name)).toEqual([
      ...['source', 'engine', 'privileges', 'disk', 'shards', 'templates', 'auto-create', 'clocks', 'duration', 'body'],
    ]);
    expect(found?.checks.every(({ ok }) => ok)).toBe(true);
  });

  it('is which check refuses, with all the others', () => {
    const found = tells(answered(locked, clusterFacts, someFacts({ liveSize: aSize(200 * gib) })));
    expect(found).toMatchObject({ verdict: 'Refuse', needBytes: 400 * gib });
    expect(found?.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['disk']);
  });

  it('is what the engine said of the body when that refuses it', () => {
    const found = tells(locked, fail('MappingRejected', 'no such type'));
    expect(found?.checks.filter(({ ok }) => !ok)).toEqual([{ name: 'body', ok: false, message: 'no such type' }]);
    expect(found?.verdict).toBe('Refuse');
  });

  it('is what is known where the cluster was not asked any more', () => {
    const found = tells(shaped({ settings: { 'index.blocks.read': true } }));
    expect(found).toMatchObject({ verdict: 'Refuse', checks: [{ name: 'shape', ok: false }] });
  });

  it('stays while nothing new was found: while the engine does not answer, and once it is past', () => {
    const before = { verdict: 'Pass', checks: [] } as const;
    expect(tells(told(locked, before), wait('EngineUnavailable', '', 0))).toBe(before);
    expect(tells(told(aCreatedRun(), before))).toBe(before);
    expect(tells(locked, wait('EngineUnavailable', '', 0))).toBeUndefined();
  });
});

describe('a preflight that is undone', () => {
  it('removes what this run tried, and nothing that another one tries', () => {
    const o = onEngine(locked, { scratch: [aScratch('run-uid'), aScratch('other-request')] });
    expect(undoOf(preflight, o)).toEqual([`delete-scratch/${scratchName('kibana', 'run-uid')}`]);
  });
});
