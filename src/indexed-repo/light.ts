import { apiVersion } from '../api/meta.ts';
import { durationMs } from '../api/duration.ts';
import type { IndexedRepoStatus } from '../api/indexed-repo.ts';
import { selectionHash } from '../domain/document-model.ts';
import { childName, jobManifest } from '../jobs/manifest.ts';
import type { Effect } from '../plan/effect.ts';
import type { ObservedJob } from '../reindex-request/observed.ts';
import { engineAccess } from '../search-cluster/access.ts';
import type { EngineSide, Observed } from './observed.ts';
import { runningRequest } from './rebuild.ts';

/** Light runs: incremental Jobs that keep the live version fresh. All pure. */

export type LightRun = NonNullable<NonNullable<IndexedRepoStatus['light']>['last']>;

const firstPauseMs = 30_000;
const longestPauseMs = 3_600_000;
/** A pod that was evicted or met a passing trouble is replaced this often. */
const podRetries = 2;

/** Why no light run may start now, however much has changed; undefined when one may. */
export function lightHindrance(o: Observed): string | undefined {
  if (o.repo.spec.paused) return 'paused';
  if (o.cluster?.spec.paused) return 'cluster paused';
  if (o.engine?.lock?.held) return `locked by ${o.engine.lock.holder?.name ?? 'somebody'}`;
  if (runningRequest(o)) return 'a heavy run is under way';
  if (o.jobs.some(job => job.state === 'active')) return 'a light run is at work';
  if (o.cluster && o.otherLightRuns >= o.cluster.spec.limits.lightRuns)
    return 'the cluster is at its limit of light runs';
  return undefined;
}

/** The Job to start now, if the live version lags behind the remote or its selection, and nothing stands in the way. */
export function planLight(o: Observed): Effect | undefined {
  const { engine, head } = o;
  if (!engine?.live?.commit || !engine.liveIndex || head?.is !== 'found' || lightHindrance(o)) return undefined;
  const wanted = selectionHash(o.repo.spec.source);
  if (engine.live.commit === head.commit && engine.live.selectionHash === wanted && engine.live.clean) return undefined;
  const pausedUntil = retryAt(o);
  if (pausedUntil && pausedUntil > o.now) return undefined;
  return { do: 'create-job', job: jobManifest(lightJob(o, { engine, commit: head.commit, base: engine.live.commit })) };
}

/** After failures in a row the next try waits: 30 s, 1 min, 2 min, ... up to an hour. */
export function retryAt(o: Observed): Date | undefined {
  const { failures, last } = lightStanding(o);
  if (failures === 0 || !last) return undefined;
  return new Date(Date.parse(last.finished) + Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)));
}

function lightJob(o: Observed, { engine, commit, base }: { engine: EngineSide; commit: string; base: string }) {
  const { repo, cluster, defaults } = o;
  if (!cluster || !engine.live) throw new Error('a light run was planned without its ground');
  const { name, namespace, uid } = repo.metadata;
  const { source, light, worker } = repo.spec;
  const tries = String(lightStanding(o).failures);
  return {
    namespace,
    name: childName(`${name.slice(0, 40)}-light`, uid, engine.live.index, base, commit, selectionHash(source), tries),
    owner: { apiVersion, kind: 'IndexedRepo', name, uid, controller: true },
    repo: name,
    // The image that built the version writes it: an upgraded operator must not mix two ways of cutting in one index.
    image: worker?.image ?? (engine.live.workerImage || defaults.image),
    imagePullSecrets: (worker?.imagePullSecrets ?? []).map(secret => secret.name),
    pod: { ...light, resources: light.resources ?? defaults.light.resources },
    engine: engineAccess(cluster),
    gitSecret: source.secretRef?.name,
    deadlineSeconds: durationMs(light.deadline) / 1000,
    podRetries,
    mode: 'incremental' as const,
    alias: repo.spec.alias,
    index: engine.live.index,
    token: engine.record?.tokenCounter ?? 0,
    commit,
    base,
    round: 0,
    source: {
      url: source.url,
      ref: source.ref ?? '',
      include: source.include ?? [],
      exclude: source.exclude ?? [],
      maxFileBytes: source.maxFileBytes,
    },
    requestUid: '',
  };
}

/** Failures in a row and the last run that ended, with the newest ended Job counted in, exactly once. */
export function lightStanding(o: Observed): { readonly failures: number; readonly last: LightRun | undefined } {
  const before = { failures: o.repo.status.light?.failures ?? 0, last: o.repo.status.light?.last };
  return o.jobs
    .filter(
      job =>
        job.state !== 'active' && job.finished > (before.last?.finished ?? '') && job.key.name !== before.last?.job,
    )
    .reduce((standing, job) => {
      const last = ended(job);
      return { failures: last.outcome === 'Failed' ? standing.failures + 1 : 0, last };
    }, before);
}

function ended(job: ObservedJob): LightRun {
  const result = job.said?.result;
  const good = job.state === 'succeeded';
  const outcome = !good
    ? 'Failed'
    : result?.outcome === 'noop'
      ? 'NoOp'
      : result?.outcome === 'skipped'
        ? 'Skipped'
        : 'Succeeded';
  return {
    job: job.key.name,
    outcome,
    reason: result?.reason !== undefined && result.reason !== '' ? result.reason : good ? 'Succeeded' : 'WorkerFailed',
    from: job.base,
    to: job.commit,
    started: job.created,
    finished: job.finished,
  };
}

/** Only the newest ended Job is kept, for its logs. */
export function outlivedJobs(o: Observed): readonly Effect[] {
  const ended = o.jobs.filter(job => job.state !== 'active' && !job.deleting);
  return ended.slice(0, -1).map(job => ({ do: 'delete-job', key: job.key, uid: job.uid }));
}
