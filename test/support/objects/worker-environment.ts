import { randomUUID } from 'node:crypto';
import { withFormerNames } from '../../../src/domain/engine-variables.ts';
import { engineVariables } from '../../bed/describe.ts';
import type { EngineLocation } from '../../bed/state.ts';
import type { IndexedVersion } from '../real/an-indexed-version.ts';

/** Where workers run without a pod: an engine, one folder with the CA and the credentials of Git, and a prefix for names. */
export type WorkerStage = {
  readonly prefix: string;
  readonly folder: string;
  readonly engine: EngineLocation;
  /** Comma-separated. */
  readonly allowedGitHosts: string;
};

export type StagedJob = {
  readonly version: Pick<IndexedVersion, 'alias' | 'index'>;
  readonly repoUrl: string;
  readonly commit: string;
  readonly mode: 'full' | 'incremental';
};

/** What the operator would tell the worker of a new Job (docs/worker-contract.md). */
export function workerEnvironment(
  { prefix, folder, engine, allowedGitHosts }: WorkerStage,
  { version, repoUrl, commit, mode }: StagedJob,
): Readonly<Record<string, string>> {
  return {
    REINDEER_CONTRACT: '1',
    REINDEER_MODE: mode,
    REINDEER_ALIAS: version.alias,
    REINDEER_INDEX: version.index,
    REINDEER_SETTINGS_INDEX: `${prefix}-settings`,
    REINDEER_TOKEN: '0',
    REINDEER_REPO_URL: repoUrl,
    REINDEER_BRANCH: 'main',
    REINDEER_COMMIT: commit,
    REINDEER_WORK_DIR: folder,
    REINDEER_JOB_UID: randomUUID(),
    // Every pod has its own: a worker that comes after a killed one is no continuation of it.
    REINDEER_POD_UID: randomUUID(),
    REINDEER_NAME: prefix,
    REINDEER_GIT_SECRET_DIR: folder,
    REINDEER_ALLOWED_GIT_HOSTS: allowedGitHosts,
    ...withFormerNames(engineVariables(engine)),
  };
}
