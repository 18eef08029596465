import { describe, it } from '@jest/globals';
import { firstSeed, walk, withRemote } from '../support/worlds/generated-walk.ts';
import { onRealEngine } from './engines.ts';

const minutes = 60_000;

describe('a generated history', () => {
  onRealEngine(bench => {
    it(
      `of seed ${firstSeed + 3} ends in what Git says when each commit is fetched over HTTPS, whichever way it is indexed`,
      () => withRemote(place => walk(bench(), place, firstSeed + 3, { fullEvery: 40, killEvery: 5 })),
      15 * minutes,
    );
  });
});
