import { describe, expect, it } from '@jest/globals';
import { dialects } from '../../src/engine/connect.ts';
import type { Abilities } from '../../src/engine/dialect.ts';
import { openHttp, type Http, type HttpReply } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { onRealEngine } from './engines.ts';

/** Answers that say no without a word of an engine are read as well. */
const expected = [400, 404, 405];

/** Of each ability: asks for it on an index, and answers whether it was had. */
const tries: Readonly<Record<keyof Abilities, (http: Http, index: string) => Promise<HttpReply>>> = {
  openPit: async (http, index) => {
    const query = { keep_alive: '1s' };
    return http.send({ method: 'POST', path: `/${index}/_pit`, query, idempotent: false, expect: expected });
  },
  preferPrimary: async (http, index) => {
    const query = { preference: '_shards:0|_primary' };
    return http.send({
      method: 'POST',
      path: `/${index}/_search`,
      query,
      json: {},
      idempotent: false,
      expect: expected,
    });
  },
};

describe('what a dialect says that its engine can', () => {
  onRealEngine((bench, address) => {
    it.each(Object.entries(tries))('is what it can: %s', async (name, attempt) => {
      const index = `${bench().prefix}-a`;
      await bench().engine.indices.create(index, { settings: { number_of_replicas: 0 }, mappings: {} });
      const http = openHttp({ ...address().access, clock });
      const { status } = await attempt(http, index).finally(() => http.close());
      const said = dialects.find(({ type }) => type === address().type)?.can[name as keyof Abilities];
      expect(status < 400).toBe(said);
    });
  });
});
