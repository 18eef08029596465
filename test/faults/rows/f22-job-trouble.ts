import { expect } from '@jest/globals';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import { team, type ControlStage } from '../../support/real/control-stage.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { holdBulks } from '../../support/fakes/held-bulks.ts';
import type { RawJob } from '../../support/real/job-runner.ts';

type Trouble = {
  readonly name: string;
  /** Done while the worker of the Job is held in the middle of its writes; lets it go. */
  readonly strike: (stage: ControlStage, job: RawJob, release: () => void) => Promise<void>;
  /** Pods that the run may need. */
  readonly podsAtMost: number;
};

const troubles: readonly Trouble[] = [
  {
    name: 'Job deleted at work',
    podsAtMost: 2,
    strike: async (stage, job, release) => {
      await remove(stage, job);
      release();
    },
  },
  {
    name: 'pod evicted',
    podsAtMost: 2,
    strike: async ({ jobs }, _job, release) => {
      for (const worker of jobs.working) worker.signal('SIGTERM');
      release();
    },
  },
  {
    name: 'Job collected before it was seen to end',
    podsAtMost: 1,
    strike: async (stage, job, release) => {
      stage.operator().signal('SIGSTOP');
      release();
      await eventually('the Job is complete', 60_000, async () => isOver(await read(stage, job)));
      await remove(stage, job);
      stage.operator().signal('SIGCONT');
    },
  },
  {
    name: 'two pods of one Job',
    podsAtMost: 3,
    strike: async ({ jobs }, job, release) => {
      const second = await jobs.duplicate(job);
      await eventually('the second pod waits', 30_000, () => second.hasEnded || second.output.includes('run started'));
      release();
    },
  },
];

/** F22: what Kubernetes may do to a Job and its pods in the middle of a run: the run is neither lost nor doubled. */
export const jobTrouble: FaultRow<ControlStage> = {
  id: 'F22',
  fault: 'Job deleted, pod evicted, Job collected unseen, two pods of one Job',
  withinMs: 300_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f22');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    for (const [turn, trouble] of troubles.entries()) {
      const { index, pods, ms } = await play({ stage, repo, trouble, number: turn + 2 });
      record.attempt();
      record.inject();
      record.recovered(ms);
      record.remark(`${trouble.name}: ${pods} pods`);
      expect(pods).toBeLessThanOrEqual(trouble.podsAtMost);
      await expectOneVersion(stage, repo, { live: index, retired: [`f22-v${turn + 1}`] });
    }
    await observer.stop();
  },
};

type Play = {
  readonly stage: ControlStage;
  readonly repo: DeclaredRepo;
  readonly trouble: Trouble;
  readonly number: number;
};

async function play({ stage, repo, trouble, number }: Play) {
  const index = `f22-v${number}`;
  const request = `f22-run-${number}`;
  const { reached, release } = holdBulks(stage.engineWire, index);
  await repo.rebuild(request);
  await reached;
  const job = await eventually('its Job', 10_000, async () => jobOf(stage, index));
  const struckMs = performance.now();
  await trouble.strike(stage, job, release);
  const ended = await repo.untilEnded(request);
  expect({ trouble: trouble.name, phase: ended.status.phase }).toMatchObject({ phase: 'Succeeded' });
  await repo.untilAtRest();
  const pods = stage.jobs.started.filter(pod => pod.endsWith(` ${index}`)).length;
  return { index, pods, ms: performance.now() - struckMs };
}

async function jobOf({ kube }: ControlStage, index: string): Promise<RawJob | undefined> {
  const jobs = await kube.list<RawJob>(jobResource, team);
  return jobs.find(job => job.spec.template.spec.containers[0].env.some(({ value }) => value === index));
}

function read({ kube }: ControlStage, { metadata }: RawJob): Promise<RawJob | undefined> {
  return kube.get<RawJob>(jobResource, { namespace: team, name: metadata.name });
}

function isOver(job: RawJob | undefined): boolean {
  return job?.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True') === true;
}

async function remove({ kube }: ControlStage, { metadata }: RawJob): Promise<void> {
  await kube.delete(jobResource, { namespace: team, name: metadata.name }, metadata.uid);
}
