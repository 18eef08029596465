import { describe, expect, it } from '@jest/globals';
import type { RunLimit } from '../../../src/cluster/limits.ts';
import { placeInQueue, type Waiting } from '../../../src/runs/queue.ts';

function request(name: string, alias: string, more: Partial<Waiting> = {}): Waiting {
  return {
    uid: name,
    namespace: 'team',
    name,
    target: `u/${alias}`,
    clusterUuid: 'u',
    created: `2026-01-01T00:00:0${name.at(-1) ?? '0'}Z`,
    running: false,
    stands: false,
    preempts: false,
    mayPreempt: false,
    ...more,
  };
}

const atMost = (runs: number): RunLimit => ({ runs, by: 'team/main' });

describe('the queue', () => {
  it('lets the only request go', () => {
    expect(placeInQueue(request('r1', 'a'), [request('r1', 'a')], atMost(1))).toBeUndefined();
  });

  it('lets a run that holds its place go on, whoever waits', () => {
    const mine = request('r2', 'a', { running: true });
    expect(placeInQueue(mine, [request('r1', 'a'), mine], atMost(1))).toBeUndefined();
  });

  it('puts requests for one alias in the order of their age, each behind the one before', () => {
    const all = [request('r1', 'a', { running: true }), request('r2', 'a'), request('r3', 'a')];
    expect(placeInQueue(all[1]!, all, atMost(5))).toEqual({ position: 1, behind: 'ReindexRequest/team/r1' });
    expect(placeInQueue(all[2]!, all, atMost(5))).toEqual({ position: 2, behind: 'ReindexRequest/team/r2' });
  });

  it('waits behind a younger run for the same alias that was admitted before', () => {
    const mine = request('r1', 'a');
    expect(placeInQueue(mine, [mine, request('r2', 'a', { running: true })], atMost(5))?.behind).toBe(
      'ReindexRequest/team/r2',
    );
  });

  it('holds requests for other aliases back at the limit of the cluster', () => {
    const all = [request('r1', 'a', { running: true }), request('r2', 'b'), request('r3', 'c')];
    const limit = { runs: 1, by: 'team/main' };
    expect(placeInQueue(all[1]!, all, limit)).toEqual({ position: 1, behind: 'ReindexRequest/team/r1', limit });
    expect(placeInQueue(all[2]!, all, limit)).toEqual({ position: 2, behind: 'ReindexRequest/team/r1', limit });
    expect(placeInQueue(all[1]!, all, atMost(2))).toBeUndefined();
  });

  it('does not mix clusters', () => {
    const other = request('r1', 'a', { running: true, clusterUuid: 'x', target: 'x/a' });
    const mine = request('r2', 'a');
    expect(placeInQueue(mine, [other, mine], atMost(1))).toBeUndefined();
  });

  it('gives the place of a run that stands to the next one, and takes it into account again when it works', () => {
    const standing = request('r1', 'a', { running: true, stands: true });
    const mine = request('r2', 'b');
    expect(placeInQueue(mine, [standing, mine], atMost(1))).toBeUndefined();
    expect(placeInQueue(mine, [{ ...standing, stands: false }, mine], atMost(1))).toMatchObject({ position: 1 });
    // Its alias it keeps.
    expect(placeInQueue({ ...mine, target: 'u/a' }, [standing, mine], atMost(1))).toMatchObject({ position: 1 });
  });

  it('counts those of a namespace that stand again beyond the tenth, and names one of them', () => {
    const standing = Array.from({ length: 11 }, (_, i) => request(`s${i}`, `a${i}`, { running: true, stands: true }));
    const mine = request('r2', 'b');
    expect(placeInQueue(mine, [...standing.slice(1), mine], atMost(1))).toBeUndefined();
    expect(placeInQueue(mine, [...standing, mine], atMost(1))?.behind).toMatch(/^ReindexRequest\/team\/s/);
    expect(placeInQueue({ ...mine, namespace: 'other' }, [...standing, mine], atMost(1))).toBeUndefined();
  });
});
