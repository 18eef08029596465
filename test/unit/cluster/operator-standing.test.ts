import { describe, expect, it } from '@jest/globals';
import { doubtOf, judged, type OperatorStanding, type OwnProcess } from '../../../src/cluster/operator-standing.ts';
import type { OperatorRecord } from '../../../src/domain/records.ts';

const id = { operator: 'kubernetes-uid', election: 'reindeer-system/reindeer' };
const own = (former?: OwnProcess['former']): OwnProcess => ({ id, process: 'me', former });
const recordOf = (process: string, given: Partial<OperatorRecord> = {}): OperatorRecord => ({
  ...id,
  kind: 'operator',
  process,
  disputed: [],
  ...given,
});
const decided = (over: readonly string[]) => ({ process: 'other', over, by: 'ann', at: '' });
const settleMs = 120_000;
const gave = { process: 'before', released: true };
const silent = { process: 'before', released: false };
const alone = { is: 'alone' } as const;
const settling = { is: 'settling', sinceMs: 0 } as const;

describe('the first look of an operator', () => {
  it.each<[string, OwnProcess['former'], OperatorRecord | undefined, string, string]>([
    ['nothing, and nobody held the Lease', undefined, undefined, 'alone', 'me, at odds: '],
    ['nothing, and the one before gave the Lease back', gave, undefined, 'alone', 'me, at odds: '],
    ['nothing, and the one before is silent', silent, undefined, 'settling', 'me, at odds: '],
    ['the one before, which gave the Lease back', gave, recordOf('before'), 'alone', 'me, at odds: '],
    ['the one before, which is silent', silent, recordOf('before'), 'settling', 'me, at odds: '],
    ['another than the one before', gave, recordOf('stranger'), 'settling', 'me, at odds: '],
    ['somebody, though nobody held the Lease', undefined, recordOf('stranger'), 'settling', 'me, at odds: '],
    ['somebody, without a Lease', 'any', recordOf('stranger'), 'alone', 'me, at odds: '],
    [
      'the one before at odds with another',
      gave,
      recordOf('x', { disputed: ['before', 'x'] }),
      'twin',
      'me, at odds: me,x',
    ],
    [
      'that a human decided against the one before',
      gave,
      recordOf('other', { kept: decided(['before']) }),
      'twin',
      'other, at odds: ',
    ],
    [
      'that a human decided against another',
      gave,
      recordOf('before', { kept: decided(['x']) }),
      'alone',
      'me, at odds: ',
    ],
  ])('that finds %s', (_found, former, found, is, wrote) => {
    const { standing, write } = judged(own(former), { found, before: undefined, nowMs: 0, settleMs });
    expect(standing.is).toBe(is);
    expect(`${write?.process ?? ''}, at odds: ${write?.disputed.join() ?? ''}`).toBe(wrote);
  });
});

describe('a later look of an operator', () => {
  it.each<[string, OperatorRecord | undefined, OperatorStanding, number, string, string | undefined]>([
    ['its own name', recordOf('me'), alone, 60_000, 'alone', undefined],
    ['its own name, too early', recordOf('me'), settling, 119_999, 'settling', undefined],
    ['its own name for two looks', recordOf('me'), settling, 120_000, 'alone', undefined],
    ['another name', recordOf('x'), alone, 60_000, 'twin', 'x,me'],
    ['another name while it settles', recordOf('x'), settling, 60_000, 'twin', 'x,me'],
    ['its own name at odds', recordOf('x', { disputed: ['me', 'x'] }), alone, 60_000, 'twin', undefined],
    ['that it was decided against', recordOf('x', { kept: decided(['me']) }), alone, 60_000, 'twin', undefined],
    [
      'that it was chosen',
      recordOf('me', { kept: decided(['x']) }),
      { is: 'twin', others: ['x'], isDecided: false },
      60_000,
      'alone',
      undefined,
    ],
    ['nothing any more', undefined, alone, 60_000, 'alone', ''],
  ])('that finds %s', (_found, found, before, nowMs, is, disputed) => {
    const { standing, write } = judged(own(silent), { found, before, nowMs, settleMs });
    expect(standing.is).toBe(is);
    expect(write?.disputed.join()).toBe(disputed);
  });
});

describe('what holds deletions back', () => {
  it('is nothing for one that is alone, and says otherwise who is at odds and what to do', () => {
    expect(doubtOf('me', alone)).toBeUndefined();
    expect(doubtOf('me', undefined)?.reason).toBe('OperatorSettling');
    expect(doubtOf('me', settling)?.reason).toBe('OperatorSettling');
    const twin = doubtOf('me', { is: 'twin', others: ['x'], isDecided: false });
    expect(twin).toMatchObject({ reason: 'OperatorTwin' });
    expect(twin?.message).toContain('operator x also works on this engine');
    expect(twin?.message).toContain('reindeer operator keep me');
    expect(doubtOf('me', { is: 'twin', others: ['x'], isDecided: true })?.message).toContain('x was chosen to stay');
  });
});
