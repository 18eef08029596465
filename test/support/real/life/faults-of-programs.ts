import { setTimeout as sleep } from 'node:timers/promises';
import { jobResource } from '../../../../src/work/kube-jobs.ts';
import { eventually } from '../../checks/eventually.ts';
import { team } from '../control-stage.ts';
import type { RawJob } from '../job-runner.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { oneOf, type LifeFault, type LifeScene } from './scene.ts';

const hourMs = 3_600_000;
const absentMs = 5_000;
const findsWithinMs = 60_000;

/** What happens to operators and workers as programs, and to the Jobs of these. */
export const faultsOfPrograms: readonly LifeFault[] = [
  {
    row: 'F1',
    name: 'operator killed',
    times: 5,
    strike: async ({ crew, record }) => {
      await crew.killLeader();
      record.inject();
    },
  },
  {
    row: 'F3',
    name: 'leader halted past its Lease',
    times: 1,
    strike: async ({ crew, record }) => {
      record.inject();
      await crew.haltLeader();
    },
  },
  { row: 'F23', name: 'clock set by +1 h, then back', times: 2, strike: clockSet },
  { row: 'F27', name: 'no operator while all goes on', times: 2, strike: absent },
  {
    row: 'F2',
    name: 'worker killed',
    times: 5,
    strike: async scene => {
      (await aWorker(scene)).worker.signal('SIGKILL');
      scene.record.inject();
    },
  },
  { row: 'F4', name: 'worker halted past its lease, successor', times: 1, strike: workerHalted },
  {
    row: 'F22',
    name: 'Job deleted',
    times: 3,
    strike: async scene => {
      const { job } = await aWorker(scene);
      await removeJob(scene, job);
      scene.record.inject();
    },
  },
  {
    row: 'F22',
    name: 'pod evicted',
    times: 2,
    strike: async scene => {
      (await aWorker(scene)).worker.signal('SIGTERM');
      scene.record.inject();
    },
  },
  {
    row: 'F22',
    name: 'two pods of one Job',
    times: 2,
    strike: async scene => {
      const { job } = await aWorker(scene);
      const second = await scene.stage.jobs.duplicate(job);
      scene.record.inject();
      await second.ended;
    },
  },
];

/** One that is at work; where there is none, somebody pushes. */
async function aWorker(scene: LifeScene): Promise<{ readonly job: RawJob; readonly worker: WorkerProcess }> {
  const { stage, repos, roll } = scene;
  return eventually('a worker at work', findsWithinMs, async () => {
    const jobs = await stage.kube.list<RawJob>(jobResource, team);
    const { workingFor } = stage.jobs;
    const found = oneOf([...workingFor], roll);
    const job = jobs.find(({ metadata }) => metadata.uid === found?.[0]);
    const [worker] = found?.[1] ?? [];
    if (job && worker && !worker.hasEnded) return { job, worker };
    if (workingFor.size === 0) {
      await oneOf(repos, roll)?.push('add', Math.floor(roll() * 1e6), true);
      await sleep(500);
    }
    return undefined;
  });
}

async function removeJob({ stage: { kube } }: LifeScene, { metadata }: RawJob): Promise<void> {
  await kube.delete(jobResource, { namespace: team, name: metadata.name }, metadata.uid);
}

/** It goes on when the successor that Kubernetes made beside it is done. */
async function workerHalted(scene: LifeScene): Promise<void> {
  const { job, worker } = await aWorker(scene);
  worker.signal('SIGSTOP');
  try {
    scene.record.inject();
    const successor = await scene.stage.jobs.duplicate(job);
    await eventually(
      'the successor has ended',
      120_000,
      () => successor.hasEnded,
      () => successor.output.slice(-1500),
    );
  } finally {
    worker.signal('SIGCONT');
  }
}

async function clockSet({ clock, repos, roll, record }: LifeScene): Promise<void> {
  clock.shiftBy(hourMs);
  record.inject();
  await oneOf(repos, roll)?.push('add', Math.floor(roll() * 1e6), true);
  await sleep(absentMs);
  clock.shiftBy(0);
}

/** Pushes come, a Job and a request are deleted; then the operators are back. */
async function absent(scene: LifeScene): Promise<void> {
  const { crew, stage, runs, repos, roll, record } = scene;
  await crew.killAll();
  record.inject();
  for (let n = 0; n < 3; n += 1) await oneOf(repos, roll)?.push('change', Math.floor(roll() * 1e6), n === 0);
  const job = oneOf(await stage.kube.list<RawJob>(jobResource, team), roll);
  if (job) await removeJob(scene, job);
  const leaving = oneOf(runs.underWay(), roll);
  if (leaving) await runs.remove(leaving.name);
  await sleep(absentMs);
  await crew.fill();
}
