import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WatchCache, joinCaches } from '../../../src/kube/cache.ts';

type Job = { readonly name: string; readonly owner: string; readonly active: boolean };

const groupsOf = ({ owner, active }: Job): readonly string[] => (active ? [owner, 'active'] : [owner]);
const keyOf = (name: string) => ({ namespace: 'team', name });

describe('groups of a cache', () => {
  it('move with what is kept of an object, and end with it', () => {
    const cache = new WatchCache<Job>(groupsOf);
    cache.set(keyOf('a'), '1', { name: 'a', owner: 'x', active: true });
    cache.set(keyOf('b'), '1', { name: 'b', owner: 'x', active: true });
    expect(cache.in('x').map(job => job.name)).toEqual(['a', 'b']);
    cache.set(keyOf('a'), '2', { name: 'a', owner: 'y', active: false });
    expect(cache.in('x').map(job => job.name)).toEqual(['b']);
    expect(cache.in('active').map(job => job.name)).toEqual(['b']);
    cache.finishList(new Set([WatchCache.idOf(keyOf('a'))]));
    expect(cache.in('active')).toEqual([]);
    expect(cache.in('y').map(job => job.name)).toEqual(['a']);
    cache.remove(keyOf('a'));
    expect(cache.in('y')).toEqual([]);
  });

  it('hold after any changes exactly what a walk over everything would find', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      owner: fc.constantFrom('x', 'y'),
      active: fc.boolean(),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), changes => {
        const cache = new WatchCache<Job>(groupsOf);
        for (const [i, { gone, ...job }] of changes.entries())
          if (gone) cache.remove(keyOf(job.name));
          else cache.set(keyOf(job.name), String(i), job);
        for (const group of ['x', 'y', 'active']) {
          const found = cache.list().filter(job => groupsOf(job).includes(group));
          expect(new Set(cache.in(group))).toEqual(new Set(found));
        }
      }),
    );
  });

  it('are read through several caches as one', () => {
    const [one, other] = [new WatchCache<Job>(groupsOf), new WatchCache<Job>(groupsOf)];
    one.set(keyOf('a'), '1', { name: 'a', owner: 'x', active: true });
    other.set({ namespace: 'shop', name: 'a' }, '1', { name: 'b', owner: 'x', active: true });
    expect(
      joinCaches([one, other])
        .in('x')
        .map(job => job.name),
    ).toEqual(['a', 'b']);
  });
});
