import { describe, expect, it } from '@jest/globals';
import { engineOptions } from '../../../src/cli/connection.ts';
import { systemClock as clock } from '../../../src/runtime/clock.ts';
import { engineVariables } from '../../bed/describe.ts';

const flags = { settingsIndex: 'reindeer-settings' };

describe('what a shell is told of the engine of a bed', () => {
  it('is what the command line reads, whatever older names say', async () => {
    const location = { url: 'https://10.0.0.1:9200', username: 'someone', password: 'word', caFile: '' };
    const env = { ELASTICSEARCH_ENDPOINT: 'https://another:9200', ...engineVariables(location) };
    expect(await engineOptions(flags, env, clock)).toEqual({
      endpoints: ['https://10.0.0.1:9200'],
      username: 'someone',
      password: 'word',
      clock,
    });
  });

  it('names neither a user nor a certificate where the engine has none', async () => {
    const env = engineVariables({ url: 'http://10.0.0.1:9200', username: '', password: '', caFile: '' });
    expect(await engineOptions(flags, env, clock)).toEqual({ endpoints: ['http://10.0.0.1:9200'], clock });
  });
});
