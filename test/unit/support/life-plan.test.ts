import { describe, expect, it } from '@jest/globals';
import { aLifePlan, rebuildFates, type LifeAct } from '../../support/objects/a-life-plan.ts';
import { lifeFaults } from '../../support/real/life/faults.ts';

const faults = lifeFaults.flatMap(({ name, times }) => Array<string>(times).fill(name));
const size = { repos: 50, heavyRuns: 4, pushes: 320, rebuilds: 48, rollbacks: 24, faults };

describe('a plan of daily life', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(aLifePlan(3, size)).toEqual(aLifePlan(3, size));
    expect(aLifePlan(3, size)).not.toEqual(aLifePlan(4, size));
  });

  it.each([0, 1, 77_777])('of seed %i has each fault, each fate and each act as often as was asked for', seed => {
    const { rounds } = aLifePlan(seed, size);
    expect(rounds.map(({ fault }) => fault).toSorted()).toEqual(faults.toSorted());
    const acts = rounds.flatMap(round => round.acts);
    const count = (is: LifeAct['is']): number => acts.filter(act => act.is === is).length;
    expect([count('push'), count('rebuild'), count('rollback')]).toEqual([320, 48, 24]);
    const fates = new Set(acts.flatMap(act => (act.is === 'rebuild' ? [act.fate] : [])));
    expect([...fates].toSorted()).toEqual(rebuildFates.toSorted());
  });

  it('has at least sixty faults, also where the engine has no users', () => {
    const usable = lifeFaults.filter(({ needs }) => needs === undefined);
    expect(usable.reduce((sum, { times }) => sum + times, 0)).toBeGreaterThanOrEqual(60);
    expect(new Set(lifeFaults.map(({ name }) => name)).size).toBe(lifeFaults.length);
  });
});
