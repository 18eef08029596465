import { describe, expect, it } from '@jest/globals';
import { allOperations, generatedHistory } from '../../support/worlds/generated-history.ts';

describe('a generated history', () => {
  it.each(Array.from({ length: 50 }, (_, seed) => seed))('of seed %i ends, with every operation in it', seed => {
    const { commits, counts } = generatedHistory(seed, { leastCommits: 40, leastOfEach: 3 });
    expect(commits.length).toBeLessThan(90);
    for (const operation of allOperations)
      expect({ operation, used: (counts.get(operation) ?? 0) >= 3 }).toEqual({ operation, used: true });
  });
});
