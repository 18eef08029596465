import { expect, it } from '@jest/globals';
import { lackingForRelease } from '../../support/real/older-release.ts';

it('names the commit that the history of this checkout does not go back to', async () => {
  expect(await lackingForRelease('0000000', undefined)).toBe(
    'the history of this checkout does not go back to 0000000',
  );
});
