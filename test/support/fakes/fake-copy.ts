import type { Engine } from '../../../src/engine/port.ts';
import type { Settings } from '../../../src/registry/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { CopyWork, CutOverWork } from '../../../src/work/assignment.ts';
import { readWorkerTask } from '../../../src/work/contract.ts';
import type { CopyEnd } from '../../../src/workers/copy/input.ts';
import { runCopy } from '../../../src/workers/copy/run-copy.ts';
import { runCutOver } from '../../../src/workers/copy/run-cut-over.ts';
import { expireLease } from '../worlds/killed-run.ts';

/** The programs of a copy, as a pod with this environment runs them, on an engine in memory. */
export async function copyOn(engine: Engine, env: Readonly<Record<string, string>>): Promise<CopyEnd> {
  const task = readWorkerTask(env);
  if (task.program === 'index') throw new Error('indexing is played by the fake worker itself');
  const { assigned } = task;
  const input = {
    ...{ runUid: task.env.REINDEER_JOB_UID, tokenFloor: assigned.token, bulkBytes: 100_000, bulkConcurrency: 2 },
    holder: { kind: assigned.kind, name: 'a Job', uid: task.env.REINDEER_JOB_UID, pod: task.env.REINDEER_POD_UID },
  };
  const settings = settingsOn(engine, task.env.REINDEER_SETTINGS_INDEX);
  await standStill(settings, assigned.work);
  const ports = {
    ...{ engine, settings, clock: systemClock },
    ...{ signal: new AbortController().signal, random: () => 0.5, onProgress: () => undefined },
  };
  if (task.program === 'copy') return runCopy({ ...task.assigned.work, ...input }, ports);
  return runCutOver({ ...task.assigned.work, ...input }, ports);
}

/** A worker waits for a lease that is not renewed until that is over: here it is at once. */
async function standStill(settings: Settings, { alias, index }: CopyWork | CutOverWork): Promise<void> {
  const record = await settings.versionRecord(index);
  if (record?.source.writer.held === true) await expireLease({ settings, alias, index });
}
