import { describe, expect, it } from '@jest/globals';
import type { RunLimit } from '../../../src/cluster/limits.ts';
import { inTurn, isMove, placeInQueue, type Waiting } from '../../../src/runs/queue.ts';

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
    needsPlace: true,
    rank: 0,
    mayPreempt: false,
    aside: false,
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

  it('keeps a free place for the oldest, and names it to those behind', () => {
    const all = [request('r1', 'a'), request('r2', 'b'), request('r3', 'c')];
    const places = all.map(each => placeInQueue(each, all, atMost(1)));
    expect(places).toMatchObject([
      undefined,
      { position: 1, behind: 'ReindexRequest/team/r1' },
      { position: 2, behind: 'ReindexRequest/team/r1' },
    ]);
    expect(inTurn(all, 'u', atMost(2)).map(({ name }) => name)).toEqual(['r1', 'r2']);
  });

  it('keeps none for those that stand aside, which may go as soon as they can', () => {
    const all = [request('r1', 'a', { aside: true }), request('r2', 'b'), request('r3', 'c')];
    expect(inTurn(all, 'u', atMost(1)).map(({ name }) => name)).toEqual(['r1', 'r2']);
    expect(placeInQueue(all[2]!, all, atMost(1))).toMatchObject({ position: 1, behind: 'ReindexRequest/team/r2' });
  });

  it('keeps none for the second of an alias, nor for a rollback, which needs none', () => {
    const rollback = request('r0', 'x', { needsPlace: false, rank: 2 });
    const all = [rollback, request('r1', 'a'), request('r2', 'a'), request('r3', 'b'), request('r4', 'c')];
    expect(inTurn(all, 'u', atMost(2)).map(({ name }) => name)).toEqual(['r1', 'r3']);
    expect(placeInQueue(rollback, all, atMost(2))).toBeUndefined();
    expect(placeInQueue(all[4]!, all, atMost(2))).toMatchObject({ position: 1 });
  });

  it('goes by the uid where two are of one second', () => {
    const created = { created: '2026-01-01T00:00:00Z' };
    const all = [request('r2', 'b', created), request('r1', 'a', created)];
    expect(inTurn(all, 'u', atMost(1)).map(({ name }) => name)).toEqual(['r1']);
  });

  it('keeps no place for a namespace that may not take it', () => {
    const standing = Array.from({ length: 11 }, (_, i) => request(`s${i}`, `a${i}`, { running: true, stands: true }));
    const all = [...standing, request('r1', 'b'), request('r2', 'c', { namespace: 'other' })];
    expect(inTurn(all, 'u', atMost(1)).map(({ name }) => name)).toEqual(['r2']);
  });

  it('takes nothing but the place for a move', () => {
    const before = { conditions: [], phase: 'Pending', queue: { position: 3, behind: 'x' } };
    const after = { ...before, queue: { position: 2, behind: 'y' } };
    expect(isMove(before, after)).toBe(true);
    expect(isMove(before, { ...after, phase: 'Preflight' })).toBe(false);
    expect(isMove({ ...before, queue: undefined }, after)).toBe(false);
    expect(isMove(before, { ...after, queue: undefined })).toBe(false);
  });
});
