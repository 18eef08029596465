import { readFileSync } from 'node:fs';
import { request } from 'node:https';

export type ProbeOptions = {
  readonly caFile: string;
  readonly basic?: { readonly username: string; readonly password: string };
  /** PEM files of a client certificate. */
  readonly client?: { readonly cert: string; readonly key: string };
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
};

/** One HTTPS call on a connection of its own, at most 5 s long: readiness probes must not keep sockets open. */
export async function httpsProbe(url: string, options: ProbeOptions): Promise<{ status: number; body: string }> {
  const { basic, client, body } = options;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: options.method ?? 'GET',
        agent: false,
        timeout: 5000,
        ca: readFileSync(options.caFile),
        ...(client === undefined ? {} : { cert: readFileSync(client.cert), key: readFileSync(client.key) }),
        ...(basic === undefined ? {} : { auth: `${basic.username}:${basic.password}` }),
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
      },
      response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${url} did not answer within 5 s`)));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Readiness by status: undefined when the URL answers with it, else what it answers. */
export async function answers(url: string, wanted: number, options: ProbeOptions): Promise<string | undefined> {
  const { status, body } = await httpsProbe(url, options);
  return status === wanted ? undefined : `${url} answers ${status}: ${body.slice(0, 300)}`;
}
