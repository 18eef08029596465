import { describe, expect, it } from '@jest/globals';
import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import { engineOver } from '../../../src/engine/base.ts';
import { elasticsearch } from '../../../src/engine/elasticsearch.ts';
import { settingsOn } from '../../../src/engine/settings.ts';
import type { Http } from '../../../src/engine/transport.ts';
import { publicAlias, switchAlias } from '../../../src/engine/switch.ts';
import { writeAliasOf } from '../../../src/engine/write-alias.ts';
import { FloorLook } from '../../../src/operator/floor-look.ts';
import { anIndexedRepo, aSearchCluster } from '../../support/an-object.ts';
import { handClock } from '../../support/hand-clock.ts';

const everyMs = 60_000;

/** As many IndexedRepos as are asked for, behind an engine that has none of their aliases; requests are counted. */
function aLook(count: number) {
  const requests: string[] = [];
  const http: Http = {
    send: async ({ method, path, json }) => {
      requests.push(`${method} ${path}`);
      const { ids = [] } = (json ?? {}) as { readonly ids?: readonly string[] };
      const body = path.endsWith('_mget') ? { docs: ids.map(() => ({ found: false })) } : {};
      return { status: 200, body, headers: {} };
    },
    close: async () => undefined,
  };
  const engine = engineOver(http, elasticsearch);
  const hands = {
    engine,
    settings: settingsOn(engine, 'reindeer-settings'),
    switchAlias: async (request: Parameters<typeof switchAlias>[1]) => switchAlias(engine.aliases, request),
    publicAlias,
    writeAliasOf,
  };
  const live = { name: 'x-v1', number: 1 };
  const served = { type: 'Ready', status: 'True', reason: 'Live', message: '' };
  const repos = Array.from({ length: count }, (_, n) => {
    const name = `a-repository-whose-name-is-rather-long-${n}`;
    const repo = anIndexedRepo({ metadata: { name }, spec: { alias: name } });
    return { ...repo, status: { live, conditions: [served] } } as unknown as IndexedRepo; // as far as it is read
  });
  const clock = handClock();
  const woken: string[] = [];
  const cache = { get: () => undefined, list: () => repos, in: () => repos, synced: true };
  const look = new FloorLook({ clock, repos: cache, everyMs, wake: ({ name }) => void woken.push(name) });
  return { look: async () => look.ifDue(aSearchCluster(), hands), clock, requests, woken };
}

describe('the look at all aliases of a cluster', () => {
  it.each([1, 300])('costs two requests, neither of which writes, for %i aliases', async count => {
    const { look, requests, woken } = aLook(count);
    expect(await look()).toBe(everyMs);
    expect(requests.map(request => request.replace(/\/a-repository.*\/_alias/, '/NAMES/_alias'))).toEqual([
      count === 1 ? 'GET /NAMES/_alias' : 'GET /_alias',
      'POST /reindeer-settings/_mget',
    ]);
    expect(woken).toHaveLength(count);
  });

  it('asks nothing for no alias', async () => {
    const { look, requests } = aLook(0);
    await look();
    expect(requests).toEqual([]);
  });

  it('is made once in its interval, however often the cluster is probed', async () => {
    const { look, clock, requests } = aLook(1);
    await look();
    await clock.advance(40_000);
    expect(await look()).toBe(20_000);
    expect(requests).toHaveLength(2);
    await clock.advance(20_000);
    expect(await look()).toBe(everyMs);
    expect(requests).toHaveLength(4);
  });
});
