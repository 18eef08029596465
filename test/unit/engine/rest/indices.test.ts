import { describe, expect, it } from '@jest/globals';
import { TerminalError } from '../../../../src/domain/errors.ts';
import { restIndices } from '../../../../src/engine/rest/indices.ts';
import type { Http, HttpReply, HttpRequest } from '../../../../src/engine/transport.ts';

const description = { aliases: {}, mappings: {}, settings: {} };

/** Answers a list with kibana-v1 alone, as for somebody who may not see more; and other names as is given. */
function listing(byName: () => HttpReply): { readonly http: Http; readonly asked: string[] } {
  const asked: string[] = [];
  const send = async ({ path, query }: HttpRequest): Promise<HttpReply> => {
    asked.push(path);
    if (query?.['ignore_unavailable'] !== true) return byName();
    return { status: 200, headers: {}, body: path.includes('kibana-v1') ? { 'kibana-v1': description } : {} };
  };
  return { http: { send, close: async () => undefined }, asked };
}

describe('the description of indices', () => {
  it('asks by its name for one that a list leaves out, and says that it is gone when it is', async () => {
    const { http, asked } = listing(() => ({ status: 404, headers: {}, body: {} }));
    const found = await restIndices(http).describe('kibana-v1,kibana-v2');
    expect(found.map(({ name }) => name)).toEqual(['kibana-v1']);
    expect(asked).toEqual(['/kibana-v1,kibana-v2', '/kibana-v2']);
  });

  it('does not take for gone what the credentials may not see', async () => {
    const denied = new TerminalError('AuthenticationFailed', 'the credentials lack a privilege for this (403)');
    const { http } = listing(() => {
      throw denied;
    });
    await expect(restIndices(http).describe('kibana-v2')).rejects.toBe(denied);
  });

  it('by a pattern are one request, whatever it leaves out', async () => {
    const { http, asked } = listing(() => ({ status: 404, headers: {}, body: {} }));
    await restIndices(http).describe('kibana-v*');
    expect(asked).toEqual(['/kibana-v*']);
  });
});
