import { describe, it } from '@jest/globals';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { firstSeed, walk, withRepository } from '../support/worlds/generated-walk.ts';

const minutes = 60_000;

describe('a generated history', () => {
  it(
    `of seed ${firstSeed} ends in what Git says, whichever way its commits are indexed`,
    () =>
      withRepository(repository =>
        walk({ engine: fakeEngine(), prefix: 't' }, { repository }, firstSeed, { fullEvery: 16, killEvery: 3 }),
      ),
    15 * minutes,
  );
});
