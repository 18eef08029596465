import { describe, expect, it } from '@jest/globals';
import type { BedLevel } from '../../bed/state.ts';
import { neededLevel, planFiles, planTests } from '../../plan.ts';
import type { Machine } from '../../plan.ts';
import { testFiles, type SuiteName } from '../../suite.ts';

const noDocker = ['Docker does not answer'];
const able: Machine = { local: () => [], kind: noDocker };
const withoutRoot: Machine = { local: level => (level === 1 ? ['pods need root'] : []), kind: noDocker };
const withoutGo: Machine = { local: () => ['go is missing'], kind: noDocker };
const withDockerOnly: Machine = { local: () => ['go is missing'], kind: [] };
const localBed = { provider: 'local', level: 1 } as const;
const kindBed = { provider: 'kind', level: 1 } as const;

describe('the plan of a test run', () => {
  it.each<[string, SuiteName[], BedLevel | undefined]>([
    ['no bed for unit tests and stories', ['unit', 'stories'], undefined],
    ['level 0 as soon as one suite talks to an engine or API server', ['unit', 'contract'], 0],
    ['level 1 as soon as one suite runs pods', ['contract', 'cluster'], 1],
  ])('needs %s', (_, suites, expected) => {
    expect(neededLevel(suites)).toBe(expected);
  });

  it('brings up the highest level that its suites need', () => {
    expect(planTests(['unit', 'contract', 'cluster'], undefined, able)).toEqual({
      run: ['unit', 'contract', 'cluster'],
      skip: [],
      provider: 'local',
      bringUp: localBed,
    });
  });

  it('uses a bed that is up and brings up none', () => {
    expect(planTests(['contract', 'cluster'], localBed, withoutGo)).toEqual({
      run: ['contract', 'cluster'],
      skip: [],
      provider: 'local',
    });
  });

  it('skips what needs pods without root, and runs the rest a level lower', () => {
    expect(planTests(['unit', 'contract', 'cluster'], undefined, withoutRoot)).toEqual({
      run: ['unit', 'contract'],
      skip: [{ suite: 'cluster', reason: 'pods need root' }],
      provider: 'local',
      bringUp: { provider: 'local', level: 0 },
    });
  });

  it('skips every suite that needs a bed where none can be built', () => {
    expect(planTests(['unit', 'apiserver'], undefined, withoutGo)).toEqual({
      run: ['unit'],
      skip: [{ suite: 'apiserver', reason: 'go is missing' }],
    });
  });

  it('takes kind where nothing else is possible, without the suites that build parts of their own', () => {
    expect(planTests(['contract', 'apiserver', 'cluster'], undefined, withDockerOnly)).toEqual({
      run: ['contract', 'cluster'],
      skip: [{ suite: 'apiserver', reason: 'it starts parts of its own, which kind does not bring: go is missing' }],
      provider: 'kind',
      bringUp: kindBed,
    });
  });

  it('runs on a bed of kind that is up what does not need parts of its own', () => {
    expect(planTests(['cluster', 'faults'], kindBed, withoutGo).skip.map(({ suite }) => suite)).toEqual(['faults']);
    expect(planTests(['cluster', 'faults'], kindBed, able).skip).toEqual([]);
  });

  it('brings up kind for the suite that asks for it, also where local processes are possible', () => {
    expect(planTests(['kind'], undefined, { ...able, kind: [] }).bringUp).toEqual(kindBed);
  });

  it('skips the suite of kind where it cannot be had', () => {
    expect(planTests(['kind'], undefined, able)).toEqual({
      run: [],
      skip: [{ suite: 'kind', reason: 'Docker does not answer' }],
    });
  });
});

describe('the files of a suite', () => {
  const cluster = testFiles('cluster');

  it('that end parts of the bed are skipped on kind, and the others run', () => {
    const { run, skip } = planFiles(cluster, 'kind');
    expect(skip).toContain('cluster/alone/kills.test.ts');
    expect(run).toContain('cluster/node.test.ts');
    expect([...run, ...skip].toSorted()).toEqual(cluster.toSorted());
  });

  it.each(['local', undefined] as const)('all run on a bed of %s', provider => {
    expect(planFiles(cluster, provider)).toEqual({ run: cluster, skip: [] });
  });
});
