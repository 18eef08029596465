import { describe, expect, it } from '@jest/globals';
import { LockWatch } from '../../../src/alias/lock-watch.ts';
import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { Former } from '../../../src/cluster/operator-standing.ts';
import { OperatorWatch } from '../../../src/cluster/operator-watch.ts';
import { engineOver } from '../../../src/engine/connect.ts';
import type { Http } from '../../../src/engine/transport.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import { FloorLook } from '../../../src/operator/floor-look.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { anIndexedRepo, aSearchCluster } from '../../support/objects/an-object.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

const everyMs = 60_000;

/** As many IndexedRepos as are asked for, behind an engine that has none of their aliases; requests are counted. */
function aLook(
  count: number,
  { former, firstTakesMs = 0 }: { readonly former?: Former; readonly firstTakesMs?: number } = {},
) {
  const requests: string[] = [];
  let record: object | undefined;
  const http: Http = {
    send: async ({ method, path, json }) => {
      requests.push(`${method} ${path}`);
      if (requests.length === 1) await clock.advance(firstTakesMs);
      const { ids = [] } = (json ?? {}) as { readonly ids?: readonly string[] };
      const stand = { _seq_no: 1, _primary_term: 1 };
      if (path.includes('_create/')) record = { ...stand, _source: json };
      if (path.includes('/_doc/')) return { status: record ? 200 : 404, body: record ?? {}, headers: {} };
      const body = path.endsWith('_mget') ? { docs: ids.map(() => ({ found: false })) } : stand;
      return { status: 200, body: path.endsWith('_alias') ? {} : body, headers: {} };
    },
    close: async () => undefined,
  };
  const engine = engineOver(http);
  const hands = { engine, settings: settingsOn(engine, 'reindeer-settings'), ...fencesOn(engine, handClock()) };
  const live = { name: 'x-v1', number: 1 };
  const served = { type: 'Ready', status: 'True', reason: 'Live', message: '' };
  const repos = Array.from({ length: count }, (_, n) => {
    const name = `a-repository-whose-name-is-rather-long-${n}`;
    const repo = anIndexedRepo({ metadata: { name }, spec: { alias: name } });
    return { ...repo, status: { live, conditions: [served] } } as unknown as IndexedRepo; // as far as it is read
  });
  const clock = handClock();
  const woken: string[] = [];
  const cacheOf = <T>(all: readonly T[]) => ({ get: () => undefined, list: () => all, in: () => all, synced: true });
  const own = { id: { operator: 'kubernetes-uid', election: 'reindeer' }, process: 'p-1', former };
  const operators = new OperatorWatch({ own, isLeading: () => true, settleMs: 2 * everyMs });
  const wake = ({ name }: { readonly name: string }): void => void woken.push(name);
  const known = { repos: cacheOf(repos), requests: cacheOf<ReindexRequest>([]), locks: new LockWatch(clock) };
  const look = new FloorLook({ clock, ...known, operators, everyMs, wake, wakeAll: wake });
  const doubt = () => operators.side(aSearchCluster()).doubt;
  return { look: async () => look.ifDue(aSearchCluster(), 'cluster', hands), clock, requests, woken, doubt };
}

describe('the look at all aliases of a cluster', () => {
  it.each([1, 300])('costs three requests, none of which writes, for %i aliases', async count => {
    const { look, clock, requests, woken } = aLook(count);
    expect(await look()).toBe(everyMs);
    await clock.advance(everyMs);
    requests.length = 0;
    woken.length = 0;
    await look();
    expect(requests.map(request => request.replace(/\/a-repository.*\/_alias/, '/NAMES/_alias'))).toEqual([
      'GET /reindeer-settings/_doc/operator~kubernetes-uid~reindeer',
      count === 1 ? 'GET /NAMES/_alias' : 'GET /_alias',
      'POST /reindeer-settings/_mget',
    ]);
    expect(woken).toHaveLength(count);
  });

  it('asks for no alias where there is none, and writes its own name down once', async () => {
    const { look, clock, requests } = aLook(0);
    await look();
    expect(requests.map(request => request.split(' ')[0])).toEqual(['GET', 'PUT']);
    await clock.advance(everyMs);
    await look();
    expect(requests.map(request => request.split(' ')[0])).toEqual(['GET', 'PUT', 'GET']);
  });

  it('has settled who leads with the second look after the first, however long the first one took', async () => {
    const { look, clock, doubt } = aLook(1, { former: { process: 'p-0', released: false }, firstTakesMs: 300 });
    let dueInMs = await look();
    for (const expected of ['OperatorSettling', undefined]) {
      await clock.advance(dueInMs - (expected === undefined ? 0 : 300));
      dueInMs = await look();
      expect(doubt()?.reason).toBe(expected);
    }
  });

  it('is made once in its interval, however often the cluster is probed', async () => {
    const { look, clock, requests } = aLook(1);
    await look();
    await clock.advance(40_000);
    expect(await look()).toBe(20_000);
    const looks = (): number => requests.filter(request => request.endsWith('_alias')).length;
    expect(looks()).toBe(1);
    await clock.advance(20_000);
    expect(await look()).toBe(everyMs);
    expect(looks()).toBe(2);
  });
});
