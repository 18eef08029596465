import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import { keys } from '../../../src/api/meta.ts';
import { selectionHash } from '../../../src/domain/document-model.ts';
import { readSchedule } from '../../../src/domain/schedule.ts';
import { rebuildSchedule } from '../../../src/indexed-repo/observe.ts';
import type { EngineSide, Observed } from '../../../src/indexed-repo/observed.ts';
import { aFreshRun, aJob, c1, c2, engineOf } from './a-run.ts';
import { anIndexedRepo, aSearchCluster, t0 } from './an-object.ts';
import { plainWorkers } from './plain-workers.ts';

/** IndexedRepo "kibana" at rest: kibana-v1 is live at commit c1, which is the newest. */
export function aRestingRepo(given: Partial<Observed> = {}): Observed {
  const repo = given.repo ?? aKeptRepo();
  const { lock: _lock, ...side } = engineOf(aFreshRun());
  const { url, ref = '' } = repo.spec.source;
  const versions = side.versions.map(version => ({
    ...version,
    repoUrl: url,
    branch: ref,
    selectionHash: selectionHash(repo.spec.source),
  }));
  const engine: EngineSide = {
    ...side,
    versions,
    lock: undefined,
    lockSilentSince: undefined,
    broken: undefined,
    live: versions[0],
    besideLive: [],
    liveIndices: side.indices.slice(0, 1),
    health: { status: 'green', activeShards: 2, unassignedShards: 0, initializingShards: 0, relocatingShards: 0 },
    liveBytes: 1000,
    documents: 2,
  };
  return {
    now: t0,
    repo,
    cluster: aSearchCluster(),
    hindrance: undefined,
    engine,
    schedule: readSchedule(repo.spec.light.schedule, repo.spec.timeZone, repo.metadata.uid),
    rebuildSchedule: rebuildSchedule(repo),
    head: { is: 'found', commit: c1 },
    headAgainAt: undefined,
    requests: [],
    jobs: [],
    finishedJobs: [],
    otherLightRuns: 0,
    lightLimit: { runs: 8, by: 'team/main' },
    defaults: { image: 'reindeer:1', allowedGitHosts: ['git.corp'], light: {}, workers: plainWorkers },
    ...given,
  };
}

/** With its finalizer, as every IndexedRepo has it once something was built. */
export function aKeptRepo(given: Parameters<typeof anIndexedRepo>[0] = {}): IndexedRepo {
  return anIndexedRepo({ ...given, metadata: { finalizers: [keys.finalizer], ...given.metadata } });
}

export function onAlias(o: Observed, change: Partial<EngineSide>): Observed {
  if (!o.engine) throw new Error('this look has no engine');
  return { ...o, engine: { ...o.engine, ...change } };
}

/** Behind: the remote has c2. */
export function aLaggingRepo(given: Partial<Observed> = {}): Observed {
  return aRestingRepo({ head: { is: 'found', commit: c2 }, ...given });
}

/** A light Job from c1 to c2. */
export function aLightJob(given: Parameters<typeof aJob>[0] = {}): ReturnType<typeof aJob> {
  const owner = { ownerUid: 'kibana-uid', ownerKind: 'IndexedRepo', ownerName: 'kibana' };
  return aJob({ ...owner, index: 'kibana-v1', base: c1, commit: c2, ...given });
}
