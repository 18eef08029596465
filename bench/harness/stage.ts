import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/port.ts';
import { workerNodeOptions } from '../../src/work/heap.ts';
import { readBedState, type BedState } from '../../test/bed/state.ts';
import { aVersion, type IndexedVersion } from '../../test/support/real/an-indexed-version.ts';
import { engineOf } from '../../test/support/real/bed-engine.ts';
import { compiledMain, imageEnvironment } from '../../test/support/real/compiled-main.ts';
import { workerEnvironment, type StagedJob, type WorkerStage } from '../../test/support/objects/worker-environment.ts';
import { NotMeasurableError } from './metric.ts';
import { runWorker, type WorkerRun } from './worker-program.ts';

/** As the operator sets them for a Job that says nothing. */
export const bulkBytes = 4 * 1024 * 1024;
export const bulkConcurrency = 2;
const measured = {
  // Commits of many branches are asked for by their ids.
  REINDEER_BRANCH: '',
  REINDEER_BULK_BYTES: String(bulkBytes),
  REINDEER_BULK_CONCURRENCY: String(bulkConcurrency),
};
const memoryLimits = { full: '2Gi', incremental: '512Mi' } as const;

/** The parts of the test bed that a metric works with, and everything that it makes there: all gone at the end. */
export type Stage = {
  readonly bed: BedState;
  readonly engine: Engine;
  /** Every index and repository of this stage begins with it. */
  readonly prefix: string;
  /** An empty version that nothing points at; names of one stage differ. */
  readonly version: (name: string) => Promise<IndexedVersion>;
  /** Lets the Git server offer a bare repository of this machine, and gives the path of its URL. */
  readonly serve: (name: string, path: string) => string;
  /** A Job process, as the operator would start it. */
  readonly work: (job: StagedJob) => Promise<WorkerRun>;
};

export function requireBed(): BedState {
  const bed = readBedState();
  if (bed === undefined) throw new NotMeasurableError('no test bed is up: npm run bed -- up --level 0');
  return bed;
}

/** Does the work on a stage of its own. Throws NotMeasurableError where no bed is up. */
export async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const bed = requireBed();
  const engine = engineOf(bed);
  const prefix = `bench-${randomBytes(3).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-bench-'));
  copyFileSync(bed.git.caFile, join(folder, 'ca.crt'));
  const main = await compiledMain();
  const image = await imageEnvironment(main);
  // The bed lies at an address inside of the network, which needs to be allowed by name; a relay that counts stands on loopback.
  const allowedGitHosts = `${new URL(bed.git.url).hostname},127.0.0.1`;
  const workers: WorkerStage = { prefix, folder, engine: bed.engine, allowedGitHosts };
  const served: string[] = [];
  const stage: Stage = {
    bed,
    engine,
    prefix,
    version: name => aVersion(engine, prefix, `${prefix}-${name}`),
    serve: (name, path) => {
      const link = `${prefix}-${name}.git`;
      symlinkSync(path, join(bed.git.reposDir, link));
      served.push(join(bed.git.reposDir, link));
      return `/${link}`;
    },
    work: job => {
      const command = [...workerNodeOptions(memoryLimits[job.mode]).split(' '), main, 'worker'];
      return runWorker(command, { ...image, ...workerEnvironment(workers, job), ...measured });
    },
  };
  try {
    const result = await work(stage);
    await removeIndices(engine, prefix);
    return result;
  } catch (error) {
    // An engine that went away is the story; that nothing can be removed from it is not.
    await removeIndices(engine, prefix).catch(() => undefined);
    throw error;
  } finally {
    for (const link of served) rmSync(link);
    rmSync(folder, { recursive: true });
    await engine.close();
  }
}

async function removeIndices(engine: Engine, prefix: string): Promise<void> {
  for (const index of await engine.indices.describe(`${prefix}*`)) await engine.indices.delete(index.name);
}
