import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { z } from 'zod';
import { eventually } from '../../test/support/checks/eventually.ts';
import { peakOf } from './worker-program.ts';

/** The operator as its pod runs it, in a process of its own on this machine. */
export type OperatorProcess = {
  /** User and system time so far. */
  readonly cpuSeconds: () => number;
  /** Resident memory in MB of a million bytes. */
  readonly residentMegabytes: () => number;
  readonly peakMegabytes: () => number;
  /** Megabytes of live objects: the heap right after a collection. */
  readonly heapMegabytes: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type OperatorCall = { readonly main: string; readonly kubeconfig: string; readonly namespace: string };

/** Starts the operator and waits until it has taken the lease. */
export async function startOperator({ main, kubeconfig, namespace }: OperatorCall): Promise<OperatorProcess> {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', main, 'operator'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: namespace,
      POD_NAME: 'bench',
      REINDEER_NAMESPACES: namespace,
      REINDEER_IMAGE: 'reindeer.dev/reindeer:bench',
      REINDEER_HEALTH_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let started = '';
  const hear = (piece: unknown): void => {
    // Later lines are of no interest here, and there are many.
    if (started.length < 64 * 1024) started += String(piece);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const isUp = (): boolean => {
    if (child.exitCode !== null) throw new Error(`the operator ended with ${child.exitCode}:\n${started.slice(-3000)}`);
    return started.includes('"lease taken"');
  };
  await eventually('the operator has the lease', 60_000, isUp, () => started.slice(-3000));
  const inspector = /ws:\/\/\S+/.exec(started)?.[0] ?? '';
  return {
    cpuSeconds: () => cpuSecondsOf(child),
    residentMegabytes: () => residentOf(child),
    peakMegabytes: () => peakOf(child.pid),
    heapMegabytes: () => heapAfterCollection(inspector),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Of all threads that live, in nanoseconds: finer than the ticks of `stat`, for a process that does next to nothing. */
function cpuSecondsOf({ pid }: ChildProcess): number {
  const tasks = `/proc/${pid ?? 0}/task`;
  const nanoseconds = readdirSync(tasks).map(task => {
    const [onCpu = '0'] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
    return Number(onCpu);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

function residentOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}

const usage = z.object({ id: z.literal(2), result: z.object({ usedSize: z.number() }) });

/** Asks the process through its inspector to collect garbage, then how much is left. */
async function heapAfterCollection(inspector: string): Promise<number> {
  const socket = new WebSocket(inspector);
  try {
    await once(socket, 'open');
    const ask = async (id: number, method: string): Promise<unknown> => {
      socket.send(JSON.stringify({ id, method }));
      const [message] = (await once(socket, 'message')) as [MessageEvent];
      return JSON.parse(String(message.data));
    };
    await ask(1, 'HeapProfiler.collectGarbage');
    return usage.parse(await ask(2, 'Runtime.getHeapUsage')).result.usedSize / 1e6;
  } finally {
    socket.close();
  }
}
