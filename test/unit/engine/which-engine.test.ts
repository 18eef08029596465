import { describe, expect, it } from '@jest/globals';
import { engineOver } from '../../../src/engine/connect.ts';
import type { DeclaredEngine, EngineInfo } from '../../../src/engine/port.ts';
import type { Http, HttpReply } from '../../../src/engine/transport.ts';

type Server = { readonly version: string; readonly headers?: object; readonly main?: object };

const elasticsearch = (version: string): Server => ({ version, headers: { 'x-elastic-product': 'Elasticsearch' } });
/** Releases 3.x, and those of 2.x, which name themselves in the body of `GET /` alone. */
const opensearch3 = (version: string): Server => ({
  version,
  headers: { 'x-opensearch-version': `OpenSearch/${version} (opensearch)` },
});
const opensearch2 = (version: string): Server => ({
  version,
  main: { version: { distribution: 'opensearch', number: version } },
});

function httpTo({ version, headers = {}, main }: Server) {
  const asked: string[] = [];
  const bodies: Readonly<Record<string, unknown>> = {
    '/_nodes/_local': { nodes: { one: { version } } },
    '/_cluster/state/version': { cluster_uuid: 'uuid-1' },
    '/': main ?? { hello: 'stranger' },
  };
  const http: Http = {
    send: async ({ path }): Promise<HttpReply> => {
      asked.push(path);
      return { status: 200, body: bodies[path], headers: { ...headers } };
    },
    close: async () => undefined,
  };
  return { http, asked };
}

const infoOf = async (server: Server, declared?: DeclaredEngine): Promise<EngineInfo> =>
  engineOver(httpTo(server).http, declared).info();

describe('which engine answers', () => {
  it.each<[string, Server, EngineInfo['type']]>([
    ['8.19.21', elasticsearch('8.19.21'), 'Elasticsearch'],
    ['9.0.0', elasticsearch('9.0.0'), 'Elasticsearch'],
    ['2.12.0', opensearch2('2.12.0'), 'OpenSearch'],
    ['2.19.4', opensearch2('2.19.4'), 'OpenSearch'],
    ['3.6.0', opensearch3('3.6.0'), 'OpenSearch'],
  ])('is told by its own signs: %s', async (version, server, type) => {
    for (const declared of ['Auto', type] as const) {
      expect(await infoOf(server, declared)).toEqual({ type, version, uuid: 'uuid-1' });
    }
  });

  it('asks no more than it must: the root only where no header told it', async () => {
    const [newer, older] = [httpTo(opensearch3('3.6.0')), httpTo(opensearch2('2.19.4'))];
    await Promise.all([newer, older].map(async ({ http }) => engineOver(http).info()));
    expect(newer.asked).toEqual(['/_nodes/_local', '/_cluster/state/version']);
    expect(older.asked).toEqual(['/_nodes/_local', '/', '/_cluster/state/version']);
  });

  it('is neither where nothing names it, as behind a proxy that strips headers', async () => {
    await expect(infoOf({ version: '8.19.0' })).rejects.toMatchObject({
      reason: 'NotASearchEngine',
      message: 'the endpoint answers, but not as Elasticsearch or OpenSearch',
    });
  });

  it.each<[EngineInfo['type'], Server]>([
    ['OpenSearch', elasticsearch('8.19.21')],
    ['Elasticsearch', opensearch3('3.6.0')],
    ['Elasticsearch', opensearch2('2.19.4')],
  ])('is refused where %s is declared and the other answers', async (declared, server) => {
    await expect(infoOf(server, declared)).rejects.toMatchObject({
      name: 'TerminalError',
      reason: 'OtherEngine',
      message: expect.stringContaining(`${server.version} answers where ${declared} is declared`),
    });
  });

  it.each<[string, Server, string]>([
    ['7.17.0', elasticsearch('7.17.0'), 'expected 8.x or 9.x'],
    ['10.0.0', elasticsearch('10.0.0'), 'expected 8.x or 9.x'],
    ['1.3.20', opensearch2('1.3.20'), 'expected 2.12 or a later 2.x or 3.x'],
    ['2.11.1', opensearch2('2.11.1'), 'expected 2.12 or a later 2.x or 3.x'],
    ['4.0.0', opensearch3('4.0.0'), 'expected 2.12 or a later 2.x or 3.x'],
    ['odd', elasticsearch('odd'), 'expected 8.x or 9.x'],
  ])('of a release that is not spoken with is refused with those that are: %s', async (version, server, expected) => {
    await expect(infoOf(server)).rejects.toMatchObject({
      name: 'TerminalError',
      reason: 'EngineNotSupported',
      message: expect.stringMatching(new RegExp(`"${version}" is not supported: ${expected.replaceAll('.', '\\.')}`)),
    });
  });
});
