import { beforeEach, describe, expect, it } from '@jest/globals';
import { ClusterConnections, type Credentials } from '../../../src/cluster/connections.ts';
import { Secrets } from '../../../src/kube/secrets.ts';
import { World } from '../../support/worlds/a-world.ts';
import { aSearchCluster, at } from '../../support/objects/an-object.ts';

const auth = { auth: { basic: { secretRef: { name: 'engine' } } } };

describe('the connection to a cluster', () => {
  let world: World;
  let opened: Credentials[];
  let closed: number;
  let connections: ClusterConnections;

  beforeEach(async () => {
    world = new World();
    opened = [];
    closed = 0;
    connections = new ClusterConnections({
      secrets: new Secrets(world.kube, () => undefined),
      clock: world.clock,
      connect: credentials => {
        opened.push(credentials);
        return { engine: { ...world.engine, close: async () => void (closed += 1) } } as never; // nothing else is asked of it
      },
    });
    await world.aSecret('engine', { username: 'u', password: 'one\n' });
  });

  it('is opened once with what the Secrets hold, without the newline that editors leave', async () => {
    const cluster = aSearchCluster({ spec: { ...auth, tls: { caSecretRef: { name: 'ca' } } } });
    await world.aSecret('ca', { 'ca.crt': 'PEM' });
    const first = await connections.forWork(cluster);
    expect(await connections.forWork(cluster)).toBe(first);
    expect(await connections.forProbe(cluster)).toBe(first);
    expect(opened).toEqual([
      {
        endpoints: ['https://engine:9200'],
        engine: 'Auto',
        settingsIndex: 'reindeer-settings',
        username: 'u',
        password: 'one',
        caPem: 'PEM',
      },
    ]);
  });

  it('is opened with an API key where one is declared, and again when its Secret has another', async () => {
    await world.aSecret('key', { apiKey: 'aWQ6b25l\n' });
    const cluster = aSearchCluster({ spec: { auth: { apiKey: { secretRef: { name: 'key' } } } } });
    await connections.forWork(cluster);
    await world.aSecret('key', { apiKey: 'aWQ6dHdv' });
    await world.clock.advance(30_000);
    await connections.forWork(cluster);
    expect(opened.map(({ apiKey, username }) => ({ apiKey, username }))).toEqual([
      { apiKey: 'aWQ6b25l', username: undefined },
      { apiKey: 'aWQ6dHdv', username: undefined },
    ]);
    await world.aSecret('key', { apiKey: '' });
    await world.clock.advance(30_000);
    await expect(connections.forWork(cluster)).rejects.toThrow('is empty');
  });

  it('is opened where ECK lays an engine out, as its superuser, unless somebody else is named', async () => {
    await world.aSecret('search-es-elastic-user', { elastic: 'super' });
    await world.aSecret('search-es-http-certs-public', { 'ca.crt': 'PEM', 'tls.crt': 'other' });
    const elasticsearchRef = { name: 'search' };
    const eck = (spec: object) => aSearchCluster({ spec: { endpoints: undefined, elasticsearchRef, ...spec } });
    await connections.forWork(eck({}));
    await connections.forWork(eck({ ...auth, elasticsearchRef: { name: 'search', serviceName: 'readers' } }));
    const [first, second] = opened;
    expect(first).toMatchObject({ endpoints: ['https://search-es-http.team.svc:9200'], caPem: 'PEM' });
    expect(first).toMatchObject({ username: 'elastic', password: 'super' });
    expect(second).toMatchObject({ endpoints: ['https://readers.team.svc:9200'], caPem: 'PEM' });
    expect(second).toMatchObject({ username: 'u', password: 'one' });
  });

  it('says which object of ECK is not there yet', async () => {
    const cluster = aSearchCluster({ spec: { endpoints: undefined, elasticsearchRef: { name: 'search' } } });
    await expect(connections.forWork(cluster)).rejects.toThrow('there is no Secret "search-es-elastic-user"');
  });

  it('for work follows a changed Secret within 30 s; for a look it does not read Secrets at all', async () => {
    const cluster = aSearchCluster({ spec: auth });
    await connections.forWork(cluster);
    await world.aSecret('engine', { password: 'two' });
    await world.clock.advance(29_000);
    await connections.forWork(cluster);
    await connections.forProbe(cluster);
    expect(opened).toHaveLength(1);
    await world.clock.advance(1000);
    await connections.forProbe(cluster);
    expect(opened).toHaveLength(1);
    await connections.forWork(cluster);
    expect(opened.map(each => each.password)).toEqual(['one', 'two']);
    expect(closed).toBe(1);
  });

  it('stays the same when the Secret was read again and holds what it held', async () => {
    const cluster = aSearchCluster({ spec: auth });
    const first = await connections.forWork(cluster);
    await world.clock.advance(60_000);
    expect(await connections.forWork(cluster)).toBe(first);
    expect(opened).toHaveLength(1);
  });

  it('is opened anew after it was distrusted, and for another way to the engine', async () => {
    const cluster = aSearchCluster({ spec: auth });
    await connections.forProbe(cluster);
    connections.distrust(cluster.metadata.uid);
    await connections.forProbe(cluster);
    await connections.forProbe(aSearchCluster({ spec: { ...auth, endpoints: ['https://other:9200'] } }));
    await connections.forProbe(
      aSearchCluster({ spec: { ...auth, endpoints: ['https://other:9200'], engine: 'OpenSearch' } }),
    );
    expect(opened).toHaveLength(4);
    expect(closed).toBe(3);
  });

  it('outlives its Secret while the SearchCluster is being deleted: it is all there is to clean up with', async () => {
    const cluster = aSearchCluster({ spec: auth });
    const first = await connections.forProbe(cluster);
    const leaving = aSearchCluster({ spec: auth, metadata: { generation: 2, deletionTimestamp: at(0) } });
    expect(await connections.forProbe(leaving)).toBe(first);
  });

  it.each<readonly [string, Record<string, string>, string]>([
    ['is missing', {}, 'SecretNotFound'],
    ['lacks its password', { username: 'u' }, 'SecretNotFound'],
    ['has an empty password', { username: 'u', password: '\n' }, 'InvalidSecret'],
  ])('is not opened when the Secret %s', async (_row, values, reason) => {
    if (Object.keys(values).length > 0) await world.aSecret('another', values);
    const cluster = aSearchCluster({ spec: { auth: { basic: { secretRef: { name: 'another' } } } } });
    await expect(connections.forWork(cluster)).rejects.toMatchObject({ reason });
    expect(opened).toEqual([]);
  });

  it('is closed with the SearchCluster', async () => {
    const cluster = aSearchCluster();
    await connections.forProbe(cluster);
    connections.keepOnly(new Set([cluster.metadata.uid]));
    expect(closed).toBe(0);
    connections.keepOnly(new Set());
    expect(closed).toBe(1);
  });
});
