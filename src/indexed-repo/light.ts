import { durationMs } from '../api/duration.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import { keys } from '../api/meta.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { podPlace } from '../cluster/pod-place.ts';
import { backOffMs } from '../domain/back-off.ts';
import { firstCharacters } from '../domain/bounded-text.ts';
import { childName } from '../domain/child-name.ts';
import type { VersionRecord } from '../domain/records.ts';
import { isHeld } from '../runs/control.ts';
import { strategyOf } from '../runs/strategies.ts';
import { sourceOf, type Assignment } from '../work/assignment.ts';
import { createJob, deleteJob } from '../work/job-effects.ts';
import { templateHash } from '../work/manifest.ts';
import type { PodPlace } from '../work/pod-place.ts';
import type { JobView } from '../work/view.ts';
import type { RepoEffect } from './effect.ts';
import { followed, isBesideLive, lags, lightImage, lightStanding, type LightRun } from './light-standing.ts';
import type { Observed } from './observed.ts';
import { heavyRunUnderWay, underWay } from './owned-requests.ts';

/** Light runs: incremental Jobs that keep the live version fresh. All pure. */

/** Between light runs that fail. */
const backOff = { firstMs: 30_000, longestMs: 3_600_000 };
/** How soon a free place is looked for when the cluster is at its limit. */
const fullPauseMs = 10_000;
/** Between light runs of the version before that fail. */
const besideMs = 300_000;
/** A pod that was evicted or met a passing trouble is replaced this often. */
const podRetries = 2;

/** A status is no place for long texts. */
const longestRunNow = 253;

/** The value of the annotation run-now if it was not answered yet: a light run is wanted at once. */
export function runNowAsked(repo: IndexedRepo): string | undefined {
  const annotation = repo.metadata.annotations?.[keys.runNow];
  const asked = annotation === undefined ? undefined : firstCharacters(annotation, longestRunNow);
  return asked === repo.status.light?.lastRunNow ? undefined : asked;
}

export type LightPlan =
  | { readonly is: 'none' }
  | { readonly is: 'start'; readonly effect: RepoEffect }
  | { readonly is: 'later'; readonly at: Date }
  /** The cluster is at its limit. */
  | { readonly is: 'queued'; readonly at: Date };

const none: LightPlan = { is: 'none' };

/**
 * What to do when a version that is followed lags behind the remote or its selection, the live one first; whoever asks has
 * seen that one may start.
 */
export function planLight(o: Observed): LightPlan {
  const { head, cluster } = o;
  if (!cluster || head?.is !== 'found' || isKept(o)) return none;
  const behind = followed(o).filter(each => each.commit !== null && lags(o, each, head.commit));
  const waits: Date[] = [];
  for (const version of behind.filter(each => !isBusy(o, each))) {
    const at = runNowAsked(o.repo) === undefined ? retryAt(o, version) : undefined;
    if (!at || at <= o.now) return start(o, cluster, { version, commit: head.commit });
    waits.push(at);
  }
  const [first, ...others] = waits;
  return first ? { is: 'later', at: others.reduce((a, b) => (a < b ? a : b), first) } : none;
}

type Wanted = { readonly version: VersionRecord; readonly commit: string };

function start(o: Observed, cluster: SearchCluster, { version, commit }: Wanted): LightPlan {
  if (o.otherLightRuns >= o.lightLimit.runs) return { is: 'queued', at: new Date(o.now.getTime() + fullPauseMs) };
  const assignment = lightRun(o, version, { commit, base: version.commit ?? '' });
  return { is: 'start', effect: createJob({ assignment, place: lightPlace(o, cluster) }) };
}

/**
 * A light run that stands is made anew when its pods are declared otherwise by now: somebody repaired what kept them from
 * running. This takes it away; what it was to do is planned again once it is gone.
 */
export function madeAnew(o: Observed): readonly RepoEffect[] {
  const { engine, cluster } = o;
  const stuck = o.jobs.filter(job => job.trouble !== undefined && !job.deleting);
  if (stuck.length === 0 || !cluster || !engine?.live) return [];
  const { live, besideLive } = engine;
  const declared = ({ index }: JobView): string => {
    const version = besideLive.find(each => each.index === index) ?? live;
    return templateHash(lightRun(o, version, { commit: '', base: '' }), lightPlace(o, cluster));
  };
  return stuck.filter(job => job.template !== declared(job)).map(({ key, uid }) => deleteJob({ key, uid }));
}

/** A run is at work behind this alias, and wakes the IndexedRepo when it is done. */
function isKept(o: Observed): boolean {
  return isKeptByLock(o) || (heavyRunUnderWay(o) && !mayContinue(o));
}

/** One light run at a time; but the live version does not wait for a run into the one before it, which may stand for ever. */
function isBusy(o: Observed, { index }: VersionRecord): boolean {
  const active = o.jobs.filter(job => job.state === 'active');
  return index === o.engine?.live?.index ? !active.every(job => isBesideLive(o, job.index)) : active.length > 0;
}

/** The alias is held, and no light run starts before that is over. */
export function isKeptByLock(o: Observed): boolean {
  return o.engine?.lock?.held === true && !mayContinue(o);
}

/**
 * Beside a run of ours that waits for people or time, and beside a build, if the user wants it, until the candidate is being
 * caught up: from there on the live version stands still, so that the candidate cannot be overtaken. What an outside program
 * builds is caught up by no run.
 */
function mayContinue(o: Observed): boolean {
  const lock = o.engine?.lock;
  const isOurs = lock?.held !== true || lock.holder?.kind === 'Heavy';
  const running = underWay(o);
  const isWanted = o.repo.spec.light.duringReindex === 'Continue';
  if (!isOurs || (running.length === 0 && !isWanted)) return false;
  return running.every(request => isHeld(request) || (isWanted && isBuilding(request)));
}

/** Its worker does not turn back at the lock of a run that waits. */
function isBesideHeld(o: Observed): boolean {
  const running = underWay(o);
  return running.length > 0 && running.every(isHeld);
}

function isBuilding(request: ReindexRequest): boolean {
  const { builds, stillFrom } = strategyOf(request).traits;
  return builds && request.status.steps?.some(step => step.name === stillFrom) !== true;
}

/**
 * After failures in a row the next try waits: 30 s, 1 min, 2 min, ... up to an hour; after a skipped run 30 s. The version
 * before, in a bake, has a pause of its own, so that the live one does not wait for it.
 */
function retryAt(o: Observed, version: VersionRecord): Date | undefined {
  const { failures, last } = lightStanding(o);
  const ended = o.jobs.findLast(job => job.index === version.index && job.state !== 'active');
  const lastOfIt = (last?.version ?? version.index) === version.index ? last : undefined;
  const finished = ended?.finished ?? lastOfIt?.finished ?? last?.finished;
  if (finished === undefined) return undefined;
  // The same again: that its run came to nothing shows in the version, whatever the other one's said since.
  const isAgain = ended?.base === version.commit && ended?.commit === headCommit(o);
  if (version.index !== o.engine?.live?.index)
    return isAgain || (lastOfIt && !isFine(lastOfIt)) ? after(finished, besideMs) : undefined;
  const waits = failures > 0 || isAgain || lastOfIt?.outcome === 'Skipped';
  return waits ? after(finished, backOffMs(failures, backOff)) : undefined;
}

function headCommit({ head }: Observed): string | undefined {
  return head?.is === 'found' ? head.commit : undefined;
}

function isFine({ outcome }: LightRun): boolean {
  return outcome === 'Succeeded' || outcome === 'NoOp';
}

function after(finished: string, ms: number): Date {
  return new Date(Date.parse(finished) + ms);
}

type Commits = { readonly commit: string; readonly base: string };

function lightRun(o: Observed, version: VersionRecord, { commit, base }: Commits): Assignment {
  const { repo } = o;
  const { name, uid } = repo.metadata;
  const { source, light } = repo.spec;
  // The run before is part of the name: the same run can be wanted again, say after one that failed or skipped.
  const before = lightStanding(o).last?.job ?? '';
  return {
    id: childName({ parent: name, kind: 'light' }, uid, version.index, base, commit, before),
    ...{ run: uid, kind: 'Light', step: 'light', attempt: 0 },
    image: lightImage(o, version),
    deadlineSeconds: durationMs(light.deadline) / 1000,
    token: o.engine?.record?.tokenCounter ?? 0,
    work: {
      ...{ program: 'index', mode: 'incremental', alias: repo.spec.alias, index: version.index, commit, base },
      ...{ source: sourceOf(source), partitions: 1, duringReindex: isBesideHeld(o) ? 'Continue' : light.duringReindex },
    },
  };
}

function lightPlace({ repo, defaults }: Observed, cluster: SearchCluster): PodPlace {
  const pod = { said: repo.spec.light, given: defaults.light };
  return podPlace({ owner: repo, kind: 'IndexedRepo', pod, podRetries }, { repo, cluster }, defaults);
}
