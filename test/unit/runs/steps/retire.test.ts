import { describe, expect, it } from '@jest/globals';
import { openReaders, retire } from '../../../../src/runs/steps/retire.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import {
  answered,
  aRecordedRun,
  aVersionIndex,
  engineOf,
  onEngine,
  onRecord,
  aTarget,
} from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aReindexRequest, at, t0 } from '../../../support/objects/an-object.ts';

const recorded = aRecordedRun();

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

  const reading = (o: typeof recorded, ...readers: readonly (readonly [number, number])[]): typeof recorded =>
    answered(o, openReaders, new Map(readers));

  const settling = (o: typeof recorded): typeof recorded =>
    onEngine(o, { doubt: { reason: 'OperatorSettling', message: '' } });

  const since = (started: string): typeof recorded => {
    const o = retired(9, 8);
    const status = { ...o.request.status, steps: [{ name: 'retire', started }] };
    return { ...o, request: { ...o.request, status } };
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
    expect(verdictOf(retire, reading(o))).toBe(verdict);
  });

  it.each<Row>([
    ['waits while the operator settles', settling(retired(9, 8)), 'wait: OperatorSettling'],
    ['has nothing to wait for where nothing is to go', settling(retired(9)), 'done'],
    ['asks first who reads them', retired(9, 8), 'ask: readers of versions that are to go'],
    ['waits for those who read', reading(retired(9, 8), [8, 2]), 'wait: ReadersLeft'],
    ['deletes the others meanwhile', reading(retired(9, 8, 7), [8, 2]), 'act: delete-version/kibana-v7'],
    ['leaves it after ten minutes', { ...reading(since(at(-600)), [8, 2]), now: t0 }, 'done'],
    ['not before', { ...reading(since(at(-599)), [8, 2]), now: t0 }, 'wait: ReadersLeft'],
    ['keeps no way back waiting', { ...reading(retired(9, 8), [8, 2]), preemptedBy: 'ReindexRequest/x' }, 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(retire, o)).toBe(verdict);
  });
});
