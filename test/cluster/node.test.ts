import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../bed/command.ts';
import { readBedState } from '../bed/state.ts';
import type { BedState } from '../bed/state.ts';

/** Runs in the pod: prints what each address answers, with nothing trusted but the authorities that it was given. */
const PROBE = `
const { readFileSync } = require('node:fs');
const account = '/var/run/secrets/kubernetes.io/serviceaccount/';
const ask = (url, ca, headers) => new Promise((resolve, reject) => {
  const { request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
  const call = request(url, { ca, headers, timeout: 10000 }, response => resolve(response.resume().statusCode));
  call.on('timeout', () => call.destroy(new Error(url + ' did not answer')));
  call.on('error', reject).end();
});
const main = async () => {
  const token = readFileSync(account + 'token', 'utf8');
  const api = 'https://' + process.env.KUBERNETES_SERVICE_HOST + ':' + process.env.KUBERNETES_SERVICE_PORT;
  const basic = 'Basic ' + Buffer.from(process.env.ENGINE_LOGIN).toString('base64');
  console.log('api', await ask(api + '/version', readFileSync(account + 'ca.crt'), { authorization: 'Bearer ' + token }));
  console.log('engine', await ask(process.env.ENGINE + '/_cluster/health', process.env.CA, { authorization: basic }));
  console.log('git', await ask(process.env.GIT + '/healthz', process.env.CA, {}));
};
main().catch(error => { console.log(error.message); process.exitCode = 1; });
`;

const namespace = `node-${randomBytes(4).toString('hex')}`;

describe('the node of the bed', () => {
  const bed = readBedState();
  if (bed?.node === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
  const kubectl = async (args: readonly string[], input?: object): Promise<string> =>
    run([join(bed.binaries, 'kubectl'), `--kubeconfig=${bed.kubeconfig}`, ...args], {
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });

  beforeAll(async () => {
    await kubectl(['create', 'namespace', namespace]);
  });

  afterAll(async () => {
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('runs a Job to completion whose pod reaches the API Service, the engine and the Git server', async () => {
    await kubectl(['create', '-f', '-'], probeJob(bed, bed.node?.image ?? ''));
    await kubectl(['wait', '-n', namespace, '--for=condition=complete', 'job/probe', '--timeout=50s']).catch(
      async (error: unknown) => {
        const events = await kubectl(['get', 'events,pods', '-n', namespace]);
        throw new Error(`the Job did not complete; the namespace holds\n${events}`, { cause: error });
      },
    );
    const log = await kubectl(['logs', '-n', namespace, 'job/probe']);
    expect(log.trim().split('\n')).toEqual(['api 200', 'engine 200', 'git 200']);
  });

  function probeJob(state: BedState, image: string): object {
    const env = {
      ENGINE: state.engine.url,
      ENGINE_LOGIN: `${state.engine.username}:${state.engine.password}`,
      GIT: state.git.url,
      // The Git server has its certificate from the same authority, and the engine maybe none.
      CA: readFileSync(state.git.caFile, 'utf8'),
    };
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'probe', namespace },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [
              {
                name: 'probe',
                image,
                command: ['node', '-e', PROBE],
                env: Object.entries(env).map(([name, value]) => ({ name, value })),
              },
            ],
          },
        },
      },
    };
  }
});
