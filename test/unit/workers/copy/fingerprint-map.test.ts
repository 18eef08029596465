import { describe, expect, it } from '@jest/globals';
import { FingerprintMap, fingerprintOf, isInRound, roundsFor } from '../../../../src/workers/copy/fingerprint-map.ts';

describe('fingerprints by fingerprint', () => {
  it('finds what was put in, and nothing else, however many there are', () => {
    const map = new FingerprintMap();
    const ids = Array.from({ length: 5_000 }, (_, n) => `id-${n}`);
    for (const id of [...ids, ...ids]) map.set(fingerprintOf(id), fingerprintOf(`${id} value`));
    expect(map.size).toBe(5_000);
    expect(ids.every(id => map.get(fingerprintOf(id))?.[0] === fingerprintOf(`${id} value`)[0])).toBe(true);
    expect(map.get(fingerprintOf('another'))).toBeUndefined();
    expect([...map.keys()].length).toBe(5_000);
  });

  it('keeps apart what shares a half', () => {
    const map = new FingerprintMap();
    map.set([1, 1], [7, 7]);
    map.set([1, 2], [8, 8]);
    expect([map.get([1, 1]), map.get([1, 2]), map.get([2, 1])]).toEqual([[7, 7], [8, 8], undefined]);
  });

  it('divides many over rounds, each in exactly one', () => {
    expect([roundsFor(0), roundsFor(2_000_000), roundsFor(2_000_001)]).toEqual([1, 1, 2]);
    const ids = Array.from({ length: 100 }, (_, n) => fingerprintOf(`id-${n}`));
    expect(ids.every(id => [0, 1, 2].filter(round => isInRound(id, round, 3)).length === 1)).toBe(true);
  });
});
