import { describe, expect, it } from '@jest/globals';
import { withEngineVariables, withFormerNames } from '../../../src/domain/engine-variables.ts';

describe('the variables of an engine', () => {
  it('are read under the names of before where none of today’s says anything', () => {
    const former = { ELASTICSEARCH_ENDPOINT: 'http://one:9200', ELASTICSEARCH_PASSWORD: 'one', OTHER: 'x' };
    expect(withEngineVariables({ ...former, SEARCH_USERNAME: '' })).toMatchObject({
      SEARCH_ENDPOINT: 'http://one:9200',
      SEARCH_USERNAME: '',
      SEARCH_PASSWORD: 'one',
      OTHER: 'x',
    });
  });

  it('never send the password of one engine to another: the two sets are not mixed', () => {
    const former = { ELASTICSEARCH_ENDPOINT: 'http://one:9200', ELASTICSEARCH_PASSWORD: 'one' };
    const read = withEngineVariables({ ...former, SEARCH_ENDPOINT: 'http://two:9200' });
    expect(read['SEARCH_ENDPOINT']).toBe('http://two:9200');
    expect(read['SEARCH_PASSWORD'] ?? '').toBe('');
  });

  it('are handed on under both names, and nothing else is', () => {
    expect(withFormerNames({ SEARCH_CA_CERT: '/ca.crt', REINDEER_MODE: 'full' })).toEqual({
      SEARCH_CA_CERT: '/ca.crt',
      ELASTICSEARCH_CA_CERT: '/ca.crt',
      REINDEER_MODE: 'full',
    });
  });
});
