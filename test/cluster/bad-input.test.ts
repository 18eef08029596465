import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../bed/command.ts';
import { HOST_ADDRESS } from '../bed/network.ts';
import { readBedState } from '../bed/state.ts';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster, type Repo } from '../support/real/a-cluster.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { aSearchCluster, anIndexedRepo, secret } from '../support/real/installed.ts';

const minutes = 60_000;

/** What the API server cannot know is refused with a reason that says what to do; what serves is left alone. */
describe('bad input', () => {
  let cluster: Cluster;
  let remote: GitRemote;
  let loginPage: { readonly url: string; close(): void };
  beforeAll(async () => {
    cluster = await aCluster('bad');
    loginPage = await aLoginPage();
    remote = await GitRemote.at(cluster.bed, cluster.history, 'good', commitOf(cluster, 'v0.19.0'));
    await cluster.kubectl.apply(anIndexedRepo(cluster.bed, 'good', { deletionPolicy: 'Delete' }));
    await untilLive(cluster, 'good', commitOf(cluster, 'v0.19.0'), 5 * minutes);
  }, 8 * minutes);
  afterAll(async () => {
    loginPage.close();
    await cluster.remove();
  }, 3 * minutes);

  it(
    'names an alias that is an index',
    async () => {
      await cluster.engine.indices.create('bad-index', { settings: { 'index.number_of_replicas': '0' }, mappings: {} });
      await declare('bad-index');
      expect(await stalled('bad-index', 'AliasIsIndex')).toContain('rename or delete it');
      await cluster.engine.indices.delete('bad-index');
      await remove('bad-index');
    },
    2 * minutes,
  );

  it(
    'names the owner of an alias that belongs to another IndexedRepo',
    async () => {
      await declare('thief', { alias: 'good' });
      expect(await stalled('thief', 'AliasOwnedElsewhere')).toContain(`${cluster.kubectl.namespace}/good`);
      await remove('thief');
      expect((await cluster.engine.aliases.members('good')).map(member => member.index)).toEqual(['good-v1']);
    },
    2 * minutes,
  );

  it(
    'names the indices of an alias that somebody else made',
    async () => {
      await cluster.engine.indices.create('somebodys', {
        settings: { 'index.number_of_replicas': '0' },
        mappings: {},
        aliases: { foreign: {} },
      });
      await declare('foreign');
      expect(await stalled('foreign', 'AliasAmbiguous')).toContain('somebodys');
      await cluster.engine.indices.delete('somebodys');
      await remove('foreign');
    },
    2 * minutes,
  );

  const source = (more: object) => ({ source: { url: remote.url, ref: 'main', secretRef: { name: 'git' }, ...more } });
  it.each([
    ['a ref that does not exist', 'RefNotFound', () => source({ ref: 'no-such-branch' })],
    ['a Secret that does not exist', 'SecretNotFound', () => source({ secretRef: { name: 'missing' } })],
    ['a wrong token', 'AuthenticationFailed', () => source({ secretRef: { name: 'wrong-token' } })],
    ['a CA that is not given', 'UnknownCA', () => source({ secretRef: { name: 'no-ca' } })],
    [
      'a host at the metadata address of clouds',
      'HostNotAllowed',
      () => source({ url: 'https://169.254.169.254/latest.git' }),
    ],
    ['a host that is a number', 'HostNotAllowed', () => source({ url: 'https://2130706433/private/good.git' })],
    ['an empty repository', 'EmptyRepository', () => source({ url: `${cluster.bed.git.url}/private/empty.git` })],
    ['30 February', 'InvalidSchedule', () => ({ light: { schedule: '0 0 30 2 *' } })],
    [
      'a time zone that nobody knows',
      'InvalidTimeZone',
      () => ({ timeZone: 'Mars/Olympus', light: { schedule: '0 2 * * *' } }),
    ],
    [
      'a setting that is not allowed',
      'SettingsRejected',
      () => ({ index: { settings: { 'index.blocks.write': true } } }),
    ],
    [
      'mappings that the engine refuses',
      'MappingRejected',
      () => ({ index: { mappings: { properties: { note: { type: 'no-such-type' } } } } }),
    ],
    [
      'mappings that take away what the worker needs',
      'MappingRejected',
      () => ({ index: { mappings: { properties: { filePath: { type: 'integer' } } } } }),
    ],
    ['a SearchCluster that does not exist', 'ClusterNotFound', () => ({ clusterRef: { name: 'nowhere' } })],
  ])(
    '%s is %s',
    async (what, reason, spec) => {
      const name = `b-${what.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 40).replace(/-+$/, '');
      const { caFile } = cluster.bed.git;
      const ca = await run(['cat', caFile]);
      await cluster.kubectl.apply(
        secret('wrong-token', { token: 'not-the-token-0123', 'ca.crt': ca }),
        secret('no-ca', { token: cluster.bed.git.token }),
      );
      await anEmptyRepository();
      await declare(name, spec());
      const message = await stalled(name, reason);
      expect(message.length).toBeGreaterThan(10);
      expect(message).not.toContain('not-the-token-0123');
      await untilCondition(cluster, 'irepo', name, {
        type: 'Ready',
        status: reason === 'ClusterNotFound' ? 'Unknown' : 'False',
      });
      await remove(name);
      expect(await cluster.engine.indices.describe(`${name}-v*`)).toEqual([]);
    },
    3 * minutes,
  );

  it(
    'keeps serving when what was good is edited into something the engine refuses, and recovers when it is put back',
    async () => {
      await cluster.kubectl.patch('irepo', 'good', {
        spec: { index: { mappings: { properties: { note: { type: 'no-such-type' } } } } },
      });
      await stalled('good', 'MappingRejected');
      await untilCondition(cluster, 'irepo', 'good', { type: 'Ready', status: 'True' });
      expect((await cluster.engine.aliases.members('good')).map(member => member.index)).toEqual(['good-v1']);
      await cluster.kubectl.patch('irepo', 'good', { spec: { index: { mappings: null } } });
      await untilCondition(cluster, 'irepo', 'good', { type: 'Stalled', status: 'False' });
      const repo = await cluster.kubectl.get<Repo>('irepo', 'good');
      expect(repo?.status?.live?.name).toBe('good-v1');
    },
    3 * minutes,
  );

  it.each([
    ['nothing at that address', 'EngineUnavailable', () => ({ endpoints: [`https://${cluster.bed.address}:1`] })],
    [
      'a server that is no search engine',
      'NotASearchEngine',
      () => ({ endpoints: [loginPage.url], auth: undefined, tls: undefined }),
    ],
    [
      'a wrong password',
      'AuthenticationFailed',
      () => ({ auth: { basic: { secretRef: { name: 'wrong-password' } } } }),
    ],
    ['a CA that is not given', 'UnknownCA', () => ({ tls: {} })],
    ['a Secret that lacks its key', 'SecretNotFound', () => ({ auth: { basic: { secretRef: { name: 'half' } } } })],
    ['another cluster than the one that is pinned', 'ClusterChanged', () => ({ clusterUUID: 'somebody-else' })],
  ])(
    'a SearchCluster with %s is %s',
    async (what, reason, spec) => {
      const name = `c-${what.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 40).replace(/-+$/, '');
      await cluster.kubectl.apply(
        secret('wrong-password', { username: 'elastic', password: 'not-the-password' }),
        secret('half', { username: 'elastic' }),
        { ...aSearchCluster(cluster.bed, spec()), metadata: { name } },
      );
      const message = await untilCondition(cluster, 'scluster', name, { type: 'Ready', status: 'False', reason });
      expect(message).not.toContain('not-the-password');
      await cluster.kubectl.run(['delete', 'scluster', name]);
    },
    2 * minutes,
  );

  async function declare(name: string, spec: object = {}): Promise<void> {
    await cluster.kubectl.apply(
      anIndexedRepo(cluster.bed, name, {
        source: { url: remote.url, ref: 'main', secretRef: { name: 'git' } },
        deletionPolicy: 'Delete',
        ...spec,
      }),
    );
  }

  async function stalled(name: string, reason: string): Promise<string> {
    return untilCondition(cluster, 'irepo', name, { type: 'Stalled', status: 'True', reason });
  }

  async function remove(name: string): Promise<void> {
    // Delete is not to be waited for where the cluster that it names never was: the annotation says so.
    await cluster.kubectl.run(['annotate', 'irepo', name, 'reindeer.dev/abandon-cleanup=true']);
    await cluster.kubectl.run(['delete', 'irepo', name, '--wait=true', '--timeout=60s']);
  }

  async function anEmptyRepository(): Promise<void> {
    const folder = join(cluster.bed.git.reposDir, 'private', 'empty.git');
    mkdirSync(folder, { recursive: true });
    await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', folder]);
  }
});

/** What a company's proxy says to whoever has not logged in: 200 and HTML, to every question. */
async function aLoginPage(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<html><form>Please log in</form></html>');
  });
  // Where pods reach this machine.
  const host = readBedState()?.host ?? HOST_ADDRESS;
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port has an address of this kind
  return { url: `http://${host}:${port}`, close: () => server.close() };
}
