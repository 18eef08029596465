import { describe, expect, it } from '@jest/globals';
import { placeInQueue, type Waiting } from '../../../src/reindex-request/queue.ts';

function request(name: string, alias: string, more: Partial<Waiting> = {}): Waiting {
  return {
    uid: name,
    name,
    target: `u/${alias}`,
    clusterUuid: 'u',
    created: `2026-01-01T00:00:0${name.at(-1) ?? '0'}Z`,
    running: false,
    preempts: false,
    mayPreempt: false,
    ...more,
  };
}

describe('the queue', () => {
  it('lets the only request go', () => {
    expect(placeInQueue(request('r1', 'a'), [request('r1', 'a')], 1)).toBeUndefined();
  });

  it('lets a run that holds its place go on, whoever waits', () => {
    const mine = request('r2', 'a', { running: true });
    expect(placeInQueue(mine, [request('r1', 'a'), mine], 1)).toBeUndefined();
  });

  it('puts requests for one alias in the order of their age, each behind the one before', () => {
    const all = [request('r1', 'a', { running: true }), request('r2', 'a'), request('r3', 'a')];
    expect(placeInQueue(all[1]!, all, 5)).toEqual({ position: 1, behind: 'ReindexRequest/r1' });
    expect(placeInQueue(all[2]!, all, 5)).toEqual({ position: 2, behind: 'ReindexRequest/r2' });
  });

  it('waits behind a younger run for the same alias that was admitted before', () => {
    const mine = request('r1', 'a');
    expect(placeInQueue(mine, [mine, request('r2', 'a', { running: true })], 5)?.behind).toBe('ReindexRequest/r2');
  });

  it('holds requests for other aliases back at the limit of the cluster', () => {
    const all = [request('r1', 'a', { running: true }), request('r2', 'b'), request('r3', 'c')];
    expect(placeInQueue(all[1]!, all, 1)).toEqual({ position: 1, behind: 'ReindexRequest/r1' });
    expect(placeInQueue(all[2]!, all, 1)).toEqual({ position: 2, behind: 'ReindexRequest/r1' });
    expect(placeInQueue(all[1]!, all, 2)).toBeUndefined();
  });

  it('does not mix clusters', () => {
    const other = request('r1', 'a', { running: true, clusterUuid: 'x', target: 'x/a' });
    const mine = request('r2', 'a');
    expect(placeInQueue(mine, [other, mine], 1)).toBeUndefined();
  });
});
