import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { connect } from '../../src/engine/connect.ts';
import type { ConnectOptions } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { createAuthority } from '../bed/certificates.ts';
import { onRealEngine } from './engines.ts';

async function caOfNobody(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const { caFile } = await createAuthority(folder);
  const pem = readFileSync(caFile, 'utf8');
  rmSync(folder, { recursive: true });
  return pem;
}

describe('connecting', () => {
  onRealEngine((_, address) => {
    const info = async (given: Partial<ConnectOptions>): Promise<unknown> => {
      const { url, username, password, caPem } = address();
      const engine = connect({ endpoints: [url], username, password, caPem, clock, ...given });
      return engine.info().finally(() => engine.close());
    };

    it('knows the engine, its version and the uuid of its cluster', async () => {
      expect(await info({})).toEqual({
        type: 'Elasticsearch',
        version: expect.stringMatching(/^[89]\.\d+\.\d+$/),
        uuid: expect.stringMatching(/^[\w-]{22}$/),
      });
    });

    it('refuses a server whose certificate another CA signed', async () => {
      await expect(info({ caPem: await caOfNobody() })).rejects.toMatchObject({
        name: 'TerminalError',
        reason: 'UnknownCA',
      });
    });

    it.each<[string, Partial<ConnectOptions>]>([
      ['a wrong password', { password: 'canary-secret' }],
      ['an unknown user', { username: 'nobody' }],
    ])('names %s as refused credentials', async (_unused, given) => {
      const error: unknown = await info(given).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'TerminalError', reason: 'AuthenticationFailed' });
      expect(String(error)).not.toContain('canary-secret');
    });
  });
});
