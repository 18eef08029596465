import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { connect } from '../../src/engine/connect.ts';
import type { DeclaredEngine } from '../../src/engine/port.ts';
import type { ConnectOptions } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { createAuthority } from '../bed/certificates.ts';
import { itWithSecurity, onRealEngine } from './engines.ts';

async function caOfNobody(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const { caFile } = await createAuthority(folder);
  const pem = readFileSync(caFile, 'utf8');
  rmSync(folder, { recursive: true });
  return pem;
}

describe('connecting', () => {
  onRealEngine((_, address) => {
    const info = async (given: Partial<ConnectOptions & { readonly engine: DeclaredEngine }>): Promise<unknown> => {
      const engine = connect({ ...address().access, clock, ...given });
      return engine.info().finally(() => engine.close());
    };

    it('knows the engine, its version and the uuid of its cluster', async () => {
      expect(await info({})).toEqual({
        type: address().type,
        version: expect.stringMatching(/^[2389]\.\d+\.\d+$/),
        uuid: expect.stringMatching(/^[\w-]{22}$/),
      });
    });

    it('takes the engine that was declared, and refuses the other', async () => {
      const { type } = address();
      expect(await info({ engine: type })).toMatchObject({ type });
      const [other] = (['Elasticsearch', 'OpenSearch'] as const).filter(each => each !== type);
      await expect(info({ engine: other! })).rejects.toMatchObject({ name: 'TerminalError', reason: 'OtherEngine' });
    });

    itWithSecurity('refuses a server whose certificate another CA signed', async () => {
      await expect(info({ caPem: await caOfNobody() })).rejects.toMatchObject({
        name: 'TerminalError',
        reason: 'UnknownCA',
      });
    });

    const refused: readonly (readonly [string, Partial<ConnectOptions>])[] = [
      ['a wrong password', { password: 'canary-secret' }],
      ['an unknown user', { username: 'nobody' }],
    ];
    for (const [what, given] of refused) {
      itWithSecurity(`names ${what} as refused credentials`, async () => {
        const error: unknown = await info(given).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ name: 'TerminalError', reason: 'AuthenticationFailed' });
        expect(String(error)).not.toContain('canary-secret');
      });
    }
  });
});
