import { describe, expect, it } from '@jest/globals';
import { verifyCopy } from '../../../../src/runs/steps/verify-copy.ts';
import {
  aComparedCopy,
  aCopyNote,
  aCopyRequest,
  aFilledCopy,
  aMadeCopy,
  copied,
  passed,
  verified,
} from '../../../support/objects/a-copy.ts';
import { asRequest, engineOf } from '../../../support/objects/a-run.ts';
import { withIndex } from '../../../support/objects/a-copy.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const filled = aFilledCopy();

const found = (given: Partial<typeof verified>) => aFilledCopy({ verified: { ...verified, ...given } });

describe('verify-copy', () => {
  it.each<Row>([
    ['waits until what was compared is written down', filled, 'wait: Running'],
    ['is done once it is', aComparedCopy(), 'done'],
    ['fails when the engine refused documents', aFilledCopy({ refused: 2 }), 'fail: DeadLetters'],
    ['fails when documents are missing', found({ candidate: 6 }), 'fail: VerificationFailed'],
    ['fails when documents are too many', found({ candidate: 8 }), 'fail: VerificationFailed'],
    ['fails when documents differ', found({ differing: 1 }), 'fail: VerificationFailed'],
    ['fails when nothing was compared', aMadeCopy(), 'fail: VerificationFailed'],
    [
      'looks again when what was written down failed',
      asRequest(filled, aCopyRequest({ verification: passed.map(each => ({ ...each, result: 'Fail' as const })) })),
      'wait: Running',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(verifyCopy, o)).toBe(verdict);
  });

  it('says how many documents the engine refused, of what for what', () => {
    expect(verifyCopy.look(aFilledCopy({ refused: 2 }))).toMatchObject({
      message: 'the engine refused 2 documents of orders-2024 for orders-v2',
    });
  });

  it('tells both figures of each check', () => {
    expect(verifyCopy.tell?.of(found({ candidate: 6, differing: 3 }), { is: 'fail' })).toEqual([
      {
        name: 'documents',
        result: 'Fail',
        message: 'documents: 7 stand in orders-2024 since the last pass, 6 of them in orders-v2',
      },
      { name: 'digest', result: 'Fail', message: 'digest: 7 documents compared, 3 of them differ' },
    ]);
    expect(verifyCopy.tell?.of(aMadeCopy(), undefined)).toBeUndefined();
  });

  it('keeps what passed while the cut-over copies on, which says nothing of a comparison', () => {
    const { verified: _none, ...note } = aCopyNote();
    const o = aComparedCopy();
    const meta = { ...engineOf(o).indices.find(({ name }) => name === copied)?.meta, copied: note };
    const later = withIndex(o, copied, { meta });
    expect(verdictOf(verifyCopy, later)).toBe('done');
    expect(verifyCopy.tell?.of(later, { is: 'done' })).toBe(passed);
  });
});
