import { describe, expect, it } from '@jest/globals';
import { absentCase, comparedCase, ownCase } from '../../../bench/harness/cases.ts';
import { jsonLine, markdownTable, verdict } from '../../../bench/harness/report.ts';
import type { Target } from '../../../bench/targets.ts';

const half: Target = { against: 'limit', bound: 'at least', value: 0.5 };
const interval = (low: number, high: number) => ({ ours: 6, other: 10, ratio: 0.6, interval: { low, high } });

describe('the verdict on a case', () => {
  it.each([
    [
      'the whole interval is within the target',
      comparedCase({ case: 'a', unit: 's', target: half }, 'limit', interval(0.5, 0.7)),
      true,
    ],
    [
      'the bad end of the interval is outside',
      comparedCase({ case: 'a', unit: 's', target: half }, 'limit', interval(0.4, 0.7)),
      false,
    ],
    ['there is no target', comparedCase({ case: 'a', unit: 's' }, 'limit', interval(0.1, 0.2)), undefined],
    ['nothing was measured', absentCase({ case: 'a', unit: 's', target: half, note: 'no peer' }), undefined],
    [
      'a count of zero is wanted and found',
      ownCase({ case: 'a', unit: 'n', target: { against: 'none', bound: 'at most', value: 0 } }, [0, 0]),
      true,
    ],
    [
      'a count of zero is wanted and something found',
      ownCase({ case: 'a', unit: 'n', target: { against: 'none', bound: 'at most', value: 0 } }, [0, 2]),
      false,
    ],
  ])('when %s', (_, measured, expected) => {
    expect(verdict(measured)).toBe(expected);
  });
});

describe('the report', () => {
  const measured = {
    ...comparedCase({ case: 'a', unit: 'MB/s', target: half }, 'limit', interval(0.55, 0.65)),
    metric: 'G1',
    load: 0.1,
  };

  it('has one JSON line per case, with the nine fields that other programs read first', () => {
    const line = JSON.parse(jsonLine(measured)) as Record<string, unknown>;
    expect(Object.keys(line).slice(0, 9)).toEqual([
      'metric',
      'case',
      'ours',
      'peer',
      'limit',
      'unit',
      'ratio',
      'target',
      'met',
    ]);
    expect(line).toMatchObject({ metric: 'G1', ours: 6, peer: null, limit: 10, target: '>= 0.5 of limit', met: true });
  });

  it('has a table with a row per case and the notes below', () => {
    const table = markdownTable([
      measured,
      { ...absentCase({ case: 'b', unit: 's', note: 'no peer' }), metric: 'G2', load: 0.1 },
    ]);
    expect(table.split('\n')).toHaveLength(6);
    expect(table).toContain('- G2 b: no peer');
  });
});
