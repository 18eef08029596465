import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../../src/engine/port.ts';
import type { DistributionName } from '../../bed/distributions.ts';
import { aGitServer, type TestGitServer } from './a-git-server.ts';
import { aVersion, type IndexedVersion } from './an-indexed-version.ts';
import { engineOf, engineUnderTest } from './bed-engine.ts';
import { compiledMain, imageEnvironment } from './compiled-main.ts';
import { httpFaultProxy, type HttpFaultProxy } from './http-fault-proxy.ts';
import { ownEngine, type OwnEngine } from './own-engine.ts';
import { workerEnvironment, type StagedJob } from '../objects/worker-environment.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** Bulks of this size make many of a small repository: there has to be a middle for a fault to strike in. */
const bulkBytes = 32 * 1024;

/** Real parts of a test's own that faults may be done to: an engine, a Git server, and the worker as a program. */
export type FaultStage = {
  readonly node: OwnEngine;
  /** Speaks to the engine past every proxy. */
  readonly engine: Engine;
  readonly git: TestGitServer;
  readonly main: string;
  /** A relay before the engine, closed with the stage. */
  proxy(): Promise<HttpFaultProxy>;
  /** A relay before the Git server. */
  gitProxy(): Promise<HttpFaultProxy>;
  /** An empty version of an alias; names begin with the prefix of the stage. */
  readonly version: (alias: string) => Promise<IndexedVersion>;
  readonly prefix: string;
  work(job: WorkerJob): WorkerProcess;
  close(): Promise<void>;
};

export type WorkerJob = StagedJob & {
  /** Of the proxy that stands between. */
  readonly engineUrl: string;
  readonly jobUid: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** With an engine like the one that the tests are run on, unless told otherwise. */
export async function aFaultStage(distribution?: DistributionName): Promise<FaultStage> {
  // First, since a program that does not build would leave the others running.
  const main = await compiledMain();
  const image = await imageEnvironment(main);
  const [node, git] = await Promise.all([ownEngine(distribution ?? engineUnderTest()?.distribution), aGitServer()]);
  const engine = engineOf({ engine: node });
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-faults-'));
  writeFileSync(join(folder, 'git-ca.crt'), git.ca);
  // The relay before the Git server shows a certificate of another authority.
  writeFileSync(join(folder, 'ca.crt'), git.ca + readFileSync(node.authorityFile, 'utf8'));
  const prefix = `f-${randomBytes(3).toString('hex')}`;
  const workers = { prefix, folder, allowedGitHosts: '127.0.0.1' };
  const proxies: HttpFaultProxy[] = [];
  const proxyOf = async (port: number, caFile: string): Promise<HttpFaultProxy> => {
    const proxy = await httpFaultProxy({ target: { host: '127.0.0.1', port, caFile }, identity: node.identity });
    proxies.push(proxy);
    return proxy;
  };
  return {
    ...{ node, engine, git, main, prefix },
    proxy: () => proxyOf(node.port, node.caFile),
    gitProxy: () => proxyOf(Number(new URL(git.url).port), join(folder, 'git-ca.crt')),
    version: async alias => aVersion(engine, prefix, `${prefix}-${alias}`),
    work: ({ engineUrl, jobUid, env, ...job }) =>
      startWorker(main, {
        ...image,
        ...workerEnvironment({ ...workers, engine: { ...node, url: engineUrl } }, job),
        REINDEER_BULK_BYTES: String(bulkBytes),
        REINDEER_BULK_CONCURRENCY: '2',
        REINDEER_JOB_UID: jobUid,
        ...env,
      }),
    close: async () => {
      for (const proxy of proxies) await proxy.close();
      await engine.close();
      await Promise.all([node.stop(), git.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
