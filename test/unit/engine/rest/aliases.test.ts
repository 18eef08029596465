import { describe, expect, it } from '@jest/globals';
import { restAliases } from '../../../../src/engine/rest/aliases.ts';
import type { Http, HttpReply, HttpRequest } from '../../../../src/engine/transport.ts';

/** Answers every request alike, and remembers what was asked. */
function answering(body: unknown): { readonly http: Http; readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpReply> => {
    asked.push(request);
    return { status: 200, headers: {}, body };
  };
  return { http: { send, close: async () => undefined }, asked };
}

describe('the members of an alias', () => {
  const properties = { filter: { term: { doc: 'chunk' } } };

  // Asked of all indices, an engine answers 404 when one of them is deleted meanwhile: 15 times in 34,680 that was seen.
  it('are asked for by its name alone, whatever else comes and goes', async () => {
    const { http, asked } = answering({ 'kibana-v1': { aliases: { kibana: properties, other: {} } } });
    expect(await restAliases(http).members('kibana')).toEqual([{ index: 'kibana-v1', properties }]);
    expect(asked).toMatchObject([{ method: 'GET', path: '/kibana/_alias', query: { ignore_unavailable: true } }]);
    expect(asked[0]?.expect ?? []).not.toContain(404);
  });

  it.each<[string, object]>([
    ['no such alias', {}],
    ['an index of that name', { kibana: { aliases: { other: {} } } }],
  ])('are none where there is %s', async (_what, body) => {
    expect(await restAliases(answering(body).http).members('kibana')).toEqual([]);
  });
});

describe('what a name stands for', () => {
  const nothing = { indices: [], aliases: [], data_streams: [] };
  const one = [{ name: 'kibana' }];

  it.each<[string, object, string]>([
    ['nothing, where an engine says so with empty lists and not with 404', nothing, 'none'],
    ['an index', { ...nothing, indices: one }, 'index'],
    ['a data stream, which takes the name like an index does', { ...nothing, data_streams: one }, 'index'],
    ['an alias', { ...nothing, aliases: one }, 'alias'],
  ])('is %s', async (_what, body, kind) => {
    expect(await restAliases(answering(body).http).kindOf('kibana')).toBe(kind);
  });
});
