import { describe, expect, it } from '@jest/globals';
import type { BedLevel } from '../../bed/state.ts';
import { neededLevel, planTests } from '../../plan.ts';
import type { SuiteName } from '../../suite.ts';

const nothingMissing = (): readonly string[] => [];
const noRoot = (level: BedLevel): readonly string[] => (level === 1 ? ['pods need root'] : []);
const noGo = (): readonly string[] => ['go is missing'];

describe('the plan of a test run', () => {
  it.each<[string, SuiteName[], BedLevel | undefined]>([
    ['no bed for unit tests and stories', ['unit', 'stories'], undefined],
    ['level 0 as soon as one suite talks to an engine or API server', ['unit', 'contract'], 0],
    ['level 1 as soon as one suite runs pods', ['contract', 'cluster'], 1],
  ])('needs %s', (_, suites, expected) => {
    expect(neededLevel(suites)).toBe(expected);
  });

  it('brings up the highest level that its suites need', () => {
    expect(planTests(['unit', 'contract', 'cluster'], undefined, nothingMissing)).toEqual({
      run: ['unit', 'contract', 'cluster'],
      skip: [],
      bringUp: 1,
    });
  });

  it('uses a bed that is up and brings up none', () => {
    expect(planTests(['contract', 'cluster'], 1, noGo)).toEqual({ run: ['contract', 'cluster'], skip: [] });
  });

  it('skips what needs pods without root, and runs the rest a level lower', () => {
    expect(planTests(['unit', 'contract', 'cluster'], undefined, noRoot)).toEqual({
      run: ['unit', 'contract'],
      skip: [{ suite: 'cluster', reason: 'pods need root' }],
      bringUp: 0,
    });
  });

  it('skips every suite that needs a bed where none can be built', () => {
    expect(planTests(['unit', 'apiserver'], undefined, noGo)).toEqual({
      run: ['unit'],
      skip: [{ suite: 'apiserver', reason: 'go is missing' }],
    });
  });
});
