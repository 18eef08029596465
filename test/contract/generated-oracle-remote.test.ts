import { describe, it } from '@jest/globals';
import { fakeEngine } from '../support/fake-engine.ts';
import { firstSeed, walk, withRemote } from '../support/generated-walk.ts';

const minutes = 60_000;

describe('a generated history', () => {
  it(
    `of seed ${firstSeed + 2} ends in what Git says when each commit is fetched over HTTPS`,
    () =>
      withRemote(place =>
        walk({ engine: fakeEngine(), prefix: 't' }, place, firstSeed + 2, { fullEvery: 40, killEvery: 40 }),
      ),
    15 * minutes,
  );
});
