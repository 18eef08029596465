import * as http from 'node:http';
import * as https from 'node:https';
import type { BedState } from '../../test/bed/state.ts';
import { accessTo } from '../../test/support/real/bed-engine.ts';

/** The least that a client can do: prepared bytes out, the answer read and thrown away, connections kept. */
export type MinimalClient = {
  /** Throws when the engine did not take every item. */
  readonly bulk: (index: string, body: Buffer) => Promise<void>;
  readonly close: () => void;
};

export function minimalClient({ engine }: Pick<BedState, 'engine'>, sockets: number): MinimalClient {
  const { username, password, caPem } = accessTo(engine);
  const { Agent, request } = caPem === undefined ? http : https;
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, ...(caPem !== undefined && { ca: caPem }) });
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(username !== undefined && { authorization: `Basic ${login}` }),
  };
  return {
    bulk: (index, body) =>
      new Promise((resolve, reject) => {
        const url = `${engine.url}/${index}/_bulk?filter_path=errors`;
        const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } });
        sent.on('error', reject);
        sent.on('response', reply => {
          let text = '';
          reply.on('data', piece => (text += String(piece)));
          reply.on('error', reject);
          reply.on('end', () => {
            if (reply.statusCode === 200 && text === '{"errors":false}') resolve();
            else reject(new Error(`bulk: ${reply.statusCode ?? 0} ${text.slice(0, 400)}`));
          });
        });
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Bodies of at most this size, or of one piece that is larger by itself. */
export async function bodiesOf(pieces: AsyncIterable<{ readonly bytes: Buffer }>, maxBytes: number): Promise<Buffer[]> {
  const bodies: Buffer[] = [];
  let body: Buffer[] = [];
  let size = 0;
  for await (const { bytes } of pieces) {
    if (size > 0 && size + bytes.length > maxBytes) {
      bodies.push(Buffer.concat(body));
      body = [];
      size = 0;
    }
    body.push(bytes);
    size += bytes.length;
  }
  if (size > 0) bodies.push(Buffer.concat(body));
  return bodies;
}
