import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generatedRepository } from '../generated/repository.ts';
import { ownCase } from '../harness/cases.ts';
import { costOf, runToNowhere } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { geometricMean, measurePairs } from '../harness/pairs.ts';
import { onStage, requireBed, type Stage } from '../harness/stage.ts';
import { compiledMain, imageEnvironment } from '../../test/support/real/compiled-main.ts';
import { targets } from '../targets.ts';

/** J1: how long a light Job process takes to its first request to the engine, and how much memory a light run holds. */
export const jobStartMetric: Metric = { id: 'J1', title: 'start of a light Job', run: measure };

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  requireBed();
  const main = await compiledMain();
  const image = await imageEnvironment(main);
  const pairs = await measurePairs(
    profile === 'quick' ? 9 : 19,
    () => secondsToFirstCall(main, image),
    async () => (await costOf(() => runToNowhere([process.execPath, '-e', '0']))).wallSeconds,
  );
  const node = geometricMean(pairs.map(pair => pair.other));
  const first = ownCase(
    {
      case: 'process start to the first request, over bare node',
      unit: 's',
      target: targets.J1.secondsOverNode,
      note: 'limit = node -e 0 from start to exit; ours = what comes on top of it',
    },
    pairs.map(pair => pair.ours - pair.other),
    { limit: node },
  );
  return [first, ...(await onStage(memoryCases))];
}

/** From the start of the process to the first request that reaches the engine; the process is then ended. */
async function secondsToFirstCall(main: string, image: Readonly<Record<string, string>>): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP
  const begun = performance.now();
  const child = spawn(process.execPath, [main, 'worker'], {
    env: { ...image, ...environment(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const early = once(child, 'exit').then(([status]: unknown[]) => {
    throw new Error(`the worker ended with ${String(status)} before it asked anything`);
  });
  try {
    await Promise.race([once(server, 'request'), early]);
    return (performance.now() - begun) / 1000;
  } finally {
    early.catch(() => undefined);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    closeNow(server);
  }
}

function closeNow(server: Server): void {
  server.closeAllConnections();
  server.close();
}

function environment(port: number): Readonly<Record<string, string>> {
  return {
    REINDEER_CONTRACT: '1',
    REINDEER_MODE: 'incremental',
    REINDEER_ALIAS: 'bench',
    REINDEER_INDEX: 'bench-v1',
    REINDEER_SETTINGS_INDEX: 'bench-settings',
    REINDEER_TOKEN: '0',
    REINDEER_REPO_URL: 'https://git.example.org/bench.git',
    REINDEER_COMMIT: '1'.repeat(40),
    REINDEER_JOB_UID: 'bench',
    REINDEER_POD_UID: 'bench',
    SEARCH_ENDPOINT: `http://127.0.0.1:${port}`,
  };
}

async function memoryCases(stage: Stage): Promise<readonly Case[]> {
  const repository = await generatedRepository(1000);
  const version = await stage.version('memory');
  const repoUrl = `${stage.bed.git.url}${stage.serve('memory', repository.path)}`;
  await stage.work({ version, repoUrl, commit: repository.base, mode: 'full' });
  const peaks: { readonly noop: number; readonly ten: number }[] = [];
  const ten = repository.changed[10] ?? '';
  for (const commit of [ten, repository.base, ten]) {
    const changed = await stage.work({ version, repoUrl, commit, mode: 'incremental' });
    const noop = await stage.work({ version, repoUrl, commit, mode: 'incremental' });
    if (noop.result.outcome !== 'noop') throw new Error(`the second run to ${commit} found something to do`);
    peaks.push({ noop: noop.peakMegabytes, ten: changed.peakMegabytes });
  }
  const said = { unit: 'MB', target: targets.J1.residentMegabytes };
  return [
    ownCase(
      { ...said, case: 'peak memory, nothing to do' },
      peaks.map(each => each.noop),
    ),
    ownCase(
      { ...said, case: 'peak memory, 10 changed of 1000 files', note: 'Git processes not included' },
      peaks.map(each => each.ten),
    ),
  ];
}
