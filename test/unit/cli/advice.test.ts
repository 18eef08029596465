import { describe, expect, it } from '@jest/globals';
import { reasons } from '../../../src/api/reasons.ts';
import { advice } from '../../../src/cli/advice.ts';

describe('the advice of the command line', () => {
  it('never speaks of objects, Secrets or an operator that its user does not have', () => {
    const words =
      /spec\.|\bSecrets?\b|IndexedRepo|ReindexRequest|SearchCluster|operator|rebuild\.|ca\.crt|goes on by itself/;
    expect(Object.keys(reasons).filter(reason => words.test(advice(reason)))).toEqual([]);
  });

  it('has none for what is no reason, and none for a bug', () => {
    expect(['', 'nothing', 'constructor', 'Unexpected'].map(advice)).toEqual(['', '', '', '']);
  });

  it.each([
    'RemoteUnreachable',
    'RefNotFound',
    'NothingSelected',
    'WritesBlocked',
    'AuthenticationFailed',
    'UnknownCA',
  ])('says what to do about %s', reason => {
    expect(advice(reason)).not.toBe('');
  });

  it('for a version that does not hold its commit names the next run, which mends it, before a new version', () => {
    expect(advice('VerificationFailed')).toMatch(/may be writing into the index\. The next run .* mends .*--clean/);
  });
});
