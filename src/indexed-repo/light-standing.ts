import { takenFrom } from '../alias/ownership.ts';
import type { IndexedRepoStatus } from '../api/indexed-repo.ts';
import type { Reason } from '../api/reasons.ts';
import { chunkerHash, isSelectionOfSomeRules, schemaVersion, selectionHash } from '../domain/document-model.ts';
import type { VersionRecord } from '../domain/records.ts';
import { branchLabel } from '../domain/ref.ts';
import type { ObservedJob } from '../runs/observed.ts';
import { failureReason } from '../work/failure-reason.ts';
import type { Observed } from './observed.ts';

/** How the light runs of a repository went, and what that says of its live version. All pure. */

export type LightRun = NonNullable<NonNullable<IndexedRepoStatus['light']>['last']>;

/** The version is not what a run to this commit would leave behind. */
export function lags(o: Observed, version: VersionRecord, commit: string): boolean {
  const { source } = o.repo.spec;
  // Earlier releases wrote HEAD as it was declared.
  const isMoved = version.repoUrl !== source.url || branchLabel(version.branch) !== branchLabel(source.ref ?? '');
  return version.commit !== commit || isMoved || !isSelected(o, version) || !version.clean;
}

/** The versions that light runs bring forward: the live one, and in a bake the one before it. */
export function followed({ engine }: Pick<Observed, 'engine'>): readonly VersionRecord[] {
  if (!engine?.live || engine.liveIndices.length === 0) return [];
  return [engine.live, ...engine.besideLive];
}

export function isBesideLive({ engine }: Observed, index: string): boolean {
  return engine?.besideLive.some(version => version.index === index) === true;
}

/**
 * A run would select what is selected. An image that is not this operator's has built-in rules of its own: by ours its
 * versions would lag for ever, and one light run follow the other.
 */
function isSelected(o: Observed, live: VersionRecord): boolean {
  const { source } = o.repo.spec;
  if (live.selectionHash === selectionHash(source)) return true;
  const isTakenOver = lightImage(o, live) !== live.workerImage && o.repo.spec.worker?.image === undefined;
  return !isTakenOver && isSelectionOfSomeRules(source, live.selectionHash);
}

/**
 * The image that built the version writes it, or a later release of that image which cuts text the same way: an upgraded
 * operator must not mix two ways of cutting in one index, and must not need the images of all its past either.
 */
export function lightImage({ repo, defaults }: Observed, live: VersionRecord): string {
  const declared = repo.spec.worker?.image;
  if (declared !== undefined) return declared;
  return live.workerImage === '' || canTakeOver(live, defaults.image) ? defaults.image : live.workerImage;
}

/** The operator's own image would have built another version: known, and left for a human to want. */
export function imageLeftBehind(o: Observed): string | undefined {
  const live = o.engine?.live;
  const isOld = live !== undefined && lightImage(o, live) !== (o.repo.spec.worker?.image ?? o.defaults.image);
  return isOld ? live.workerImage : undefined;
}

/** What the hashes say holds for one program only: an image of another name may cut in ways of its own. */
function canTakeOver(live: VersionRecord, image: string): boolean {
  const isSameProgram = imageName(live.workerImage) === imageName(image);
  return isSameProgram && live.schema === schemaVersion && live.chunkerHash === chunkerHash;
}

/** Without tag and digest: `registry:5000/reindeer:1@sha256:...` -> `registry:5000/reindeer`. */
function imageName(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}

/** The image that a light run would have, if the last one said that it can only build the live version anew. */
export function imageThatCannotGoOn(o: Observed): string | undefined {
  const live = o.engine?.live;
  const { last } = lightStanding(o);
  const job = o.jobs.find(each => each.key.name === last?.job);
  if (!live || last?.reason !== ('FullReindexNeeded' satisfies Reason)) return undefined;
  const image = lightImage(o, live);
  return job?.index === live.index && job.image === image ? image : undefined;
}

/** Failures in a row and the last run that ended, with the Jobs that ended since counted in, each exactly once. */
export function lightStanding(o: Observed): { readonly failures: number; readonly last: LightRun | undefined } {
  const before = { failures: o.repo.status.light?.failures ?? 0, last: lastCounted(o) };
  // What a run came to shows in the engine: as long as that cannot be asked, nothing is counted.
  if (!o.engine) return before;
  return endedRuns(o).reduce(
    // How fresh the live version can be kept does not depend on what becomes of the one before it.
    ({ failures }, { last, job }) => ({
      failures: isBesideLive(o, job.index) ? failures : failed(failures, last),
      last,
    }),
    before,
  );
}

/** An earlier release writes no version, and leaves the one that a later one wrote: the Job knows better. */
function lastCounted({ repo, jobs }: Observed): LightRun | undefined {
  const last = repo.status.light?.last;
  const index = jobs.find(({ key }) => key.name === last?.job)?.index;
  const isStale = last?.version !== undefined && index !== undefined && last.version !== index;
  return isStale ? { ...last, version: index } : last;
}

function failed(failures: number, { outcome }: LightRun): number {
  return outcome === 'Failed' ? failures + 1 : 0;
}

/** The runs that ended and are not counted in the status yet, oldest first; none while the engine cannot be asked. */
export function endedRuns(o: Observed): readonly { readonly last: LightRun; readonly job: ObservedJob }[] {
  if (!o.engine) return [];
  const before = o.repo.status.light?.last;
  return o.jobs.filter(job => isNews(job, before)).map(job => ({ last: ended(job, o), job }));
}

/** A Job that ended after the one counted last. Times have whole seconds, so two may end in the same one. */
export function isNews(job: ObservedJob, last: LightRun | undefined): boolean {
  if (job.state === 'active' || job.key.name === last?.job) return false;
  if (!last || job.finished !== last.finished) return job.finished > (last?.finished ?? '');
  return job.created > last.started;
}

function ended(job: ObservedJob, o: Observed): LightRun {
  return {
    job: job.key.name,
    version: job.index,
    ...outcomeOf(job, o),
    from: job.base,
    to: job.commit,
    started: job.created,
    finished: job.finished,
  };
}

function outcomeOf(job: ObservedJob, o: Observed): Pick<LightRun, 'outcome' | 'reason'> {
  // What it was to bring forward serves no more: no failure that a next run would have to make good.
  if (job.state === 'failed' && isOfAnother(job, o)) return { outcome: 'Skipped', reason: 'Superseded' };
  if (job.state === 'failed') return { outcome: 'Failed', reason: failureOf(job, o) };
  const { outcome, reason } = job.said?.result ?? { outcome: 'succeeded', reason: '' };
  if (outcome === 'skipped') return { outcome: 'Skipped', reason: reason || 'Skipped' };
  if (leftNothing(job, o)) return { outcome: 'Failed', reason: 'VerificationFailed' };
  return { outcome: outcome === 'noop' ? 'NoOp' : 'Succeeded', reason: reason || 'Succeeded' };
}

function isOfAnother(job: ObservedJob, o: Observed): boolean {
  return o.engine?.live !== undefined && o.engine.live.index !== job.index && !isBesideLive(o, job.index);
}

function failureOf(job: ObservedJob, { engine }: Observed): Reason {
  if (takenFrom(job.uid, engine?.broken).length > 0) return 'LockBroken';
  if (job.failure === 'DeadlineExceeded') return 'DeadlineExceeded';
  return job.said ? failureReason(job.said.exitCode, job.said.result?.reason) : 'WorkerFailed';
}

/** The Job says that it ended well, and the version that it was to bring forward stands where it stood. */
function leftNothing(job: ObservedJob, o: Observed): boolean {
  const version = followed(o).find(each => each.index === job.index) ?? o.engine?.live;
  return version?.index === job.index && version.commit === job.base && lags(o, version, job.commit);
}
