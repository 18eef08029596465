import { claimantOf, ownerOf } from '../alias/claimant.ts';
import { claimAlias, takeOverAlias } from '../alias/effects/claim.ts';
import { putSettings } from '../alias/effects/put-settings.ts';
import { aliasLost, aliasTrouble, hasFinalizer, isHeir, isLeftBehind, isOwned } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { indexedRepoResource, type IndexedRepo } from '../api/indexed-repo.ts';
import { isoSeconds } from '../domain/progress.ts';
import { nextTick } from '../domain/schedule.ts';
import { servingSettings } from '../domain/shape.ts';
import { addFinalizer, removeFinalizer } from '../objects/finalizers.ts';
import type { Refusal } from '../plan/carry-out.ts';
import { metaOf } from '../runs/facts.ts';
import { deleteJob } from '../work/job-effects.ts';
import { isQuiet, lookAgainMs } from '../work/stuck-jobs.ts';
import { planLeaving } from './deletion.ts';
import type { RepoEffect } from './effect.ts';
import { expiresNext, planExpiry } from './expiry.ts';
import { madeAnew, planLight, type LightPlan } from './light.ts';
import type { EngineSide, Observed } from './observed.ts';
import { outlivedJobs } from './outlived-jobs.ts';
import { outlived, runningRequest } from './owned-requests.ts';
import { planRebuild, type RebuildPlan } from './rebuild.ts';
import { nextSlot } from './slot.ts';

export type Decision = {
  readonly effects: readonly RepoEffect[];
  readonly rebuild: RebuildPlan;
  /** Absent while the object is leaving, or takes its alias over. */
  readonly light?: LightPlan;
  /** Which effect was refused when the decision was carried out, and why. */
  readonly refusal?: Refusal;
  /** When to look again, however quiet the watches are. */
  readonly againInMs?: number;
};

/** What is to be done about an IndexedRepo now. Pure: no clock, no I/O. */
export function decideRepo(o: Observed): Decision {
  if (o.repo.metadata.deletionTimestamp !== undefined) return leave(o);
  if (mayStart(o) && isForTheTaking(o)) return taking(o);
  const rebuild = mayStart(o) ? planRebuild(o) : none;
  if (!hasFinalizer(o.repo) && (rebuild.is === 'create' || hasSomethingToLose(o)))
    return { effects: [addFinalizer(indexedRepoResource, o.repo.metadata)], rebuild };
  // A rebuild that waits for its next try, or for a human, is no reason to let the live version grow old.
  const light = mayStart(o) && rebuild.is !== 'create' && !lost(o) ? planLight(o) : none;
  const inEngine = [...inPlace(o), ...planExpiry(o, mayStart(o) && mayRemove(o))];
  const effects = [
    ...(rebuild.is === 'create' ? [rebuild.effect] : []),
    ...(light.is === 'start' ? [light.effect] : []),
    ...(mayStart(o) ? madeAnew(o) : []),
    ...stopWhenPaused(o),
    ...inEngine,
    ...outlived(o),
    ...outlivedJobs(o),
  ];
  // What an effect changed in the engine nobody tells us: the status follows at the next look.
  const againInMs = inEngine.length > 0 ? followUpMs : againIn(o, rebuild, light);
  return { effects, rebuild, light, ...(againInMs !== undefined && { againInMs }) };
}

const followUpMs = 1000;
const troubleMs = 60_000;
const doubtMs = 5_000;
const none = { is: 'none' } as const;

/** The alias is ours, or a request that somebody else made is about to claim it for us, and waits for the finalizer. */
function hasSomethingToLose(o: Observed): boolean {
  if (!o.engine || aliasTrouble(claimantOf(o.repo), o.engine)) return false;
  return isOwned(claimantOf(o.repo), o.engine) || runningRequest(o) !== undefined;
}

function lost(o: Observed): boolean {
  return o.engine !== undefined && aliasLost(claimantOf(o.repo), o.engine) !== undefined;
}

/** The alias was left behind, or its owner is gone, or it became ours and some of what stands behind it was not handed over yet. */
function isForTheTaking(o: Observed): boolean {
  return (
    o.engine !== undefined &&
    (isLeftBehind(claimantOf(o.repo), o.engine) || isHeir(claimantOf(o.repo), o.engine) || isHalfway(o.engine, o.repo))
  );
}

function isHalfway(engine: EngineSide, repo: IndexedRepo): boolean {
  if (!isOwned(claimantOf(repo), engine)) return false;
  const { owner, previous } = engine.record ?? {};
  return owner?.operator === undefined || carries(engine, repo, '') || carries(engine, repo, previous?.uid);
}

/** Something behind the alias still has this owner. */
function carries({ indices, versions }: EngineSide, { spec }: IndexedRepo, uid: string | undefined): boolean {
  if (uid === undefined) return false;
  const isIndex = indices.some(({ meta }) => meta['alias'] === spec.alias && meta['ownerUid'] === uid);
  return isIndex || versions.some(({ ownerUid }) => ownerUid === uid);
}

/** Not while another operator may work in the same name: what is taken over here might be taken from a living owner. */
function taking(o: Observed): Decision {
  const doubt = o.engine?.doubt;
  if (doubt) return { effects: [], rebuild: { is: 'stalled', ...doubt }, againInMs: doubtMs };
  return {
    effects: [hasFinalizer(o.repo) ? claim(o) : addFinalizer(indexedRepoResource, o.repo.metadata)],
    rebuild: none,
    againInMs: 0,
  };
}

function claim({ repo, engine }: Observed): RepoEffect {
  if (!engine) throw new Error('a claim was planned without an engine');
  const { alias } = repo.spec;
  const owner = ownerOf(claimantOf(repo), engine);
  const { owner: before, previous } = engine.record ?? {};
  const from = isHeir(claimantOf(repo), engine) ? before?.uid : previous?.uid;
  if (from === undefined || !(isHeir(claimantOf(repo), engine) || carries(engine, repo, from)))
    return claimAlias({ alias, owner });
  return takeOverAlias({ alias, owner, from });
}

/** Nothing new starts while paused, while a human is needed, or while the alias is not ours to touch. */
function mayStart(o: Observed): boolean {
  const paused = o.repo.spec.paused || o.cluster?.spec.paused === true;
  return (
    !paused &&
    !o.hindrance &&
    o.engine !== undefined &&
    o.schedule.is !== 'invalid' &&
    !aliasTrouble(claimantOf(o.repo), o.engine)
  );
}

/** Nothing is deleted or taken over while another operator may work in the same name. */
function mayRemove(o: Observed): boolean {
  return o.engine?.doubt === undefined;
}

/** A paused cluster also stops the light run that is at work; the next one repairs what it left. */
function stopWhenPaused(o: Observed): readonly RepoEffect[] {
  if (!o.cluster?.spec.paused) return [];
  return o.jobs.filter(job => job.state === 'active' && !job.deleting).map(({ key, uid }) => deleteJob({ key, uid }));
}

/** Replicas take no new index: they are set on the live one, unless a heavy run is about to replace it. */
function inPlace(o: Observed): readonly RepoEffect[] {
  if (!mayStart(o) || runningRequest(o)) return [];
  const key = 'index.number_of_replicas';
  const wanted = servingSettings({ replicas: o.repo.spec.index.replicas })[key];
  const different = (o.engine?.liveIndices ?? []).filter(
    index => wanted != null && metaOf(index).ownerUid === o.repo.metadata.uid && index.settings[key] !== wanted,
  );
  return different.map(({ name }) => putSettings({ index: name, settings: { [key]: wanted }, refresh: false }));
}

function againIn(o: Observed, rebuild: RebuildPlan, light: LightPlan): number | undefined {
  const { paused, freshWithin } = o.repo.spec;
  const behindSince = o.repo.status.source?.behindSince;
  const times = [
    !paused && o.schedule.is !== 'invalid' ? nextTick(o.schedule, o.now) : undefined,
    o.headAgainAt,
    rebuild.is === 'later' ? rebuild.at : undefined,
    nextSlot(o),
    light.is === 'later' || light.is === 'queued' ? light.at : undefined,
    expiresNext(o),
    behindSince === undefined ? undefined : new Date(Date.parse(behindSince) + durationMs(freshWithin) + 1000),
    ...o.jobs
      .filter(job => isQuiet(job, o.now))
      .map(job => new Date(o.now.getTime() + lookAgainMs(job.trouble, o.now))),
    o.hindrance ? new Date(o.now.getTime() + 15_000) : undefined,
    // Nobody tells us when somebody puts the alias right; the next tick may be a year away.
    o.engine && aliasTrouble(claimantOf(o.repo), o.engine) ? new Date(o.now.getTime() + troubleMs) : undefined,
  ].filter(time => time !== undefined && time > o.now) as Date[]; // the filter leaves no undefined
  if (times.length === 0) return undefined;
  return Math.min(...times.map(time => time.getTime())) - o.now.getTime();
}

function leave(o: Observed): Decision {
  const leaving = planLeaving(o);
  switch (leaving.is) {
    case 'act':
      return { effects: leaving.effects, rebuild: none, againInMs: leaving.againInMs };
    case 'wait':
      return {
        effects: [],
        rebuild: { is: 'stalled', reason: leaving.reason, message: leaving.message },
        againInMs: leaving.againInMs,
      };
    case 'gone':
      return {
        effects: hasFinalizer(o.repo) ? [removeFinalizer(indexedRepoResource, o.repo.metadata)] : [],
        rebuild: none,
      };
    default:
      return leaving satisfies never;
  }
}

/** Since when the live version has been behind the newest commit seen; undefined when it is not. */
export function behindSince(o: Observed): string | undefined {
  const { head, engine } = o;
  if (head?.is !== 'found') return o.repo.status.source?.behindSince;
  if (!engine) return o.repo.status.source?.behindSince;
  if (engine.live?.commit === head.commit) return undefined;
  return o.repo.status.source?.behindSince ?? isoSeconds(o.now);
}
