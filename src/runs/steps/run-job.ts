import { engineEffect } from '../../alias/effects/engine-effect.ts';
import { durationMs } from '../../api/duration.ts';
import { childName } from '../../domain/child-name.ts';
import { act, fail, wait } from '../../plan/step.ts';
import type { Assignment, Work } from '../../work/assignment.ts';
import { failureReason } from '../../work/failure-reason.ts';
import { createJob, deleteJob } from '../../work/job-effects.ts';
import { templateHash } from '../../work/manifest.ts';
import { needsHuman } from '../../work/pod-trouble.ts';
import { brokenUnder, candidateIndex, candidateRecord, ground } from '../facts.ts';
import type { Observed, ObservedJob } from '../observed.ts';
import type { RunVerdict } from '../step.ts';
import { placeOfWorkers } from '../zones.ts';

/** How often a running Job is looked at: status.progress moves no faster than this. */
const pollMs = 5000;
/** One that stands makes no progress; the watch tells when a pod of it runs. */
const standingPollMs = 15_000;

export type Round = {
  /** The step that wants it. */
  readonly step: string;
  readonly round: number;
  /** What people call it. */
  readonly called: string;
  readonly work: Work;
};

export function jobOfRound(o: Observed, round: number): ObservedJob | undefined {
  return o.jobs.find(job => job.round === round);
}

/** What to do about the Job of one round: make it, wait for it, or say how it failed. Undefined = it ended well. */
export function jobVerdict(o: Observed, round: Round): RunVerdict | undefined {
  const job = jobOfRound(o, round.round);
  if (!job) return start(o, round);
  if (job.state === 'active') return atWork(o, job, round.work);
  return job.state === 'failed' ? failure(o, job) : undefined;
}

/** Which image fills a version: what follows it later has to cut text the same way. */
export const noteImage = engineEffect({
  name: 'note-image',
  target: ({ index }: { readonly index: string; readonly image: string }) => index,
  run: async ({ index, image }, { settings }) => {
    await settings.changeVersion(index, record => ({ ...record, workerImage: image }));
  },
});

/** The version's record names the image that fills it, which may be another one than when the version was made. */
function start(o: Observed, round: Round): RunVerdict {
  const assignment = assignmentOf(o, round);
  const { image } = assignment;
  const record = candidateRecord(o);
  if (record?.commit === null && record.workerImage !== image)
    return act('note the image that fills it', noteImage({ index: record.index, image }));
  return act(`start the ${round.called} Job`, createJob({ assignment, place: placeOfWorkers(o) }));
}

/**
 * Of a Job that has not ended and does such work. One that stands is made anew when its pods are declared otherwise by now:
 * somebody repaired what kept them from running. What it may have done before stays done, as after a pause; where another
 * image is declared after the one of before had begun, the version is given up once it has stood for long.
 */
export function atWork(o: Observed, job: ObservedJob, work: Work): RunVerdict {
  const { key, uid, trouble, deleting } = job;
  if (trouble === undefined)
    return deleting
      ? wait('Running', `Job ${key.name} is being deleted; it will be made again`, pollMs)
      : wait('Running', `Job ${key.name} is at work`, pollMs);
  const stalls = needsHuman(trouble, job, o.now);
  const givenUp = stalls ? imageGivenUp(o) : undefined;
  if (givenUp !== undefined) return fail('WorkerChanged', `${trouble.message}; ${givenUp}`);
  if (!deleting && isDeclaredOtherwise(o, job, work))
    return act(`make Job ${key.name} anew, as its pods are declared now`, deleteJob({ key, uid }));
  return { ...wait(trouble.reason, trouble.message, standingPollMs), stalls };
}

function isDeclaredOtherwise(o: Observed, job: ObservedJob, work: Work): boolean {
  const place = placeOfWorkers(o);
  if (!place) return false;
  return job.template !== templateHash(assignmentOf(o, { step: '', round: 0, called: '', work }), place);
}

/**
 * The image that has begun to fill the version, and writes all of it: two programs may cut text in two ways. Undefined:
 * nothing was written yet, or an earlier release did not say by what.
 */
function begunImage(o: Observed): string | undefined {
  const record = candidateRecord(o);
  return record && (record.commit !== null || !record.clean) && record.workerImage !== ''
    ? record.workerImage
    : undefined;
}

/** Why the image that has begun to fill the version will not be waited for: another one is declared in its place. */
function imageGivenUp(o: Observed): string | undefined {
  const begun = begunImage(o);
  const declared = o.target?.worker?.image;
  if (begun === undefined || declared === undefined || declared === begun) return undefined;
  return `${begun} has begun to fill ${candidateIndex(o)?.name ?? ''}, and ${declared} is declared now`;
}

/** How a Job that failed ends the run. */
export function failure(o: Observed, job: ObservedJob): RunVerdict {
  const broken = brokenUnder(o, job.uid);
  if (broken !== undefined) return fail('LockBroken', broken);
  if (job.failure === 'DeadlineExceeded')
    return fail('DeadlineExceeded', `Job ${job.key.name} took longer than its deadline`);
  const { said } = job;
  if (!said) return fail('WorkerFailed', `Job ${job.key.name} failed (${job.failure}) and its pods said nothing`);
  return fail(
    failureReason(said.exitCode, said.result?.reason),
    `Job ${job.key.name}${ofPartition(job)}: ${said.result?.errors[0] ?? said.text}`,
  );
}

function ofPartition({ failedPartitions, partitions }: ObservedJob): string {
  return failedPartitions === '' ? '' : `, partition ${failedPartitions} of ${partitions}`;
}

function assignmentOf(o: Observed, { step, round, work }: Round): Assignment {
  const { name, uid } = o.request.metadata;
  return {
    id: childName({ parent: name, ...(work.partitions > 1 && { pods: 'AreHosts' }) }, uid, String(round)),
    ...{ run: uid, kind: 'Heavy', step, attempt: round },
    image: begunImage(o) ?? o.image,
    deadlineSeconds: durationMs(o.request.spec.deadline) / 1000,
    token: ground(o).engine.lock?.lease.token ?? 0,
    work,
  };
}
