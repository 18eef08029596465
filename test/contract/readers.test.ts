import { expect, it } from '@jest/globals';
import { openHttp } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { onRealEngine } from './engines.ts';

onRealEngine((bench, address) => {
  it('counts the searches that hold an index open, until they let it go', async () => {
    const { engine, prefix } = bench();
    const names = [`${prefix}-a`, `${prefix}-b`];
    for (const name of names) await engine.indices.create(name, { settings: { number_of_replicas: 0 }, mappings: {} });
    expect(await engine.indices.openReaders(names)).toBe(0);
    const http = openHttp({ ...address().access, clock });
    try {
      const path = `/${names[1] ?? ''}/_search`;
      const opened = await http.send({ method: 'POST', path, query: { scroll: '1m' }, json: {}, idempotent: false });
      const { _scroll_id: id } = opened.body as { _scroll_id: string };
      expect(await engine.indices.openReaders(names)).toBe(1);
      await http.send({ method: 'DELETE', path: '/_search/scroll', json: { scroll_id: id }, idempotent: true });
      expect(await engine.indices.openReaders(names)).toBe(0);
    } finally {
      await http.close();
    }
  });
});
