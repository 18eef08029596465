import { afterEach, describe, expect, it } from '@jest/globals';
import { openHttp, type Http, type HttpRequest } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { onRealEngine } from './engines.ts';

/** Scrolls that the engine lets stand open at once; only this test opens any. */
const limit = 'search.max_open_scroll_context';

describe('a search that the engine refuses because it has too much to do', () => {
  onRealEngine((bench, address) => {
    let http: Http;
    const setLimit = async (to: number | null): Promise<void> => {
      const json = { persistent: { [limit]: to } };
      await http.send({ method: 'PUT', path: '/_cluster/settings', json, idempotent: true });
    };
    afterEach(async () => {
      await setLimit(null);
      await http.close();
    });

    it('is told as that, and not as shards that are away', async () => {
      http = openHttp({ ...address().access, clock });
      const index = `${bench().prefix}-a`;
      await bench().engine.indices.create(index, { settings: { number_of_replicas: 0 }, mappings: {} });
      await setLimit(0);
      const search = { method: 'POST', path: `/${index}/_search`, query: { scroll: '1m' } } as const;
      const request: HttpRequest = { ...search, idempotent: true, isPaced: true };
      await expect(http.send(request)).rejects.toMatchObject({ name: 'RetryableError', reason: 'EngineOverloaded' });
    });
  });
});
