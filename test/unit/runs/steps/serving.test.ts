import { describe, expect, it } from '@jest/globals';
import { publicAlias } from '../../../../src/domain/document-model.ts';
import { releaseLock } from '../../../../src/runs/steps/release-lock.ts';
import { retire } from '../../../../src/runs/steps/retire.ts';
import { returnPoint } from '../../../../src/runs/steps/return-point.ts';
import { candidateHealth, settle } from '../../../../src/runs/steps/settle.ts';
import { switchAlias } from '../../../../src/runs/steps/switch-alias.ts';
import { checks, documentCounts, verify } from '../../../../src/runs/steps/verify.ts';
import { aVersionRecord } from '../../../support/a-record.ts';
import {
  answered,
  asRequest,
  aFilledRun,
  aFreshRun,
  aRecordedRun,
  aSettledRun,
  aSwitchedRun,
  aVersionIndex,
  engineOf,
  green,
  heldLock,
  onEngine,
  onRecord,
  aTarget,
} from '../../../support/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/a-verdict.ts';
import { aReindexRequest, at, t0 } from '../../../support/an-object.ts';

const settled = aSettledRun();
const recorded = aRecordedRun();

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

describe('verify', () => {
  const counted = (files: number, chunks: number): ReturnType<typeof aSettledRun> =>
    answered(settled, documentCounts, { files, chunks });
  /** Verified at this commit by what the status says, and not counted at this look. */
  const written = (commit: string, result = 'Pass'): ReturnType<typeof aSettledRun> => {
    const to = { name: 'kibana-v2', number: 2, indices: ['kibana-v2'], commit: commit.padEnd(40, '0') };
    const verification = [{ name: 'files', result, message: '' }];
    const request = { ...settled.request, status: { ...settled.request.status, to, verification } };
    return answered({ ...settled, request: request as typeof settled.request }, documentCounts, undefined); // as far as it is read
  };

  it.each<Row>([
    ['waits until what was counted is written down', settled, 'wait: Running'],
    ['is done once it is, and counts no more', written('c2'), 'done'],
    ['counts again when the candidate was brought further since', written('c1'), `ask: ${documentCounts.name}`],
    ['counts again when what was written failed', written('c2', 'Fail'), `ask: ${documentCounts.name}`],
    ['asks for the count', answered(settled, documentCounts, undefined), `ask: ${documentCounts.name}`],
    ['fails when files are missing', counted(2, 5), 'fail: VerificationFailed'],
    ['fails when chunks are too many', counted(3, 6), 'fail: VerificationFailed'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(verify, o)).toBe(verdict);
  });

  it('shows both figures of each check', () => {
    const record = aVersionRecord({ files: 3, chunks: 5 });
    const [files, chunks] = checks(record, { files: 3, chunks: 4 });
    expect(files).toMatchObject({ name: 'files', result: 'Pass' });
    expect(chunks).toMatchObject({ name: 'chunks', result: 'Fail' });
    expect(chunks?.message).toMatch(/5 by .* 4 in the index/);
  });
});

describe('switch', () => {
  it.each<Row>([
    ['moves the alias and records it', settled, 'act: switch-alias/kibana, record-switch/kibana-v2'],
    ['only records what was switched before a crash', aSwitchedRun(), 'act: record-switch/kibana-v2'],
    ['records again what was half recorded', onRecord(recorded, { candidate: 2 }), 'act: record-switch/kibana-v2'],
    ['is done once the record says so too', recorded, 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(switchAlias, o)).toBe(verdict);
  });

  it('owes its record to whoever deletes the run right after it', () => {
    expect(undoOf(switchAlias, aSwitchedRun())).toEqual(['record-switch/kibana-v2']);
    expect(
      undoOf(switchAlias, onEngine(aSwitchedRun(), { lock: heldLock({}, { held: false, holder: null }) })),
    ).toEqual([]);
    expect(undoOf(switchAlias, settled)).toEqual([]);
    expect(undoOf(switchAlias, recorded)).toEqual([]);
  });

  it('expects the live version, puts it first among the retired, and adds only when the alias is lost', () => {
    const before = onRecord(settled, { retired: [9, 8] });
    expect(saidBy(switchAlias.look(before))).toMatchObject([
      {
        expected: [{ index: 'kibana-v1', properties: publicAlias }],
        next: [{ index: 'kibana-v2', properties: publicAlias }],
      },
      { live: 2, retired: [1, 9, 8], since: at(0) },
    ]);
    expect(saidBy(switchAlias.look(onEngine(before, { members: [] })))).toMatchObject([{ expected: [] }, {}]);
    expect(saidBy(switchAlias.look(onRecord(settled, { live: null })))).toMatchObject([
      { expected: [] },
      { retired: [] },
    ]);
  });
});

describe('retire', () => {
  const request = (spec: object): ReturnType<typeof aReindexRequest> => aReindexRequest({ spec });
  const retired = (...numbers: readonly number[]): ReturnType<typeof aRecordedRun> => {
    const indices = numbers.map(number => aVersionIndex(number));
    const versions = numbers.map(number =>
      aVersionRecord({ index: `kibana-v${number}`, number, since: at(-3600 * (100 - number)) }),
    );
    const o = onRecord(recorded, { retired: numbers });
    return onEngine(o, { indices: [...engineOf(o).indices, ...indices], versions });
  };

  /** Its version was built to replace that one, and its target removes what is replaced. */
  const replacing = (number: number, o: typeof recorded): typeof recorded => {
    const indices = engineOf(o).indices.map(index =>
      index.name === 'kibana-v2' ? { ...index, meta: { ...index.meta, replaces: number } } : index,
    );
    return { ...onEngine(o, { indices }), target: { ...aTarget(), removes: 'Replaced' } };
  };

  it.each<Row>([
    ['keeps one by default', retired(9), 'done'],
    ['deletes all but the newest', retired(9, 8, 7), 'act: delete-version/kibana-v8, delete-version/kibana-v7'],
    [
      'keeps what the request says rather than what the IndexedRepo says',
      { ...retired(9, 8), request: request({ retain: { versions: 0 } }) },
      'act: delete-version/kibana-v9, delete-version/kibana-v8',
    ],
    [
      'keeps as many as the IndexedRepo says',
      { ...retired(9, 8), target: aTarget({ spec: { retain: { versions: 2 } } }) },
      'done',
    ],
    [
      'deletes what is older than retain.for',
      { ...retired(9, 8), target: aTarget({ spec: { retain: { versions: 5, for: '91h30m' } } }), now: t0 },
      'act: delete-version/kibana-v8',
    ],
    [
      'forgets a version that somebody else deleted',
      onEngine(retired(9), { indices: engineOf(recorded).indices }),
      'act: delete-version/kibana-v9',
    ],
    [
      'leaves an index alone that took the name of a retired version without being ours',
      onEngine(retired(9, 8), {
        indices: [...engineOf(recorded).indices, aVersionIndex(9), aVersionIndex(8, { ownerUid: 'x' })],
      }),
      'done',
    ],
    [
      'removes what was built to be replaced, and nothing that was kept by hand, for a target that says so',
      replacing(9, retired(9, 8, 7)),
      'act: delete-version/kibana-v9',
    ],
    ['keeps everything for it where nothing was built to be replaced', replacing(6, retired(9, 8, 7)), 'done'],
    [
      'leaves such an index alone when it has no owner at all',
      onEngine(retired(9, 8), {
        indices: [...engineOf(recorded).indices, aVersionIndex(9), aVersionIndex(8, { ownerUid: undefined })],
      }),
      'done',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(retire, o)).toBe(verdict);
  });
});

describe('release-lock', () => {
  it('gives the lock back, and is done without it', () => {
    expect(verdictOf(releaseLock, recorded)).toBe('act: release-lock/kibana');
    const free = onEngine(recorded, { lock: heldLock({}, { held: false, holder: null }) });
    expect(verdictOf(releaseLock, free)).toBe('done');
  });
});

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
