import { Pool } from 'undici';
import type { KubeAccess } from '../../src/kube/access.ts';

/** The least that a client of the API server can do: kept connections, a body out, the answer read, nothing remembered. */
export type BareApi = {
  /** Throws when the answer is no success. */
  readonly call: (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** By this the audit log tells its requests from the operator's. */
export const bareAgent = 'bare-loop';

export async function bareApi(access: KubeAccess, sockets: number): Promise<BareApi> {
  const { headers, tls } = await access.credential();
  const pool = new Pool(new URL(access.server).origin, { connections: sockets, allowH2: false, connect: tls });
  return {
    call: async (method, path, body) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const reply = await pool.request({
        method,
        path,
        headers: { ...headers, 'user-agent': bareAgent, 'content-type': type, accept: 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await reply.body.text();
      if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${text.slice(0, 500)}`);
      return JSON.parse(text) as unknown;
    },
    close: () => pool.destroy(),
  };
}

/** Does the work for each item, so many at a time. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
