import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { z } from 'zod';
import { workerResult, type WorkerResult } from '../../src/work/contract.ts';
import { costOf, type Cost } from './cost.ts';

/** How one Job process went. */
export type WorkerRun = Cost & {
  readonly result: WorkerResult;
  /** The most memory that the process itself held, in MB of a million bytes. */
  readonly peakMegabytes: number;
};

const ended = z.object({ msg: z.literal('run ended'), exitCode: z.number(), ...workerResult.shape });
const peakEveryMs = 10;

/** Runs the worker to its end in a process of its own, from its start to its exit. Throws when it does not end well. */
export async function runWorker(command: readonly string[], env: Readonly<Record<string, string>>): Promise<WorkerRun> {
  let output = '';
  let peakMegabytes = 0;
  const cost = await costOf(async () => {
    const child = spawn(process.execPath, command, {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', piece => (output += String(piece)));
    const watch = setInterval(() => {
      peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
    }, peakEveryMs);
    const [status] = (await once(child, 'close')) as [number | null];
    clearInterval(watch);
    if (status !== 0) throw new Error(`the worker ended with ${status ?? 'a signal'}:\n${output.slice(-2000)}`);
  });
  const lines = output.trim().split('\n');
  const last = ended.parse(JSON.parse(lines.at(-1) ?? ''));
  return { ...cost, peakMegabytes, result: last };
}

/** Peak resident memory of a running process in MB; 0 once it is gone. */
export function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
